/* test_adopt - another vendors.yaml takes the place of this one, whatever is under way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "failing_disk.h"
#include "office_seen.h"

/* The next vendors.yaml has no ana; the one after it has her again. */
static void adopt_without_ana(struct office *office)
{
    office->roster.vendors = &office->vendors[1];
    office->roster.count = 2;
    office_adopt(office);
    office_settle(office);
}

static void adopt_with_everyone(struct office *office)
{
    office->roster.vendors = office->vendors;
    office->roster.count = 3;
    office_adopt(office);
    office_settle(office);
}

/* ---- turns, windows, templates */

static void turns_go_on(void **state)
{
    static const char *const told[] = {"to-ana", "to-luis", "to-diego", "to-ana", "to-luis"};
    struct office *office = *state;
    office_open(office);
    for (int i = 0; i < 5; i++) {
        office_tell(office, (const char *[]){"a", "b", "c", "d", "e"}[i]);
        office_adopt(office);
    }
    office_assert_told(office, told, 5);
    office->roster.count = 4; /* eva has never had a turn */
    office_adopt(office);
    assert_string_equal(office_tell(office, "f")->vendor_id, "eva");
    assert_string_equal(office_tell(office, "g")->vendor_id, "diego");
}

static void what_was_asked_is_still_known(void **state)
{
    struct office *office = *state;
    office_open(office);
    office_tell(office, "a");
    adopt_without_ana(office);
    const struct answer *answer = office_tell(office, "a");
    assert_true(answer->is_duplicate);
    assert_string_equal(answer->vendor_name, "Ana Torres"); /* as it was */
    assert_int_equal(office->delivery_count, 1);
}

static void another_window_counts_at_once(void **state)
{
    struct office *office = *state;
    struct request request = office_request(office_juan, "conv");
    office_open(office);
    office_answer(office, &request);
    office_pass(office, MINUTE);
    office->setup.acceptance.dedupe_window_ms = 30 * SECOND;
    office_adopt(office);
    assert_false(office_answer(office, &request)->is_duplicate);
}

static void nobody_may_be_left(void **state)
{
    struct office *office = *state;
    office_open(office);
    office->roster.count = 0;
    office_adopt(office);
    assert_false(dispatcher_is_ready(office->dispatcher));
    assert_int_equal(office_tell(office, "a")->kind, ANSWER_UNCONFIGURED);
    office->roster.count = 3;
    office_adopt(office);
    assert_int_equal(office_tell(office, "a")->kind, ANSWER_SENT);
}

/* ---- what is deferred */

static void begin_deferred(struct office *office)
{
    office->plans[0] = (struct plan){.outcome = HANDOFFD_DEFERRED, .retry_after_ms = MINUTE};
    office_open(office);
    office_begin(office, "a");
    office_pass(office, 8 * SECOND);
}

static void a_deferred_one_goes_to_whoever_is_there_then(void **state)
{
    struct office *office = *state;
    begin_deferred(office);
    adopt_without_ana(office);
    assert_int_equal(office->delivery_count, 1); /* in its own time */
    office_pass(office, 52 * SECOND);
    ASSERT_TOLD(office, "to-ana", "to-luis");
    assert_string_equal(office_attempts(office), "ana whatsapp cancelled 1, luis whatsapp sent 1");
    assert_false(office_is_marked(&office->deliveries[1]));
    assert_string_equal(office_tell(office, "a")->vendor_id, "luis");
}

static void a_deferred_one_follows_its_person_to_another_address(void **state)
{
    struct office *office = *state;
    begin_deferred(office);
    office->contacts[0][0].to = "new-ana";
    office_adopt(office);
    office_pass(office, 52 * SECOND);
    ASSERT_TOLD(office, "to-ana", "new-ana");
    assert_string_equal(office_attempts(office), "ana whatsapp cancelled 1, ana whatsapp sent 1");
}

static void a_deferred_one_notices_nothing_where_its_person_stayed(void **state)
{
    struct office *office = *state;
    begin_deferred(office);
    office->vendors[0].name = "Ana María";
    office_adopt(office);
    office_pass(office, 52 * SECOND);
    ASSERT_TOLD(office, "to-ana", "to-ana");
    assert_string_equal(office_attempts(office), "ana whatsapp sent 2");
    assert_string_equal(office_tell(office, "a")->vendor_name, "Ana María");
}

/* Examples are there so that something happens at all; a customer is not left to them, nor lost. */
static void a_deferred_one_waits_for_real_people(void **state)
{
    struct office *office = *state;
    begin_deferred(office);
    office->roster.is_example = true;
    adopt_without_ana(office);
    office_pass(office, HOUR);
    assert_int_equal(office->delivery_count, 1);
    assert_string_equal(office_on_disk(office, "SELECT wake FROM handoff"), "1");
    office->roster.is_example = false;
    office_restart(office);
    office_pass(office, SECOND);
    ASSERT_TOLD(office, "to-ana", "to-luis");
}

