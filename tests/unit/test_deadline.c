/* test_deadline - what the provider took must arrive in time, else somebody else is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "failing_disk.h"
#include "office_seen.h"

enum { WITHIN = 10 * MINUTE };

static const struct plan still_sent = {.outcome = HANDOFFD_SENT};

/* A channel that tells of delivery and can be asked; every answer is that it was sent. */
static void open_telling(struct office *office)
{
    office_make_telling(office);
    office_make_askable(office);
    office->whatsapp.rules.deliver_within_ms = WITHIN;
    office->sms.rules.deliver_within_ms = WITHIN;
    office_plan_finds(office, 0, OFFICE_PLANS, &still_sent);
    office_open(office);
}

/* The same without a public_url: nobody calls back. */
static void open_polled(struct office *office)
{
    office_make_telling(office);
    office->setup.delivery.public_url = NULL;
    office_make_askable(office);
    office->whatsapp.rules.deliver_within_ms = WITHIN;
    office->sms.rules.deliver_within_ms = WITHIN;
    office_plan_finds(office, 0, OFFICE_PLANS, &still_sent);
    office_open(office);
}

/* ---- at rest */

static void rests_in_the_store_until_it_is_due(void **state)
{
    struct office *office = *state;
    open_telling(office);
    assert_int_equal(office_tell(office, "a")->kind, ANSWER_SENT);
    assert_int_equal(dispatcher_open(office->dispatcher), 0);
    assert_string_equal(office_handoffs(office), "notified 2");
    assert_int_equal(office_due_in(office), WITHIN);
    assert_string_equal(office_on_disk(office, "SELECT handoff.due_ms - attempt.due_ms "
                                               "FROM handoff, attempt"),
                        "0");
    office_pass(office, WITHIN - 1);
    assert_int_equal(office->question_count, 0);
    assert_int_equal(dispatcher_open(office->dispatcher), 0);
}

static void gives_its_channel_an_address_to_call_back(void **state)
{
    struct office *office = *state;
    static const char prefix[] = "https://handoff.example.com/hooks/whatsapp/";
    open_telling(office);
    office_tell(office, "a");
    office_tell(office, "b");
    const char *first = office->deliveries[0].callback_url;
    const char *second = office->deliveries[1].callback_url;
    assert_memory_equal(first, prefix, sizeof prefix - 1);
    assert_string_not_equal(first, second);
    assert_true(dispatcher_attempt_of(office->dispatcher, first + sizeof prefix - 1) ==
                office->deliveries[0].attempt_id);
    assert_int_equal(dispatcher_attempt_of(office->dispatcher, "forged"), 0);
}

static void is_done_when_it_is_delivered(void **state)
{
    struct office *office = *state;
    open_telling(office);
    office_tell(office, "a");
    office_say(office, 0, HANDOFFD_DELIVERED, "SM16842753");
    office_settle(office);
    assert_string_equal(office_handoffs(office), "notified 0");
    assert_string_equal(office_attempts(office), "ana whatsapp delivered 1");
    assert_int_equal(office_due_in(office), 0);
    assert_int_equal(dispatcher_open(office->dispatcher), 0);
    office_say(office, 0, HANDOFFD_READ, "SM16842753");
    office_settle(office);
    assert_string_equal(office_attempts(office), "ana whatsapp read 1");
    assert_string_equal(office_events(office), "assigned,sent,delivered,read");
    office_pass(office, DAY);
    assert_int_equal(office->question_count, 0);
    assert_int_equal(office->delivery_count, 1);
    assert_int_equal(dispatcher_open(office->dispatcher), 0);
}

/* What a channel does not tell, nobody waits for. */
static void is_done_when_it_is_sent_where_nothing_more_is_told(void **state)
{
    static const struct {
        bool tells;
        int64_t within_ms;
    } cases[] = {{false, WITHIN}, {true, 0}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct office *office = NULL;
        office_setup((void **)&office);
        office_make_telling(office);
        office_make_askable(office);
        office->channel.tells_delivery = cases[i].tells;
        office->whatsapp.rules.deliver_within_ms = cases[i].within_ms;
        office_open(office);
        office_tell(office, "a");
        assert_string_equal(office_handoffs(office), "notified 0");
        office_pass(office, DAY);
        assert_int_equal(office->question_count, 0);
        assert_int_equal(office->delivery_count, 1);
        office_teardown((void **)&office);
    }
    (void)state;
}

