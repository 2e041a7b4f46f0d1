/* test_recovery - what the next start makes of what the last one left: nothing lost, nobody told
 * twice. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "failing_disk.h"
#include "office_seen.h"

static const char attempts[] = "SELECT group_concat(vendor || ' ' || state || ' ' || tries, ', ') "
                               "FROM (SELECT * FROM attempt ORDER BY handoff, number)";

static struct request request_with(const char *key, const char *conversation)
{
    struct request request = office_request(office_juan, conversation);
    request.key = key;
    request.reply_within_ms = 100;
    return request;
}

/* Asks, and has the client go away with whatever answer there is after its patience. */
static const struct answer *ask(struct office *office, const char *key, const char *conversation)
{
    struct request request = request_with(key, conversation);
    struct client *client = office_ask(office, &request);
    office_settle(office);
    if (!client->is_answered)
        office_pass(office, request.reply_within_ms);
    return &client->answer;
}

static void restart(struct office *office)
{
    office_crash(office);
    office_open(office);
}

/* ---- what was on its way */

static void sends_what_was_deferred(void **state)
{
    struct office *office = *state;
    office->plans[0] = (struct plan){.outcome = HANDOFFD_DEFERRED, .retry_after_ms = 60 * 1000};
    office_open(office);
    assert_int_equal(ask(office, "key-1", "conv_1")->kind, ANSWER_QUEUED);
    restart(office);
    assert_int_equal(dispatcher_open(office->dispatcher), 1);
    office_pass(office, 59 * 1000);
    assert_int_equal(office->delivery_count, 1); /* not before its time */
    office_pass(office, 1000);
    assert_int_equal(office->delivery_count, 2);
    assert_int_equal(office->deliveries[1].attempt_id, office->deliveries[0].attempt_id + 1);
    assert_string_equal(office->deliveries[1].handoff_id, office->deliveries[0].handoff_id);
    assert_string_equal(office->deliveries[1].to, "to-ana");
    assert_string_equal(office->deliveries[1].text, office->deliveries[0].text);
    assert_string_equal(office_on_disk(office, attempts), "ana sent 2");
    const struct answer *answer = ask(office, "key-1", "conv_1");
    assert_int_equal(answer->kind, ANSWER_SENT);
    assert_true(answer->is_duplicate);
}

static void sends_at_once_what_is_overdue(void **state)
{
    struct office *office = *state;
    office->plans[0] = (struct plan){.outcome = HANDOFFD_DEFERRED, .retry_after_ms = 60 * 1000};
    office_open(office);
    ask(office, "key-1", "conv_1");
    office_crash(office);
    office_on_disk(office, "UPDATE attempt SET due_ms = 1");
    office_open(office);
    office_pass(office, 1);
    assert_int_equal(office->delivery_count, 2);
    assert_string_equal(office_on_disk(office, attempts), "ana sent 2");
}

/* It was written while the calendar was wrong. */
static void does_not_wait_for_years(void **state)
{
    struct office *office = *state;
    office->plans[0] = (struct plan){.outcome = HANDOFFD_DEFERRED, .retry_after_ms = 60 * 1000};
    office_open(office);
    ask(office, "key-1", "conv_1");
    office_crash(office);
    office_on_disk(office, "UPDATE attempt SET due_ms = due_ms + 1000000000000");
    office_open(office);
    office_pass(office, 499);
    assert_int_equal(office->delivery_count, 1);
    office_pass(office, 501);
    assert_int_equal(office->delivery_count, 2);
}

static void repeats_what_was_on_its_way_where_that_arrives_once(void **state)
{
    struct office *office = *state;
    office->is_silent = true;
    office_make_repeat_safe(office);
    office_open(office);
    ask(office, "key-1", "conv_1");
    office_crash(office);
    office->is_silent = false;
    office_open(office);
    office_pass(office, 1000);
    assert_int_equal(office->delivery_count, 2);
    assert_string_equal(office_on_disk(office, attempts), "ana sent 2");
}

