/* test_callbacks - what providers say later: in any order, twice, of what is long forgotten. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "failing_disk.h"
#include "office_seen.h"

/* One call of a provider's: all that it reports has one receipt. */
struct call {
    struct receipt receipt;
    size_t settled;
    bool is_kept;
};

static void on_settled(struct receipt *receipt, bool is_kept)
{
    struct call *call = container_of(receipt, struct call, receipt);
    call->settled++;
    call->is_kept = is_kept;
}

/* Reports as from inside a receive; queued only. */
static void say_in(struct call *call, struct office *office, struct instance *instance,
                   uint64_t attempt_id, uint32_t outcome)
{
    struct handoffd_report report = {.size = sizeof report, .outcome = outcome};
    (void)office;
    call->receipt.on_settled = on_settled;
    instance->receipt = &call->receipt;
    instance->host.report(&instance->host, attempt_id, &report);
    instance->receipt = NULL;
}

static struct client *begin_silent(struct office *office)
{
    office->is_silent = true;
    office_open(office);
    struct client *client = office_begin(office, "a");
    assert_int_equal(office->delivery_count, 1);
    return client;
}

/* ---- before, twice, in another order */

static void may_come_before_the_answer(void **state)
{
    struct office *office = *state;
    struct client *client = begin_silent(office);
    office_say(office, 0, HANDOFFD_DELIVERED, "SMx");
    office_settle(office);
    assert_int_equal(client->answer.kind, ANSWER_SENT);
    assert_string_equal(client->answer.message_id, "SMx");
    office_say(office, 0, HANDOFFD_SENT, "SMx"); /* the answer of deliver */
    office_settle(office);
    assert_string_equal(office_attempts(office), "ana whatsapp delivered 1");
    assert_string_equal(office_events(office), "assigned,delivered");
    assert_int_equal(office->whatsapp.busy, 0);
    assert_int_equal(dispatcher_open(office->dispatcher), 0);
}

/* Even before the record of the intent's end: in the same turn. */
static void may_come_with_the_answer(void **state)
{
    struct office *office = *state;
    struct client *client = begin_silent(office);
    office_say(office, 0, HANDOFFD_SENT, "SMx");
    office_say(office, 0, HANDOFFD_DELIVERED, "SMx");
    office_say(office, 0, HANDOFFD_READ, "SMx");
    office_say(office, 0, HANDOFFD_SENT, "SMx");
    office_settle(office);
    assert_int_equal(client->answer.kind, ANSWER_SENT);
    assert_string_equal(office_attempts(office), "ana whatsapp read 1");
    assert_string_equal(office_events(office), "assigned,sent,delivered,read");
}

/* A provider repeats each callback, and their order is anybody's guess; a refused or failed one is
 * not among them, because it would be the truth. */
static void only_lets_the_status_rise_whatever_the_order(void **state)
{
    static const uint32_t words[] = {HANDOFFD_SENT, HANDOFFD_DELIVERED, HANDOFFD_READ,
                                     HANDOFFD_SENT, HANDOFFD_UNKNOWN};
    uint32_t random = 1;
    for (int round = 0; round < 40; round++) {
        struct office *office = NULL;
        uint32_t highest = 0;
        office_setup((void **)&office);
        begin_silent(office);
        for (int i = 0; i < 6; i++) {
            random = random * 1664525 + 1013904223;
            uint32_t word = words[(random >> 8) % COUNT_OF(words)];
            if (word != HANDOFFD_UNKNOWN)
                highest = word > highest ? word : highest;
            office_say(office, 0, word, "SMx");
            if ((random >> 16) % 2 == 0)
                office_settle(office);
        }
        office_settle(office);
        if (highest != 0) {
            static const char *const names[] = {"", "sent 1", "delivered 1", "read 1"};
            assert_string_equal(office_attempts(office),
                                arena_format(office->arena, "ana whatsapp %s", names[highest]));
            assert_string_equal(office_handoffs(office), "notified 0");
            assert_int_equal(dispatcher_open(office->dispatcher), 0);
        }
        assert_int_equal(office->delivery_count, 1);
        office_pass(office, MINUTE); /* nobody is left waiting */
        office_teardown((void **)&office);
    }
    (void)state;
}

