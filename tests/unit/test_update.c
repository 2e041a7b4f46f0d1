/* test_update - the same customer in the same conversation says more: whoever has them hears it,
 * once for each thing said, and never as a second handoff. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "failing_disk.h"
#include "office_seen.h"

static const char parents[] = "SELECT group_concat(parent) FROM handoff";

/* What Juan says in conv_1, under a key or none. */
static const struct answer *say(struct office *office, const char *reason, const char *key)
{
    struct request request = office_request(office_juan, "conv_1");
    request.handoff.reason = reason;
    request.key = key;
    request.digest = (int64_t)strlen(reason);
    const struct answer *answer = office_answer(office, &request);
    office_settle(office);
    return answer;
}

static void tells_the_same_person_what_the_customer_said_later(void **state)
{
    struct office *office = *state;
    office_open(office);
    const struct answer *first = say(office, "Quiere un robot", NULL);
    const struct answer *second = say(office, "Quiere dos robots", NULL);
    assert_true(second->is_duplicate);
    assert_int_equal(second->kind, ANSWER_SENT);
    assert_string_equal(second->handoff_id, first->handoff_id);
    assert_string_equal(second->message_id, first->message_id);
    ASSERT_TOLD(office, "to-ana", "to-ana");
    assert_non_null(strstr(office->deliveries[1].text, "Actualización"));
    assert_non_null(strstr(office->deliveries[1].text, "Quiere dos robots"));
    assert_string_not_equal(office->deliveries[1].handoff_id, first->handoff_id);
    assert_string_equal(office_on_disk(office, parents), "0,1");
}

static void the_same_words_again_are_no_news(void **state)
{
    struct office *office = *state;
    office_open(office);
    say(office, "Quiere un robot", NULL);
    say(office, "quiere  un ROBOT", NULL);
    say(office, "Quiere dos", NULL);
    say(office, "Quiere dos", NULL);
    ASSERT_TOLD(office, "to-ana", "to-ana");
}

static void a_key_that_comes_with_it_stands_for_the_first_one(void **state)
{
    struct office *office = *state;
    office_open(office);
    const struct answer *first = say(office, "Quiere un robot", "key-1");
    assert_string_equal(say(office, "Quiere dos robots", "key-2")->handoff_id, first->handoff_id);
    assert_true(say(office, "Quiere dos robots", "key-2")->is_duplicate);
    assert_int_equal(say(office, "Otra cosa", "key-2")->kind, ANSWER_CONFLICT);
    ASSERT_TOLD(office, "to-ana", "to-ana");
    office_restart(office);
    assert_string_equal(say(office, "Quiere dos robots", "key-2")->handoff_id, first->handoff_id);
    ASSERT_TOLD(office, "to-ana", "to-ana");
}

static void says_so_much_and_no_more(void **state)
{
    struct office *office = *state;
    office_open(office);
    static const char *const reasons[] = {"0", "1", "22", "333", "4444", "55555", "666666", "7"};
    for (size_t i = 0; i < COUNT_OF(reasons); i++)
        say(office, reasons[i], NULL);
    assert_int_equal(office->delivery_count, 6); /* the handoff, and five updates */
}

static void knows_after_a_restart_what_was_said(void **state)
{
    struct office *office = *state;
    office_open(office);
    const struct answer *first = say(office, "Quiere un robot", NULL);
    say(office, "Quiere dos robots", NULL);
    office_restart(office);
    const struct answer *again = say(office, "Quiere dos robots", NULL);
    assert_string_equal(again->handoff_id, first->handoff_id);
    assert_int_equal(office->delivery_count, 2);
    say(office, "Quiere tres robots", NULL);
    ASSERT_TOLD(office, "to-ana", "to-ana", "to-ana");
}

/* Its person has the customer; nobody else has. */
static void never_goes_to_another_person(void **state)
{
    struct office *office = *state;
    office_plan(office, 1, 2, &plan_refused);
    office_open(office);
    say(office, "Quiere un robot", NULL);
    say(office, "Quiere dos robots", NULL);
    ASSERT_TOLD(office, "to-ana", "to-ana", "sms-ana");
    assert_string_equal(office_handoffs(office), "notified 0, exhausted 0");
    assert_int_equal(office->trouble_count, 1); /* but somebody hears of it */
}

/* The same without waiting for the answer. */
static void mention(struct office *office, const char *reason)
{
    struct request request = office_request(office_juan, "conv_1");
    request.handoff.reason = reason;
    office_ask(office, &request);
    office_settle(office);
}

