/* test_limits - what a provider takes, kept to by the whole delivery: nobody is refused for it,
 * nobody waits behind another, and nothing is forgotten. */
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

static struct client *begin_number(struct office *office, int number)
{
    char key[16];
    snprintf(key, sizeof key, "key-%d", number);
    struct request request = office_request(office_juan, NULL);
    request.key = arena_text(office->arena, key);
    return office_ask(office, &request);
}

/* Only ana, only by WhatsApp. */
static void open_with_ana_alone(struct office *office)
{
    office->roster.count = 1;
    office->vendors[0].contact_count = 1;
    office_open(office);
}

/* ---- rates */

static void keeps_to_the_channel_s_rate(void **state)
{
    enum { MANY = 10 };
    struct office *office = *state;
    struct client *clients[MANY];
    office->limits.channel = (struct handoffd_rate){.count = 2, .period_ms = SECOND, .burst = 2};
    office_open(office);
    for (int i = 0; i < MANY; i++)
        clients[i] = begin_number(office, i);
    office_settle(office);
    assert_int_equal(office->delivery_count, 2);
    for (size_t told = 3; told <= MANY; told++) {
        office_pass(office, 499);
        assert_int_equal(office->delivery_count, told - 1);
        office_pass(office, 1);
        assert_int_equal(office->delivery_count, told);
    }
    for (int i = 0; i < MANY; i++)
        assert_int_equal(clients[i]->answer.kind, ANSWER_SENT); /* within its patience */
    assert_int_equal(dispatcher_open(office->dispatcher), 0);
}

static void says_queued_where_the_turn_comes_too_late(void **state)
{
    struct office *office = *state;
    office->limits.channel = (struct handoffd_rate){.count = 1, .period_ms = MINUTE};
    open_with_ana_alone(office);
    office_tell(office, "a");
    struct client *client = office_begin(office, "b");
    assert_string_equal(office_attempts(office), "ana whatsapp sent 1, ana whatsapp ready 0");
    assert_string_equal(office_handoffs(office), "notified 0, assigned 1");
    office_pass(office, 8 * SECOND);
    assert_int_equal(client->answer.kind, ANSWER_QUEUED);
    office_pass(office, 52 * SECOND);
    assert_int_equal(office_tell(office, "b")->kind, ANSWER_SENT);
}

/* Each person has a rate of their own; a crowd for one of them holds up nobody else. */
static void nobody_waits_behind_another_s_limit(void **state)
{
    enum { CROWD = 30 };
    struct office *office = *state;
    office->limits.recipient = (struct handoffd_rate){.count = 1, .period_ms = 6 * SECOND};
    office->vendors[0].contact_count = 1;
    office->is_never[1] = office->is_never[2] = true;
    office_open(office);
    for (int i = 0; i < CROWD; i++) /* all for ana */
        begin_number(office, i);
    office_settle(office);
    assert_int_equal(office->delivery_count, 1);
    office->is_never[0] = true;
    office->is_never[1] = office->is_never[2] = false;
    assert_int_equal(office_tell(office, "luis")->kind, ANSWER_SENT);
    assert_int_equal(office_tell(office, "diego")->kind, ANSWER_SENT);
    assert_int_equal(office->delivery_count, 3);
    office_pass_by(office, 6 * SECOND * CROWD, 6 * SECOND);
    assert_int_equal(office->delivery_count, 2 + CROWD);
}

/* A retry is a message too. */
static void a_retry_takes_a_turn_of_its_own(void **state)
{
    struct office *office = *state;
    office->limits.channel = (struct handoffd_rate){.count = 1, .period_ms = 10 * SECOND};
    office->plans[0] = plan_deferred;
    open_with_ana_alone(office);
    office_begin(office, "a");
    office_pass_by(office, 9 * SECOND, SECOND);
    assert_int_equal(office->delivery_count, 1);
    office_pass(office, SECOND);
    assert_int_equal(office->delivery_count, 2);
}

