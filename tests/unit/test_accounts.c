/* test_accounts - an account that refuses everything: its channel closes, nobody is lost, and one
 * after the other tries whether it works again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "failing_disk.h"
#include "office_seen.h"

static const char refusal[] = "Twilio error sending WhatsApp: Authenticate";
static const char trouble[] =
    "channel whatsapp: Twilio error sending WhatsApp: Authenticate (20003)";

/* Nobody has a second contact. */
static void open_with_one_channel(struct office *office)
{
    office->vendors[0].contact_count = 1;
    office_open(office);
}

/* Moves on until one more was let through; at most for 7.5 minutes. How long it took. */
static int64_t pass_until_tried(struct office *office)
{
    size_t before = office->delivery_count;
    int64_t begun_ms = clock_steady_ms();
    while (office->delivery_count == before && clock_steady_ms() < begun_ms + 450 * SECOND)
        office_pass(office, 500);
    assert_int_equal(office->delivery_count, before + 1);
    return clock_steady_ms() - begun_ms;
}

static void uses_another_channel_of_the_same_person(void **state)
{
    struct office *office = *state;
    office->plans[0] = plan_account;
    office_open(office);
    const struct answer *answer = office_tell(office, "a");
    assert_int_equal(answer->kind, ANSWER_SENT);
    assert_string_equal(answer->vendor_id, "ana");
    ASSERT_TOLD(office, "to-ana", "sms-ana");
    assert_false(office_is_marked(&office->deliveries[1]));
    assert_string_equal(office_attempts(office), "ana whatsapp cancelled 1, ana sms sent 1");
    assert_true(office_has_trouble(office, trouble));
}

static void holds_whoever_has_no_other_channel(void **state)
{
    struct office *office = *state;
    office->plans[0] = plan_account;
    open_with_one_channel(office);
    const struct answer *answer = office_tell(office, "a");
    assert_int_equal(answer->kind, ANSWER_FAILED);
    assert_string_equal(answer->detail, refusal);
    assert_string_equal(office_handoffs(office), "held 1");
    assert_string_equal(office_attempts(office), "ana whatsapp deferred 1");
    ASSERT_TOLD(office, "to-ana"); /* and nobody else: they have the same account */
    assert_int_equal(office->trouble_count, 1);
    assert_true(office_has_trouble(office, trouble));
}

static void new_ones_go_by_the_first_contact_that_is_open(void **state)
{
    struct office *office = *state;
    office->plans[0] = plan_account;
    office->is_never[1] = office->is_never[2] = true;
    office_open(office);
    office_tell(office, "a");
    assert_int_equal(office_tell(office, "b")->kind, ANSWER_SENT);
    ASSERT_TOLD(office, "to-ana", "sms-ana", "sms-ana");
}

static void new_ones_are_held_at_once_where_none_is(void **state)
{
    struct office *office = *state;
    office->plans[0] = plan_account;
    open_with_one_channel(office);
    office_tell(office, "a");
    const struct answer *answer = office_tell(office, "b");
    assert_int_equal(answer->kind, ANSWER_FAILED);
    assert_string_equal(answer->detail, refusal);
    assert_string_equal(answer->vendor_id, "luis");
    assert_int_equal(office->delivery_count, 1);
    assert_string_equal(office_handoffs(office), "held 1, held 1");
    assert_string_equal(office_attempts(office), "ana whatsapp deferred 1, luis whatsapp ready 0");
    assert_string_equal(office_on_disk(office, "SELECT group_concat(kind) FROM event "
                                               "WHERE handoff = 2"),
                        "held");
    assert_int_equal(office->trouble_count, 1); /* said once */
    assert_true(office_tell(office, "b")->is_duplicate);
}

static void lets_one_try_after_a_few_minutes(void **state)
{
    struct office *office = *state;
    office_plan(office, 0, 3, &plan_account);
    open_with_one_channel(office);
    for (int i = 0; i < 5; i++)
        office_tell(office, (const char *[]){"a", "b", "c", "d", "e"}[i]);
    assert_int_equal(office->delivery_count, 1);
    for (int i = 0; i < 2; i++) {
        assert_in_range(pass_until_tried(office), 150 * SECOND, 450 * SECOND);
        assert_string_equal(office_handoffs(office), "held 1, held 1, held 1, held 1, held 1");
    }
    /* each of them once, in their order */
    assert_string_not_equal(office->deliveries[2].handoff_id, office->deliveries[1].handoff_id);
    assert_int_equal(office->trouble_count, 1);
}