/* ---- what is on its way */

static void what_is_on_its_way_ends_as_it_began(void **state)
{
    struct office *office = *state;
    office->plans[0] = plan_silent;
    office_open(office);
    struct client *client = office_begin(office, "a");
    adopt_without_ana(office);
    assert_int_equal(office->whatsapp.busy, 1);
    office_say(office, 0, HANDOFFD_SENT, "SMx");
    office_settle(office);
    assert_int_equal(client->answer.kind, ANSWER_SENT);
    assert_string_equal(client->answer.vendor_id, "ana");
    assert_int_equal(office->whatsapp.busy, 0);
    assert_string_equal(office_attempts(office), "ana whatsapp sent 1");
}

static void what_is_on_its_way_and_fails_goes_to_whoever_is_there_then(void **state)
{
    static const uint32_t outcomes[] = {HANDOFFD_REFUSED_RECIPIENT, HANDOFFD_UNDELIVERED};
    for (size_t i = 0; i < COUNT_OF(outcomes); i++) {
        struct office *office = NULL;
        office_setup((void **)&office);
        office->plans[0] = plan_silent;
        office_open(office);
        office_begin(office, "a");
        adopt_without_ana(office);
        office_say(office, 0, outcomes[i], NULL);
        office_settle(office);
        ASSERT_TOLD(office, "to-ana", "to-luis");
        office_teardown((void **)&office);
    }
    (void)state;
}

/* The intent is on its way to the disk when its channel goes. */
static void what_has_not_left_goes_to_whoever_is_there(void **state)
{
    struct office *office = *state;
    office_open(office);
    failing_disk_set(DISK_HELD);
    struct request request = office_request(office_juan, "conv");
    struct client *client = office_ask(office, &request);
    office->roster.vendors = &office->vendors[1];
    office->roster.count = 2;
    office_adopt(office);
    failing_disk_set(DISK_FINE);
    office_wait_for(client);
    office_settle(office);
    ASSERT_TOLD(office, "to-luis");
    assert_int_equal(client->answer.kind, ANSWER_SENT);
    assert_string_equal(client->answer.vendor_id, "luis");
    assert_string_equal(office_attempts(office), "ana whatsapp cancelled 1, luis whatsapp sent 1");
}

/* ---- what nobody knows */

static void begin_unknown(struct office *office)
{
    office->plans[0] = plan_unknown;
    office_make_askable(office);
    office_open(office);
    office_tell(office, "a");
}

/* The provider knows even so; what it never had goes to somebody else, who is the first to hear. */
static void an_unknown_one_whose_person_is_gone(void **state)
{
    struct office *office = *state;
    begin_unknown(office);
    adopt_without_ana(office);
    office_pass_by(office, 5 * MINUTE - SECOND, SECOND);
    assert_int_equal(office->question_count, 3);
    ASSERT_TOLD(office, "to-ana", "to-luis");
    assert_false(office_is_marked(&office->deliveries[1]));
}

static void an_unknown_one_whose_person_is_gone_is_found(void **state)
{
    struct office *office = *state;
    office->finds[0] = (struct plan){.outcome = HANDOFFD_SENT, .message_id = "SMfound"};
    begin_unknown(office);
    adopt_without_ana(office);
    office_pass_by(office, 5 * MINUTE, SECOND);
    ASSERT_TOLD(office, "to-ana");
    assert_string_equal(office_attempts(office), "ana whatsapp sent 1");
}

static void an_unknown_one_whose_person_comes_back(void **state)
{
    struct office *office = *state;
    begin_unknown(office);
    adopt_without_ana(office);
    office_pass(office, SECOND);
    office->finds[1] = (struct plan){.outcome = HANDOFFD_SENT, .message_id = "SMfound"};
    adopt_with_everyone(office);
    office_pass_by(office, MINUTE, SECOND);
    assert_int_equal(office->question_count, 2);
    assert_string_equal(office_attempts(office), "ana whatsapp sent 1");
}

static void other_rules_for_the_unknown_count_at_once(void **state)
{
    struct office *office = *state;
    begin_unknown(office);
    office_pass(office, SECOND);
    assert_int_equal(office->question_count, 1);
    office->setup.delivery.unknown.times = 2;
    office->setup.delivery.unknown.ask_for_ms = 30 * SECOND;
    office_adopt(office);
    office_pass_by(office, MINUTE, SECOND);
    assert_int_equal(office->question_count, 2);
    assert_int_equal(office->delivery_count, 2);
}

