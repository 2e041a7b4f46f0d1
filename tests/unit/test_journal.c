/* test_journal - every change reaches the disk, in its order, or nothing is promised. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "failing_disk.h"
#include "office_seen.h"

static struct client *begin_silent(struct office *office)
{
    office->is_silent = true;
    office_open(office);
    struct client *client = office_begin(office, "a");
    assert_int_equal(office->delivery_count, 1);
    return client;
}

/* ---- a full disk */

/* Each of them before what it led to: nothing leaves that is not on disk. */
static void waits_with_every_step_until_there_is_room(void **state)
{
    static const struct {
        uint32_t outcome;
        size_t told;
        const char *attempts;
    } cases[] = {
        {HANDOFFD_REFUSED_RECIPIENT, 2, "ana whatsapp refused 1, ana sms sending 1"},
        {HANDOFFD_UNDELIVERED, 2, "ana whatsapp undelivered 1, ana sms sending 1"},
        {HANDOFFD_REFUSED_ACCOUNT, 2, "ana whatsapp cancelled 1, ana sms sending 1"},
        {HANDOFFD_REFUSED_MESSAGE, 1, "ana whatsapp refused 1"},
        {HANDOFFD_DEFERRED, 2, "ana whatsapp sending 2"},
        {HANDOFFD_UNKNOWN, 1, "ana whatsapp unknown 1"},
        {HANDOFFD_SENT, 1, "ana whatsapp sent 1"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct office *office = NULL;
        office_setup((void **)&office);
        begin_silent(office);
        failing_disk_set(DISK_FULL);
        office_say(office, 0, cases[i].outcome, NULL);
        office_pass(office, SECOND);
        office_pass(office, 3 * SECOND);
        assert_int_equal(office->delivery_count, 1);
        assert_string_equal(office_attempts(office), "ana whatsapp sending 1");
        failing_disk_set(DISK_FINE);
        office_pass(office, 6 * SECOND);
        assert_string_equal(office_attempts(office), cases[i].attempts);
        assert_int_equal(office->delivery_count, cases[i].told);
        assert_int_equal(office->store_failures, 0);
        office_teardown((void **)&office);
    }
    (void)state;
}

/* As often as it takes. */
static void tries_again_every_five_seconds(void **state)
{
    struct office *office = *state;
    begin_silent(office);
    failing_disk_set(DISK_FULL);
    office_say(office, 0, HANDOFFD_SENT, "SMx");
    office_settle(office);
    office_pass_by(office, HOUR, MINUTE);
    assert_string_equal(office_attempts(office), "ana whatsapp sending 1");
    failing_disk_set(DISK_FINE);
    office_pass(office, 5 * SECOND);
    assert_string_equal(office_attempts(office), "ana whatsapp sent 1");
    assert_string_equal(office_events(office), "assigned,sent");
}

/* The message was sent, whatever the disk says: the client hears so at once. */
static void answers_before_it_has_written_down_what_was_sent(void **state)
{
    struct office *office = *state;
    struct client *client = begin_silent(office);
    failing_disk_set(DISK_FULL);
    office_say(office, 0, HANDOFFD_SENT, "SMx");
    office_settle(office);
    assert_int_equal(client->answer.kind, ANSWER_SENT);
    assert_string_equal(client->answer.message_id, "SMx");
}

/* Many at once, each with its own story: none gets into another's way, none is out of order. */
static void keeps_every_story_in_its_order(void **state)
{
    enum { MANY = 40 };
    struct office *office = *state;
    uint32_t random = 11;
    office->is_silent = true;
    office->vendors[0].contact_count = 1;
    office_open(office);
    for (int i = 0; i < MANY; i++) {
        char key[16];
        snprintf(key, sizeof key, "key-%d", i);
        office_begin(office, key);
    }
    for (int i = 0; i < 6 * MANY; i++) {
        random = random * 1664525 + 1013904223;
        static const uint32_t words[] = {HANDOFFD_SENT, HANDOFFD_DELIVERED, HANDOFFD_READ};
        office_say(office, (random >> 8) % MANY, words[(random >> 16) % 3], "SMx");
        if (i % 20 == 0) {
            failing_disk_set((random >> 24) % 2 == 0 ? DISK_FULL : DISK_FINE);
            office_pass(office, SECOND);
        }
    }
    failing_disk_set(DISK_FINE);
    office_pass(office, MINUTE);
    assert_string_equal(office_on_disk(office, "SELECT count(*) FROM event AS a JOIN event AS b "
                                               "ON a.handoff = b.handoff AND a.number < b.number "
                                               "AND a.at_ms > b.at_ms"),
                        "0");
    assert_string_equal(
        office_on_disk(office, "SELECT count(*) FROM handoff WHERE (SELECT max(number) FROM event "
                               "WHERE handoff = handoff.number) <> (SELECT count(*) FROM event "
                               "WHERE handoff = handoff.number)"),
        "0");
    assert_int_equal(office->store_failures, 0);
}

static void writes_nothing_more_once_it_is_drained(void **state)
{
    struct office *office = *state;
    begin_silent(office);
    office_pass(office, 8 * SECOND);
    failing_disk_set(DISK_FULL);
    office_say(office, 0, HANDOFFD_SENT, "SMx");
    office_settle(office);
    office_close(office);
    failing_disk_set(DISK_FINE);
    office_make_askable(office);
    office->finds[0] = (struct plan){.outcome = HANDOFFD_SENT, .message_id = "SMx"};
    office_open(office);
    office_pass(office, SECOND);
    assert_string_equal(office_attempts(office), "ana whatsapp sent 1");
    assert_int_equal(office->delivery_count, 1);
}

/* ---- a broken disk */

static void a_broken_disk_stops_everything(void **state)
{
    static const uint32_t outcomes[] = {HANDOFFD_SENT, HANDOFFD_REFUSED_RECIPIENT,
                                        HANDOFFD_DEFERRED, HANDOFFD_UNKNOWN};
    for (size_t i = 0; i < COUNT_OF(outcomes); i++) {
        struct office *office = NULL;
        office_setup((void **)&office);
        begin_silent(office);
        failing_disk_set(DISK_BROKEN);
        office_say(office, 0, outcomes[i], NULL);
        office_settle(office);
        assert_true(office->store_failures > 0);
        assert_int_equal(office->delivery_count, 1); /* nobody is told what is not on disk */
        office_pass(office, HOUR);
        assert_int_equal(office->delivery_count, 1);
        office_teardown((void **)&office);
    }
    (void)state;
}

/* Held when it came: it was never stored, so nobody may be told, and the client knows nothing. */
static void a_handoff_that_is_held_at_once_must_be_on_disk_too(void **state)
{
    static const struct {
        enum disk disk;
        enum answer_kind kind;
    } cases[] = {{DISK_FULL, ANSWER_OVERLOADED}, {DISK_BROKEN, ANSWER_LOST}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct office *office = NULL;
        office_setup((void **)&office);
        office->vendors[0].contact_count = 1;
        office->plans[0] = plan_account;
        office_open(office);
        office_tell(office, "a");
        failing_disk_set(cases[i].disk);
        assert_int_equal(office_tell(office, "b")->kind, cases[i].kind);
        failing_disk_set(DISK_FINE);
        assert_int_equal(dispatcher_open(office->dispatcher), 1);
        office_pass_by(office, 8 * MINUTE, 10 * SECOND);
        assert_string_equal(office_on_disk(office, "SELECT count(*) FROM handoff"), "1");
        office_teardown((void **)&office);
    }
    (void)state;
}

/* So must one that waits for its turn: it is refused, and does not go out when the turn comes. */
static void a_handoff_that_waits_for_its_turn_must_be_on_disk_too(void **state)
{
    struct office *office = *state;
    office->limits.channel = (struct handoffd_rate){.count = 1, .period_ms = MINUTE};
    office_open(office);
    office_tell(office, "a");
    failing_disk_set(DISK_FULL);
    assert_int_equal(office_tell(office, "b")->kind, ANSWER_OVERLOADED);
    failing_disk_set(DISK_FINE);
    office_pass(office, HOUR);
    assert_int_equal(office->delivery_count, 1);
    assert_int_equal(dispatcher_open(office->dispatcher), 0);
    assert_false(office_tell(office, "b")->is_duplicate); /* asked again, it is a new one */
    assert_int_equal(office->delivery_count, 2);
}

/* Its turn comes while the first commit is still on its way. */
static void the_turn_may_come_before_the_disk(void **state)
{
    struct office *office = *state;
    office->limits.channel = (struct handoffd_rate){.count = 1, .period_ms = SECOND};
    office_open(office);
    office_tell(office, "a");
    failing_disk_set(DISK_HELD);
    struct request request = office_request(office_juan, "b");
    struct client *client = office_ask(office, &request);
    office_move(office, SECOND);
    office_move(office, SECOND);
    assert_int_equal(office->delivery_count, 1);
    failing_disk_set(DISK_FINE);
    office_wait_for(client);
    office_settle(office);
    assert_int_equal(client->answer.kind, ANSWER_SENT);
    assert_int_equal(office->delivery_count, 2);
    assert_string_equal(office_events(office), "assigned,sent,assigned,sending,sent");
}

/* The turn came, and then the first commit failed: the second one must not be tried. */
static void what_follows_a_first_change_that_was_not_stored_is_not_done(void **state)
{
    struct office *office = *state;
    office->limits.channel = (struct handoffd_rate){.count = 1, .period_ms = SECOND};
    office_open(office);
    office_tell(office, "a");
    failing_disk_set(DISK_HELD);
    struct request request = office_request(office_juan, "b");
    office_ask(office, &request);
    office_move(office, SECOND);
    office_move(office, SECOND); /* the intent waits for the first commit */
    failing_disk_set(DISK_FULL);
    office_settle(office);
    failing_disk_set(DISK_FINE);
    office_pass_by(office, HOUR, MINUTE);
    assert_int_equal(office->delivery_count, 1);
    assert_string_equal(office_on_disk(office, "SELECT count(*) FROM handoff"), "1");
    assert_string_equal(office_attempts(office), "ana whatsapp sent 1");
    assert_int_equal(office->store_failures, 0);
}

/* Its client hears so, and nothing is left of it: asked again, it is a new one. */
static void what_was_not_stored_is_forgotten(void **state)
{
    struct office *office = *state;
    office->limits.channel = (struct handoffd_rate){.count = 1, .period_ms = SECOND};
    office_open(office);
    office_tell(office, "a");
    failing_disk_set(DISK_HELD);
    struct request request = office_request(office_juan, "b");
    const struct client *client = office_ask(office, &request);
    office_move(office, SECOND);
    office_move(office, SECOND);
    failing_disk_set(DISK_FULL);
    office_settle(office);
    failing_disk_set(DISK_FINE);
    office_pass_by(office, 10 * SECOND, SECOND);
    assert_true(client->is_answered);
    assert_int_equal(client->answer.kind, ANSWER_OVERLOADED);
    assert_int_equal(dispatcher_open(office->dispatcher), 0);
    assert_int_equal(dispatcher_figures(office->dispatcher).sending, 0);
    const struct client *again = office_ask(office, &request);
    office_pass_by(office, 10 * SECOND, SECOND);
    assert_int_equal(again->answer.kind, ANSWER_SENT);
    assert_false(again->answer.is_duplicate);
    assert_int_equal(office->delivery_count, 2);
}

static void nobody_is_left_and_the_disk_is_full(void **state)
{
    struct office *office = *state;
    office->is_never[0] = office->is_never[1] = office->is_never[2] = true;
    office_open(office);
    failing_disk_set(DISK_FULL);
    assert_int_equal(office_tell(office, "a")->kind, ANSWER_OVERLOADED);
    failing_disk_set(DISK_FINE);
    assert_string_equal(office_on_disk(office, "SELECT count(*) FROM handoff"), "0");
    const struct answer *answer = office_tell(office, "a");
    assert_int_equal(answer->kind, ANSWER_FAILED);
    assert_false(answer->is_duplicate);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(waits_with_every_step_until_there_is_room),
        OFFICE_TEST(tries_again_every_five_seconds),
        OFFICE_TEST(answers_before_it_has_written_down_what_was_sent),
        OFFICE_TEST(keeps_every_story_in_its_order),
        OFFICE_TEST(writes_nothing_more_once_it_is_drained),
        cmocka_unit_test(a_broken_disk_stops_everything),
        cmocka_unit_test(a_handoff_that_is_held_at_once_must_be_on_disk_too),
        OFFICE_TEST(a_handoff_that_waits_for_its_turn_must_be_on_disk_too),
        OFFICE_TEST(the_turn_may_come_before_the_disk),
        OFFICE_TEST(what_follows_a_first_change_that_was_not_stored_is_not_done),
        OFFICE_TEST(what_was_not_stored_is_forgotten),
        OFFICE_TEST(nobody_is_left_and_the_disk_is_full),
    };
    return cmocka_run_group_tests(tests, failing_disk_install, NULL);
}