static void failed_after_all_leads_to_the_next_one_once(void **state)
{
    struct office *office = *state;
    begin_silent(office);
    office_say(office, 0, HANDOFFD_SENT, "SMx");
    office_say(office, 0, HANDOFFD_UNDELIVERED, "SMx");
    office_say(office, 0, HANDOFFD_UNDELIVERED, "SMx");
    office_say(office, 0, HANDOFFD_REFUSED_RECIPIENT, "SMx");
    office_settle(office);
    office_say(office, 0, HANDOFFD_UNDELIVERED, "SMx");
    office_settle(office);
    ASSERT_TOLD(office, "to-ana", "sms-ana");
    assert_string_equal(office_attempts(office), "ana whatsapp undelivered 1, ana sms sending 1");
    assert_string_equal(office_handoffs(office), "assigned 1");
}

/* The provider took one message, and says something of another. */
static void failures_of_another_message_are_none_of_this_one(void **state)
{
    struct office *office = *state;
    begin_silent(office);
    office_say(office, 0, HANDOFFD_SENT, "SMx");
    office_say(office, 0, HANDOFFD_UNDELIVERED, "SMother");
    office_settle(office);
    assert_string_equal(office_attempts(office), "ana whatsapp sent 1");
    assert_int_equal(office->delivery_count, 1);
}

/* ---- of nothing that is known */

static void of_nothing_that_is_known_are_harmless(void **state)
{
    struct office *office = *state;
    struct client *client = begin_silent(office);
    uint64_t id = office->deliveries[0].attempt_id;
    const struct {
        struct instance *instance;
        uint64_t attempt_id;
        uint32_t outcome;
    } cases[] = {
        {&office->sms, id, HANDOFFD_SENT},                  /* another channel's attempt */
        {&office->whatsapp, id - 1, HANDOFFD_SENT},         /* a try that never was */
        {&office->whatsapp, id + (1 << 16), HANDOFFD_SENT}, /* an attempt that never was */
        {&office->whatsapp, id - (1 << 16), HANDOFFD_SENT},
        {&office->whatsapp, id + (1 << 24), HANDOFFD_SENT}, /* a handoff that never was */
        {&office->whatsapp, 0, HANDOFFD_SENT},
        {&office->whatsapp, UINT64_MAX, HANDOFFD_SENT},
        {&office->whatsapp, id, 0}, /* no outcome */
        {&office->whatsapp, id, HANDOFFD_ABSENT},
        {&office->whatsapp, id, HANDOFFD_ABSENT + 1},
        {&office->whatsapp, id, UINT32_MAX},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct call call = {0};
        say_in(&call, office, cases[i].instance, cases[i].attempt_id, cases[i].outcome);
        office_settle(office);
        assert_int_equal(call.settled, 1);
        assert_true(call.is_kept); /* the provider need not say it again */
        assert_int_equal(cases[i].instance->busy, cases[i].instance == &office->whatsapp);
    }
    assert_false(client->is_answered);
    assert_string_equal(office_events(office), "assigned");
    office_say(office, 0, HANDOFFD_SENT, "SMright");
    office_settle(office);
    assert_string_equal(client->answer.message_id, "SMright");
    assert_int_equal(dispatcher_open(office->dispatcher), 0);
}

/* A question that nobody asked has no answer. */
static void answers_to_no_question_are_ignored(void **state)
{
    struct office *office = *state;
    office->plans[0] = plan_unknown;
    office_open(office);
    office_tell(office, "a");
    for (int i = 0; i < 5; i++) {
        office_say(office, 0, HANDOFFD_ABSENT, NULL);
        office_say(office, 0, HANDOFFD_UNKNOWN, NULL);
    }
    office_settle(office);
    assert_string_equal(office_on_disk(office, "SELECT state || asked FROM attempt"), "unknown0");
    office_say(office, 0, HANDOFFD_SENT, "SMx");
    office_say(office, 0, HANDOFFD_ABSENT, NULL);
    office_say(office, 0, HANDOFFD_UNKNOWN, NULL);
    office_settle(office);
    assert_string_equal(office_attempts(office), "ana whatsapp sent 1");
    assert_int_equal(office->delivery_count, 1);
}