/* A second after this process began, however long it had to read. */
static void asks_about_what_was_on_its_way(void **state)
{
    static const struct {
        int64_t reading_ms;
        int64_t then_ms;
    } cases[] = {{0, 1000}, {600, 400}, {5000, 1}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct office *office = NULL;
        office_setup((void **)&office);
        office->is_silent = true;
        office_make_askable(office);
        office_open(office);
        ask(office, "key-1", "conv_1");
        office_crash(office);
        office->reading_ms = cases[i].reading_ms;
        office_open(office);
        office_settle(office);
        if (cases[i].then_ms > 1) {
            office_pass(office, cases[i].then_ms - 1);
            assert_int_equal(office->question_count, 0);
        }
        office_pass(office, 1);
        assert_int_equal(office->question_count, 1);
        office_teardown((void **)&office);
    }
    (void)state;
}

/* An hour from now, by the clock of the former process. */
static void asks_at_once_about_what_was_unknown_in_another_hour(void **state)
{
    struct office *office = *state;
    office->is_silent = true;
    office_make_askable(office);
    office_open(office);
    ask(office, "key-1", "conv_1");
    office_crash(office);
    office_open(office); /* it is unknown from here on */
    office_settle(office);
    office_crash(office);
    office_on_disk(office, "UPDATE attempt SET due_ms = due_ms + 3600000, "
                           "since_ms = since_ms + 3600000");
    office_open(office);
    office_pass_by(office, 2 * MINUTE + 2 * SECOND, SECOND);
    assert_int_equal(office->question_count, 3);
    assert_int_equal(office->delivery_count, 2); /* the provider never had it */
}

static void never_repeats_what_was_on_its_way(void **state)
{
    struct office *office = *state;
    office->is_silent = true;
    office_open(office);
    assert_int_equal(ask(office, "key-1", "conv_1")->kind, ANSWER_QUEUED);
    for (int i = 0; i < 4; i++) {
        restart(office);
        office_pass(office, MINUTE);
        assert_string_equal(office_on_disk(office, attempts), "ana unknown 1");
        const struct answer *answer = ask(office, "key-1", "conv_2");
        assert_int_equal(answer->kind, ANSWER_QUEUED);
        assert_true(answer->is_duplicate);
    }
    assert_int_equal(office->delivery_count, 1);
    assert_string_equal(office_handoffs(office), "assigned 1");
    office_pass(office, MINUTE); /* unknown for five minutes, over all the starts */
    assert_int_equal(office->delivery_count, 2);
    assert_true(office_is_marked(&office->deliveries[1]));
}

static void tries_a_held_account_again(void **state)
{
    struct office *office = *state;
    office->plans[0] = plan_account;
    office->vendors[0].contact_count = 1;
    office_open(office);
    assert_int_equal(ask(office, "key-1", "conv_1")->kind, ANSWER_FAILED);
    restart(office);
    const struct answer *answer = ask(office, "key-1", "conv_1");
    assert_int_equal(answer->kind, ANSWER_FAILED);
    assert_true(answer->is_duplicate);
    assert_string_equal(answer->detail, "Twilio error sending WhatsApp: Authenticate");
    office_pass(office, 1000); /* soon: somebody may have mended it, and started us again */
    assert_int_equal(office->delivery_count, 2);
    assert_int_equal(ask(office, "key-1", "conv_1")->kind, ANSWER_SENT);
}

static void leaves_a_held_message_alone(void **state)
{
    struct office *office = *state;
    office->plans[0] = (struct plan){.outcome = HANDOFFD_REFUSED_MESSAGE, .text = "no template"};
    office_open(office);
    assert_int_equal(ask(office, "key-1", "conv_1")->kind, ANSWER_FAILED);
    restart(office);
    office_pass(office, 60 * 60 * 1000);
    assert_int_equal(office->delivery_count, 1);
    assert_int_equal(ask(office, "key-1", "conv_1")->kind, ANSWER_FAILED);
    assert_string_equal(office_handoffs(office), "held 0");
}

