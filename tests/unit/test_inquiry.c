/* test_inquiry - what nobody knows is asked, and nobody is told twice before the answer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "failing_disk.h"
#include "office_seen.h"

/* Every delivery is unknown, and the office is open. */
static void open_unknown(struct office *office)
{
    office_plan(office, 0, OFFICE_PLANS, &plan_unknown);
    office_make_askable(office);
    office_open(office);
}

static void answer_all(struct office *office, const struct plan *plan)
{
    office_plan_finds(office, 0, OFFICE_PLANS, plan);
}

/* ---- asking */

static void says_queued_at_once_and_asks_after_a_second(void **state)
{
    struct office *office = *state;
    open_unknown(office);
    const struct answer *answer = office_tell(office, "a");
    assert_int_equal(answer->kind, ANSWER_QUEUED);
    assert_string_equal(office_attempts(office), "ana whatsapp unknown 1");
    office_pass(office, 999);
    assert_int_equal(office->question_count, 0);
    office_pass(office, 1);
    assert_int_equal(office->question_count, 1);
    assert_int_equal(office->questions[0].attempt_id, office->deliveries[0].attempt_id);
    assert_null(office->questions[0].message_id);
    assert_string_equal(office->questions[0].taken_ids, "");
}

static void takes_silence_for_unknown_and_asks(void **state)
{
    struct office *office = *state;
    office->is_silent = true;
    office_make_askable(office);
    office_open(office);
    struct client *client = office_begin(office, "a");
    office_pass(office, MINUTE - 1);
    assert_int_equal(office->question_count, 0);
    office_pass(office, 1);
    assert_string_equal(office_attempts(office), "ana whatsapp unknown 1");
    assert_int_equal(client->answer.kind, ANSWER_QUEUED);
    office_pass(office, 1000);
    assert_int_equal(office->question_count, 1);
}

/* Three times over two minutes, and only then. */
static void sends_again_what_the_provider_never_had(void **state)
{
    struct office *office = *state;
    open_unknown(office);
    office->plans[1] = (struct plan){0};
    office_tell(office, "a");
    office_pass(office, 1000);
    assert_int_equal(office->question_count, 1);
    office_pass(office, 59 * SECOND);
    assert_int_equal(office->question_count, 1);
    office_pass(office, 1000);
    assert_int_equal(office->question_count, 2);
    office_pass(office, 58 * SECOND);
    assert_int_equal(office->question_count, 2);
    assert_int_equal(office->delivery_count, 1);
    office_pass(office, 1000);
    assert_int_equal(office->question_count, 3);
    ASSERT_TOLD(office, "to-ana", "to-ana");
    assert_int_equal(office->deliveries[1].attempt_id, office->deliveries[0].attempt_id + 1);
    assert_false(office_is_marked(&office->deliveries[1])); /* the first surely never left */
    assert_string_equal(office_attempts(office), "ana whatsapp sent 2");
    assert_string_equal(office_events(office), "assigned,unknown,absent,absent,ready,sent");
    assert_int_equal(office_tell(office, "a")->kind, ANSWER_SENT);
    office_pass(office, HOUR);
    assert_int_equal(office->question_count, 3);
}

static void asks_as_often_as_vendors_yaml_says(void **state)
{
    static const struct {
        int64_t times;
        int64_t ask_for_ms;
    } cases[] = {{1, 30 * SECOND}, {2, MINUTE}, {5, 10 * MINUTE}, {3, 1}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct office *office = NULL;
        office_setup((void **)&office);
        office->setup.delivery.unknown.times = cases[i].times;
        office->setup.delivery.unknown.ask_for_ms = cases[i].ask_for_ms;
        open_unknown(office);
        office->plans[1] = (struct plan){0};
        office_tell(office, "a");
        int64_t begun_ms = clock_steady_ms();
        while (office->delivery_count == 1)
            office_pass(office, 250);
        assert_true((int64_t)office->question_count >= cases[i].times);
        assert_true((int64_t)office->question_count <= cases[i].times + 1);
        assert_true(clock_steady_ms() - begun_ms >= cases[i].ask_for_ms);
        assert_true(clock_steady_ms() - begun_ms <= cases[i].ask_for_ms + 2000);
        office_teardown((void **)&office);
    }
    (void)state;
}