static void opens_for_all_when_one_was_taken(void **state)
{
    enum { MANY = 20 };
    struct office *office = *state;
    office->plans[0] = plan_account;
    open_with_one_channel(office);
    for (int i = 0; i < MANY; i++) {
        char key[16];
        snprintf(key, sizeof key, "key-%d", i);
        assert_int_equal(office_tell(office, key)->kind, ANSWER_FAILED);
    }
    assert_int_equal(office->delivery_count, 1);
    int64_t begun_ms = clock_steady_ms();
    while (office->delivery_count == 1)
        office_pass(office, 500);
    assert_in_range(clock_steady_ms() - begun_ms, 150 * SECOND, 450 * SECOND);
    assert_int_equal(office->delivery_count, 1 + MANY);
    assert_string_equal(office_on_disk(office, "SELECT count(*) FROM handoff "
                                               "WHERE state = 'notified' AND wake = 0"),
                        "20");
    assert_int_equal(office->trouble_count, 2);
    assert_string_equal(office->troubles[0], trouble);
    assert_string_equal(office->troubles[1], "channel whatsapp mended");
    assert_int_equal(dispatcher_open(office->dispatcher), 0);
    assert_int_equal(office_tell(office, "key-3")->kind, ANSWER_SENT);
}

/* Those who are released keep to the rate. */
static void opens_at_the_channel_s_pace(void **state)
{
    struct office *office = *state;
    office->plans[0] = plan_account;
    office->limits.channel = (struct handoffd_rate){.count = 1, .period_ms = SECOND, .burst = 1};
    open_with_one_channel(office);
    for (int i = 0; i < 5; i++)
        office_tell(office, (const char *[]){"a", "b", "c", "d", "e"}[i]);
    while (office->delivery_count == 1)
        office_pass(office, 500);
    for (size_t told = 2; told <= 6; told++) {
        assert_int_equal(office->delivery_count, told);
        office_pass(office, 500);
        office_pass(office, 500);
    }
    assert_int_equal(office->delivery_count, 6);
    assert_string_equal(office_handoffs(office),
                        "notified 0, notified 0, notified 0, notified 0, notified 0");
}

/* That somebody's phone is wrong is no fault of the account. */
static void opens_when_a_single_message_is_refused(void **state)
{
    static const uint32_t outcomes[] = {HANDOFFD_REFUSED_RECIPIENT, HANDOFFD_REFUSED_MESSAGE,
                                        HANDOFFD_UNDELIVERED};
    for (size_t i = 0; i < COUNT_OF(outcomes); i++) {
        struct office *office = NULL;
        office_setup((void **)&office);
        office->plans[0] = plan_account;
        office->plans[1] = (struct plan){.outcome = outcomes[i]};
        open_with_one_channel(office);
        office_tell(office, "a");
        office_tell(office, "b");
        while (office->delivery_count == 1)
            office_pass(office, SECOND);
        office_settle(office);
        assert_true(office_has_trouble(office, "channel whatsapp mended"));
        assert_int_equal(office_tell(office, "c")->kind, ANSWER_SENT);
        office_teardown((void **)&office);
    }
    (void)state;
}

/* Busy, silent, or nobody knows: the account may be as it was. */
static void stays_closed_while_the_one_who_tries_says_nothing(void **state)
{
    static const struct plan plans[] = {{.outcome = HANDOFFD_DEFERRED, .retry_after_ms = HOUR},
                                        {.outcome = HANDOFFD_UNKNOWN},
                                        {.is_silent = true}};
    for (size_t i = 0; i < COUNT_OF(plans); i++) {
        struct office *office = NULL;
        office_setup((void **)&office);
        office->plans[0] = plan_account;
        office->plans[1] = plans[i];
        open_with_one_channel(office);
        office_tell(office, "a");
        office_tell(office, "b");
        while (office->delivery_count == 1)
            office_pass(office, SECOND);
        office_pass(office, 140 * SECOND);
        assert_int_equal(office->delivery_count, 2);
        assert_false(office_has_trouble(office, "channel whatsapp mended"));
        assert_int_equal(office_tell(office, "c")->kind, ANSWER_FAILED);
        office_pass_by(office, 8 * MINUTE, SECOND); /* then the next one tries */
        assert_true(office->delivery_count > 2);
        assert_true(office_has_trouble(office, "channel whatsapp mended"));
        office_teardown((void **)&office);
    }
    (void)state;
}

