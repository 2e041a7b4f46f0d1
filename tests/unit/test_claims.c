/* test_claims - a message that was found in the provider's list is one handoff's: the provider's
 * own word says whose. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "failing_disk.h"
#include "office_seen.h"

static const char states[] = "SELECT group_concat(state || ' ' || coalesce(message_id, '-') || ' ' "
                             "|| tries, ', ') FROM (SELECT * FROM attempt ORDER BY handoff)";

/* `a` is unknown and was just asked about: nobody has answered yet. `b` ends as planned; nothing
 * was heard of it where that is plan_silent. Both are Ana's. */
static void begin_both(struct office *office, const struct plan *b)
{
    office->roster.count = 1;
    office->vendors[0].contact_count = 1;
    office->plans[0] = plan_unknown;
    office->plans[1] = *b;
    office->finds[0] = plan_silent;
    office_make_askable(office);
    office_open(office);
    office_begin(office, "a");
    office_pass(office, SECOND);
    assert_int_equal(office->question_count, 1);
    office_begin(office, "b");
    assert_int_equal(office->delivery_count, 2);
}

/* The answer to the question about `a`: this one could be it. */
static void find_for_a(struct office *office, const char *message_id)
{
    office_say(office, 0, HANDOFFD_SENT, message_id);
}

/* It is asked about again as if nothing had been found, and goes out. */
static void assert_asked_and_sent(struct office *office)
{
    assert_int_equal(office->question_count, 1);
    assert_int_equal(office->delivery_count, 2);
    office_pass(office, SECOND);
    assert_int_equal(office->question_count, 2);
    assert_int_equal(office->questions[1].attempt_id, office->deliveries[0].attempt_id);
    assert_null(office->questions[1].message_id);
    assert_string_equal(office->questions[1].taken_ids, "SMone\n");
    office_pass_by(office, 2 * MINUTE, 5 * SECOND);
    assert_int_equal(office->question_count, 4);
    assert_int_equal(office->delivery_count, 3);
    assert_string_equal(office->deliveries[2].handoff_id, office->deliveries[0].handoff_id);
    assert_string_equal(office_handoffs(office), "notified 0, notified 0");
    assert_string_equal(office_on_disk(office, states), "sent SM16842754 2, sent SMone 1");
    assert_string_equal(office_tell(office, "a")->message_id, "SM16842754");
    assert_string_equal(office_tell(office, "b")->message_id, "SMone");
    office_pass_by(office, HOUR, 10 * MINUTE);
    assert_int_equal(office->delivery_count, 3);
}

/* In its answer, or in a callback, when `a` has left memory or is there still. */
static void a_guess_gives_way_to_the_providers_word(void **state)
{
    static const struct {
        const struct plan *b;
        uint32_t word;
        bool has_left;
    } cases[] = {
        {&plan_silent, HANDOFFD_SENT, false},
        {&plan_silent, HANDOFFD_SENT, true},
        {&plan_unknown, HANDOFFD_SENT, false},
        {&plan_unknown, HANDOFFD_SENT, true},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct office *office = NULL;
        office_setup((void **)&office);
        begin_both(office, cases[i].b);
        find_for_a(office, "SMone");
        if (cases[i].has_left) {
            office_settle(office);
            assert_int_equal(dispatcher_open(office->dispatcher), 1);
            assert_string_equal(office_tell(office, "a")->message_id, "SMone");
        }
        office_say(office, 1, cases[i].word, "SMone");
        office_settle(office);
        assert_string_equal(office_on_disk(office, states), "unknown - 1, sent SMone 1");
        assert_string_equal(office_handoffs(office), "assigned 1, notified 0");
        assert_int_equal(office_tell(office, "a")->kind, ANSWER_QUEUED);
        assert_asked_and_sent(office);
        office_teardown((void **)&office);
    }
    (void)state;
}

/* What it rested for was another's too. */
static void a_guess_that_was_watched_gives_way_too(void **state)
{
    struct office *office = *state;
    office_make_telling(office);
    office->whatsapp.rules.deliver_within_ms = HOUR;
    begin_both(office, &plan_silent);
    find_for_a(office, "SMone");
    office_settle(office);
    assert_string_equal(office_handoffs(office), "notified 2, assigned 1");
    office_call(office, 1, HANDOFFD_DELIVERED, "SMone");
    office_settle(office);
    assert_string_equal(office_on_disk(office, states), "unknown - 1, delivered SMone 1");
    office_pass_by(office, 3 * MINUTE, 5 * SECOND);
    assert_int_equal(office->delivery_count, 3);
    assert_string_equal(office_on_disk(office, states), "sent SM16842754 2, delivered SMone 1");
}

