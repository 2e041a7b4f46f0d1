/* test_dispatcher - who asks, what is known already, how long one waits, and how it ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "failing_disk.h"
#include "office.h"

static const char juan[] = "+5215512345678";

/* ---- a new request */

static void tells_one_person_and_answers_with_the_provider_s_id(void **state)
{
    struct office *office = *state;
    office_open(office);
    struct request request = office_request(juan, "conv_1");
    const struct answer *answer = office_answer(office, &request);
    assert_int_equal(answer->kind, ANSWER_SENT);
    assert_false(answer->is_duplicate);
    assert_string_equal(answer->vendor_id, "ana");
    assert_string_equal(answer->vendor_name, "Ana Torres");
    assert_string_equal(answer->message_id, "SM16842753"); /* handoff 1, attempt 1, try 1 */
    assert_null(answer->detail);
    assert_int_equal(strlen(answer->handoff_id), 29);
    assert_int_equal(office->delivery_count, 1);
    assert_string_equal(office->deliveries[0].to, "to-ana");
    assert_string_equal(office->deliveries[0].handoff_id, answer->handoff_id);
    assert_non_null(strstr(office->deliveries[0].text, "Cliente desea información"));
    office_settle(office);
    assert_int_equal(dispatcher_open(office->dispatcher), 0);
    assert_string_equal(office_on_disk(office, "SELECT state || wake FROM handoff"), "notified0");
    assert_string_equal(office_on_disk(office, "SELECT state || ' ' || message_id FROM attempt"),
                        "sent SM16842753");
    assert_string_equal(office_on_disk(office, "SELECT group_concat(kind) FROM event"),
                        "assigned,sent");
}

/* ---- the same again */

static void tells_nobody_twice_for_the_same_key(void **state)
{
    struct office *office = *state;
    office_open(office);
    struct request request = office_request(juan, NULL);
    request.key = "key-1";
    const struct answer *first = office_answer(office, &request);
    for (int i = 0; i < 3; i++) {
        const struct answer *again = office_answer(office, &request);
        assert_int_equal(again->kind, ANSWER_SENT);
        assert_true(again->is_duplicate);
        assert_string_equal(again->handoff_id, first->handoff_id);
        assert_string_equal(again->message_id, first->message_id);
        assert_string_equal(again->vendor_id, first->vendor_id);
    }
    assert_int_equal(office->delivery_count, 1);
}

static void refuses_the_same_key_with_another_body(void **state)
{
    struct office *office = *state;
    office_open(office);
    struct request request = office_request(juan, "conv_1");
    request.key = "key-1";
    assert_int_equal(office_answer(office, &request)->kind, ANSWER_SENT);
    request.digest = 2;
    request.handoff.conversation_id = "conv_2";
    const struct answer *answer = office_answer(office, &request);
    assert_int_equal(answer->kind, ANSWER_CONFLICT);
    assert_null(answer->handoff_id);
    request.digest = 1;
    assert_int_equal(office_answer(office, &request)->kind, ANSWER_SENT);
    assert_int_equal(office->delivery_count, 1);
}

static void knows_a_customer_by_conversation_and_phone(void **state)
{
    static const struct {
        const char *phone;
        const char *conversation;
        bool is_duplicate;
    } cases[] = {
        {"+5215512345678", "conv_1", false}, {"+5215512345678", "conv_1", true},
        {"+525512345678", "conv_1", true}, /* WhatsApp's way of writing the same number */
        {"+525512345678", "conv_2", false},  {"+5215512345679", "conv_1", false},
        {"+5215512345678", NULL, false},     {"+5215512345678", NULL, false},
        {"+5215512345678", "conv_2", true},
    };
    struct office *office = *state;
    size_t told = 0;
    office_open(office);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct request request = office_request(cases[i].phone, cases[i].conversation);
        request.digest = (int64_t)i; /* an agent rephrases */
        const struct answer *answer = office_answer(office, &request);
        told += !cases[i].is_duplicate;
        assert_int_equal(answer->kind, ANSWER_SENT);
        assert_int_equal(answer->is_duplicate, cases[i].is_duplicate);
        assert_int_equal(office->delivery_count, told);
    }
}

static void takes_a_new_key_for_a_known_conversation_as_the_same(void **state)
{
    struct office *office = *state;
    office_open(office);
    struct request request = office_request(juan, "conv_1");
    request.key = "key-1";
    assert_false(office_answer(office, &request)->is_duplicate);
    request.key = "key-2";
    request.digest = 2;
    assert_true(office_answer(office, &request)->is_duplicate);
    request.handoff.conversation_id = NULL; /* key-2 is enough now */
    assert_true(office_answer(office, &request)->is_duplicate);
    assert_int_equal(office->delivery_count, 1);
}