static void rests_over_a_restart(void **state)
{
    struct office *office = *state;
    open_telling(office);
    office_tell(office, "a");
    office_restart(office);
    assert_int_equal(dispatcher_open(office->dispatcher), 0);
    office_pass(office, WITHIN - 1);
    assert_int_equal(office->question_count, 0);
    office_pass(office, 1);
    assert_int_equal(office->question_count, 1);
    ASSERT_TOLD(office, "to-ana", "sms-ana");
}

static void is_taken_up_at_a_start_where_it_was_due_meanwhile(void **state)
{
    struct office *office = *state;
    open_telling(office);
    office_tell(office, "a");
    office_crash(office);
    office_on_disk(office, "UPDATE handoff SET due_ms = 1");
    office_on_disk(office, "UPDATE attempt SET since_ms = 1, due_ms = 1");
    office_open(office);
    office_pass(office, 1);
    assert_int_equal(office->question_count, 1);
    ASSERT_TOLD(office, "to-ana", "sms-ana");
}

/* ---- asking while nobody calls back */

static void asks_after_15_seconds_and_then_half_as_often(void **state)
{
    static const int64_t asked_s[] = {15, 45, 105, 225, 465, 600};
    struct office *office = *state;
    open_polled(office);
    office_tell(office, "a");
    int64_t begun_ms = clock_steady_ms();
    for (size_t i = 0; i < COUNT_OF(asked_s); i++) {
        while (office->question_count == i)
            office_pass(office, SECOND);
        assert_int_equal((clock_steady_ms() - begun_ms) / SECOND, asked_s[i]);
        assert_string_equal(office->questions[i].message_id, "SM16842753");
    }
    ASSERT_TOLD(office, "to-ana", "sms-ana");
}

/* A public_url is of no use to a channel that cannot be called back. */
static void asks_where_the_channel_has_no_callbacks(void **state)
{
    struct office *office = *state;
    office_make_telling(office);
    office_make_askable(office);
    office->channel.receive = NULL;
    office->whatsapp.rules.deliver_within_ms = WITHIN;
    office_open(office);
    office_tell(office, "a");
    assert_null(office->deliveries[0].callback_url);
    office_pass(office, 15 * SECOND);
    assert_int_equal(office->question_count, 1);
}

static void stops_asking_when_it_is_found_delivered(void **state)
{
    struct office *office = *state;
    open_polled(office);
    office->finds[1] = (struct plan){.outcome = HANDOFFD_DELIVERED, .message_id = "SM16842753"};
    office_tell(office, "a");
    office_pass_by(office, DAY, 15 * SECOND);
    assert_int_equal(office->question_count, 2);
    assert_string_equal(office_attempts(office), "ana whatsapp delivered 1");
    assert_string_equal(office_handoffs(office), "notified 0");
    assert_int_equal(office->delivery_count, 1);
}