/* The answer comes when her contact is gone, and only examples are left: it waits for a start. */
static void the_answer_comes_when_the_person_is_gone(void **state)
{
    struct office *office = *state;
    office->setup.delivery.unknown.times = 1;
    office->setup.delivery.unknown.ask_for_ms = 1;
    office->finds[0] = plan_silent;
    begin_unknown(office);
    office_pass(office, SECOND);
    assert_int_equal(office->question_count, 1);
    office->roster.is_example = true;
    adopt_without_ana(office);
    office_say(office, 0, HANDOFFD_ABSENT, NULL);
    office_settle(office);
    assert_int_equal(office->whatsapp.busy, 0);
    assert_int_equal(office->delivery_count, 1);
    assert_string_equal(office_on_disk(office, "SELECT wake FROM handoff"), "1");
    office->roster.is_example = false;
    office_restart(office);
    office_pass_by(office, 10 * MINUTE, SECOND);
    assert_int_equal(office->delivery_count, 2);
}

/* The store looks whose the messages are, while the channel loses its question. */
static void the_store_answers_when_nobody_can_be_asked_any_more(void **state)
{
    struct office *office = *state;
    begin_unknown(office);
    failing_disk_set(DISK_READ_HELD);
    office_move(office, SECOND);
    office->channel.find = NULL;
    failing_disk_set(DISK_FINE);
    office_settle(office);
    assert_int_equal(office->question_count, 0);
    office_pass_by(office, 5 * MINUTE, SECOND);
    ASSERT_TOLD(office, "to-ana", "sms-ana");
    assert_true(office_is_marked(&office->deliveries[1]));
}

static void the_store_answers_when_the_person_is_gone(void **state)
{
    struct office *office = *state;
    begin_unknown(office);
    failing_disk_set(DISK_READ_HELD);
    office_move(office, SECOND);
    office->roster.vendors = &office->vendors[1];
    office->roster.count = 2;
    office_adopt(office);
    failing_disk_set(DISK_FINE);
    office_settle(office);
    assert_int_equal(office->question_count, 1); /* her channel is there */
    office_pass_by(office, 5 * MINUTE, SECOND);
    ASSERT_TOLD(office, "to-ana", "to-luis");
}

/* ---- what was sent */

static void begin_resting(struct office *office)
{
    office_make_telling(office);
    office_make_askable(office);
    office_plan_finds(office, 0, OFFICE_PLANS, &(struct plan){.outcome = HANDOFFD_SENT});
    office->whatsapp.rules.deliver_within_ms = HOUR;
    office_open(office);
    office_tell(office, "a");
}

static void callbacks_for_a_person_who_is_gone_count(void **state)
{
    struct office *office = *state;
    begin_resting(office);
    adopt_without_ana(office);
    office_say(office, 0, HANDOFFD_DELIVERED, NULL);
    office_settle(office);
    assert_string_equal(office_attempts(office), "ana whatsapp delivered 1");
    assert_string_equal(office_handoffs(office), "notified 0");
}

static void what_a_person_who_is_gone_did_not_get_is_told_to_another(void **state)
{
    struct office *office = *state;
    begin_resting(office);
    adopt_without_ana(office);
    office_pass(office, HOUR);
    ASSERT_TOLD(office, "to-ana", "to-luis");
    assert_true(office_is_marked(&office->deliveries[1]));
}

static void another_deadline_is_for_the_next_ones(void **state)
{
    struct office *office = *state;
    begin_resting(office);
    office->whatsapp.rules.deliver_within_ms = 2 * HOUR;
    office_adopt(office);
    office_pass(office, HOUR); /* it is looked at, and has more time now */
    assert_int_equal(office->question_count, 1);
    assert_int_equal(office->delivery_count, 1);
    office_pass_by(office, HOUR, MINUTE);
    ASSERT_TOLD(office, "to-ana", "sms-ana");
}

/* ---- what is held */

static void closed_gates_are_tried_at_once(void **state)
{
    struct office *office = *state;
    office->vendors[0].contact_count = 1;
    office->plans[0] = plan_account;
    office_open(office);
    office_tell(office, "a");
    office_tell(office, "b");
    office_adopt(office); /* with the right token, say */
    office_pass(office, SECOND);
    assert_int_equal(office->delivery_count, 3);
    assert_string_equal(office_handoffs(office), "notified 0, notified 0");
    assert_true(office_has_trouble(office, "channel whatsapp mended"));
}

static void closed_gates_stay_so_where_nothing_was_mended(void **state)
{
    struct office *office = *state;
    office->vendors[0].contact_count = 1;
    office_plan(office, 0, 2, &plan_account);
    office_open(office);
    office_tell(office, "a");
    office_tell(office, "b");
    office_adopt(office);
    office_pass(office, SECOND);
    assert_int_equal(office->delivery_count, 2); /* one tried */
    assert_string_equal(office_handoffs(office), "held 1, held 1");
    assert_int_equal(office->trouble_count, 1);
}