/* Ana and Luis, each by WhatsApp alone. */
static void open_with_two(struct office *office)
{
    office->roster.count = 2;
    office->vendors[0].contact_count = 1;
    office_open(office);
}

/* She refuses it before she refuses what it belongs to: until then, nobody has it. */
static void goes_on_with_the_customer(void **state)
{
    struct office *office = *state;
    office->plans[0] = plan_silent;
    office->plans[1] = plan_refused;
    open_with_two(office);
    office_begin(office, "conv_1");
    mention(office, "Quiere dos robots");
    assert_string_equal(office_handoffs(office), "assigned 1, exhausted 0");
    office_say(office, 0, HANDOFFD_REFUSED_RECIPIENT, NULL);
    office_settle(office);
    ASSERT_TOLD(office, "to-ana", "to-ana", "to-luis", "to-luis");
    assert_non_null(strstr(office->deliveries[3].text, "Quiere dos robots"));
    assert_string_equal(office_handoffs(office), "notified 0, notified 0");
    assert_string_equal(office_on_disk(office, "SELECT count(*) FROM handoff WHERE stuck <> ''"),
                        "0");
}

/* She has what was said later, and not what it belongs to; or nobody knows yet what she has. */
static void goes_on_whatever_became_of_it_before(void **state)
{
    static const struct {
        struct plan plan;
        uint32_t before; /* said of it when she has the customer; 0: nothing */
        uint32_t after;  /* and when the customer has gone on: until then it is on its way */
        const char *attempt;
    } cases[] = {
        {{0}, 0, 0, "sent 1"},
        {{0}, HANDOFFD_DEFERRED, 0, "undelivered 1"},
        {{.outcome = HANDOFFD_DELIVERED}, 0, 0, "delivered 1"},
        {{.outcome = HANDOFFD_UNKNOWN}, 0, 0, "ambiguous 1"},
        {{.outcome = HANDOFFD_DEFERRED, .retry_after_ms = MINUTE}, 0, 0, "cancelled 1"},
        {{.is_silent = true}, 0, HANDOFFD_SENT, "sent 1"},
        {{.is_silent = true}, 0, HANDOFFD_REFUSED_RECIPIENT, "refused 1"},
        {{.is_silent = true}, 0, HANDOFFD_UNKNOWN, "ambiguous 1"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct office *office = NULL;
        office_setup((void **)&office);
        office->plans[1] = cases[i].plan;
        open_with_two(office);
        office_begin(office, "conv_1");
        mention(office, "Quiere dos robots");
        if (cases[i].before != 0)
            office_say(office, 1, cases[i].before, NULL);
        office_settle(office);
        office_say(office, 0, HANDOFFD_UNDELIVERED, NULL);
        office_settle(office);
        if (cases[i].after != 0) {
            ASSERT_TOLD(office, "to-ana", "to-ana", "to-luis");
            office_say(office, 1, cases[i].after, NULL);
            office_settle(office);
        }
        office_pass_by(office, 2 * MINUTE, SECOND);
        ASSERT_TOLD(office, "to-ana", "to-ana", "to-luis", "to-luis");
        assert_string_equal(office_handoffs(office), "notified 0, notified 0");
        assert_string_equal(office_attempts(office),
                            arena_format(office->arena,
                                         "ana whatsapp undelivered 1, luis whatsapp sent 1, "
                                         "ana whatsapp %s, luis whatsapp sent 1",
                                         cases[i].attempt));
        office_teardown((void **)&office);
    }
    (void)state;
}

/* What the provider says then of the message to her moves nothing. */
static void goes_on_while_the_provider_is_asked(void **state)
{
    struct office *office = *state;
    office->plans[1] = plan_unknown;
    office_plan_finds(office, 0, OFFICE_PLANS, &plan_silent);
    office_make_askable(office);
    open_with_two(office);
    office_begin(office, "conv_1");
    mention(office, "Quiere dos robots");
    office_pass(office, SECOND);
    assert_int_equal(office->question_count, 1);
    assert_int_equal(office->whatsapp.busy, 1);
    office_say(office, 0, HANDOFFD_UNDELIVERED, NULL);
    office_settle(office);
    ASSERT_TOLD(office, "to-ana", "to-ana", "to-luis", "to-luis");
    assert_int_equal(office->whatsapp.busy, 0);
    office_say(office, 1, HANDOFFD_ABSENT, NULL);
    office_settle(office);
    assert_string_equal(office_handoffs(office), "notified 0, notified 0");
    assert_int_equal(office->delivery_count, 4);
}

/* That it is on her phone by now helps nobody. */
static void goes_on_though_it_arrives_where_the_customer_was(void **state)
{
    struct office *office = *state;
    office->plans[3] = (struct plan){.outcome = HANDOFFD_DEFERRED, .retry_after_ms = MINUTE};
    open_with_two(office);
    office_begin(office, "conv_1");
    mention(office, "Quiere dos robots");
    office_say(office, 0, HANDOFFD_UNDELIVERED, NULL);
    office_settle(office);
    office_say(office, 1, HANDOFFD_DELIVERED, NULL);
    office_settle(office);
    ASSERT_TOLD(office, "to-ana", "to-ana", "to-luis", "to-luis");
    office_pass(office, 2 * MINUTE);
    ASSERT_TOLD(office, "to-ana", "to-ana", "to-luis", "to-luis", "to-luis");
}

/* Every process that takes the handoff up sends its updates on: the last one may have died before;
 * whether the update is at rest or is taken up too. */
static void goes_on_after_a_crash_too(void **state)
{
    static const char *const lost[] = {
        "UPDATE handoff SET state = 'notified', wake = 0 WHERE number = 2",
        "UPDATE attempt SET state = 'deferred' WHERE handoff = 2",
    };
    for (size_t i = 0; i < COUNT_OF(lost); i++) {
        struct office *office = NULL;
        office_setup((void **)&office);
        office_plan(office, 2, 2, &plan_silent);
        open_with_two(office);
        office_begin(office, "conv_1");
        mention(office, "Quiere dos robots");
        office_say(office, 0, HANDOFFD_UNDELIVERED, NULL);
        office_settle(office);
        ASSERT_TOLD(office, "to-ana", "to-ana", "to-luis", "to-luis");
        office_crash(office);
        office_on_disk(office, "DELETE FROM attempt WHERE handoff = 2 AND number = 2");
        office_on_disk(office, lost[i]);
        office_open(office);
        office_settle(office);
        ASSERT_TOLD(office, "to-ana", "to-ana", "to-luis", "to-luis", "to-luis");
        assert_string_equal(
            office_on_disk(office, "SELECT state || ' ' || crashes || ' ' || (SELECT state FROM "
                                   "attempt WHERE handoff = 2 AND number = 2 AND vendor = 'luis') "
                                   "FROM handoff WHERE number = 2"),
            "notified 0 sent");
        office_teardown((void **)&office);
    }
    (void)state;
}

/* She was no longer in vendors.yaml when more was said: that is for whoever is told next. */
static void goes_to_the_first_who_can_be_told(void **state)
{
    struct office *office = *state;
    open_with_two(office);
    office_begin(office, "conv_1");
    office->vendors[0] = office->vendors[1];
    office->roster.count = 1;
    office_adopt(office);
    mention(office, "Quiere dos robots");
    assert_string_equal(office_handoffs(office), "notified 0, exhausted 0");
    office_say(office, 0, HANDOFFD_UNDELIVERED, NULL);
    office_settle(office);
    ASSERT_TOLD(office, "to-ana", "to-luis", "to-luis");
    assert_string_equal(office_handoffs(office), "notified 0, notified 0");
}

/* Ana has it after all, and Luis never had: what was said comes back to her. */
static void comes_back_with_the_customer(void **state)
{
    for (int has_failed = 0; has_failed < 2; has_failed++) {
        struct office *office = NULL;
        office_setup((void **)&office);
        office_make_telling(office);
        office->whatsapp.rules.deliver_within_ms = HOUR;
        office->plans[2] = (struct plan){.outcome = HANDOFFD_DEFERRED, .retry_after_ms = HOUR};
        office->plans[3] = (struct plan){.outcome = HANDOFFD_DEFERRED, .retry_after_ms = HOUR};
        if (has_failed)
            office->plans[2] = (struct plan){0};
        open_with_two(office);
        office->roster.count = 3;
        office_adopt(office);
        office_begin(office, "conv_1");
        mention(office, "Quiere dos robots");
        office_pass(office, HOUR + SECOND);
        ASSERT_TOLD(office, "to-ana", "to-ana", "to-luis", "to-luis");
        office_say(office, 0, HANDOFFD_DELIVERED, NULL);
        office_settle(office);
        if (has_failed) {
            office_say(office, 2, HANDOFFD_UNDELIVERED, NULL);
            office_settle(office);
        }
        ASSERT_TOLD(office, "to-ana", "to-ana", "to-luis", "to-luis", "to-ana");
        assert_string_equal(office->deliveries[4].handoff_id, office->deliveries[1].handoff_id);
        office_teardown((void **)&office);
    }
    (void)state;
}

/* The handoff is at rest by then: it is asked for. */
static void catches_up_after_a_crash(void **state)
{
    struct office *office = *state;
    office_make_telling(office);
    office->whatsapp.rules.deliver_within_ms = HOUR;
    office->plans[1] = plan_silent;
    open_with_two(office);
    office_begin(office, "conv_1");
    mention(office, "Quiere dos robots");
    office_say(office, 0, HANDOFFD_UNDELIVERED, NULL);
    office_settle(office);
    office_pass(office, SECOND);
    assert_string_equal(office_handoffs(office), "notified 2, assigned 1");
    office_restart(office);
    ASSERT_TOLD(office, "to-ana", "to-ana", "to-luis", "to-luis");
    assert_string_equal(office_handoffs(office), "notified 2, notified 2");
    office_restart(office);
    office_pass_by(office, MINUTE, SECOND);
    assert_int_equal(office->delivery_count, 4);
}

/* An operator has closed it, or its own words are what is refused: whoever looks at it decides. */
static void stays_where_it_is_when_nobody_would_send_it(void **state)
{
    for (int is_closed = 0; is_closed < 2; is_closed++) {
        struct office *office = NULL;
        office_setup((void **)&office);
        if (!is_closed)
            office->plans[1] = (struct plan){.outcome = HANDOFFD_REFUSED_MESSAGE};
        open_with_two(office);
        office_begin(office, "conv_1");
        mention(office, "Quiere dos robots");
        if (is_closed)
            assert_null(office_order(office, office->deliveries[1].handoff_id, ORDER_CLOSE));
        office_say(office, 0, HANDOFFD_UNDELIVERED, NULL);
        office_settle(office);
        ASSERT_TOLD(office, "to-ana", "to-ana", "to-luis");
        assert_string_equal(office_handoffs(office),
                            is_closed ? "notified 0, closed 0" : "notified 0, held 0");
        office_teardown((void **)&office);
    }
    (void)state;
}

/* To the same person, however often they refused it. */
static void is_tried_again_by_an_operator(void **state)
{
    struct office *office = *state;
    office->plans[1] = plan_refused;
    open_with_two(office);
    office_begin(office, "conv_1");
    mention(office, "Quiere dos robots");
    assert_string_equal(office_handoffs(office), "notified 0, exhausted 0");
    assert_null(office_order(office, office->deliveries[1].handoff_id, ORDER_RETRY));
    office_settle(office);
    ASSERT_TOLD(office, "to-ana", "to-ana", "to-ana");
    assert_string_equal(office_handoffs(office), "notified 0, notified 0");
}

/* Neither was on her phone in time; by then what was said is forgotten, perhaps with the process.
 */
static void goes_on_when_both_are_overdue(void **state)
{
    for (int is_restarted = 0; is_restarted < 2; is_restarted++) {
        struct office *office = NULL;
        office_setup((void **)&office);
        office_make_telling(office);
        office_make_askable(office);
        office_plan_finds(office, 0, OFFICE_PLANS, &(struct plan){.outcome = HANDOFFD_SENT});
        office->whatsapp.rules.deliver_within_ms = HOUR;
        open_with_two(office);
        office_begin(office, "conv_1");
        mention(office, "Quiere dos robots");
        if (is_restarted)
            office_restart(office);
        office_pass_by(office, HOUR + 2 * MINUTE, MINUTE);
        ASSERT_TOLD(office, "to-ana", "to-ana", "to-luis", "to-luis");
        office_teardown((void **)&office);
    }
    (void)state;
}

/* Taken and failed again and again: it is tried again, with her alone. */
static void stays_with_its_person_however_often_it_fails(void **state)
{
    struct office *office = *state;
    office_open(office);
    say(office, "Quiere un robot", NULL);
    say(office, "Quiere dos robots", NULL);
    for (size_t failed = 1; failed <= 2; failed++) {
        office_say(office, failed, HANDOFFD_DEFERRED, NULL);
        office_settle(office);
        office_pass(office, 2 * SECOND);
    }
    ASSERT_TOLD(office, "to-ana", "to-ana", "to-ana", "to-ana");
}

/* Nobody heard the first words: the later ones are a handoff of their own. */
static void begins_anew_when_nobody_has_the_customer(void **state)
{
    struct office *office = *state;
    office_plan(office, 0, 4, &plan_refused);
    office_open(office);
    assert_int_equal(say(office, "Quiere un robot", NULL)->kind, ANSWER_FAILED);
    const struct answer *again = say(office, "Quiere dos robots", NULL);
    assert_int_equal(again->kind, ANSWER_SENT);
    assert_false(again->is_duplicate);
    assert_int_equal(office->delivery_count, 5);
    assert_string_equal(office_handoffs(office), "exhausted 0, notified 0");
    assert_true(say(office, "Quiere dos robots", NULL)->is_duplicate);
}

/* Whatever it failed of; the same words again are the same handoff, before and after a restart. */
static void the_same_words_are_no_new_handoff_where_nobody_has_the_customer(void **state)
{
    static const struct {
        struct plan plan;
        size_t count;
        const char *handoff;
    } cases[] = {
        {{.outcome = HANDOFFD_REFUSED_RECIPIENT}, 4, "exhausted 0"},
        {{.outcome = HANDOFFD_REFUSED_MESSAGE}, 1, "held 0"},
        {{.outcome = HANDOFFD_REFUSED_ACCOUNT}, 2, "held 1"},
    };
    for (size_t i = 0; i < 2 * COUNT_OF(cases); i++) {
        size_t failure = i / 2;
        struct office *office = NULL;
        office_setup((void **)&office);
        office_plan(office, 0, cases[failure].count, &cases[failure].plan);
        office_open(office);
        const struct answer *first = say(office, "Quiere un robot", NULL);
        assert_int_equal(first->kind, ANSWER_FAILED);
        assert_string_equal(office_handoffs(office), cases[failure].handoff);
        if (i % 2 == 1)
            office_restart(office);
        const struct answer *same = say(office, "Quiere un robot", NULL);
        assert_true(same->is_duplicate);
        assert_string_equal(same->handoff_id, first->handoff_id);
        assert_int_equal(office->delivery_count, cases[failure].count);
        const struct answer *other = say(office, "Quiere dos robots", NULL);
        assert_false(other->is_duplicate);
        assert_string_not_equal(other->handoff_id, first->handoff_id);
        assert_string_equal(office_on_disk(office, parents), "0,0");
        assert_string_equal(say(office, "Quiere dos robots", NULL)->handoff_id, other->handoff_id);
        assert_string_equal(office_on_disk(office, parents), "0,0");
        office_teardown((void **)&office);
    }
    (void)state;
}

static void is_refused_where_there_is_no_room(void **state)
{
    struct office *office = *state;
    office_open(office);
    say(office, "Quiere un robot", NULL);
    failing_disk_set(DISK_FULL);
    struct request request = office_request(office_juan, "conv_1");
    request.handoff.reason = "Quiere dos robots";
    assert_int_equal(office_answer(office, &request)->kind, ANSWER_OVERLOADED);
    failing_disk_set(DISK_FINE);
    office_settle(office);
    assert_int_equal(office->delivery_count, 1);
    assert_true(say(office, "Quiere dos robots", NULL)->is_duplicate); /* asked again, with room */
    ASSERT_TOLD(office, "to-ana", "to-ana");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        OFFICE_TEST(tells_the_same_person_what_the_customer_said_later),
        OFFICE_TEST(the_same_words_again_are_no_news),
        OFFICE_TEST(a_key_that_comes_with_it_stands_for_the_first_one),
        OFFICE_TEST(says_so_much_and_no_more),
        OFFICE_TEST(knows_after_a_restart_what_was_said),
        OFFICE_TEST(never_goes_to_another_person),
        OFFICE_TEST(goes_on_with_the_customer),
        cmocka_unit_test(goes_on_whatever_became_of_it_before),
        OFFICE_TEST(goes_on_while_the_provider_is_asked),
        OFFICE_TEST(goes_on_though_it_arrives_where_the_customer_was),
        cmocka_unit_test(goes_on_after_a_crash_too),
        OFFICE_TEST(goes_to_the_first_who_can_be_told),
        cmocka_unit_test(comes_back_with_the_customer),
        OFFICE_TEST(catches_up_after_a_crash),
        cmocka_unit_test(stays_where_it_is_when_nobody_would_send_it),
        OFFICE_TEST(is_tried_again_by_an_operator),
        cmocka_unit_test(goes_on_when_both_are_overdue),
        OFFICE_TEST(stays_with_its_person_however_often_it_fails),
        OFFICE_TEST(begins_anew_when_nobody_has_the_customer),
        cmocka_unit_test(the_same_words_are_no_new_handoff_where_nobody_has_the_customer),
        OFFICE_TEST(is_refused_where_there_is_no_room),
    };
    return cmocka_run_group_tests(tests, failing_disk_install, NULL);
}