/* Its list may lag behind by as long as it was away: what is missed at once was asked once. */
static void does_not_hurry_after_the_provider_was_away(void **state)
{
    struct office *office = *state;
    open_unknown(office);
    office->plans[1] = (struct plan){0};
    answer_all(office, &plan_unknown);
    office_tell(office, "a");
    office_pass_by(office, 130 * SECOND, SECOND);
    size_t asked = office->question_count;
    answer_all(office, &(struct plan){.outcome = HANDOFFD_ABSENT});
    while (office->question_count == asked)
        office_pass(office, SECOND);
    office_pass_by(office, 30 * SECOND, SECOND);
    assert_int_equal(office->question_count, asked + 1);
    assert_int_equal(office->delivery_count, 1);
    office_pass_by(office, 2 * MINUTE, SECOND);
    assert_int_equal(office->question_count, asked + 3);
    assert_int_equal(office->delivery_count, 2);
}

/* ---- the answers */

static void adopts_what_the_provider_has(void **state)
{
    static const struct {
        uint32_t outcome;
        const char *state;
    } cases[] = {
        {HANDOFFD_SENT, "sent"}, {HANDOFFD_DELIVERED, "delivered"}, {HANDOFFD_READ, "read"}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct office *office = NULL;
        office_setup((void **)&office);
        open_unknown(office);
        answer_all(office, &(struct plan){.outcome = cases[i].outcome, .message_id = "SMfound"});
        office_tell(office, "a");
        office_pass(office, 1000);
        const struct answer *answer = office_tell(office, "a");
        assert_int_equal(answer->kind, ANSWER_SENT);
        assert_string_equal(answer->message_id, "SMfound");
        assert_string_equal(
            office_on_disk(office, "SELECT state || ' ' || message_id FROM attempt"),
            arena_format(office->arena, "%s SMfound", cases[i].state));
        assert_string_equal(office_handoffs(office), "notified 0");
        assert_int_equal(dispatcher_open(office->dispatcher), 0);
        assert_int_equal(office->delivery_count, 1);
        assert_int_equal(office->reached, 1);
        office_teardown((void **)&office);
    }
    (void)state;
}

