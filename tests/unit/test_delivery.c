/* test_delivery - from person to person, whatever the channels say, and nobody told twice. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "failing_disk.h"
#include "office.h"

static const char juan[] = "+5215512345678";

static const char attempts[] =
    "SELECT group_concat(vendor || ' ' || channel || ' ' || state || ' ' || tries, ', ') "
    "FROM (SELECT * FROM attempt ORDER BY number)";
static const char events[] =
    "SELECT group_concat(kind) FROM (SELECT kind FROM event ORDER BY handoff, number)";
static const char handoffs[] = "SELECT state || ' ' || is_open FROM handoff";

static const struct plan refused = {.outcome = HANDOFFD_REFUSED_RECIPIENT,
                                    .code = 21211,
                                    .text = "The 'To' number whatsapp:+5215500000001 is not valid"};

static void repeat(struct office *office, const struct plan *plan, size_t count)
{
    for (size_t i = 0; i < count; i++)
        office->plans[i] = *plan;
}

static const struct answer *ask(struct office *office)
{
    struct request request = office_request(juan, "conv_1");
    request.key = "key-1";
    const struct answer *answer = office_answer(office, &request);
    office_settle(office);
    return answer;
}

static void assert_told(const struct office *office, const char *const *addresses, size_t count)
{
    assert_int_equal(office->delivery_count, count);
    for (size_t i = 0; i < count; i++)
        assert_string_equal(office->deliveries[i].to, addresses[i]);
}

#define ASSERT_TOLD(office, ...)                                                                   \
    assert_told(office, (const char *const[]){__VA_ARGS__},                                        \
                COUNT_OF(((const char *const[]){__VA_ARGS__})))

/* ---- refused: the next contact, the next person */

static void tries_the_next_contact_of_the_same_person(void **state)
{
    struct office *office = *state;
    repeat(office, &refused, 1);
    office_open(office);
    const struct answer *answer = ask(office);
    assert_int_equal(answer->kind, ANSWER_SENT);
    assert_string_equal(answer->vendor_id, "ana");
    ASSERT_TOLD(office, "to-ana", "sms-ana");
    assert_string_equal(office->deliveries[1].instance, "sms");
    assert_string_equal(office_on_disk(office, attempts), "ana whatsapp refused 1, ana sms sent 1");
    assert_string_equal(office_on_disk(office, events), "assigned,refused,assigned,sent");
    assert_string_equal(office_on_disk(office, handoffs), "notified 0");
}

static void tries_the_next_person_when_no_contact_is_left(void **state)
{
    struct office *office = *state;
    repeat(office, &refused, 2);
    office_open(office);
    const struct answer *answer = ask(office);
    assert_int_equal(answer->kind, ANSWER_SENT);
    assert_string_equal(answer->vendor_id, "luis");
    assert_string_equal(answer->vendor_name, "Luis Rangel");
    ASSERT_TOLD(office, "to-ana", "sms-ana", "to-luis");
    assert_non_null(strstr(office->deliveries[2].text, "Cliente desea información"));
}

static void says_so_when_everyone_refused(void **state)
{
    struct office *office = *state;
    repeat(office, &refused, 4);
    office_open(office);
    const struct answer *answer = ask(office);
    assert_int_equal(answer->kind, ANSWER_FAILED);
    assert_string_equal(answer->detail,
                        "Twilio error sending WhatsApp: The 'To' number whatsapp:… is not valid");
    assert_int_equal(strlen(answer->handoff_id), 29);
    ASSERT_TOLD(office, "to-ana", "sms-ana", "to-luis", "to-diego");
    assert_string_equal(office_on_disk(office, handoffs), "exhausted 0");
    assert_string_equal(office_on_disk(office, events),
                        "assigned,refused,assigned,refused,assigned,refused,assigned,exhausted");
    assert_string_equal(office_on_disk(office, attempts),
                        "ana whatsapp refused 1, ana sms refused 1, luis whatsapp refused 1, "
                        "diego whatsapp refused 1");
    assert_string_equal(office_on_disk(office, "SELECT min(code) FROM attempt"), "21211");
    assert_int_equal(dispatcher_open(office->dispatcher), 0);
    const struct answer *again = ask(office);
    assert_int_equal(again->kind, ANSWER_FAILED);
    assert_true(again->is_duplicate);
    assert_string_equal(again->detail, answer->detail);
}