static void tells_the_next_one_what_is_found_to_have_failed(void **state)
{
    static const struct {
        uint32_t outcome;
        const char *attempts;
    } cases[] = {
        {HANDOFFD_UNDELIVERED, "ana whatsapp undelivered 1, ana sms sent 1"},
        {HANDOFFD_REFUSED_RECIPIENT, "ana whatsapp refused 1, ana sms sent 1"},
        {HANDOFFD_REFUSED_ACCOUNT, "ana whatsapp cancelled 1, ana sms sent 1"},
        {HANDOFFD_REFUSED_MESSAGE, "ana whatsapp refused 1"},
        /* what is sent then is another message */
        {HANDOFFD_DEFERRED, "ana whatsapp undelivered 1, ana whatsapp sent 1"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct office *office = NULL;
        office_setup((void **)&office);
        open_polled(office);
        office->finds[0] = (struct plan){.outcome = cases[i].outcome, .message_id = "SM16842753"};
        office_tell(office, "a");
        office_pass(office, 15 * SECOND);
        office_pass(office, SECOND);
        assert_string_equal(office_attempts(office), cases[i].attempts);
        for (size_t told = 1; told < office->delivery_count; told++)
            assert_false(office_is_marked(&office->deliveries[told]));
        office_teardown((void **)&office);
    }
    (void)state;
}

/* ---- overdue */

static void tells_one_after_the_other_until_nobody_is_left(void **state)
{
    static const char *const told[] = {"to-ana", "sms-ana", "to-luis", "to-diego"};
    struct office *office = *state;
    open_telling(office);
    office_tell(office, "a");
    for (size_t i = 0; i < COUNT_OF(told); i++) {
        office_assert_told(office, told, i + 1);
        assert_int_equal(office_is_marked(&office->deliveries[i]), i > 0);
        office_pass(office, WITHIN);
    }
    office_pass(office, DAY);
    assert_int_equal(office->delivery_count, COUNT_OF(told));
    assert_string_equal(office_attempts(office), "ana whatsapp sent 1, ana sms sent 1, "
                                                 "luis whatsapp sent 1, diego whatsapp sent 1");
    assert_string_equal(office_handoffs(office), "notified 0");
    assert_int_equal(office_tell(office, "b")->kind, ANSWER_SENT);
    assert_int_equal(office->trouble_count, 1);
    assert_non_null(strstr(office->troubles[0], "person diego channel whatsapp: messages do not "
                                                "reach Diego Mora by whatsapp: not delivered"));
    assert_int_equal(dispatcher_open(office->dispatcher), 0);
}

/* While the next one is told the answer is "queued", and then theirs. */
static void answers_with_whoever_was_told_last(void **state)
{
    struct office *office = *state;
    open_telling(office);
    office->plans[1] = plan_silent;
    assert_string_equal(office_tell(office, "a")->message_id, "SM16842753");
    office_pass(office, WITHIN / 2);
    office_pass(office, WITHIN / 2);
    assert_int_equal(office->delivery_count, 2);
    struct request request = office_request(office_juan, NULL);
    request.key = "a";
    request.reply_within_ms = 100;
    struct client *client = office_ask(office, &request);
    office_pass(office, 100);
    assert_int_equal(client->answer.kind, ANSWER_QUEUED);
    office_say(office, 1, HANDOFFD_SENT, "SMsecond");
    office_settle(office);
    const struct answer *answer = office_answer(office, &request);
    assert_int_equal(answer->kind, ANSWER_SENT);
    assert_string_equal(answer->message_id, "SMsecond");
}

static void is_overdue_at_once_where_nobody_can_be_asked(void **state)
{
    struct office *office = *state;
    office_make_telling(office);
    office->whatsapp.rules.deliver_within_ms = WITHIN;
    office_open(office);
    office_tell(office, "a");
    office_pass(office, WITHIN - 1);
    assert_int_equal(office->delivery_count, 1);
    office_pass(office, 1);
    ASSERT_TOLD(office, "to-ana", "sms-ana");
    assert_true(office_is_marked(&office->deliveries[1]));
}

/* A provider that is away gets as much time again. */
static void gives_a_provider_that_cannot_be_asked_twice_the_time(void **state)
{
    static const uint32_t outcomes[] = {HANDOFFD_UNKNOWN, HANDOFFD_ABSENT, 0};
    for (size_t i = 0; i < COUNT_OF(outcomes); i++) {
        struct office *office = NULL;
        office_setup((void **)&office);
        open_telling(office);
        struct plan plan = {.outcome = outcomes[i], .is_silent = outcomes[i] == 0};
        office_plan_finds(office, 0, OFFICE_PLANS, &plan);
        office_tell(office, "a");
        office_pass_by(office, WITHIN, 5 * SECOND);
        assert_int_equal(office->question_count, 1);
        office_pass_by(office, WITHIN - SECOND, 5 * SECOND);
        assert_int_equal(office->delivery_count, 1);
        assert_true(office->question_count > 2);
        office_pass_by(office, 17 * MINUTE, 5 * SECOND);
        assert_int_equal(office->delivery_count, 2);
        office_teardown((void **)&office);
    }
    (void)state;
}

static void a_provider_that_comes_back_decides(void **state)
{
    struct office *office = *state;
    open_telling(office);
    office->finds[0] = plan_unknown;
    office->finds[1] = (struct plan){.outcome = HANDOFFD_DELIVERED};
    office_tell(office, "a");
    office_pass_by(office, WITHIN + MINUTE, 5 * SECOND);
    assert_int_equal(office->question_count, 2);
    assert_int_equal(office->delivery_count, 1);
    assert_string_equal(office_attempts(office), "ana whatsapp delivered 1");
    assert_string_equal(office_on_disk(office, "SELECT message_id FROM attempt"), "SM16842753");
}

/* ---- what is heard afterwards */

static void records_what_arrives_after_nobody_was_left(void **state)
{
    struct office *office = *state;
    office->roster.count = 1;
    office->vendors[0].contact_count = 1;
    open_telling(office);
    office_tell(office, "a");
    office_pass(office, WITHIN);
    assert_string_equal(office_handoffs(office), "notified 0");
    assert_true(office_has_trouble(office,
                                   "person ana channel whatsapp: messages do not reach Ana Torres "
                                   "by whatsapp: not delivered in time"));
    office_say(office, 0, HANDOFFD_DELIVERED, NULL);
    office_settle(office);
    assert_string_equal(office_attempts(office), "ana whatsapp delivered 1");
    office_say(office, 0, HANDOFFD_READ, NULL);
    office_settle(office);
    assert_string_equal(office_events(office), "assigned,sent,overdue,delivered,read");
}

static void counts_undelivered_after_nobody_was_left(void **state)
{
    struct office *office = *state;
    office->roster.count = 1;
    office->vendors[0].contact_count = 1;
    open_telling(office);
    office_tell(office, "a");
    office_pass(office, WITHIN);
    office_say(office, 0, HANDOFFD_UNDELIVERED, NULL);
    office_settle(office);
    assert_string_equal(office_handoffs(office), "exhausted 0");
    assert_int_equal(office_tell(office, "a")->kind, ANSWER_FAILED);
}

/* The first one's phone was switched on again: the other's message is not needed any more, unless
 * it has left. */
static void spares_the_next_one_where_the_first_is_told_after_all(void **state)
{
    struct office *office = *state;
    open_telling(office);
    office->plans[1] = plan_deferred;
    office_tell(office, "a");
    office_pass(office, WITHIN);
    assert_string_equal(office_attempts(office), "ana whatsapp sent 1, ana sms deferred 1");
    office_say(office, 0, HANDOFFD_DELIVERED, NULL);
    office_settle(office);
    assert_string_equal(office_attempts(office), "ana whatsapp delivered 1, ana sms cancelled 1");
    assert_string_equal(office_handoffs(office), "notified 0");
    office_pass(office, DAY);
    assert_int_equal(office->delivery_count, 2);
    assert_int_equal(dispatcher_open(office->dispatcher), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        OFFICE_TEST(rests_in_the_store_until_it_is_due),
        OFFICE_TEST(gives_its_channel_an_address_to_call_back),
        OFFICE_TEST(is_done_when_it_is_delivered),
        cmocka_unit_test(is_done_when_it_is_sent_where_nothing_more_is_told),
        OFFICE_TEST(rests_over_a_restart),
        OFFICE_TEST(is_taken_up_at_a_start_where_it_was_due_meanwhile),
        OFFICE_TEST(asks_after_15_seconds_and_then_half_as_often),
        OFFICE_TEST(asks_where_the_channel_has_no_callbacks),
        OFFICE_TEST(stops_asking_when_it_is_found_delivered),
        cmocka_unit_test(tells_the_next_one_what_is_found_to_have_failed),
        OFFICE_TEST(tells_one_after_the_other_until_nobody_is_left),
        OFFICE_TEST(answers_with_whoever_was_told_last),
        OFFICE_TEST(is_overdue_at_once_where_nobody_can_be_asked),
        cmocka_unit_test(gives_a_provider_that_cannot_be_asked_twice_the_time),
        OFFICE_TEST(a_provider_that_comes_back_decides),
        OFFICE_TEST(records_what_arrives_after_nobody_was_left),
        OFFICE_TEST(counts_undelivered_after_nobody_was_left),
        OFFICE_TEST(spares_the_next_one_where_the_first_is_told_after_all),
    };
    return cmocka_run_group_tests(tests, failing_disk_install, NULL);
}