static void forgets_when_the_windows_are_over(void **state)
{
    struct office *office = *state;
    office_open(office);
    struct request by_key = office_request(juan, NULL);
    struct request by_conversation = office_request(juan, "conv_1");
    by_key.key = "key-1";
    office_answer(office, &by_key);
    office_answer(office, &by_conversation);
    office_pass(office, 9 * 60 * 1000);
    assert_true(office_answer(office, &by_conversation)->is_duplicate);
    office_pass(office, 60 * 1000);
    assert_false(office_answer(office, &by_conversation)->is_duplicate);
    office_pass(office, 23 * 60 * 60 * 1000);
    assert_true(office_answer(office, &by_key)->is_duplicate);
    office_pass(office, 60 * 60 * 1000);
    assert_false(office_answer(office, &by_key)->is_duplicate);
    assert_int_equal(office->delivery_count, 4);
}

/* ---- waiting */

static void says_queued_when_it_takes_longer(void **state)
{
    struct office *office = *state;
    office->is_silent = true;
    office_open(office);
    struct request request = office_request(juan, "conv_1");
    request.reply_within_ms = 1000;
    struct client *client = office_ask(office, &request);
    office_pass(office, 900);
    assert_false(client->is_answered);
    office_pass(office, 100);
    assert_true(client->is_answered);
    assert_int_equal(client->answer.kind, ANSWER_QUEUED);
    assert_int_equal(strlen(client->answer.handoff_id), 29);
    assert_null(client->answer.message_id);
    const struct answer *again = office_answer(office, &request); /* nobody waits any more */
    assert_int_equal(again->kind, ANSWER_QUEUED);
    assert_true(again->is_duplicate);
    office_report(office, &office->whatsapp, office->deliveries[0].attempt_id, HANDOFFD_SENT,
                  "SMx");
    again = office_answer(office, &request);
    assert_int_equal(again->kind, ANSWER_SENT);
    assert_string_equal(again->message_id, "SMx");
    assert_int_equal(office->delivery_count, 1);
}

static void joins_who_waits_already(void **state)
{
    struct office *office = *state;
    struct client *clients[5];
    office->is_silent = true;
    office_open(office);
    struct request request = office_request(juan, "conv_1");
    for (size_t i = 0; i < COUNT_OF(clients); i++) { /* before it is stored, and afterwards */
        clients[i] = office_ask(office, &request);
        if (i == 2)
            office_settle(office);
    }
    office_settle(office);
    assert_int_equal(office->delivery_count, 1);
    for (size_t i = 0; i < COUNT_OF(clients); i++)
        assert_false(clients[i]->is_answered);
    office_report(office, &office->whatsapp, office->deliveries[0].attempt_id, HANDOFFD_SENT,
                  "SMx");
    for (size_t i = 0; i < COUNT_OF(clients); i++) {
        assert_true(clients[i]->is_answered);
        assert_int_equal(clients[i]->answer.kind, ANSWER_SENT);
        assert_string_equal(clients[i]->answer.message_id, "SMx");
        assert_int_equal(clients[i]->answer.is_duplicate, i > 0);
    }
}

static void each_waits_as_long_as_its_own_patience(void **state)
{
    struct office *office = *state;
    office->is_silent = true;
    office_open(office);
    struct request request = office_request(juan, "conv_1");
    struct client *patient = office_ask(office, &request);
    request.reply_within_ms = 1000;
    struct client *impatient = office_ask(office, &request);
    office_pass(office, 1000);
    assert_true(impatient->is_answered);
    assert_int_equal(impatient->answer.kind, ANSWER_QUEUED);
    assert_false(patient->is_answered);
    office_report(office, &office->whatsapp, office->deliveries[0].attempt_id, HANDOFFD_SENT,
                  "SMx");
    assert_int_equal(patient->answer.kind, ANSWER_SENT);
}

/* However impatient: a 2xx is for what is on disk. */
static void says_nothing_before_it_is_on_disk(void **state)
{
    struct office *office = *state;
    office->is_silent = true;
    office_open(office);
    failing_disk_set(DISK_HELD);
    struct request request = office_request(juan, "conv_1");
    request.reply_within_ms = 0;
    struct client *client = office_ask(office, &request);
    office_move(office, 5000);
    assert_false(client->is_answered);
    assert_int_equal(office->delivery_count, 0);
    failing_disk_set(DISK_FINE);
    office_wait_for(client);
    assert_int_equal(client->answer.kind, ANSWER_QUEUED);
    office_settle(office);
}