static void keeps_personal_data_out_of_the_story(void **state)
{
    struct office *office = *state;
    repeat(office, &refused, 4);
    office_open(office);
    ask(office);
    static const char *const words[] = {"5512345678", "5500000001", "Juan", "Cliente desea"};
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        const char *sql = arena_format(
            office->arena, "SELECT count(*) FROM event WHERE detail LIKE '%%%s%%'", words[i]);
        assert_string_equal(office_on_disk(office, sql), "0");
    }
}

static void tells_the_next_one_what_was_not_delivered(void **state)
{
    struct office *office = *state;
    static const struct plan undelivered = {.outcome = HANDOFFD_UNDELIVERED, .code = 63024};
    repeat(office, &undelivered, 1);
    office_open(office);
    assert_int_equal(ask(office)->kind, ANSWER_SENT);
    ASSERT_TOLD(office, "to-ana", "sms-ana");
    assert_string_equal(office_on_disk(office, attempts),
                        "ana whatsapp undelivered 1, ana sms sent 1");
}

/* ---- nobody */

static void hands_over_to_the_fallback_when_the_routing_leaves_nobody(void **state)
{
    struct office *office = *state;
    office->is_never[0] = office->is_never[1] = office->is_never[2] = true;
    office->roster.fallback = 2;
    repeat(office, &refused, 1);
    office_open(office);
    assert_int_equal(ask(office)->kind, ANSWER_FAILED); /* and not twice to the same */
    ASSERT_TOLD(office, "to-diego");
}

static void stores_what_nobody_can_be_told(void **state)
{
    struct office *office = *state;
    office->is_never[0] = office->is_never[1] = office->is_never[2] = true;
    office_open(office);
    const struct answer *answer = ask(office);
    assert_int_equal(answer->kind, ANSWER_FAILED);
    assert_non_null(answer->handoff_id);
    assert_null(answer->vendor_id);
    assert_int_equal(office->delivery_count, 0);
    assert_string_equal(office_on_disk(office, handoffs), "exhausted 0");
    assert_string_equal(office_on_disk(office, "SELECT reason FROM customer"),
                        "Cliente desea información");
}

static void tells_the_fallback_after_those_who_refused(void **state)
{
    struct office *office = *state;
    office->is_never[2] = true;
    office->roster.fallback = 2;
    repeat(office, &refused, 3);
    office_open(office);
    assert_string_equal(ask(office)->vendor_id, "diego");
    ASSERT_TOLD(office, "to-ana", "sms-ana", "to-luis", "to-diego");
}

/* ---- held */

static void holds_what_nobody_would_do_better_with(void **state)
{
    struct office *office = *state;
    office->plans[0] = (struct plan){.outcome = HANDOFFD_REFUSED_MESSAGE, .text = "no template"};
    office_open(office);
    const struct answer *answer = ask(office);
    assert_int_equal(answer->kind, ANSWER_FAILED);
    assert_string_equal(answer->detail, "Twilio error sending WhatsApp: no template");
    office_pass(office, 24 * 60 * 60 * 1000);
    ASSERT_TOLD(office, "to-ana");
    assert_string_equal(office_on_disk(office, handoffs), "held 1");
    assert_string_equal(office_on_disk(office, attempts), "ana whatsapp refused 1");
    assert_string_equal(office_on_disk(office, events), "assigned,refused");
}

static void tries_a_refusing_account_again_slowly(void **state)
{
    struct office *office = *state;
    static const struct plan account = {
        .outcome = HANDOFFD_REFUSED_ACCOUNT, .code = 20003, .text = "Authenticate"};
    repeat(office, &account, 3);
    office_open(office);
    assert_int_equal(ask(office)->kind, ANSWER_FAILED);
    assert_string_equal(office_on_disk(office, handoffs), "held 1");
    office_pass(office, 150 * 1000 - 1000);
    assert_int_equal(office->delivery_count, 1);
    office_pass(office, 301 * 1000);
    assert_int_equal(office->delivery_count, 2);
    office_pass(office, 450 * 1000);
    assert_int_equal(office->delivery_count, 3);
    assert_int_equal(ask(office)->kind, ANSWER_FAILED);
    office_pass(office, 450 * 1000);
    ASSERT_TOLD(office, "to-ana", "to-ana", "to-ana", "to-ana");
    assert_string_equal(office_on_disk(office, handoffs), "notified 0");
    assert_string_equal(office_on_disk(office, attempts), "ana whatsapp sent 4");
    assert_string_equal(office_on_disk(office, events),
                        "assigned,deferred,sending,deferred,sending,deferred,sending,sent");
}

