/* test_delivery - from person to person, whatever the channels say, and nobody told twice. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "failing_disk.h"
#include "office_seen.h"

static const struct answer *ask(struct office *office)
{
    return office_tell(office, "a");
}

/* ---- refused: the next contact, the next person */

static void tries_the_next_contact_of_the_same_person(void **state)
{
    struct office *office = *state;
    office_plan(office, 0, 1, &plan_refused);
    office_open(office);
    const struct answer *answer = ask(office);
    assert_int_equal(answer->kind, ANSWER_SENT);
    assert_string_equal(answer->vendor_id, "ana");
    ASSERT_TOLD(office, "to-ana", "sms-ana");
    assert_string_equal(office->deliveries[1].instance, "sms");
    assert_string_equal(office_attempts(office), "ana whatsapp refused 1, ana sms sent 1");
    assert_string_equal(office_events(office), "assigned,refused,assigned,sent");
    assert_string_equal(office_handoffs(office), "notified 0");
}

static void tries_the_next_person_when_no_contact_is_left(void **state)
{
    struct office *office = *state;
    office_plan(office, 0, 2, &plan_refused);
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
    office_plan(office, 0, 4, &plan_refused);
    office_open(office);
    const struct answer *answer = ask(office);
    assert_int_equal(answer->kind, ANSWER_FAILED);
    assert_string_equal(answer->detail,
                        "Twilio error sending WhatsApp: The 'To' number whatsapp:… is not valid");
    assert_int_equal(strlen(answer->handoff_id), 29);
    ASSERT_TOLD(office, "to-ana", "sms-ana", "to-luis", "to-diego");
    assert_string_equal(office_handoffs(office), "exhausted 0");
    assert_string_equal(office_events(office),
                        "assigned,refused,assigned,refused,assigned,refused,assigned,exhausted");
    assert_string_equal(office_attempts(office),
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
    office_plan(office, 0, 4, &plan_refused);
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
    office_plan(office, 0, 1, &undelivered);
    office_open(office);
    assert_int_equal(ask(office)->kind, ANSWER_SENT);
    ASSERT_TOLD(office, "to-ana", "sms-ana");
    assert_string_equal(office_attempts(office), "ana whatsapp undelivered 1, ana sms sent 1");
}

/* ---- nobody */

static void hands_over_to_the_fallback_when_the_routing_leaves_nobody(void **state)
{
    struct office *office = *state;
    office->is_never[0] = office->is_never[1] = office->is_never[2] = true;
    office->roster.fallback = 2;
    office_plan(office, 0, 1, &plan_refused);
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
    assert_string_equal(office_handoffs(office), "exhausted 0");
    assert_string_equal(office_on_disk(office, "SELECT reason FROM customer"),
                        "Cliente desea información");
}

static void tells_the_fallback_after_those_who_refused(void **state)
{
    struct office *office = *state;
    office->is_never[2] = true;
    office->roster.fallback = 2;
    office_plan(office, 0, 3, &plan_refused);
    office_open(office);
    assert_string_equal(ask(office)->vendor_id, "diego");
    ASSERT_TOLD(office, "to-ana", "sms-ana", "to-luis", "to-diego");
}

/* ---- held */

static void holds_what_nobody_would_do_better_with(void **state)
{
    struct office *office = *state;
    office->plans[0] =
        (struct plan){.outcome = HANDOFFD_REFUSED_MESSAGE, .code = 63016, .text = "no template"};
    office_open(office);
    const struct answer *answer = ask(office);
    assert_int_equal(answer->kind, ANSWER_FAILED);
    assert_string_equal(answer->detail, "Twilio error sending WhatsApp: no template");
    office_pass(office, DAY);
    ASSERT_TOLD(office, "to-ana");
    assert_string_equal(office_handoffs(office), "held 0");
    assert_string_equal(office_attempts(office), "ana whatsapp refused 1");
    assert_string_equal(office_events(office), "assigned,refused");
    assert_int_equal(office->trouble_count, 1);
    assert_string_equal(office->troubles[0], "stuck channel whatsapp code 63016: a customer waits: "
                                             "Twilio error sending WhatsApp: no template (63016)");
}

/* It goes on, but somebody should hear of it. */
static void calls_for_attention_where_the_provider_does(void **state)
{
    static const struct plan plans[] = {
        {.outcome = HANDOFFD_REFUSED_RECIPIENT, .code = 21408, .text = "no permission"},
        {.outcome = HANDOFFD_DEFERRED, .code = 63018, .text = "no permission"}};
    for (size_t i = 0; i < COUNT_OF(plans); i++) {
        struct office *office = NULL;
        office_setup((void **)&office);
        office->plans[0] = plans[i];
        office->plans[0].needs_attention = true;
        office_open(office);
        office_begin(office, "a");
        office_pass(office, SECOND);
        assert_int_equal(office->delivery_count, 2);
        assert_string_equal(
            office->troubles[0],
            arena_format(office->arena,
                         "person ana channel whatsapp: messages do not reach Ana Torres by "
                         "whatsapp: Twilio error sending WhatsApp: no permission (%d)",
                         plans[i].code));
        assert_int_equal(office->trouble_count, 1);
        office_teardown((void **)&office);
    }
    (void)state;
}

static const char *explain(int32_t code)
{
    return code == 63016 ? "Ask for a template." : NULL;
}

/* Whoever was told can be told. */
static void calls_nobody_for_a_message_that_was_taken(void **state)
{
    struct office *office = *state;
    office->plans[0] = (struct plan){
        .outcome = HANDOFFD_SENT, .code = 7, .text = "nearly used up", .needs_attention = true};
    office_open(office);
    assert_int_equal(ask(office)->kind, ANSWER_SENT);
    assert_int_equal(office->trouble_count, 0);
}

/* What to do about it, where the channel knows. */
static void says_what_can_be_done(void **state)
{
    static const struct {
        int32_t code;
        const char *trouble;
    } cases[] = {
        {63016, "stuck channel whatsapp code 63016: a customer waits: Twilio error sending "
                "WhatsApp: no report (63016). Ask for a template."},
        {63017, "stuck channel whatsapp code 63017: a customer waits: Twilio error sending "
                "WhatsApp: no report (63017)"},
        {0, "stuck channel whatsapp code 0: a customer waits: Twilio error sending WhatsApp: no "
            "report"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct office *office = NULL;
        office_setup((void **)&office);
        office->channel.explain = explain;
        office->plans[0] =
            (struct plan){.outcome = HANDOFFD_REFUSED_MESSAGE, .code = cases[i].code};
        office_open(office);
        ask(office);
        assert_string_equal(office->troubles[0], cases[i].trouble);
        office_teardown((void **)&office);
    }
    (void)state;
}

/* Her contact has gone meanwhile, and with it whoever could explain. */
static void says_what_it_knows_of_a_person_who_is_gone(void **state)
{
    struct office *office = *state;
    office->channel.explain = explain;
    office->plans[0] = plan_silent;
    office_open(office);
    office_begin(office, "a");
    office->roster.vendors = &office->vendors[1];
    office->roster.count = 2;
    office_adopt(office);
    office_say(office, 0, HANDOFFD_REFUSED_MESSAGE, NULL);
    office_settle(office);
    assert_string_equal(office->troubles[0],
                        "stuck channel whatsapp code 0: a customer waits: Twilio error sending "
                        "WhatsApp: no report");
}

/* The last that an id can number: neither another form nor another contact after it. */
static void begins_nothing_after_the_last_number(void **state)
{
    static const struct {
        const struct plan *plan;
        const char *handoff;
    } cases[] = {{&plan_refused, "exhausted 0"}, {&plan_account, "held 1"}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct office *office = NULL;
        office_setup((void **)&office);
        office_make_two_formed(office);
        office->plans[0] = (struct plan){.outcome = HANDOFFD_DEFERRED, .retry_after_ms = MINUTE};
        office->plans[1] = *cases[i].plan;
        office_open(office);
        office_begin(office, "a");
        office_pass(office, 8 * SECOND);
        office_crash(office);
        office_on_disk(office, "UPDATE attempt SET number = 255");
        office_open(office);
        office_pass(office, MINUTE);
        assert_int_equal(office->delivery_count, 2);
        assert_string_equal(office_handoffs(office), cases[i].handoff);
        office_teardown((void **)&office);
    }
    (void)state;
}

/* An attempt's number has eight bits in its id: no more than that are made. */
static void makes_no_more_attempts_than_ids_can_number(void **state)
{
    struct office *office = *state;
    static const struct plan message = {.outcome = HANDOFFD_REFUSED_MESSAGE};
    office_plan(office, 0, OFFICE_PLANS, &message);
    office_open(office);
    const char *id = ask(office)->handoff_id;
    for (int i = 0; i < 300; i++)
        office_order(office, id, ORDER_RETRY);
    assert_int_equal(office->delivery_count, ATTEMPTS_MOST);
    assert_string_equal(office_on_disk(office, "SELECT max(number) FROM attempt"), "255");
}

/* ---- deferred */

static void sends_what_was_deferred_when_its_time_comes(void **state)
{
    struct office *office = *state;
    office->plans[0] = (struct plan){.outcome = HANDOFFD_DEFERRED, .code = 429, .text = "busy"};
    office_open(office);
    struct request request = office_request(office_juan, "conv_1");
    struct client *client = office_ask(office, &request);
    office_settle(office);
    assert_string_equal(office_attempts(office), "ana whatsapp deferred 1");
    assert_string_equal(office_handoffs(office), "assigned 1");
    assert_string_equal(office_on_disk(office, "SELECT code FROM attempt"), "429");
    office_pass(office, 1000);
    assert_int_equal(client->answer.kind, ANSWER_SENT); /* within its patience */
    ASSERT_TOLD(office, "to-ana", "to-ana");
    assert_int_equal(office->deliveries[0].attempt_id + 1, office->deliveries[1].attempt_id);
    assert_string_equal(office_attempts(office), "ana whatsapp sent 2");
    assert_string_equal(office_on_disk(office, "SELECT code || ' ' || due_ms FROM attempt"), "0 0");
}

static void does_not_wait_for_ever_with_the_client(void **state)
{
    struct office *office = *state;
    static const struct plan deferred = {.outcome = HANDOFFD_DEFERRED, .text = "busy"};
    office_plan(office, 0, 12, &deferred);
    office_open(office);
    struct request request = office_request(office_juan, "conv_1");
    request.key = "key-1";
    struct client *client = office_ask(office, &request);
    office_pass(office, 8000);
    assert_int_equal(client->answer.kind, ANSWER_QUEUED);
    for (int i = 0; i < 12; i++)
        office_pass(office, 5 * 60 * 1000);
    assert_int_equal(office->delivery_count, 13);
    assert_string_equal(office_attempts(office), "ana whatsapp sent 13");
    assert_int_equal(ask(office)->kind, ANSWER_SENT);
}

static void respects_the_provider_s_wish(void **state)
{
    struct office *office = *state;
    office->plans[0] = (struct plan){.outcome = HANDOFFD_DEFERRED, .retry_after_ms = 30 * 1000};
    office_open(office);
    struct request request = office_request(office_juan, "conv_1");
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
    office->plans[0] = plan_unknown;
    office->setup.delivery.unknown.on_ambiguous = AMBIGUOUS_HOLD;
    office_open(office);
    assert_int_equal(ask(office)->kind, ANSWER_QUEUED); /* at once: nothing better comes soon */
    office_pass(office, DAY - MINUTE);
    office_tell(office, "b");
    office_pass(office, DAY);
    ASSERT_TOLD(office, "to-ana", "to-luis");
    assert_string_equal(office_handoffs(office), "held 0, notified 0");
    assert_string_equal(office_on_disk(office, "SELECT state FROM attempt WHERE handoff = 1"),
                        "ambiguous");
}

static void takes_silence_for_unknown_after_a_minute(void **state)
{
    struct office *office = *state;
    office->plans[0] = plan_silent;
    office_open(office);
    struct client *client = office_begin(office, "a");
    office_pass(office, 59 * SECOND);
    assert_int_equal(client->answer.kind, ANSWER_QUEUED);
    assert_string_equal(office_attempts(office), "ana whatsapp sending 1");
    office_pass(office, SECOND);
    assert_string_equal(office_attempts(office), "ana whatsapp unknown 1");
    office_pass(office, 4 * MINUTE);
    ASSERT_TOLD(office, "to-ana");
}

static void repeats_it_where_that_arrives_once(void **state)
{
    struct office *office = *state;
    office->plans[0] = (struct plan){.outcome = HANDOFFD_UNKNOWN};
    office->plans[1] = (struct plan){.is_silent = true};
    office_make_repeat_safe(office);
    office_open(office);
    struct request request = office_request(office_juan, "conv_1");
    struct client *client = office_ask(office, &request);
    office_settle(office);
    assert_string_equal(office_attempts(office), "ana whatsapp deferred 1");
    office_pass(office, 1000);
    assert_int_equal(office->delivery_count, 2);
    office_pass(office, 60 * 1000); /* silence */
    office_pass(office, 2000);
    ASSERT_TOLD(office, "to-ana", "to-ana", "to-ana");
    assert_string_equal(office_attempts(office), "ana whatsapp sent 3");
    assert_int_equal(client->answer.kind, ANSWER_QUEUED);
}

/* ---- reports */

/* The present answer of what ask_silent asked. */
static const struct answer *ask_again(struct office *office)
{
    struct request request = office_request(office_juan, "conv_1");
    return office_answer(office, &request);
}

static struct client *ask_silent(struct office *office)
{
    struct request request = office_request(office_juan, "conv_1");
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
        {{HANDOFFD_SENT, HANDOFFD_UNKNOWN, HANDOFFD_SENT}, "sent"},
        {{HANDOFFD_DELIVERED, HANDOFFD_UNDELIVERED, HANDOFFD_DEFERRED}, "delivered"},
        {{HANDOFFD_READ, HANDOFFD_REFUSED_RECIPIENT, HANDOFFD_REFUSED_ACCOUNT}, "read"},
        {{HANDOFFD_UNKNOWN, HANDOFFD_SENT}, "sent"},
        {{HANDOFFD_UNKNOWN, HANDOFFD_READ, HANDOFFD_UNKNOWN}, "read"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct office *office = NULL;
        office_setup((void **)&office);
        ask_silent(office);
        for (size_t j = 0; j < 4 && cases[i].reports[j] != 0; j++)
            office_say(office, 0, cases[i].reports[j], "SMx");
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
    office_say(office, 0, HANDOFFD_SENT, "SMx");
    office_say(office, 0, HANDOFFD_UNDELIVERED, NULL);
    office_settle(office);
    assert_int_equal(client->answer.kind, ANSWER_SENT);
    ASSERT_TOLD(office, "to-ana", "sms-ana");
    assert_string_equal(office_attempts(office), "ana whatsapp undelivered 1, ana sms sending 1");
    assert_string_equal(office_on_disk(office, "SELECT message_id FROM attempt WHERE number = 1"),
                        "SMx");
    assert_string_equal(office_handoffs(office), "assigned 1");
    assert_int_equal(ask_again(office)->kind, ANSWER_QUEUED); /* what was said no longer holds */
}

static void ignores_an_earlier_attempt_of_the_same_handoff(void **state)
{
    struct office *office = *state;
    ask_silent(office);
    office_say(office, 0, HANDOFFD_REFUSED_RECIPIENT, NULL);
    office_settle(office);
    assert_int_equal(office->delivery_count, 2);
    office_say(office, 0, HANDOFFD_SENT, "SMlate");
    office_settle(office);
    assert_string_equal(office_attempts(office), "ana whatsapp refused 1, ana sms sending 1");
    office_report(office, &office->sms, office->deliveries[1].attempt_id, HANDOFFD_SENT, "SMx");
    assert_string_equal(office_attempts(office), "ana whatsapp refused 1, ana sms sent 1");
}

/* ---- a full disk on the way */

static void waits_with_the_next_one_until_there_is_room(void **state)
{
    struct office *office = *state;
    struct client *client = ask_silent(office);
    failing_disk_set(DISK_FULL);
    office_say(office, 0, HANDOFFD_REFUSED_RECIPIENT, NULL);
    office_settle(office);
    office_pass(office, 5000);
    assert_int_equal(office->delivery_count, 1); /* nothing leaves that is not on disk */
    failing_disk_set(DISK_FINE);
    office_pass(office, 5000);
    ASSERT_TOLD(office, "to-ana", "sms-ana");
    office_report(office, &office->sms, office->deliveries[1].attempt_id, HANDOFFD_SENT, "SMx");
    assert_int_equal(client->answer.kind, ANSWER_QUEUED); /* its patience was over by then */
    assert_string_equal(office_attempts(office), "ana whatsapp refused 1, ana sms sent 1");
    assert_string_equal(office_events(office), "assigned,refused,assigned,sent");
    assert_int_equal(office->store_failures, 0);
}

static void records_in_order_what_found_no_room_at_first(void **state)
{
    struct office *office = *state;
    struct client *client = ask_silent(office);
    failing_disk_set(DISK_FULL);
    office_say(office, 0, HANDOFFD_SENT, "SMx");
    office_settle(office);
    assert_int_equal(client->answer.kind, ANSWER_SENT); /* it was sent, whatever the disk says */
    office_say(office, 0, HANDOFFD_DELIVERED, NULL);
    office_pass(office, 60 * 1000);
    office_say(office, 0, HANDOFFD_READ, NULL);
    office_settle(office);
    assert_string_equal(office_attempts(office), "ana whatsapp sending 1");
    assert_int_equal(dispatcher_open(office->dispatcher), 1);
    failing_disk_set(DISK_FINE);
    office_pass(office, 5000);
    assert_string_equal(office_attempts(office), "ana whatsapp read 1");
    assert_string_equal(office_handoffs(office), "notified 0");
    assert_string_equal(office_events(office), "assigned,sent,delivered,read");
    assert_int_equal(dispatcher_open(office->dispatcher), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        OFFICE_TEST(tries_the_next_contact_of_the_same_person),
        OFFICE_TEST(tries_the_next_person_when_no_contact_is_left),
        OFFICE_TEST(says_so_when_everyone_refused),
        OFFICE_TEST(keeps_personal_data_out_of_the_story),
        OFFICE_TEST(tells_the_next_one_what_was_not_delivered),
        OFFICE_TEST(hands_over_to_the_fallback_when_the_routing_leaves_nobody),
        OFFICE_TEST(stores_what_nobody_can_be_told),
        OFFICE_TEST(tells_the_fallback_after_those_who_refused),
        OFFICE_TEST(holds_what_nobody_would_do_better_with),
        cmocka_unit_test(calls_for_attention_where_the_provider_does),
        OFFICE_TEST(calls_nobody_for_a_message_that_was_taken),
        cmocka_unit_test(says_what_can_be_done),
        OFFICE_TEST(says_what_it_knows_of_a_person_who_is_gone),
        cmocka_unit_test(begins_nothing_after_the_last_number),
        OFFICE_TEST(makes_no_more_attempts_than_ids_can_number),
        OFFICE_TEST(sends_what_was_deferred_when_its_time_comes),
        OFFICE_TEST(does_not_wait_for_ever_with_the_client),
        OFFICE_TEST(respects_the_provider_s_wish),
        OFFICE_TEST(never_repeats_what_may_have_been_sent),
        OFFICE_TEST(takes_silence_for_unknown_after_a_minute),
        OFFICE_TEST(repeats_it_where_that_arrives_once),
        cmocka_unit_test(only_lets_the_status_rise),
        OFFICE_TEST(tells_the_next_one_what_was_taken_and_then_not_delivered),
        OFFICE_TEST(ignores_an_earlier_attempt_of_the_same_handoff),
        OFFICE_TEST(waits_with_the_next_one_until_there_is_room),
        OFFICE_TEST(records_in_order_what_found_no_room_at_first),
    };
    return cmocka_run_group_tests(tests, failing_disk_install, NULL);
}