static void waits_for_its_turn_over_a_restart(void **state)
{
    struct office *office = *state;
    office->limits.channel = (struct handoffd_rate){.count = 1, .period_ms = MINUTE};
    open_with_ana_alone(office);
    for (int i = 0; i < 3; i++)
        begin_number(office, i);
    office_pass(office, 8 * SECOND);
    assert_int_equal(office->delivery_count, 1);
    office_restart(office);
    office_pass(office, SECOND);
    assert_int_equal(office->delivery_count, 2); /* rates begin anew */
    office_pass(office, MINUTE);
    assert_int_equal(office->delivery_count, 3);
    assert_string_equal(office_attempts(office),
                        "ana whatsapp sent 1, ana whatsapp sent 1, ana whatsapp sent 1");
}

/* vendors.yaml knows better than the plugin. */
static void a_limit_of_vendors_yaml_goes_before_the_plugin_s(void **state)
{
    struct office *office = *state;
    office->limits.channel = (struct handoffd_rate){.count = 1, .period_ms = HOUR, .burst = 1};
    office->limits.per_day = 5;
    office->whatsapp.rules.chosen.channel =
        (struct handoffd_rate){.count = 1, .period_ms = SECOND, .burst = 1};
    office->whatsapp.rules.chosen.per_day = 2;
    open_with_ana_alone(office);
    office_tell(office, "a");
    begin_number(office, 1);
    office_pass(office, SECOND);
    assert_int_equal(office->delivery_count, 2);
    begin_number(office, 2);
    office_pass(office, SECOND);
    assert_int_equal(office->delivery_count, 2);
    assert_string_equal(office_handoffs(office), "notified 0, notified 0, held 1");
}

/* ---- days */

static const char full[] = "channel whatsapp: Twilio error sending WhatsApp: the limit of 2 "
                           "messages in 24 hours is reached";

static void open_with_two_a_day(struct office *office)
{
    office->limits.per_day = 2;
    open_with_ana_alone(office);
}

static void holds_what_the_day_has_no_room_for(void **state)
{
    struct office *office = *state;
    open_with_two_a_day(office);
    office_tell(office, "a");
    office_pass(office, HOUR);
    office_tell(office, "b");
    const struct answer *answer = office_tell(office, "c");
    assert_int_equal(answer->kind, ANSWER_FAILED);
    assert_string_equal(answer->detail, "Twilio error sending WhatsApp: the limit of 2 messages in "
                                        "24 hours is reached");
    office_tell(office, "d");
    assert_string_equal(office_handoffs(office), "notified 0, notified 0, held 1, held 1");
    assert_true(office_has_trouble(office, full));
    assert_false(office_has_trouble(office, "channel whatsapp mended"));
    office_pass(office, 23 * HOUR - 1);
    assert_int_equal(office->delivery_count, 2);
    office_pass(office, 1);
    assert_int_equal(office->delivery_count, 3);
    assert_string_equal(office_handoffs(office), "notified 0, notified 0, notified 0, held 1");
    office_pass_by(office, HOUR, MINUTE);
    assert_int_equal(office->delivery_count, 4);
    office_pass_by(office, DAY, HOUR); /* a day later nobody waits any more */
    assert_int_equal(office->delivery_count, 4);
    assert_int_equal(office_tell(office, "c")->kind, ANSWER_SENT);
    assert_int_equal(dispatcher_open(office->dispatcher), 0);
}

/* What was on its way when the day was full says nothing of the limit. */
static void stays_full_when_the_last_one_arrives(void **state)
{
    static const uint32_t outcomes[] = {HANDOFFD_SENT, HANDOFFD_REFUSED_RECIPIENT,
                                        HANDOFFD_DEFERRED, HANDOFFD_UNKNOWN};
    for (size_t i = 0; i < COUNT_OF(outcomes); i++) {
        struct office *office = NULL;
        office_setup((void **)&office);
        office->limits.per_day = 1;
        office->plans[0] = plan_silent;
        open_with_ana_alone(office);
        office_begin(office, "a");
        office_tell(office, "b");
        assert_string_equal(office_handoffs(office), "assigned 1, held 1");
        office_say(office, 0, outcomes[i], "SMx");
        office_settle(office);
        assert_false(office_has_trouble(office, "channel whatsapp mended"));
        assert_int_equal(office_tell(office, "c")->kind, ANSWER_FAILED);
        assert_int_equal(office->delivery_count, 1);
        office_teardown((void **)&office);
    }
    (void)state;
}