/* ---- deferred */

static void sends_what_was_deferred_when_its_time_comes(void **state)
{
    struct office *office = *state;
    office->plans[0] = (struct plan){.outcome = HANDOFFD_DEFERRED, .code = 429, .text = "busy"};
    office_open(office);
    struct request request = office_request(juan, "conv_1");
    struct client *client = office_ask(office, &request);
    office_settle(office);
    assert_string_equal(office_on_disk(office, attempts), "ana whatsapp deferred 1");
    assert_string_equal(office_on_disk(office, handoffs), "assigned 1");
    assert_string_equal(office_on_disk(office, "SELECT code FROM attempt"), "429");
    office_pass(office, 1000);
    assert_int_equal(client->answer.kind, ANSWER_SENT); /* within its patience */
    ASSERT_TOLD(office, "to-ana", "to-ana");
    assert_int_equal(office->deliveries[0].attempt_id + 1, office->deliveries[1].attempt_id);
    assert_string_equal(office_on_disk(office, attempts), "ana whatsapp sent 2");
    assert_string_equal(office_on_disk(office, "SELECT code || ' ' || due_ms FROM attempt"), "0 0");
}

static void does_not_wait_for_ever_with_the_client(void **state)
{
    struct office *office = *state;
    static const struct plan deferred = {.outcome = HANDOFFD_DEFERRED, .text = "busy"};
    repeat(office, &deferred, 12);
    office_open(office);
    struct request request = office_request(juan, "conv_1");
    request.key = "key-1";
    struct client *client = office_ask(office, &request);
    office_pass(office, 8000);
    assert_int_equal(client->answer.kind, ANSWER_QUEUED);
    for (int i = 0; i < 12; i++)
        office_pass(office, 5 * 60 * 1000);
    assert_int_equal(office->delivery_count, 13);
    assert_string_equal(office_on_disk(office, attempts), "ana whatsapp sent 13");
    assert_int_equal(ask(office)->kind, ANSWER_SENT);
}

static void respects_the_provider_s_wish(void **state)
{
    struct office *office = *state;
    office->plans[0] = (struct plan){.outcome = HANDOFFD_DEFERRED, .retry_after_ms = 30 * 1000};
    office_open(office);
    struct request request = office_request(juan, "conv_1");
    struct client *client = office_ask(office, &request);
    office_settle(office);
    office_pass(office, 29 * 1000);
    assert_true(client->is_answered);
    assert_int_equal(office->delivery_count, 1);
    office_pass(office, 1000);
    assert_int_equal(office->delivery_count, 2);
}

/* ---- unknown */

static void never_repeats_what_may_have_been_sent(void **state)
{
    struct office *office = *state;
    office->plans[0] = (struct plan){.outcome = HANDOFFD_UNKNOWN, .text = "no answer"};
    office_open(office);
    const struct answer *answer = ask(office);
    assert_int_equal(answer->kind, ANSWER_QUEUED); /* at once: nothing better will come soon */
    office_pass(office, 24 * 60 * 60 * 1000 - 60 * 1000);
    struct request request = office_request(juan, NULL);
    request.key = "key-2";
    office_answer(office, &request);
    office_pass(office, 24 * 60 * 60 * 1000);
    ASSERT_TOLD(office, "to-ana", "to-luis");
    assert_string_equal(office_on_disk(office, "SELECT state || ' ' || is_open FROM handoff "
                                               "WHERE number = 1"),
                        "assigned 1");
    assert_string_equal(office_on_disk(office, "SELECT state FROM attempt WHERE handoff = 1"),
                        "unknown");
}