/* ---- refused before anything is stored */

static void is_unconfigured_where_nobody_can_be_told(void **state)
{
    struct office *office = *state;
    office->roster.count = 0;
    office_open(office);
    assert_false(dispatcher_is_ready(office->dispatcher));
    struct request request = office_request(juan, "conv_1");
    const struct answer *answer = office_answer(office, &request);
    assert_int_equal(answer->kind, ANSWER_UNCONFIGURED);
    assert_string_equal(answer->detail, "WhatsApp service not configured.");
    assert_false(office_answer(office, &request)->is_duplicate);
    assert_string_equal(office_on_disk(office, "SELECT count(*) FROM handoff"), "0");
}

static void is_overloaded_by_too_many_open_ones(void **state)
{
    struct office *office = *state;
    office->setup.acceptance.most_open = 2;
    office->is_silent = true;
    office_open(office);
    struct request requests[] = {office_request(juan, "a"), office_request(juan, "b"),
                                 office_request(juan, "c")};
    struct client *first = office_ask(office, &requests[0]);
    assert_true(dispatcher_is_ready(office->dispatcher));
    struct client *second = office_ask(office, &requests[1]);
    assert_false(dispatcher_is_ready(office->dispatcher));
    assert_int_equal(dispatcher_open(office->dispatcher), 2);
    assert_int_equal(office_answer(office, &requests[2])->kind, ANSWER_OVERLOADED);
    struct client *joined = office_ask(office, &requests[1]); /* what is known is no load */
    office_settle(office);
    for (uint64_t i = 0; i < 2; i++)
        office_report(office, &office->whatsapp, office->deliveries[i].attempt_id, HANDOFFD_SENT,
                      "S");
    assert_int_equal(first->answer.kind, ANSWER_SENT);
    assert_int_equal(second->answer.kind, ANSWER_SENT);
    assert_int_equal(joined->answer.kind, ANSWER_SENT);
    assert_true(dispatcher_is_ready(office->dispatcher));
    office->is_silent = false;
    const struct answer *answer = office_answer(office, &requests[2]);
    assert_int_equal(answer->kind, ANSWER_SENT);
    assert_false(answer->is_duplicate);
}

static void is_overloaded_when_the_disk_is_nearly_full(void **state)
{
    struct office *office = *state;
    office->setup.acceptance.least_free_bytes = INT64_MAX;
    office_open(office);
    assert_false(dispatcher_is_ready(office->dispatcher));
    struct request request = office_request(juan, "conv_1");
    assert_int_equal(office_answer(office, &request)->kind, ANSWER_OVERLOADED);
    assert_string_equal(office_on_disk(office, "SELECT count(*) FROM handoff"), "0");
}

/* ---- disks */

/* Nothing was stored, so the same request is a new one as soon as there is room: for every key it
 * was asked with. */
static void forgets_what_found_no_room(void **state)
{
    static const char *const keys[] = {"key-1", "key-2", NULL};
    struct office *office = *state;
    struct client *clients[COUNT_OF(keys)];
    office_open(office);
    failing_disk_set(DISK_FULL);
    struct request request = office_request(juan, "conv_1");
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        request.key = keys[i];
        clients[i] = office_ask(office, &request);
    }
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        office_wait_for(clients[i]);
        assert_int_equal(clients[i]->answer.kind, ANSWER_OVERLOADED);
    }
    failing_disk_set(DISK_FINE);
    assert_int_equal(dispatcher_open(office->dispatcher), 0);
    request.key = "key-2";
    const struct answer *answer = office_answer(office, &request);
    assert_int_equal(answer->kind, ANSWER_SENT);
    assert_false(answer->is_duplicate);
    for (size_t i = 1; i < COUNT_OF(keys); i++) {
        request.key = keys[i];
        assert_true(office_answer(office, &request)->is_duplicate);
    }
    assert_int_equal(office->delivery_count, 1);
    assert_int_equal(office->store_failures, 0);
}

static void knows_nothing_when_the_disk_breaks(void **state)
{
    struct office *office = *state;
    office_open(office);
    failing_disk_set(DISK_BROKEN);
    struct request request = office_request(juan, "conv_1");
    assert_int_equal(office_answer(office, &request)->kind, ANSWER_LOST);
    office_settle(office);
    assert_int_equal(office->store_failures, 1);
    assert_int_equal(office->delivery_count, 0);
}

/* ---- draining */