/* ---- of earlier tries */

/* Of a try that the provider called busy: that it arrived counts, and ends the waiting. */
static void of_an_earlier_try_count_where_it_arrived(void **state)
{
    static const uint32_t words[] = {HANDOFFD_SENT, HANDOFFD_DELIVERED, HANDOFFD_READ};
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        struct office *office = NULL;
        office_setup((void **)&office);
        office->plans[0] = plan_deferred;
        office_open(office);
        struct client *client = office_begin(office, "a");
        assert_string_equal(office_attempts(office), "ana whatsapp deferred 1");
        office_say(office, 0, words[i], "SMlate");
        office_settle(office);
        assert_string_equal(client->answer.message_id, "SMlate");
        assert_string_equal(office_handoffs(office), "notified 0");
        office_pass(office, DAY);
        assert_int_equal(office->delivery_count, 1);
        office_teardown((void **)&office);
    }
    (void)state;
}

static void of_an_earlier_try_do_not_count_while_the_next_is_on_its_way(void **state)
{
    static const uint32_t words[] = {
        HANDOFFD_SENT,     HANDOFFD_DELIVERED,         HANDOFFD_READ,    HANDOFFD_UNDELIVERED,
        HANDOFFD_DEFERRED, HANDOFFD_REFUSED_RECIPIENT, HANDOFFD_UNKNOWN, HANDOFFD_REFUSED_ACCOUNT};
    struct office *office = *state;
    office->plans[0] = plan_deferred;
    office->plans[1] = plan_silent;
    office_open(office);
    struct client *client = office_begin(office, "a");
    office_pass(office, SECOND);
    assert_int_equal(office->delivery_count, 2);
    for (size_t i = 0; i < COUNT_OF(words); i++)
        office_say(office, 0, words[i], "SMlate");
    office_settle(office);
    assert_false(client->is_answered);
    assert_string_equal(office_attempts(office), "ana whatsapp sending 2");
    office_say(office, 1, HANDOFFD_SENT, "SMx");
    office_settle(office);
    assert_string_equal(client->answer.message_id, "SMx");
}

static void failures_of_an_earlier_try_never_count(void **state)
{
    static const uint32_t words[] = {HANDOFFD_UNDELIVERED, HANDOFFD_DEFERRED,
                                     HANDOFFD_REFUSED_RECIPIENT, HANDOFFD_REFUSED_MESSAGE,
                                     HANDOFFD_REFUSED_ACCOUNT};
    struct office *office = *state;
    office->plans[0] = plan_deferred;
    office->plans[1] = plan_unknown;
    office_open(office);
    office_begin(office, "a");
    for (size_t i = 0; i < COUNT_OF(words); i++)
        office_say(office, 0, words[i], NULL);
    office_settle(office);
    assert_string_equal(office_attempts(office), "ana whatsapp deferred 1");
    office_pass(office, SECOND);
    for (size_t i = 0; i < COUNT_OF(words); i++)
        office_say(office, 0, words[i], NULL);
    office_settle(office);
    assert_string_equal(office_attempts(office), "ana whatsapp unknown 2");
}

/* Nothing was handed over yet: its intent waits for the disk. */
static void of_what_has_not_left_are_ignored(void **state)
{
    struct office *office = *state;
    office->plans[0] = plan_deferred;
    office->plans[1] = plan_silent;
    office_open(office);
    office_begin(office, "a");
    failing_disk_set(DISK_FULL);
    office_pass(office, SECOND);
    assert_int_equal(office->delivery_count, 1);
    uint64_t next = office->deliveries[0].attempt_id + 1;
    office_report(office, &office->whatsapp, next, HANDOFFD_SENT, "SMnot");
    office_say(office, 0, HANDOFFD_SENT, "SMlate");
    office_settle(office);
    failing_disk_set(DISK_FINE);
    office_pass(office, 5 * SECOND);
    assert_int_equal(office->delivery_count, 2);
    assert_string_equal(office_attempts(office), "ana whatsapp sending 2");
}