static void goes_on_with_those_not_tried_yet(void **state)
{
    struct office *office = *state;
    office->plans[0] = (struct plan){.outcome = HANDOFFD_REFUSED_RECIPIENT};
    office->plans[1] = (struct plan){.outcome = HANDOFFD_REFUSED_RECIPIENT};
    office->plans[2] = (struct plan){.outcome = HANDOFFD_DEFERRED};
    office->plans[3] = (struct plan){.outcome = HANDOFFD_REFUSED_RECIPIENT};
    office->plans[4] = (struct plan){.outcome = HANDOFFD_REFUSED_RECIPIENT};
    office_open(office);
    ask(office, "key-1", "conv_1");
    restart(office);
    office_pass(office, 1000);
    assert_int_equal(office->delivery_count, 5);
    assert_string_equal(office->deliveries[3].vendor, "luis");
    assert_string_equal(office->deliveries[4].vendor, "diego");
    assert_string_equal(office_on_disk(office, attempts),
                        "ana refused 1, ana refused 1, luis refused 2, diego refused 1");
    assert_string_equal(office_on_disk(office, "SELECT state FROM handoff"), "exhausted");
}

/* ---- when vendors.yaml has changed meanwhile */

static void asks_the_next_one_when_the_person_is_gone(void **state)
{
    struct office *office = *state;
    office->plans[0] = (struct plan){.outcome = HANDOFFD_DEFERRED, .retry_after_ms = 60 * 1000};
    office_open(office);
    ask(office, "key-1", "conv_1");
    office_crash(office);
    office->roster.vendors++; /* without ana */
    office->roster.count--;
    office_open(office);
    office_pass(office, SECOND); /* it need not wait for its time */
    assert_int_equal(office->delivery_count, 2);
    assert_string_equal(office->deliveries[1].vendor, "luis");
    assert_false(office_is_marked(&office->deliveries[1]));
    assert_int_equal(ask(office, "key-1", "conv_1")->kind, ANSWER_SENT);
}

static void tells_the_same_person_at_their_new_address(void **state)
{
    struct office *office = *state;
    office->plans[0] = (struct plan){.outcome = HANDOFFD_DEFERRED, .retry_after_ms = 60 * 1000};
    office_open(office);
    ask(office, "key-1", "conv_1");
    office_crash(office);
    office->contacts[0][0].to = "new-ana";
    office_open(office);
    office_pass(office, SECOND);
    assert_int_equal(office->delivery_count, 2);
    assert_string_equal(office->deliveries[1].to, "new-ana");
    assert_string_equal(office_on_disk(office, attempts), "ana cancelled 1, ana sent 1");
    assert_int_equal(ask(office, "key-1", "conv_1")->kind, ANSWER_SENT);
}

/* An example is there so that something happens at all; a real customer is not left to it. */
static void never_hands_a_customer_to_an_example(void **state)
{
    struct office *office = *state;
    office->plans[0] = (struct plan){.outcome = HANDOFFD_DEFERRED, .retry_after_ms = 60 * 1000};
    office_open(office);
    ask(office, "key-1", "conv_1");
    office_crash(office);
    office->roster.vendors++;
    office->roster.count--;
    office->roster.is_example = true;
    office_open(office);
    office_pass(office, 60 * 60 * 1000);
    assert_int_equal(office->delivery_count, 1);
    office_crash(office);
    office->roster.is_example = false;
    office_open(office);
    office_pass(office, SECOND);
    assert_int_equal(office->delivery_count, 2);
}

static void does_not_guess_about_a_person_who_is_gone(void **state)
{
    struct office *office = *state;
    office->is_silent = true;
    office_open(office);
    ask(office, "key-1", "conv_1");
    office_crash(office);
    office->roster.vendors++;
    office->roster.count--;
    office_open(office);
    office_pass_by(office, 4 * MINUTE, SECOND);
    assert_int_equal(office->delivery_count, 1);
    assert_string_equal(office_on_disk(office, attempts), "ana unknown 1");
    assert_string_equal(ask(office, "key-1", "conv_1")->vendor_id, "ana");
    office_pass_by(office, 2 * MINUTE, SECOND); /* nobody can say: the next one, marked */
    assert_int_equal(office->delivery_count, 2);
    assert_true(office_is_marked(&office->deliveries[1]));
}