static void drains_at_once_when_nothing_is_on_its_way(void **state)
{
    struct office *office = *state;
    office_open(office);
    dispatcher_drain(office->dispatcher, 60 * 1000, office_on_drained, office);
    assert_int_equal(office->drained, 0); /* on a later turn */
    assert_false(dispatcher_is_ready(office->dispatcher));
    struct request request = office_request(juan, "conv_1");
    assert_int_equal(office_answer(office, &request)->kind, ANSWER_OVERLOADED);
    office_settle(office);
    assert_int_equal(office->drained, 1);
    office_pass(office, 60 * 1000);
    assert_int_equal(office->drained, 1);
}

static void waits_for_what_is_on_its_way(void **state)
{
    struct office *office = *state;
    office->is_silent = true;
    office_open(office);
    struct request request = office_request(juan, "conv_1");
    struct client *client = office_ask(office, &request);
    office_settle(office);
    dispatcher_drain(office->dispatcher, 15 * 1000, office_on_drained, office);
    office_settle(office);
    assert_int_equal(office->drained, 0);
    office_report(office, &office->whatsapp, office->deliveries[0].attempt_id, HANDOFFD_SENT,
                  "SMx");
    assert_int_equal(office->drained, 1);
    assert_int_equal(client->answer.kind, ANSWER_SENT);
    office_pass(office, 15 * 1000);
    assert_int_equal(office->drained, 1);
}

static void drains_once_though_a_report_comes_late(void **state)
{
    struct office *office = *state;
    office->is_silent = true;
    office_open(office);
    struct request request = office_request(juan, "conv_1");
    struct client *client = office_ask(office, &request);
    office_settle(office);
    dispatcher_drain(office->dispatcher, 5000, office_on_drained, office);
    office_pass(office, 5000);
    assert_int_equal(office->drained, 1);
    assert_true(client->is_answered);
    assert_int_equal(client->answer.kind, ANSWER_QUEUED);
    office_report(office, &office->whatsapp, office->deliveries[0].attempt_id, HANDOFFD_SENT,
                  "SMx");
    assert_int_equal(office->drained, 1);
    assert_string_equal(office_on_disk(office, "SELECT state FROM handoff"), "notified");
}

static void answers_who_waits_for_a_later_try_when_it_drains(void **state)
{
    struct office *office = *state;
    office->plans[0] = (struct plan){.outcome = HANDOFFD_DEFERRED, .retry_after_ms = 5000};
    office_open(office);
    struct request request = office_request(juan, "conv_1");
    struct client *client = office_ask(office, &request);
    office_settle(office);
    dispatcher_drain(office->dispatcher, 15 * 1000, office_on_drained, office);
    office_settle(office);
    assert_int_equal(office->drained, 1);
    assert_int_equal(client->answer.kind, ANSWER_QUEUED);
    office_pass(office, 5000); /* its time comes, and nothing is begun any more */
    assert_int_equal(office->delivery_count, 1);
    assert_string_equal(office_on_disk(office, "SELECT state FROM attempt"), "deferred");
}

static void drains_although_the_disk_is_full(void **state)
{
    struct office *office = *state;
    office_open(office);
    failing_disk_set(DISK_FULL);
    struct request request = office_request(juan, "conv_1");
    struct client *client = office_ask(office, &request);
    dispatcher_drain(office->dispatcher, 15 * 1000, office_on_drained, office);
    office_wait_for(client);
    office_settle(office);
    assert_int_equal(client->answer.kind, ANSWER_OVERLOADED);
    assert_int_equal(office->drained, 1);
}

static void answers_who_waits_for_the_disk_when_time_is_up(void **state)
{
    struct office *office = *state;
    office_open(office);
    failing_disk_set(DISK_HELD);
    struct request request = office_request(juan, "conv_1");
    struct client *client = office_ask(office, &request);
    dispatcher_drain(office->dispatcher, 0, office_on_drained, office);
    office_move(office, 1);
    office_wait_for(client);
    assert_int_equal(client->answer.kind, ANSWER_LOST); /* perhaps stored, perhaps not */
    failing_disk_set(DISK_FINE);
    office_settle(office);
    assert_int_equal(office->delivery_count, 0); /* the next start finds it */
    assert_int_equal(office->drained, 1);
}

/* What nobody knows is not asked about any more: the next start does that, and knows more. */
static void asks_about_nothing_when_it_drains(void **state)
{
    struct office *office = *state;
    office->plans[0] = (struct plan){.outcome = HANDOFFD_UNKNOWN};
    office_make_askable(office);
    office_open(office);
    struct request request = office_request(juan, "conv_1");
    assert_int_equal(office_answer(office, &request)->kind, ANSWER_QUEUED);
    office_settle(office);
    dispatcher_drain(office->dispatcher, 15 * 1000, office_on_drained, office);
    office_settle(office);
    assert_int_equal(office->drained, 1);
    office_pass(office, 10 * 60 * 1000);
    assert_int_equal(office->question_count, 0);
    assert_string_equal(office_on_disk(office, "SELECT state FROM attempt"), "unknown");
    assert_string_equal(office_on_disk(office, "SELECT wake FROM handoff"), "1");
    assert_int_equal(office->delivery_count, 1);
}