static void takes_silence_for_unknown_after_a_minute(void **state)
{
    struct office *office = *state;
    office->plans[0] = (struct plan){.is_silent = true};
    office_open(office);
    struct request request = office_request(juan, "conv_1");
    struct client *client = office_ask(office, &request);
    office_settle(office);
    office_pass(office, 59 * 1000);
    assert_int_equal(client->answer.kind, ANSWER_QUEUED);
    assert_string_equal(office_on_disk(office, attempts), "ana whatsapp sending 1");
    office_pass(office, 1000);
    assert_string_equal(office_on_disk(office, attempts), "ana whatsapp unknown 1");
    office_pass(office, 60 * 60 * 1000);
    ASSERT_TOLD(office, "to-ana");
}

static void repeats_it_where_that_arrives_once(void **state)
{
    struct office *office = *state;
    office->plans[0] = (struct plan){.outcome = HANDOFFD_UNKNOWN};
    office->plans[1] = (struct plan){.is_silent = true};
    office_make_repeat_safe(office);
    office_open(office);
    struct request request = office_request(juan, "conv_1");
    struct client *client = office_ask(office, &request);
    office_settle(office);
    assert_string_equal(office_on_disk(office, attempts), "ana whatsapp deferred 1");
    office_pass(office, 1000);
    assert_int_equal(office->delivery_count, 2);
    office_pass(office, 60 * 1000); /* silence */
    office_pass(office, 2000);
    ASSERT_TOLD(office, "to-ana", "to-ana", "to-ana");
    assert_string_equal(office_on_disk(office, attempts), "ana whatsapp sent 3");
    assert_int_equal(client->answer.kind, ANSWER_QUEUED);
}

/* ---- reports */

/* Reports without letting anything happen in between. */
static void report(struct office *office, size_t delivery, uint32_t outcome, const char *message_id)
{
    struct handoffd_report said = {
        .size = sizeof said, .outcome = outcome, .message_id = message_id};
    office->whatsapp.host.report(&office->whatsapp.host, office->deliveries[delivery].attempt_id,
                                 &said);
}

/* The present answer of what ask_silent asked. */
static const struct answer *ask_again(struct office *office)
{
    struct request request = office_request(juan, "conv_1");
    return office_answer(office, &request);
}

static struct client *ask_silent(struct office *office)
{
    struct request request = office_request(juan, "conv_1");
    office->is_silent = true;
    office_open(office);
    struct client *client = office_ask(office, &request);
    office_settle(office);
    assert_int_equal(office->delivery_count, 1);
    return client;
}