static void keeps_what_is_deferred_while_nobody_is_there(void **state)
{
    struct office *office = *state;
    office->plans[0] = (struct plan){.outcome = HANDOFFD_DEFERRED, .retry_after_ms = 60 * 1000};
    office_open(office);
    ask(office, "key-1", "conv_1");
    office_crash(office);
    office->roster.count = 0;
    office_open(office);
    office_settle(office);
    assert_int_equal(office->delivery_count, 1);
    assert_string_equal(office_on_disk(office, "SELECT state || wake FROM handoff"), "assigned1");
    office_crash(office);
    office->roster.count = 3;
    office_open(office);
    office_pass(office, 60 * 1000);
    assert_int_equal(office->delivery_count, 2); /* as soon as they are back */
}

/* ---- what is known */

static void still_knows_what_was_asked_before(void **state)
{
    struct office *office = *state;
    office_open(office);
    const struct answer *first = ask(office, "key-1", "conv_1");
    restart(office);
    const struct answer *by_key = ask(office, "key-1", "conv_2");
    const struct answer *by_conversation = ask(office, "key-2", "conv_1");
    assert_true(by_key->is_duplicate);
    assert_true(by_conversation->is_duplicate);
    assert_int_equal(by_key->kind, ANSWER_SENT);
    assert_string_equal(by_key->handoff_id, first->handoff_id);
    assert_string_equal(by_conversation->handoff_id, first->handoff_id);
    assert_string_equal(by_key->message_id, first->message_id);
    assert_string_equal(by_key->vendor_name, "Ana Torres");
    struct request other = request_with("key-1", "conv_1");
    other.digest = 2;
    assert_int_equal(office_answer(office, &other)->kind, ANSWER_CONFLICT);
    assert_int_equal(office->delivery_count, 1);
}

static void forgets_in_time_what_was_asked_before(void **state)
{
    struct office *office = *state;
    office_open(office);
    ask(office, "key-1", NULL);
    ask(office, NULL, "conv_1");
    office_pass(office, 10 * 60 * 1000);
    restart(office);
    assert_true(ask(office, "key-1", NULL)->is_duplicate);
    assert_false(ask(office, NULL, "conv_1")->is_duplicate);
    office_pass(office, 24 * 60 * 60 * 1000);
    restart(office);
    assert_false(ask(office, "key-1", NULL)->is_duplicate);
    assert_int_equal(office->delivery_count, 4);
}

static void goes_on_counting(void **state)
{
    struct office *office = *state;
    const char *ids[12];
    static const char *const turns[] = {"ana", "luis", "diego"};
    office_open(office);
    for (size_t i = 0; i < COUNT_OF(ids); i++) {
        char key[16];
        snprintf(key, sizeof key, "key-%zu", i);
        const struct answer *answer = ask(office, key, NULL);
        assert_false(answer->is_duplicate);
        assert_string_equal(answer->vendor_id, turns[i % 3]); /* turns go on too */
        ids[i] = answer->handoff_id;
        for (size_t other = 0; other < i; other++)
            assert_string_not_equal(ids[other], ids[i]);
        if (i % 2 == 0)
            restart(office);
    }
    assert_string_equal(office_on_disk(office, "SELECT max(number) FROM handoff"), "12");
}

/* ---- after a full disk */