/* ---- of what is no longer in memory */

static void fetch_what_is_no_longer_in_memory(void **state)
{
    struct office *office = *state;
    office_make_telling(office);
    office->whatsapp.rules.deliver_within_ms = HOUR;
    office_open(office);
    office_tell(office, "a");
    office_restart(office); /* not even in the memory of this process */
    struct call calls[3] = {0};
    uint64_t id = office->deliveries[0].attempt_id;
    say_in(&calls[0], office, &office->whatsapp, id, HANDOFFD_DELIVERED);
    say_in(&calls[1], office, &office->whatsapp, id, HANDOFFD_READ);
    say_in(&calls[2], office, &office->whatsapp, id, HANDOFFD_DELIVERED);
    office_settle(office);
    for (size_t i = 0; i < COUNT_OF(calls); i++) {
        assert_int_equal(calls[i].settled, 1);
        assert_true(calls[i].is_kept);
    }
    assert_string_equal(office_attempts(office), "ana whatsapp read 1");
    assert_string_equal(office_events(office), "assigned,sent,delivered,read");
    assert_string_equal(office_handoffs(office), "notified 0");
    assert_int_equal(dispatcher_open(office->dispatcher), 0);
    assert_int_equal(office->whatsapp.busy, 0);
}

static void a_failure_brings_back_what_rests(void **state)
{
    struct office *office = *state;
    office_make_telling(office);
    office->whatsapp.rules.deliver_within_ms = HOUR;
    office_open(office);
    office_tell(office, "a");
    assert_int_equal(dispatcher_open(office->dispatcher), 0);
    office_say(office, 0, HANDOFFD_UNDELIVERED, NULL);
    office_settle(office);
    ASSERT_TOLD(office, "to-ana", "sms-ana");
    assert_int_equal(office_tell(office, "a")->kind, ANSWER_SENT);
    office_pass(office, 2 * HOUR);
    assert_int_equal(office->delivery_count, 2);
}

/* Without the store nobody knows whose it is: the provider must say it again. */
static void are_not_kept_where_the_store_cannot_be_read(void **state)
{
    struct office *office = *state;
    struct call call = {0};
    office_open(office);
    office_tell(office, "a");
    office_on_disk(office, "ALTER TABLE customer RENAME TO hidden");
    say_in(&call, office, &office->whatsapp, office->deliveries[0].attempt_id, HANDOFFD_DELIVERED);
    office_settle(office);
    assert_int_equal(call.settled, 1);
    assert_false(call.is_kept);
    assert_int_equal(office->whatsapp.busy, 0);
    office_on_disk(office, "ALTER TABLE hidden RENAME TO customer");
    call = (struct call){0};
    say_in(&call, office, &office->whatsapp, office->deliveries[0].attempt_id, HANDOFFD_DELIVERED);
    office_settle(office);
    assert_true(call.is_kept);
    assert_string_equal(office_attempts(office), "ana whatsapp delivered 1");
}

/* ---- receipts */

static void are_kept_when_they_are_on_disk_and_not_before(void **state)
{
    struct office *office = *state;
    struct call call = {0};
    begin_silent(office);
    uint64_t id = office->deliveries[0].attempt_id;
    failing_disk_set(DISK_FULL);
    say_in(&call, office, &office->whatsapp, id, HANDOFFD_SENT);
    say_in(&call, office, &office->whatsapp, id, HANDOFFD_DELIVERED);
    office_pass(office, MINUTE);
    assert_int_equal(call.settled, 0);
    failing_disk_set(DISK_FINE);
    office_pass(office, 5 * SECOND);
    assert_int_equal(call.settled, 1);
    assert_true(call.is_kept);
    assert_string_equal(office_attempts(office), "ana whatsapp delivered 1");
}