static void takes_a_failure_that_is_found_as_one_at_once(void **state)
{
    static const struct {
        uint32_t outcome;
        const char *attempts;
        const char *handoff;
    } cases[] = {
        {HANDOFFD_UNDELIVERED, "ana whatsapp undelivered 1, ana sms sent 1", "notified 0"},
        {HANDOFFD_REFUSED_RECIPIENT, "ana whatsapp refused 1, ana sms sent 1", "notified 0"},
        {HANDOFFD_DEFERRED, "ana whatsapp deferred 1", "assigned 1"},
        {HANDOFFD_REFUSED_MESSAGE, "ana whatsapp refused 1", "held 0"},
        {HANDOFFD_REFUSED_ACCOUNT, "ana whatsapp cancelled 1, ana sms sent 1", "notified 0"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct office *office = NULL;
        office_setup((void **)&office);
        open_unknown(office);
        office->plans[1] = (struct plan){0};
        answer_all(office, &(struct plan){.outcome = cases[i].outcome, .message_id = "SMfound"});
        office_tell(office, "a");
        office_pass(office, 1000);
        assert_string_equal(office_attempts(office), cases[i].attempts);
        assert_string_equal(office_handoffs(office), cases[i].handoff);
        for (size_t told = 1; told < office->delivery_count; told++)
            assert_false(office_is_marked(&office->deliveries[told]));
        office_teardown((void **)&office);
    }
    (void)state;
}

/* `outcomes:` says what a refused message means; of a question that could not be asked it means
 * nothing: the message may well be on its way. */
static void amends_no_question_that_could_not_be_asked(void **state)
{
    static const char *const codes[] = {"20429", "20003"};
    static const char *const meanings[] = {"deferred", "account"};
    struct office *office = *state;
    office->whatsapp.rules.outcomes = (struct handoffd_fields){codes, meanings, 2};
    open_unknown(office);
    office->finds[0] = (struct plan){.outcome = HANDOFFD_UNKNOWN, .code = 20429};
    office->finds[1] = (struct plan){.outcome = HANDOFFD_UNKNOWN, .code = 20003};
    office->finds[2] = (struct plan){.outcome = HANDOFFD_SENT, .message_id = "SMfound"};
    office_tell(office, "a");
    office_pass_by(office, MINUTE, SECOND);
    ASSERT_TOLD(office, "to-ana");
    assert_string_equal(office_attempts(office), "ana whatsapp sent 1");
    assert_int_equal(office->trouble_count, 0);
}

static void amends_a_failure_that_is_found(void **state)
{
    static const char *const codes[] = {"63016"};
    static const char *const meanings[] = {"recipient"};
    struct office *office = *state;
    office->whatsapp.rules.outcomes = (struct handoffd_fields){codes, meanings, 1};
    open_unknown(office);
    office->plans[1] = (struct plan){0};
    office->finds[0] = (struct plan){.outcome = HANDOFFD_REFUSED_MESSAGE, .code = 63016};
    office_tell(office, "a");
    office_pass(office, 1000);
    ASSERT_TOLD(office, "to-ana", "sms-ana");
}

/* ---- a provider that cannot be asked */

static void asks_again_every_ten_to_twenty_seconds(void **state)
{
    struct office *office = *state;
    open_unknown(office);
    answer_all(office, &plan_unknown);
    office->setup.delivery.unknown.on_ambiguous = AMBIGUOUS_HOLD;
    dispatcher_adopt(office->dispatcher, &office->setup);
    office_tell(office, "a");
    office_pass(office, 1000);
    size_t asked = office->question_count;
    int64_t last_ms = clock_steady_ms();
    while (clock_steady_ms() < last_ms + 20 * SECOND && asked < 12) {
        office_pass(office, 500);
        if (office->question_count == asked)
            continue;
        assert_int_equal(office->question_count, asked + 1);
        assert_true(clock_steady_ms() - last_ms >= 10 * SECOND);
        last_ms = clock_steady_ms();
        asked = office->question_count;
    }
    assert_int_equal(asked, 12);
    assert_string_equal(office_attempts(office), "ana whatsapp unknown 1");
}

static void gives_up_when_it_was_unknown_for_so_long(void **state)
{
    struct office *office = *state;
    open_unknown(office);
    answer_all(office, &plan_unknown);
    office->setup.delivery.unknown.on_ambiguous = AMBIGUOUS_HOLD;
    dispatcher_adopt(office->dispatcher, &office->setup);
    office_tell(office, "a");
    office_pass_by(office, 5 * MINUTE - 1, SECOND);
    assert_string_equal(office_handoffs(office), "assigned 1");
    office_pass(office, 1);
    assert_string_equal(office_attempts(office), "ana whatsapp ambiguous 1");
    assert_string_equal(office_handoffs(office), "held 0");
    assert_int_equal(office->delivery_count, 1);
    assert_true(office_has_trouble(office,
                                   "stuck ambiguous: nobody can say whether a customer's message "
                                   "reached anybody"));
    assert_int_equal(office_tell(office, "a")->kind, ANSWER_FAILED);
    assert_int_equal(dispatcher_open(office->dispatcher), 0);
}

/* No answer within the minute is none. */
static void takes_a_silent_question_for_one_that_could_not_be_asked(void **state)
{
    struct office *office = *state;
    open_unknown(office);
    answer_all(office, &plan_silent);
    office_tell(office, "a");
    office_pass(office, 1000);
    assert_int_equal(office->question_count, 1);
    assert_int_equal(office->whatsapp.busy, 1);
    office_pass(office, MINUTE - 1);
    assert_int_equal(office->question_count, 1);
    office_pass(office, 1);
    assert_int_equal(office->whatsapp.busy, 0);
    office_pass_by(office, 20 * SECOND, SECOND);
    assert_int_equal(office->question_count, 2);
    assert_int_equal(office->delivery_count, 1);
}

static void waits_for_a_callback_where_there_is_no_asking(void **state)
{
    struct office *office = *state;
    office->plans[0] = plan_unknown;
    office_open(office);
    office_tell(office, "a");
    office_pass(office, 5 * MINUTE - SECOND);
    assert_string_equal(office_attempts(office), "ana whatsapp unknown 1");
    office_say(office, 0, HANDOFFD_SENT, "SMlate");
    office_settle(office);
    assert_string_equal(office_attempts(office), "ana whatsapp sent 1");
    assert_string_equal(office_tell(office, "a")->message_id, "SMlate");
    office_pass(office, HOUR);
    assert_int_equal(office->delivery_count, 1);
}

static void gives_up_where_no_callback_came(void **state)
{
    struct office *office = *state;
    office->plans[0] = plan_unknown;
    office_open(office);
    office_tell(office, "a");
    office_pass(office, 5 * MINUTE - 1);
    assert_int_equal(office->delivery_count, 1);
    office_pass(office, 1);
    ASSERT_TOLD(office, "to-ana", "sms-ana");
    assert_true(office_is_marked(&office->deliveries[1]));
}

/* ---- whose is the message in the list? */

/* Two with the same text for the same person, one message there: it is one of the two. */
static void adopts_a_message_for_one_handoff_only(void **state)
{
    struct office *office = *state;
    office->vendors[0].contact_count = 1;
    office->roster.count = 1;
    open_unknown(office);
    office->plans[2] = (struct plan){0};
    answer_all(office, &(struct plan){.outcome = HANDOFFD_SENT, .message_id = "SMone"});
    struct client *first = office_begin(office, "a");
    struct client *second = office_begin(office, "b");
    office_pass(office, 1000);
    assert_int_equal(office->question_count, 2);
    assert_string_equal(office_on_disk(office, "SELECT count(*) FROM attempt WHERE state = 'sent'"),
                        "1");
    assert_string_equal(
        office_on_disk(office, "SELECT count(*) FROM attempt WHERE state = 'unknown'"), "1");
    answer_all(office, &(struct plan){.outcome = HANDOFFD_ABSENT});
    office_pass_by(office, 2 * MINUTE, SECOND);
    assert_int_equal(office->question_count, 4);
    assert_string_equal(office->questions[2].taken_ids, "SMone\n");
    assert_string_equal(office->questions[3].taken_ids, "SMone\n");
    assert_int_equal(office->delivery_count, 3); /* the other never left: it does now */
    assert_string_equal(office_attempts(office), "ana whatsapp sent 1, ana whatsapp sent 2");
    assert_int_equal(first->answer.kind, ANSWER_QUEUED);
    assert_int_equal(second->answer.kind, ANSWER_QUEUED);
}

/* Those of other people and other channels are no news: their addresses are others. */
static void tells_the_provider_which_messages_are_others(void **state)
{
    struct office *office = *state;
    office->vendors[0].contact_count = 1;
    office->roster.count = 1;
    office_make_askable(office);
    office->plans[2] = plan_unknown;
    office_open(office);
    const char *first = office_tell(office, "a")->message_id;
    const char *second = office_tell(office, "b")->message_id;
    office_tell(office, "c");
    office_pass(office, 1000);
    const char *taken = office->questions[0].taken_ids;
    assert_non_null(strstr(taken, first));
    assert_non_null(strstr(taken, second));
    assert_int_equal(strlen(taken), strlen(first) + strlen(second) + 2);
}

/* An incomplete list would let it adopt another's message, and its own would never go out. */
static void asks_nobody_while_the_store_cannot_say_what_is_taken(void **state)
{
    struct office *office = *state;
    open_unknown(office);
    answer_all(office, &(struct plan){.outcome = HANDOFFD_SENT, .message_id = "SMother"});
    office_tell(office, "a");
    office_on_disk(office, "ALTER TABLE attempt RENAME COLUMN message_id TO hidden");
    office_pass(office, 1000);
    assert_int_equal(office->question_count, 0);
    office_on_disk(office, "ALTER TABLE attempt RENAME COLUMN hidden TO message_id");
    office_pass_by(office, 20 * SECOND, SECOND);
    assert_int_equal(office->question_count, 1);
    assert_string_equal(office_attempts(office), "ana whatsapp sent 1");
}

/* ---- what happens while it is asked */

static void a_callback_comes_before_the_answer(void **state)
{
    struct office *office = *state;
    open_unknown(office);
    answer_all(office, &plan_silent);
    office_tell(office, "a");
    office_pass(office, 1000);
    assert_int_equal(office->question_count, 1);
    office_say(office, 0, HANDOFFD_DELIVERED, "SMown");
    office_settle(office);
    assert_string_equal(office_attempts(office), "ana whatsapp delivered 1");
    assert_int_equal(office->whatsapp.busy, 0);
    assert_int_equal(dispatcher_open(office->dispatcher), 0);
    office_say(office, 0, HANDOFFD_ABSENT, NULL); /* the answer, at last */
    office_say(office, 0, HANDOFFD_SENT, "SMother");
    office_settle(office);
    assert_string_equal(office_on_disk(office, "SELECT state || message_id FROM attempt"),
                        "deliveredSMown");
    assert_int_equal(dispatcher_open(office->dispatcher), 0);
    office_pass(office, HOUR);
    assert_int_equal(office->delivery_count, 1);
}

/* The store is asked first: the callback may come while it looks. */
static void a_callback_comes_while_the_store_is_asked(void **state)
{
    struct office *office = *state;
    open_unknown(office);
    office_tell(office, "a");
    failing_disk_set(DISK_READ_HELD);
    office_move(office, 1000);
    office_say(office, 0, HANDOFFD_DELIVERED, "SMown");
    office_move(office, 1);
    failing_disk_set(DISK_FINE);
    office_settle(office);
    assert_string_equal(office_attempts(office), "ana whatsapp delivered 1");
    assert_int_equal(office->question_count, 0);
    assert_int_equal(office->whatsapp.busy, 0);
    office_pass(office, 2 * MINUTE);
    assert_int_equal(dispatcher_open(office->dispatcher), 0);
}

static void is_not_asked_by_a_second_request(void **state)
{
    struct office *office = *state;
    open_unknown(office);
    answer_all(office, &plan_silent);
    office_tell(office, "a");
    office_pass(office, 1000);
    const struct answer *answer = office_tell(office, "a");
    assert_int_equal(answer->kind, ANSWER_QUEUED);
    assert_true(answer->is_duplicate);
    assert_int_equal(office->question_count, 1);
    assert_int_equal(office->delivery_count, 1);
}

static void puts_it_down_when_the_daemon_stops(void **state)
{
    struct office *office = *state;
    open_unknown(office);
    answer_all(office, &plan_silent);
    office_tell(office, "a");
    office_tell(office, "b");
    office_pass(office, 1000);
    office_tell(office, "c");
    failing_disk_set(DISK_READ_HELD);
    office_move(office, 1000); /* c is asked of the store */
    failing_disk_set(DISK_FINE);
    office_close(office);
}

/* ---- over a restart */

static void goes_on_counting_its_misses(void **state)
{
    struct office *office = *state;
    open_unknown(office);
    office->plans[1] = (struct plan){0};
    office_tell(office, "a");
    office_pass(office, 1000);
    office_pass(office, 59500);
    assert_int_equal(office->question_count, 2);
    office_restart(office);
    assert_string_equal(office_on_disk(office, "SELECT asked FROM attempt"), "2");
    office_pass(office, 1000); /* at a start it is asked about within the second */
    assert_int_equal(office->question_count, 3);
    assert_int_equal(office->delivery_count, 1); /* but not for long enough yet */
    office_pass_by(office, MINUTE, SECOND);
    assert_int_equal(office->delivery_count, 2);
    assert_string_equal(office_attempts(office), "ana whatsapp sent 2");
}

static void asks_about_what_was_on_its_way_at_a_crash(void **state)
{
    struct office *office = *state;
    office->is_silent = true;
    office_make_askable(office);
    office_open(office);
    struct client *client = office_begin(office, "a");
    office_pass(office, 8 * SECOND);
    assert_int_equal(client->answer.kind, ANSWER_QUEUED);
    office->finds[0] = (struct plan){.outcome = HANDOFFD_SENT, .message_id = "SMfound"};
    office_restart(office);
    office_pass(office, 1000);
    assert_int_equal(office->question_count, 1);
    assert_string_equal(office_attempts(office), "ana whatsapp sent 1");
    const struct answer *answer = office_tell(office, "a");
    assert_int_equal(answer->kind, ANSWER_SENT);
    assert_string_equal(answer->message_id, "SMfound");
    assert_int_equal(office->delivery_count, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        OFFICE_TEST(says_queued_at_once_and_asks_after_a_second),
        OFFICE_TEST(takes_silence_for_unknown_and_asks),
        OFFICE_TEST(sends_again_what_the_provider_never_had),
        cmocka_unit_test(asks_as_often_as_vendors_yaml_says),
        OFFICE_TEST(does_not_hurry_after_the_provider_was_away),
        cmocka_unit_test(adopts_what_the_provider_has),
        cmocka_unit_test(takes_a_failure_that_is_found_as_one_at_once),
        OFFICE_TEST(amends_no_question_that_could_not_be_asked),
        OFFICE_TEST(amends_a_failure_that_is_found),
        OFFICE_TEST(asks_again_every_ten_to_twenty_seconds),
        OFFICE_TEST(gives_up_when_it_was_unknown_for_so_long),
        OFFICE_TEST(takes_a_silent_question_for_one_that_could_not_be_asked),
        OFFICE_TEST(waits_for_a_callback_where_there_is_no_asking),
        OFFICE_TEST(gives_up_where_no_callback_came),
        OFFICE_TEST(adopts_a_message_for_one_handoff_only),
        OFFICE_TEST(tells_the_provider_which_messages_are_others),
        OFFICE_TEST(asks_nobody_while_the_store_cannot_say_what_is_taken),
        OFFICE_TEST(a_callback_comes_before_the_answer),
        OFFICE_TEST(a_callback_comes_while_the_store_is_asked),
        OFFICE_TEST(is_not_asked_by_a_second_request),
        OFFICE_TEST(puts_it_down_when_the_daemon_stops),
        OFFICE_TEST(goes_on_counting_its_misses),
        OFFICE_TEST(asks_about_what_was_on_its_way_at_a_crash),
    };
    return cmocka_run_group_tests(tests, failing_disk_install, NULL);
}