/* The other one has it, and its disk is full: the store cannot say so yet. */
static void a_message_of_another_open_handoff_is_none(void **state)
{
    struct office *office = *state;
    begin_both(office, &plan_silent);
    failing_disk_set(DISK_FULL);
    office_say(office, 1, HANDOFFD_SENT, "SMone");
    office_settle(office);
    find_for_a(office, "SMone");
    office_settle(office);
    failing_disk_set(DISK_FINE);
    office_pass(office, 5 * SECOND);
    assert_string_equal(office_on_disk(office, states), "unknown - 1, sent SMone 1");
    assert_string_equal(office_on_disk(office, "SELECT asked FROM attempt WHERE handoff = 1"), "1");
    assert_int_equal(office_tell(office, "a")->kind, ANSWER_QUEUED);
    office_pass_by(office, 3 * MINUTE, 5 * SECOND);
    assert_int_equal(office->delivery_count, 3);
    assert_string_equal(office_on_disk(office, states), "sent SM16842754 2, sent SMone 1");
}

/* It was answered, stored and left memory while the provider was asked: the question was put when
 * nobody knew. */
static void a_message_of_one_that_has_left_is_none(void **state)
{
    struct office *office = *state;
    begin_both(office, &plan_silent);
    office_say(office, 1, HANDOFFD_SENT, "SMone");
    office_settle(office);
    assert_int_equal(dispatcher_open(office->dispatcher), 1);
    find_for_a(office, "SMone");
    office_settle(office);
    assert_string_equal(office_on_disk(office, states), "unknown - 1, sent SMone 1");
    office_pass_by(office, 3 * MINUTE, 5 * SECOND);
    assert_string_equal(office_on_disk(office, states), "sent SM16842754 2, sent SMone 1");
}

/* It was answered before the question, and its commit was on its way to the disk. */
static void a_message_on_its_way_to_the_disk_is_none(void **state)
{
    struct office *office = *state;
    office->roster.count = 1;
    office->vendors[0].contact_count = 1;
    office->plans[0] = plan_unknown;
    office->plans[1] = plan_silent;
    office->finds[0] = plan_silent;
    office_make_askable(office);
    office_open(office);
    office_begin(office, "a");
    office_begin(office, "b");
    failing_disk_set(DISK_FULL);
    office_say(office, 1, HANDOFFD_SENT, "SMone");
    office_pass(office, SECOND);
    assert_int_equal(office->question_count, 1);
    failing_disk_set(DISK_FINE);
    office_pass(office, 5 * SECOND);
    assert_int_equal(dispatcher_open(office->dispatcher), 1);
    find_for_a(office, "SMone");
    office_settle(office);
    assert_string_equal(office_on_disk(office, states), "unknown - 1, sent SMone 1");
}

/* The question was given up when the message turned out to be another's. */
static void a_late_answer_is_no_more_than_a_guess(void **state)
{
    struct office *office = *state;
    office_make_telling(office);
    office->whatsapp.rules.deliver_within_ms = 5 * SECOND;
    office->finds[1] = plan_silent;
    begin_both(office, &plan_silent);
    find_for_a(office, "SMone");
    office_pass_by(office, 6 * SECOND, SECOND);
    assert_int_equal(office->question_count, 2);
    office_call(office, 1, HANDOFFD_DELIVERED, "SMone");
    office_settle(office);
    assert_string_equal(office_on_disk(office, states), "unknown - 1, delivered SMone 1");
    find_for_a(office, "SMone");
    office_settle(office);
    assert_string_equal(office_on_disk(office, states), "unknown - 1, delivered SMone 1");
}

/* Nor when the next person was told meanwhile. */
static void an_answer_about_a_former_attempt_is_a_guess_too(void **state)
{
    struct office *office = *state;
    office->roster.count = 2;
    office->vendors[0].contact_count = 1;
    office->plans[0] = plan_unknown;
    office_plan_finds(office, 0, OFFICE_PLANS, &plan_silent);
    office_make_askable(office);
    office_open(office);
    office_begin(office, "a");
    office_pass_by(office, 10 * MINUTE, 5 * SECOND);
    assert_string_equal(office_attempts(office), "ana whatsapp ambiguous 1, luis whatsapp sent 1");
    office_say(office, 0, HANDOFFD_SENT, "SMone");
    office_settle(office);
    assert_string_equal(office_on_disk(office, "SELECT message_id FROM attempt WHERE is_guess"),
                        "SMone");
}