/* What was of no use hangs on what is still on its way to the disk. */
static void are_kept_after_everything_that_was_written_before(void **state)
{
    struct office *office = *state;
    struct call first = {0};
    struct call second = {0};
    begin_silent(office);
    uint64_t id = office->deliveries[0].attempt_id;
    failing_disk_set(DISK_FULL);
    say_in(&first, office, &office->whatsapp, id, HANDOFFD_SENT);
    say_in(&second, office, &office->whatsapp, id, HANDOFFD_SENT);
    office_settle(office);
    assert_int_equal(first.settled + second.settled, 0);
    failing_disk_set(DISK_FINE);
    office_pass(office, 5 * SECOND);
    assert_int_equal(first.settled + second.settled, 2);
    assert_true(first.is_kept && second.is_kept);
}

static void are_lost_with_a_broken_disk(void **state)
{
    struct office *office = *state;
    struct call call = {0};
    begin_silent(office);
    failing_disk_set(DISK_BROKEN);
    say_in(&call, office, &office->whatsapp, office->deliveries[0].attempt_id, HANDOFFD_SENT);
    office_settle(office);
    assert_int_equal(call.settled, 1);
    assert_false(call.is_kept);
    assert_int_equal(office->store_failures, 1);
}

static void are_lost_when_the_daemon_stops_first(void **state)
{
    struct office *office = *state;
    struct call waiting = {0};
    struct call queued = {0};
    begin_silent(office);
    office_pass(office, 8 * SECOND);
    uint64_t id = office->deliveries[0].attempt_id;
    failing_disk_set(DISK_FULL);
    say_in(&waiting, office, &office->whatsapp, id, HANDOFFD_SENT);
    office_settle(office);
    say_in(&queued, office, &office->whatsapp, id, HANDOFFD_DELIVERED);
    office_close(office);
    assert_int_equal(waiting.settled, 1);
    assert_int_equal(queued.settled, 1);
    assert_false(waiting.is_kept || queued.is_kept);
    failing_disk_set(DISK_FINE);
}

/* One call may be about several handoffs: in memory, in the store, and of nobody. */
static void of_several_handoffs_are_kept_together(void **state)
{
    struct office *office = *state;
    struct call call = {0};
    office->plans[1] = plan_silent;
    office_open(office);
    office_tell(office, "a");
    office_begin(office, "b");
    assert_int_equal(dispatcher_open(office->dispatcher), 1);
    say_in(&call, office, &office->whatsapp, office->deliveries[0].attempt_id, HANDOFFD_DELIVERED);
    say_in(&call, office, &office->whatsapp, office->deliveries[1].attempt_id, HANDOFFD_DELIVERED);
    say_in(&call, office, &office->whatsapp, UINT64_C(99) << 24, HANDOFFD_DELIVERED);
    office_settle(office);
    assert_int_equal(call.settled, 1);
    assert_true(call.is_kept);
    assert_string_equal(office_attempts(office),
                        "ana whatsapp delivered 1, luis whatsapp delivered 1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        OFFICE_TEST(may_come_before_the_answer),
        OFFICE_TEST(may_come_with_the_answer),
        cmocka_unit_test(only_lets_the_status_rise_whatever_the_order),
        OFFICE_TEST(failed_after_all_leads_to_the_next_one_once),
        OFFICE_TEST(failures_of_another_message_are_none_of_this_one),
        OFFICE_TEST(of_nothing_that_is_known_are_harmless),
        OFFICE_TEST(answers_to_no_question_are_ignored),
        cmocka_unit_test(of_an_earlier_try_count_where_it_arrived),
        OFFICE_TEST(of_an_earlier_try_do_not_count_while_the_next_is_on_its_way),
        OFFICE_TEST(failures_of_an_earlier_try_never_count),
        OFFICE_TEST(of_what_has_not_left_are_ignored),
        OFFICE_TEST(fetch_what_is_no_longer_in_memory),
        OFFICE_TEST(a_failure_brings_back_what_rests),
        OFFICE_TEST(are_not_kept_where_the_store_cannot_be_read),
        OFFICE_TEST(are_kept_when_they_are_on_disk_and_not_before),
        OFFICE_TEST(are_kept_after_everything_that_was_written_before),
        OFFICE_TEST(are_lost_with_a_broken_disk),
        OFFICE_TEST(are_lost_when_the_daemon_stops_first),
        OFFICE_TEST(of_several_handoffs_are_kept_together),
    };
    return cmocka_run_group_tests(tests, failing_disk_install, NULL);
}