/* The one who is called has another address now, on another channel: the next one tries. */
static void a_held_one_whose_contact_is_gone_holds_up_nobody(void **state)
{
    struct office *office = *state;
    office->vendors[0].contact_count = 1;
    office->plans[0] = plan_account;
    office_open(office);
    office_tell(office, "a");
    office_tell(office, "b");
    office_tell(office, "c");
    assert_string_equal(office_handoffs(office), "held 1, held 1, held 1");
    office->vendors[0].contacts = &office->contacts[0][1]; /* sms alone */
    office_adopt(office);
    office_pass(office, SECOND);
    assert_string_equal(office_attempts(office), "ana whatsapp cancelled 1, ana sms sent 1, "
                                                 "luis whatsapp sent 1, diego whatsapp sent 1");
    office_pass_by(office, 8 * MINUTE, SECOND);
    assert_string_equal(office_handoffs(office), "notified 0, notified 0, notified 0");
}

/* ---- many */

/* A reload at any moment: everyone is told once, or everything of it is said. */
static void nobody_is_told_twice_however_often_it_is_read(void **state)
{
    enum { MANY = 60 };
    struct office *office = *state;
    uint32_t random = 5;
    office->limits.channel = (struct handoffd_rate){.count = 5, .period_ms = SECOND, .burst = 1};
    for (size_t i = 0; i < 40; i += 3)
        office->plans[i] = plan_deferred;
    for (size_t i = 1; i < 40; i += 9)
        office->plans[i] = plan_refused;
    office_open(office);
    for (int i = 0; i < MANY; i++) {
        char key[16];
        random = random * 1664525 + 1013904223;
        snprintf(key, sizeof key, "key-%d", i);
        struct request request = office_request(office_juan, NULL);
        request.key = key;
        request.reply_within_ms = 100;
        office_ask(office, &request);
        if ((random >> 8) % 3 == 0)
            adopt_without_ana(office);
        else if ((random >> 8) % 3 == 1)
            adopt_with_everyone(office);
        office_pass(office, 1 + (random >> 16) % 300);
    }
    office_pass_by(office, MINUTE, SECOND);
    assert_int_equal(dispatcher_open(office->dispatcher), 0);
    assert_string_equal(
        office_on_disk(office, "SELECT count(*) FROM handoff WHERE state = 'notified'"), "60");
    assert_string_equal(office_on_disk(office, "SELECT count(*) FROM attempt WHERE state = 'sent'"),
                        "60");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        OFFICE_TEST(turns_go_on),
        OFFICE_TEST(what_was_asked_is_still_known),
        OFFICE_TEST(another_window_counts_at_once),
        OFFICE_TEST(nobody_may_be_left),
        OFFICE_TEST(a_deferred_one_goes_to_whoever_is_there_then),
        OFFICE_TEST(a_deferred_one_follows_its_person_to_another_address),
        OFFICE_TEST(a_deferred_one_notices_nothing_where_its_person_stayed),
        OFFICE_TEST(a_deferred_one_waits_for_real_people),
        OFFICE_TEST(what_is_on_its_way_ends_as_it_began),
        cmocka_unit_test(what_is_on_its_way_and_fails_goes_to_whoever_is_there_then),
        OFFICE_TEST(what_has_not_left_goes_to_whoever_is_there),
        OFFICE_TEST(an_unknown_one_whose_person_is_gone),
        OFFICE_TEST(an_unknown_one_whose_person_is_gone_is_found),
        OFFICE_TEST(an_unknown_one_whose_person_comes_back),
        OFFICE_TEST(other_rules_for_the_unknown_count_at_once),
        OFFICE_TEST(the_answer_comes_when_the_person_is_gone),
        OFFICE_TEST(the_store_answers_when_nobody_can_be_asked_any_more),
        OFFICE_TEST(the_store_answers_when_the_person_is_gone),
        OFFICE_TEST(callbacks_for_a_person_who_is_gone_count),
        OFFICE_TEST(what_a_person_who_is_gone_did_not_get_is_told_to_another),
        OFFICE_TEST(another_deadline_is_for_the_next_ones),
        OFFICE_TEST(closed_gates_are_tried_at_once),
        OFFICE_TEST(closed_gates_stay_so_where_nothing_was_mended),
        OFFICE_TEST(a_held_one_whose_contact_is_gone_holds_up_nobody),
        OFFICE_TEST(nobody_is_told_twice_however_often_it_is_read),
    };
    return cmocka_run_group_tests(tests, failing_disk_install, NULL);
}