/* A callback says so of a message that was taken before. */
static void closes_because_of_a_callback(void **state)
{
    struct office *office = *state;
    office_make_telling(office);
    office->whatsapp.rules.deliver_within_ms = HOUR;
    open_with_one_channel(office);
    office_tell(office, "a");
    office_say(office, 0, HANDOFFD_REFUSED_ACCOUNT, NULL);
    office_settle(office);
    assert_string_equal(office_handoffs(office), "held 1");
    assert_int_equal(office_tell(office, "b")->kind, ANSWER_FAILED);
    assert_int_equal(office->delivery_count, 1);
    pass_until_tried(office);
    office_say(office, 1, HANDOFFD_DELIVERED, NULL);
    office_settle(office);
    assert_int_equal(office->delivery_count, 3);
    assert_string_equal(office_attempts(office),
                        "ana whatsapp undelivered 1, ana whatsapp delivered 1, "
                        "luis whatsapp sent 1");
}

/* The provider takes everything, and refuses it a moment later: that is one trouble, not one every
 * few minutes. What was on its way by then proves nothing. */
static void stays_closed_while_what_is_taken_is_refused_later(void **state)
{
    struct office *office = *state;
    office_make_telling(office);
    office->whatsapp.rules.deliver_within_ms = HOUR;
    office_plan(office, 1, 3, &plan_silent);
    open_with_one_channel(office);
    for (int i = 0; i < 4; i++)
        office_begin(office, (const char *[]){"a", "b", "c", "d"}[i]);
    office_say(office, 0, HANDOFFD_REFUSED_ACCOUNT, NULL);
    office_settle(office);
    for (size_t i = 1; i < 4; i++)
        office_say(office, i, HANDOFFD_SENT, "SMearlier");
    office_settle(office);
    for (int tries = 0; tries < 5; tries++) {
        pass_until_tried(office);
        office_pass(office, SECOND);
        office_say(office, office->delivery_count - 1, HANDOFFD_REFUSED_ACCOUNT, NULL);
        office_settle(office);
    }
    assert_int_equal(office->trouble_count, 1);
    pass_until_tried(office);
    office_pass(office, MINUTE);
    assert_int_equal(office_begin(office, "e")->answer.kind, ANSWER_FAILED);
    pass_until_tried(office);
    office_settle(office);
    assert_int_equal(office->trouble_count, 2);
    assert_string_equal(office->troubles[1], "channel whatsapp mended");
    assert_int_equal(office_tell(office, "f")->kind, ANSWER_SENT);
}

/* What arrives that was taken since is proof enough. */
static void opens_when_something_arrives_again(void **state)
{
    struct office *office = *state;
    office_make_telling(office);
    office->whatsapp.rules.deliver_within_ms = HOUR;
    open_with_one_channel(office);
    office_tell(office, "a");
    office_tell(office, "b");
    office_say(office, 0, HANDOFFD_REFUSED_ACCOUNT, NULL);
    office_settle(office);
    office_pass(office, SECOND);
    office_say(office, 1, HANDOFFD_DELIVERED, NULL); /* it was taken before */
    office_settle(office);
    assert_int_equal(office_tell(office, "c")->kind, ANSWER_FAILED);
    pass_until_tried(office);
    assert_int_equal(office->trouble_count, 1);
    office_say(office, 2, HANDOFFD_DELIVERED, NULL);
    office_settle(office);
    assert_string_equal(office->troubles[1], "channel whatsapp mended");
    assert_int_equal(office_tell(office, "d")->kind, ANSWER_SENT);
}

/* That it still has what it took is nothing new. */
static void stays_closed_when_it_is_asked_and_knows_nothing_new(void **state)
{
    struct office *office = *state;
    office_make_telling(office);
    office_make_askable(office);
    office->setup.delivery.public_url = NULL;
    office->whatsapp.rules.deliver_within_ms = HOUR;
    office_plan_finds(office, 0, OFFICE_PLANS, &(struct plan){.outcome = HANDOFFD_SENT});
    open_with_one_channel(office);
    office_tell(office, "a");
    office_say(office, 0, HANDOFFD_REFUSED_ACCOUNT, NULL);
    office_settle(office);
    pass_until_tried(office);
    office_pass_by(office, MINUTE, SECOND);
    assert_true(office->question_count > 0);
    assert_int_equal(office->trouble_count, 1);
    assert_int_equal(office_tell(office, "b")->kind, ANSWER_FAILED);
}