static void only_lets_the_status_rise(void **state)
{
    static const struct {
        uint32_t reports[4];
        const char *state;
    } cases[] = {
        {{HANDOFFD_SENT, HANDOFFD_DELIVERED, HANDOFFD_READ}, "read"},
        {{HANDOFFD_READ, HANDOFFD_DELIVERED, HANDOFFD_SENT}, "read"},
        {{HANDOFFD_DELIVERED, HANDOFFD_SENT, HANDOFFD_DELIVERED}, "delivered"},
        {{HANDOFFD_SENT, HANDOFFD_SENT, HANDOFFD_DEFERRED}, "sent"},
        {{HANDOFFD_SENT, HANDOFFD_UNKNOWN, HANDOFFD_REFUSED_ACCOUNT}, "sent"},
        {{HANDOFFD_DELIVERED, HANDOFFD_UNDELIVERED}, "delivered"},
        {{HANDOFFD_UNKNOWN, HANDOFFD_SENT}, "sent"},
        {{HANDOFFD_UNKNOWN, HANDOFFD_DEFERRED}, "unknown"},
        {{HANDOFFD_UNKNOWN, HANDOFFD_REFUSED_RECIPIENT, HANDOFFD_UNKNOWN}, "unknown"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct office *office = NULL;
        office_setup((void **)&office);
        ask_silent(office);
        for (size_t j = 0; j < 4 && cases[i].reports[j] != 0; j++)
            report(office, 0, cases[i].reports[j], "SMx");
        office_settle(office);
        assert_string_equal(office_on_disk(office, "SELECT state FROM attempt"), cases[i].state);
        assert_int_equal(office->delivery_count, 1);
        office_teardown((void **)&office);
    }
    (void)state;
}

static void tells_the_next_one_what_was_taken_and_then_not_delivered(void **state)
{
    struct office *office = *state;
    struct client *client = ask_silent(office);
    report(office, 0, HANDOFFD_SENT, "SMx");
    report(office, 0, HANDOFFD_UNDELIVERED, NULL);
    office_settle(office);
    assert_int_equal(client->answer.kind, ANSWER_SENT);
    ASSERT_TOLD(office, "to-ana", "sms-ana");
    assert_string_equal(office_on_disk(office, attempts),
                        "ana whatsapp undelivered 1, ana sms sending 1");
    assert_string_equal(office_on_disk(office, "SELECT message_id FROM attempt WHERE number = 1"),
                        "SMx");
    assert_string_equal(office_on_disk(office, handoffs), "assigned 1");
    assert_int_equal(ask_again(office)->kind, ANSWER_QUEUED); /* what was said no longer holds */
}

static void ignores_reports_that_are_of_no_use(void **state)
{
    struct office *office = *state;
    struct client *client = ask_silent(office);
    uint64_t id = office->deliveries[0].attempt_id;
    const struct {
        struct instance *instance;
        uint64_t attempt_id;
        uint32_t outcome;
    } cases[] = {
        {&office->sms, id, HANDOFFD_SENT},          /* another's attempt */
        {&office->whatsapp, id + 1, HANDOFFD_SENT}, /* an attempt that never was */
        {&office->whatsapp, id - 1, HANDOFFD_SENT},
        {&office->whatsapp, id + 256, HANDOFFD_SENT}, /* a handoff that never was */
        {&office->whatsapp, 0, HANDOFFD_SENT},
        {&office->whatsapp, UINT64_MAX, HANDOFFD_SENT},
        {&office->whatsapp, id, 0}, /* no outcome */
        {&office->whatsapp, id, HANDOFFD_UNKNOWN + 1},
        {&office->whatsapp, id, UINT32_MAX},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        office_report(office, cases[i].instance, cases[i].attempt_id,
                      (enum handoffd_outcome)cases[i].outcome, "SMwrong");
    assert_false(client->is_answered);
    assert_string_equal(office_on_disk(office, events), "assigned");
    office_report(office, &office->whatsapp, id, HANDOFFD_SENT, "SMright");
    office_report(office, &office->whatsapp, id, HANDOFFD_SENT, "SMtwice");
    office_report(office, &office->whatsapp, id, HANDOFFD_UNDELIVERED, NULL); /* late */
    assert_string_equal(client->answer.message_id, "SMright");
    assert_string_equal(office_on_disk(office, "SELECT state || ' ' || message_id FROM attempt"),
                        "sent SMright");
    assert_int_equal(office->delivery_count, 1);
}

static void ignores_an_earlier_try_of_the_same_attempt(void **state)
{
    struct office *office = *state;
    office->plans[0] = (struct plan){.outcome = HANDOFFD_DEFERRED};
    office->plans[1] = (struct plan){.is_silent = true};
    office_open(office);
    struct request request = office_request(juan, "conv_1");
    struct client *client = office_ask(office, &request);
    office_settle(office);
    report(office, 0, HANDOFFD_SENT, "SMlate"); /* while it rests */
    failing_disk_set(DISK_FULL);
    office_pass(office, 1000);
    report(office, 0, HANDOFFD_SENT, "SMlate"); /* while the next intent waits for the disk */
    office_settle(office);
    failing_disk_set(DISK_FINE);
    office_pass(office, 5000);
    assert_int_equal(office->delivery_count, 2);
    report(office, 0, HANDOFFD_REFUSED_RECIPIENT, NULL); /* while it is on its way again */
    office_settle(office);
    assert_false(client->is_answered);
    assert_string_equal(office_on_disk(office, attempts), "ana whatsapp sending 2");
    report(office, 1, HANDOFFD_SENT, "SMx");
    office_settle(office);
    assert_string_equal(client->answer.message_id, "SMx");
}

static void ignores_an_earlier_attempt_of_the_same_handoff(void **state)
{
    struct office *office = *state;
    ask_silent(office);
    report(office, 0, HANDOFFD_REFUSED_RECIPIENT, NULL);
    office_settle(office);
    assert_int_equal(office->delivery_count, 2);
    report(office, 0, HANDOFFD_SENT, "SMlate");
    office_settle(office);
    assert_string_equal(office_on_disk(office, attempts),
                        "ana whatsapp refused 1, ana sms sending 1");
    office_report(office, &office->sms, office->deliveries[1].attempt_id, HANDOFFD_SENT, "SMx");
    assert_string_equal(office_on_disk(office, attempts), "ana whatsapp refused 1, ana sms sent 1");
}

/* ---- a full disk on the way */

static void waits_with_the_next_one_until_there_is_room(void **state)
{
    struct office *office = *state;
    struct client *client = ask_silent(office);
    failing_disk_set(DISK_FULL);
    report(office, 0, HANDOFFD_REFUSED_RECIPIENT, NULL);
    office_settle(office);
    office_pass(office, 5000);
    assert_int_equal(office->delivery_count, 1); /* nothing leaves that is not on disk */
    failing_disk_set(DISK_FINE);
    office_pass(office, 5000);
    ASSERT_TOLD(office, "to-ana", "sms-ana");
    office_report(office, &office->sms, office->deliveries[1].attempt_id, HANDOFFD_SENT, "SMx");
    assert_int_equal(client->answer.kind, ANSWER_QUEUED); /* its patience was over by then */
    assert_string_equal(office_on_disk(office, attempts), "ana whatsapp refused 1, ana sms sent 1");
    assert_string_equal(office_on_disk(office, events), "assigned,refused,assigned,sent");
    assert_int_equal(office->store_failures, 0);
}

static void records_in_order_what_found_no_room_at_first(void **state)
{
    struct office *office = *state;
    struct client *client = ask_silent(office);
    failing_disk_set(DISK_FULL);
    report(office, 0, HANDOFFD_SENT, "SMx");
    office_settle(office);
    assert_int_equal(client->answer.kind, ANSWER_SENT); /* it was sent, whatever the disk says */
    report(office, 0, HANDOFFD_DELIVERED, NULL);
    office_pass(office, 60 * 1000);
    report(office, 0, HANDOFFD_READ, NULL);
    office_settle(office);
    assert_string_equal(office_on_disk(office, attempts), "ana whatsapp sending 1");
    assert_int_equal(dispatcher_open(office->dispatcher), 1);
    failing_disk_set(DISK_FINE);
    office_pass(office, 5000);
    assert_string_equal(office_on_disk(office, attempts), "ana whatsapp read 1");
    assert_string_equal(office_on_disk(office, handoffs), "notified 0");
    assert_string_equal(office_on_disk(office, events), "assigned,sent,delivered,read");
    assert_int_equal(dispatcher_open(office->dispatcher), 0);
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, office_setup, office_teardown)
    const struct CMUnitTest tests[] = {
        TEST(tries_the_next_contact_of_the_same_person),
        TEST(tries_the_next_person_when_no_contact_is_left),
        TEST(says_so_when_everyone_refused),
        TEST(keeps_personal_data_out_of_the_story),
        TEST(tells_the_next_one_what_was_not_delivered),
        TEST(hands_over_to_the_fallback_when_the_routing_leaves_nobody),
        TEST(stores_what_nobody_can_be_told),
        TEST(tells_the_fallback_after_those_who_refused),
        TEST(holds_what_nobody_would_do_better_with),
        TEST(tries_a_refusing_account_again_slowly),
        TEST(sends_what_was_deferred_when_its_time_comes),
        TEST(does_not_wait_for_ever_with_the_client),
        TEST(respects_the_provider_s_wish),
        TEST(never_repeats_what_may_have_been_sent),
        TEST(takes_silence_for_unknown_after_a_minute),
        TEST(repeats_it_where_that_arrives_once),
        cmocka_unit_test(only_lets_the_status_rise),
        TEST(tells_the_next_one_what_was_taken_and_then_not_delivered),
        TEST(ignores_reports_that_are_of_no_use),
        TEST(ignores_an_earlier_try_of_the_same_attempt),
        TEST(ignores_an_earlier_attempt_of_the_same_handoff),
        TEST(waits_with_the_next_one_until_there_is_room),
        TEST(records_in_order_what_found_no_room_at_first),
    };
    return cmocka_run_group_tests(tests, failing_disk_install, NULL);
}