/* Its own message is another one after all: the one that was found may be somebody else's. */
static void what_was_guessed_wrongly_is_free_again(void **state)
{
    struct office *office = *state;
    office->finds[1] = (struct plan){.outcome = HANDOFFD_SENT, .message_id = "SMone"};
    begin_both(office, &plan_unknown);
    find_for_a(office, "SMone");
    office_settle(office);
    office_call(office, 0, HANDOFFD_DELIVERED, "SMtwo");
    office_pass_by(office, 3 * SECOND, SECOND);
    assert_string_equal(office_on_disk(office, states), "delivered SMtwo 1, sent SMone 1");
}

/* Another process made the guess. */
static void a_guess_gives_way_after_a_restart_too(void **state)
{
    struct office *office = *state;
    begin_both(office, &plan_unknown);
    find_for_a(office, "SMone");
    office_restart(office);
    assert_string_equal(office_on_disk(office, states), "sent SMone 1, unknown - 1");
    office_call(office, 1, HANDOFFD_DELIVERED, "SMone");
    office_settle(office);
    assert_string_equal(office_on_disk(office, states), "unknown - 1, delivered SMone 1");
    assert_string_equal(office_handoffs(office), "assigned 1, notified 0");
    office_pass_by(office, 5 * MINUTE, 5 * SECOND);
    assert_string_equal(office_on_disk(office, states), "sent SM16842754 2, delivered SMone 1");
}

/* The provider's own word on a message that was found makes it sure; an answer to a question does
 * not. */
static void a_guess_is_confirmed_by_a_call_alone(void **state)
{
    static const char guesses[] = "SELECT count(*) FROM attempt WHERE is_guess";
    struct office *office = *state;
    office_make_telling(office);
    office->whatsapp.rules.deliver_within_ms = HOUR;
    office_plan_finds(office, 1, OFFICE_PLANS - 1,
                      &(struct plan){.outcome = HANDOFFD_DELIVERED, .message_id = "SMone"});
    begin_both(office, &plan_silent);
    find_for_a(office, "SMone");
    office_settle(office);
    assert_string_equal(office_on_disk(office, guesses), "1");
    office_pass_by(office, HOUR + MINUTE, MINUTE);
    assert_string_equal(office_on_disk(office, states), "delivered SMone 1, sent SM33619970 2");
    assert_string_equal(office_on_disk(office, guesses), "1");
    office_call(office, 0, HANDOFFD_READ, "SMone");
    office_settle(office);
    assert_string_equal(office_on_disk(office, guesses), "0");
}

/* A callback that comes while the channel is asked is no answer to the question. */
static void a_callback_is_the_providers_word_while_it_is_asked_too(void **state)
{
    struct office *office = *state;
    begin_both(office, &plan_unknown);
    office->finds[1] = plan_silent;
    find_for_a(office, "SMone");
    office_pass(office, SECOND);
    assert_int_equal(office->question_count, 2);
    office_call(office, 1, HANDOFFD_DELIVERED, "SMone");
    office_settle(office);
    assert_string_equal(office_on_disk(office, states), "unknown - 1, delivered SMone 1");
    office_pass_by(office, 3 * MINUTE, 5 * SECOND);
    assert_string_equal(office_on_disk(office, states), "sent SM16842754 2, delivered SMone 1");
    assert_int_equal(office->delivery_count, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_guess_gives_way_to_the_providers_word),
        OFFICE_TEST(a_guess_that_was_watched_gives_way_too),
        OFFICE_TEST(a_message_of_another_open_handoff_is_none),
        OFFICE_TEST(a_message_of_one_that_has_left_is_none),
        OFFICE_TEST(a_message_on_its_way_to_the_disk_is_none),
        OFFICE_TEST(a_late_answer_is_no_more_than_a_guess),
        OFFICE_TEST(an_answer_about_a_former_attempt_is_a_guess_too),
        OFFICE_TEST(what_was_guessed_wrongly_is_free_again),
        OFFICE_TEST(a_guess_gives_way_after_a_restart_too),
        OFFICE_TEST(a_guess_is_confirmed_by_a_call_alone),
        OFFICE_TEST(a_callback_is_the_providers_word_while_it_is_asked_too),
    };
    return cmocka_run_group_tests(tests, failing_disk_install, NULL);
}