/* Good news of what was sent before says nothing of the account now. */
static void stays_closed_for_callbacks_of_what_was_sent_before(void **state)
{
    struct office *office = *state;
    office_make_telling(office);
    office->whatsapp.rules.deliver_within_ms = HOUR;
    office->plans[1] = plan_account;
    open_with_one_channel(office);
    office_tell(office, "a");
    office_tell(office, "b");
    office_say(office, 0, HANDOFFD_DELIVERED, NULL);
    office_settle(office);
    assert_int_equal(office_tell(office, "c")->kind, ANSWER_FAILED);
    assert_int_equal(office->delivery_count, 2);
}

/* So does the answer for one that was on its way when it closed: it had left before. */
static void is_said_once_however_many_were_on_their_way(void **state)
{
    struct office *office = *state;
    office->is_silent = true;
    open_with_one_channel(office);
    for (int i = 0; i < 4; i++)
        office_begin(office, (const char *[]){"a", "b", "c", "d"}[i]);
    assert_int_equal(office->delivery_count, 4);
    for (size_t i = 0; i < 4; i++)
        office_say(office, i, HANDOFFD_REFUSED_ACCOUNT, NULL);
    office_settle(office);
    assert_string_equal(office_handoffs(office), "held 1, held 1, held 1, held 1");
    assert_int_equal(office->trouble_count, 1);
    office->is_silent = false;
    office_pass_by(office, 8 * MINUTE, SECOND);
    assert_int_equal(office->delivery_count, 8);
    assert_int_equal(office->trouble_count, 2);
}

static void a_held_one_is_tried_at_the_next_start(void **state)
{
    struct office *office = *state;
    office->plans[0] = plan_account;
    open_with_one_channel(office);
    office_tell(office, "a");
    office_tell(office, "b");
    office_restart(office);
    office_pass(office, SECOND); /* somebody may have mended it, and started us again */
    assert_int_equal(office->delivery_count, 3);
    assert_string_equal(office_handoffs(office), "notified 0, notified 0");
    assert_int_equal(office_tell(office, "a")->kind, ANSWER_SENT);
}

/* Of a hundred that are held, not all storm an account that is still shut. */
static void not_all_held_ones_storm_the_provider_at_a_start(void **state)
{
    enum { MANY = 30 };
    struct office *office = *state;
    office_plan(office, 0, 2 * MANY, &plan_account);
    open_with_one_channel(office);
    for (int i = 0; i < MANY; i++) {
        char key[16];
        snprintf(key, sizeof key, "key-%d", i);
        office_tell(office, key);
    }
    assert_int_equal(office->delivery_count, 1);
    office_restart(office);
    office_pass(office, SECOND);
    assert_int_equal(office->delivery_count, 2);
    assert_string_equal(office_on_disk(office, "SELECT count(*) FROM handoff WHERE state = 'held'"),
                        "30");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        OFFICE_TEST(uses_another_channel_of_the_same_person),
        OFFICE_TEST(holds_whoever_has_no_other_channel),
        OFFICE_TEST(new_ones_go_by_the_first_contact_that_is_open),
        OFFICE_TEST(new_ones_are_held_at_once_where_none_is),
        OFFICE_TEST(lets_one_try_after_a_few_minutes),
        OFFICE_TEST(opens_for_all_when_one_was_taken),
        OFFICE_TEST(opens_at_the_channel_s_pace),
        cmocka_unit_test(opens_when_a_single_message_is_refused),
        cmocka_unit_test(stays_closed_while_the_one_who_tries_says_nothing),
        OFFICE_TEST(closes_because_of_a_callback),
        OFFICE_TEST(stays_closed_while_what_is_taken_is_refused_later),
        OFFICE_TEST(opens_when_something_arrives_again),
        OFFICE_TEST(stays_closed_when_it_is_asked_and_knows_nothing_new),
        OFFICE_TEST(stays_closed_for_callbacks_of_what_was_sent_before),
        OFFICE_TEST(is_said_once_however_many_were_on_their_way),
        OFFICE_TEST(a_held_one_is_tried_at_the_next_start),
        OFFICE_TEST(not_all_held_ones_storm_the_provider_at_a_start),
    };
    return cmocka_run_group_tests(tests, failing_disk_install, NULL);
}
