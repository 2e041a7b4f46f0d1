/* store_conformance_trouble - the part of the suite in which processes die and disks fail. */
#ifndef TESTS_STORE_CONFORMANCE_TROUBLE_H
#define TESTS_STORE_CONFORMANCE_TROUBLE_H

void refuses_a_second_daemon_and_names_the_first(void **state);
void refuses_a_second_opening_of_the_same_process(void **state);
void is_free_again_when_its_daemon_was_killed(void **state);
void refuses_what_a_newer_version_wrote(void **state);
void loses_nothing_that_was_done_when_it_is_killed(void **state);
void says_when_the_disk_is_full_and_goes_on_when_there_is_room(void **state);
void keeps_nothing_of_what_it_called_full(void **state);
void says_when_the_disk_breaks_at_the_end_of_a_change(void **state);
void says_when_the_disk_breaks_in_the_middle_of_a_change(void **state);

#endif