/* A question that is under way does not hold up the end. */
static void does_not_wait_for_questions_when_it_drains(void **state)
{
    struct office *office = *state;
    office->plans[0] = (struct plan){.outcome = HANDOFFD_UNKNOWN};
    office->finds[0] = (struct plan){.is_silent = true};
    office_make_askable(office);
    office_open(office);
    struct request request = office_request(juan, "conv_1");
    office_answer(office, &request);
    office_settle(office);
    office_pass(office, 1000);
    assert_int_equal(office->question_count, 1);
    dispatcher_drain(office->dispatcher, 15 * 1000, office_on_drained, office);
    office_settle(office);
    assert_int_equal(office->drained, 1);
}

/* Those who wait at a closed gate are called by nobody any more. */
static void lets_nobody_try_when_it_drains(void **state)
{
    struct office *office = *state;
    office->plans[0] = (struct plan){.outcome = HANDOFFD_REFUSED_ACCOUNT};
    office->vendors[0].contact_count = 1;
    office_open(office);
    struct request request = office_request(juan, "conv_1");
    office_answer(office, &request);
    office_settle(office);
    dispatcher_drain(office->dispatcher, 15 * 1000, office_on_drained, office);
    office_pass(office, 10 * 60 * 1000);
    assert_int_equal(office->drained, 1);
    assert_int_equal(office->delivery_count, 1);
    assert_string_equal(office_on_disk(office, "SELECT state || wake FROM handoff"), "held1");
}

/* ---- many */

static void shares_many_fairly(void **state)
{
    enum { MANY = 600 };
    struct office *office = *state;
    struct client *clients[MANY];
    size_t told[OFFICE_PEOPLE] = {0};
    office_open(office);
    for (size_t i = 0; i < MANY; i++) {
        char conversation[16];
        snprintf(conversation, sizeof conversation, "conv_%zu", i);
        struct request request = office_request(juan, conversation);
        clients[i] = office_ask(office, &request);
    }
    for (size_t i = 0; i < MANY; i++) {
        office_wait_for(clients[i]);
        assert_int_equal(clients[i]->answer.kind, ANSWER_SENT);
        told[roster_find(&office->roster, clients[i]->answer.vendor_id)]++;
        for (size_t other = 0; other < i && other < 50; other++)
            assert_string_not_equal(clients[i]->answer.handoff_id,
                                    clients[other]->answer.handoff_id);
    }
    for (size_t i = 0; i < office->roster.count; i++)
        assert_int_equal(told[i], MANY / 3);
    office_settle(office);
    assert_int_equal(dispatcher_open(office->dispatcher), 0);
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, office_setup, office_teardown)
    const struct CMUnitTest tests[] = {
        TEST(tells_one_person_and_answers_with_the_provider_s_id),
        TEST(tells_nobody_twice_for_the_same_key),
        TEST(refuses_the_same_key_with_another_body),
        TEST(knows_a_customer_by_conversation_and_phone),
        TEST(takes_a_new_key_for_a_known_conversation_as_the_same),
        TEST(forgets_when_the_windows_are_over),
        TEST(says_queued_when_it_takes_longer),
        TEST(joins_who_waits_already),
        TEST(each_waits_as_long_as_its_own_patience),
        TEST(says_nothing_before_it_is_on_disk),
        TEST(is_unconfigured_where_nobody_can_be_told),
        TEST(is_overloaded_by_too_many_open_ones),
        TEST(is_overloaded_when_the_disk_is_nearly_full),
        TEST(forgets_what_found_no_room),
        TEST(knows_nothing_when_the_disk_breaks),
        TEST(drains_at_once_when_nothing_is_on_its_way),
        TEST(waits_for_what_is_on_its_way),
        TEST(drains_once_though_a_report_comes_late),
        TEST(answers_who_waits_for_a_later_try_when_it_drains),
        TEST(drains_although_the_disk_is_full),
        TEST(answers_who_waits_for_the_disk_when_time_is_up),
        TEST(asks_about_nothing_when_it_drains),
        TEST(does_not_wait_for_questions_when_it_drains),
        TEST(lets_nobody_try_when_it_drains),
        TEST(shares_many_fairly),
    };
    return cmocka_run_group_tests(tests, failing_disk_install, NULL);
}