static void goes_on_after_what_a_full_disk_swallowed(void **state)
{
    struct office *office = *state;
    office->is_silent = true;
    office_open(office);
    struct request request = request_with("key-1", "conv_1");
    struct client *client = office_ask(office, &request);
    office_settle(office);
    failing_disk_set(DISK_FULL);
    office_report(office, &office->whatsapp, office->deliveries[0].attempt_id,
                  HANDOFFD_REFUSED_RECIPIENT, NULL);
    failing_disk_set(DISK_FINE);
    office_pass(office, 5000); /* the next contact is told */
    assert_true(client->is_answered);
    office_report(office, &office->sms, office->deliveries[1].attempt_id, HANDOFFD_DEFERRED, NULL);
    restart(office);
    office->is_silent = false;
    office_pass(office, 2000); /* its second try: the first found no room */
    assert_int_equal(office->store_failures, 0);
    assert_int_equal(office->delivery_count, 3);
    assert_int_equal(ask(office, "key-1", "conv_1")->kind, ANSWER_SENT);
    assert_int_equal(dispatcher_open(office->dispatcher), 0);
}

static void does_not_repeat_what_could_not_be_recorded(void **state)
{
    struct office *office = *state;
    office->is_silent = true;
    office_open(office);
    struct request request = request_with("key-1", "conv_1");
    struct client *client = office_ask(office, &request);
    office_settle(office);
    failing_disk_set(DISK_FULL);
    office_report(office, &office->whatsapp, office->deliveries[0].attempt_id, HANDOFFD_SENT,
                  "SMx");
    assert_int_equal(client->answer.kind, ANSWER_SENT);
    failing_disk_set(DISK_FINE);
    assert_int_equal(ask(office, "key-1", "conv_1")->kind, ANSWER_SENT);
    office_make_askable(office);
    office->finds[0] = (struct plan){.outcome = HANDOFFD_SENT, .message_id = "SMx"};
    restart(office);
    office_pass(office, SECOND); /* the provider knows */
    assert_int_equal(office->delivery_count, 1);
    assert_string_equal(office_on_disk(office, attempts), "ana sent 1");
    assert_string_equal(ask(office, "key-1", "conv_1")->message_id, "SMx");
}

static void knows_a_further_key_after_a_restart(void **state)
{
    struct office *office = *state;
    office_open(office);
    assert_false(ask(office, "key-1", "conv_1")->is_duplicate);
    assert_true(ask(office, "key-2", "conv_1")->is_duplicate);
    restart(office);
    office_pass(office,
                60 * 60 * 1000); /* longer than a conversation is known, shorter than a key */
    assert_true(ask(office, "key-2", "conv_1")->is_duplicate);
    assert_int_equal(office->delivery_count, 1);
}

/* ---- many */

static void takes_up_many_of_every_kind(void **state)
{
    enum { MANY = 60 };
    struct office *office = *state;
    office->is_silent = true;
    office_open(office);
    for (int i = 0; i < MANY; i++) {
        char key[16];
        snprintf(key, sizeof key, "key-%d", i);
        struct request request = request_with(key, NULL);
        office_ask(office, &request);
    }
    office_pass(office, 1000);
    assert_int_equal(office->delivery_count, MANY);
    for (size_t i = 0; i < MANY; i += 3) { /* a third deferred, a third sent, a third silent */
        struct handoffd_host *host = &office->whatsapp.host;
        struct handoffd_report deferred = {.size = sizeof deferred, .outcome = HANDOFFD_DEFERRED};
        struct handoffd_report sent = {.size = sizeof sent, .outcome = HANDOFFD_SENT};
        host->report(host, office->deliveries[i].attempt_id, &deferred);
        host->report(host, office->deliveries[i + 1].attempt_id, &sent);
    }
    office_settle(office);
    office_crash(office);
    office->is_silent = false;
    office_open(office);
    assert_int_equal(dispatcher_open(office->dispatcher), MANY * 2 / 3);
    office_pass(office, 1000);
    assert_int_equal(office->delivery_count, MANY + MANY / 3);
    for (size_t i = 0; i < MANY / 3; i++)
        assert_int_equal(office->deliveries[MANY + i].attempt_id % 256, 2); /* the second try */
    assert_string_equal(office_on_disk(office, "SELECT count(*) FROM attempt WHERE state = 'sent'"),
                        "40");
    assert_string_equal(
        office_on_disk(office, "SELECT count(*) FROM attempt WHERE state = 'unknown'"), "20");
    assert_int_equal(dispatcher_open(office->dispatcher), MANY / 3); /* the unknown ones */
}