static void counts_the_day_over_a_restart(void **state)
{
    struct office *office = *state;
    open_with_two_a_day(office);
    office_tell(office, "a");
    office_pass(office, HOUR);
    office_tell(office, "b");
    office_tell(office, "c");
    office_pass(office, HOUR);
    office_restart(office);
    office_pass(office, SECOND);
    assert_int_equal(office->delivery_count, 2);
    assert_string_equal(office_handoffs(office), "notified 0, notified 0, held 1");
    office_pass(office, 22 * HOUR - SECOND - MINUTE);
    assert_int_equal(office->delivery_count, 2);
    office_pass(office, 2 * MINUTE);
    assert_int_equal(office->delivery_count, 3);
}

/* Only what was tried counts: that of another channel, and what is held, do not. */
static void counts_each_channel_by_itself(void **state)
{
    struct office *office = *state;
    office->limits.per_day = 2;
    office->roster.count = 1;
    office_open(office);
    for (int i = 0; i < 5; i++)
        begin_number(office, i);
    office_settle(office);
    ASSERT_TOLD(office, "to-ana", "to-ana", "sms-ana", "sms-ana");
    assert_string_equal(office_on_disk(office, "SELECT count(*) FROM handoff WHERE state = 'held'"),
                        "1"); /* the one that found the day full */
    assert_int_equal(office_tell(office, "a")->kind, ANSWER_FAILED);
    office_restart(office);
    assert_int_equal(office_tell(office, "b")->kind, ANSWER_FAILED);
    assert_int_equal(office->delivery_count, 4);
}

/* The account's limit was raised, and vendors.yaml says so: nobody has to wait for tomorrow. */
static void takes_a_higher_limit_at_once(void **state)
{
    struct office *office = *state;
    open_with_two_a_day(office);
    for (int i = 0; i < 4; i++)
        begin_number(office, i);
    office_settle(office);
    assert_int_equal(office->delivery_count, 2);
    office->whatsapp.rules.limits.per_day = 10;
    office_adopt(office);
    office_pass(office, SECOND);
    assert_int_equal(office->delivery_count, 4);
    assert_true(office_has_trouble(office, "channel whatsapp mended"));
}

/* ---- many */

/* Whatever the numbers: never more than the rate in any second, and all arrive. */
static void never_sends_faster_than_it_may(void **state)
{
    enum { MANY = 150, COUNT = 5 };
    struct office *office = *state;
    int64_t told_ms[MANY];
    size_t told = 0;
    uint32_t random = 3;
    office->limits.channel =
        (struct handoffd_rate){.count = COUNT, .period_ms = SECOND, .burst = 1};
    for (size_t i = 0; i < 60; i++) { /* some are busy at first */
        random = random * 1664525 + 1013904223;
        if ((random >> 8) % 4 == 0)
            office->plans[i] = plan_deferred;
    }
    office_open(office);
    for (int asked = 0; told < MANY;) {
        for (int i = 0; i < 7 && asked < MANY - 30; i++)
            begin_number(office, asked++);
        size_t before = told;
        office_pass(office, 50);
        for (; told < office->delivery_count; told++)
            told_ms[told] = clock_steady_ms();
        if (asked == MANY - 30 && told == before && dispatcher_open(office->dispatcher) == 0)
            break;
    }
    for (size_t i = COUNT; i < told; i++)
        assert_true(told_ms[i] - told_ms[i - COUNT] >= SECOND - 50);
    assert_string_equal(
        office_on_disk(office, "SELECT count(*) FROM handoff WHERE state = 'notified'"), "120");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        OFFICE_TEST(keeps_to_the_channel_s_rate),
        OFFICE_TEST(says_queued_where_the_turn_comes_too_late),
        OFFICE_TEST(nobody_waits_behind_another_s_limit),
        OFFICE_TEST(a_retry_takes_a_turn_of_its_own),
        OFFICE_TEST(waits_for_its_turn_over_a_restart),
        OFFICE_TEST(a_limit_of_vendors_yaml_goes_before_the_plugin_s),
        OFFICE_TEST(holds_what_the_day_has_no_room_for),
        cmocka_unit_test(stays_full_when_the_last_one_arrives),
        OFFICE_TEST(counts_the_day_over_a_restart),
        OFFICE_TEST(counts_each_channel_by_itself),
        OFFICE_TEST(takes_a_higher_limit_at_once),
        OFFICE_TEST(never_sends_faster_than_it_may),
    };
    return cmocka_run_group_tests(tests, failing_disk_install, NULL);
}