/* Another hand has changed the rows, or a version that knows more: there is nothing to do. */
static void leaves_alone_what_needs_nothing(void **state)
{
    static const struct {
        const char *handoff;
        const char *attempt;
    } cases[] = {
        {"state = 'notified', wake = 1", "state = 'sent'"},
        {"state = 'notified', wake = 1", "state = 'read'"},
        {"state = 'notified', wake = 2, due_ms = 1", "state = 'delivered'"},
        {"state = 'closed', wake = 1", "state = 'sending'"},
        {"state = 'held', wake = 1", "state = 'refused'"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct office *office = NULL;
        office_setup((void **)&office);
        office_open(office);
        ask(office, "key-1", "conv_1");
        office_crash(office);
        office_on_disk(office,
                       arena_format(office->arena, "UPDATE handoff SET %s", cases[i].handoff));
        office_on_disk(office,
                       arena_format(office->arena, "UPDATE attempt SET %s", cases[i].attempt));
        office_open(office);
        office_pass(office, HOUR);
        assert_int_equal(office->delivery_count, 1);
        assert_int_equal(dispatcher_open(office->dispatcher), 0);
        office_teardown((void **)&office);
    }
    (void)state;
}

/* What was held at a gate, and whose contact is gone: whoever is there now is told. */
static void tells_another_where_the_contact_of_a_held_one_is_gone(void **state)
{
    struct office *office = *state;
    office->vendors[0].contact_count = 1;
    office->plans[0] = plan_account;
    office_open(office);
    ask(office, "key-1", "conv_1");
    assert_string_equal(office_handoffs(office), "held 1");
    office_crash(office);
    office->roster.vendors++;
    office->roster.count--;
    office_open(office);
    office_pass(office, SECOND);
    assert_string_equal(office_on_disk(office, attempts), "ana cancelled 1, luis sent 1");
}

/* ---- crashes */

/* It was on its way each time: at the third it is left alone, and somebody must look at it. */
static void parks_what_was_in_flight_at_three_crashes(void **state)
{
    struct office *office = *state;
    office->is_silent = true;
    office_make_askable(office); /* whose list never has it */
    office_open(office);
    assert_int_equal(ask(office, "key-1", "conv_1")->kind, ANSWER_QUEUED);
    for (int crash = 1; crash <= 2; crash++) {
        restart(office);
        office_settle(office);
        assert_string_equal(office_on_disk(office, "SELECT state || crashes FROM handoff"),
                            arena_format(office->arena, "assigned%d", crash));
        while (office->delivery_count < 1 + (size_t)crash) /* it is sent again */
            office_pass(office, SECOND);
        assert_string_equal(office_on_disk(office, "SELECT state FROM attempt"), "sending");
    }
    restart(office);
    office_settle(office);
    assert_string_equal(office_handoffs(office), "parked 0");
    assert_string_equal(office_on_disk(office, attempts), "ana unknown 3");
    assert_true(office_has_trouble(office,
                                   "stuck parked: a customer's message was set aside: the service "
                                   "crashed three times over it"));
    const struct answer *answer = ask(office, "key-1", "conv_1");
    assert_int_equal(answer->kind, ANSWER_FAILED);
    assert_string_equal(answer->detail, "in flight at three crashes");
    size_t asked = office->question_count;
    for (int i = 0; i < 3; i++) {
        office_pass(office, DAY);
        restart(office);
    }
    assert_int_equal(office->delivery_count, 3);
    assert_int_equal(office->question_count, asked);
    assert_int_equal(dispatcher_open(office->dispatcher), 0);
    office->is_silent = false;
    assert_null(office_order(office, office->deliveries[0].handoff_id, ORDER_RETRY));
    assert_int_equal(office->delivery_count, 4);
    assert_true(office_is_marked(&office->deliveries[3]));
    assert_string_equal(office_handoffs(office), "notified 0");
}

/* Where repeating is harmless, so is going round in circles: it is parked all the same. */
static void parks_it_where_it_is_simply_repeated_too(void **state)
{
    struct office *office = *state;
    office->is_silent = true;
    office_make_repeat_safe(office);
    office_open(office);
    ask(office, "key-1", "conv_1");
    for (int i = 0; i < 2; i++) {
        restart(office);
        office_pass(office, 5 * SECOND);
    }
    assert_int_equal(office->delivery_count, 3);
    restart(office);
    office_pass(office, DAY);
    assert_int_equal(office->delivery_count, 3);
    assert_string_equal(office_handoffs(office), "parked 0");
}

/* What waits, and only waits, is in flight at no crash. */
static void counts_no_crash_of_what_only_waits(void **state)
{
    struct office *office = *state;
    office->plans[0] = (struct plan){.outcome = HANDOFFD_DEFERRED, .retry_after_ms = HOUR};
    office_open(office);
    ask(office, "key-1", "conv_1");
    for (int i = 0; i < 5; i++)
        restart(office);
    office_settle(office);
    assert_string_equal(office_on_disk(office, "SELECT state || crashes FROM handoff"),
                        "assigned0");
    office_pass(office, HOUR);
    assert_string_equal(office_handoffs(office), "notified 0");
}

/* A word that a later version wrote: nothing is sent because of it. */
static void leaves_alone_what_it_does_not_understand(void **state)
{
    struct office *office = *state;
    office->setup.delivery.unknown.on_ambiguous = AMBIGUOUS_HOLD;
    office_open(office);
    ask(office, "key-1", "conv_1");
    office_crash(office);
    office_on_disk(office, "UPDATE handoff SET state = 'dreaming', wake = 1");
    office_on_disk(office, "UPDATE attempt SET state = 'dreaming'");
    office_open(office);
    office_pass(office, HOUR);
    assert_int_equal(office->delivery_count, 1);
    assert_int_equal(dispatcher_open(office->dispatcher), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        OFFICE_TEST(sends_what_was_deferred),
        OFFICE_TEST(sends_at_once_what_is_overdue),
        OFFICE_TEST(does_not_wait_for_years),
        OFFICE_TEST(repeats_what_was_on_its_way_where_that_arrives_once),
        cmocka_unit_test(asks_about_what_was_on_its_way),
        OFFICE_TEST(asks_at_once_about_what_was_unknown_in_another_hour),
        OFFICE_TEST(never_repeats_what_was_on_its_way),
        OFFICE_TEST(tries_a_held_account_again),
        OFFICE_TEST(leaves_a_held_message_alone),
        OFFICE_TEST(goes_on_with_those_not_tried_yet),
        OFFICE_TEST(asks_the_next_one_when_the_person_is_gone),
        OFFICE_TEST(tells_the_same_person_at_their_new_address),
        OFFICE_TEST(never_hands_a_customer_to_an_example),
        OFFICE_TEST(does_not_guess_about_a_person_who_is_gone),
        OFFICE_TEST(keeps_what_is_deferred_while_nobody_is_there),
        OFFICE_TEST(still_knows_what_was_asked_before),
        OFFICE_TEST(forgets_in_time_what_was_asked_before),
        OFFICE_TEST(goes_on_counting),
        OFFICE_TEST(goes_on_after_what_a_full_disk_swallowed),
        OFFICE_TEST(does_not_repeat_what_could_not_be_recorded),
        OFFICE_TEST(knows_a_further_key_after_a_restart),
        OFFICE_TEST(takes_up_many_of_every_kind),
        cmocka_unit_test(leaves_alone_what_needs_nothing),
        OFFICE_TEST(tells_another_where_the_contact_of_a_held_one_is_gone),
        OFFICE_TEST(parks_what_was_in_flight_at_three_crashes),
        OFFICE_TEST(parks_it_where_it_is_simply_repeated_too),
        OFFICE_TEST(counts_no_crash_of_what_only_waits),
        OFFICE_TEST(leaves_alone_what_it_does_not_understand),
    };
    return cmocka_run_group_tests(tests, failing_disk_install, NULL);
}
