/* test_former - what is heard of an attempt that another has followed, or of a handoff that is
 * over. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "failing_disk.h"
#include "office_seen.h"

/* ---- of former attempts */

/* Ana's phone was refused, the next one is `present`; then Ana has it after all. */
static struct office *tell_the_next_one(const struct plan *present)
{
    struct office *office = NULL;
    office_setup((void **)&office);
    office->plans[0] = (struct plan){.outcome = HANDOFFD_UNKNOWN};
    office->plans[1] = *present;
    office_open(office);
    office_tell(office, "a");
    office_pass(office, 5 * MINUTE);
    assert_int_equal(office->delivery_count, 2);
    return office;
}

static void of_a_former_attempt_spare_what_has_not_left(void **state)
{
    struct office *office = tell_the_next_one(&plan_deferred);
    office_say(office, 0, HANDOFFD_DELIVERED, "SMfirst");
    office_settle(office);
    assert_string_equal(office_attempts(office), "ana whatsapp delivered 1, ana sms cancelled 1");
    assert_string_equal(office_handoffs(office), "notified 0");
    assert_int_equal(office_tell(office, "a")->kind, ANSWER_SENT);
    office_pass(office, DAY);
    assert_int_equal(office->delivery_count, 2);
    assert_int_equal(dispatcher_open(office->dispatcher), 0);
    office_teardown((void **)&office);
    (void)state;
}

/* Ana alone, and her phone has had its message of the hour. */
static void of_a_former_attempt_spare_what_waits_for_its_turn(void **state)
{
    struct office *office = *state;
    office->plans[0] = plan_unknown;
    office->roster.count = 1;
    office->setup.delivery.unknown.on_ambiguous = AMBIGUOUS_RESEND;
    office->limits.recipient = (struct handoffd_rate){.count = 1, .period_ms = HOUR};
    office_open(office);
    office_tell(office, "a");
    office_pass(office, 5 * MINUTE);
    assert_string_equal(office_attempts(office), "ana whatsapp ambiguous 1, ana whatsapp ready 0");
    office_say(office, 0, HANDOFFD_DELIVERED, "SMfirst");
    office_settle(office);
    assert_string_equal(office_attempts(office),
                        "ana whatsapp delivered 1, ana whatsapp cancelled 0");
    assert_string_equal(office_handoffs(office), "notified 0");
    office_pass(office, DAY);
    assert_int_equal(office->delivery_count, 1);
}

/* Before and after a restart. */
static void the_answer_names_whoever_was_told(void **state)
{
    struct office *office = *state;
    office->vendors[0].contact_count = 1;
    office->plans[0] = plan_unknown;
    office->plans[1] = plan_deferred;
    office_open(office);
    office_tell(office, "a");
    office_pass(office, 5 * MINUTE);
    assert_string_equal(office_attempts(office),
                        "ana whatsapp ambiguous 1, luis whatsapp deferred 1");
    office_say(office, 0, HANDOFFD_DELIVERED, "SMfirst");
    office_settle(office);
    for (int i = 0; i < 2; i++) {
        const struct answer *answer = office_tell(office, "a");
        assert_int_equal(answer->kind, ANSWER_SENT);
        assert_string_equal(answer->vendor_id, "ana");
        assert_string_equal(answer->vendor_name, "Ana Torres");
        assert_string_equal(answer->message_id, "SMfirst");
        office_restart(office);
    }
}

static void of_a_former_attempt_leave_alone_what_has_left(void **state)
{
    struct office *office = tell_the_next_one(&plan_silent);
    office_say(office, 0, HANDOFFD_DELIVERED, "SMfirst");
    office_settle(office);
    assert_string_equal(office_attempts(office), "ana whatsapp delivered 1, ana sms sending 1");
    assert_string_equal(office_handoffs(office), "assigned 1");
    office_say(office, 1, HANDOFFD_SENT, "SMsecond");
    office_settle(office);
    assert_string_equal(office_attempts(office), "ana whatsapp delivered 1, ana sms sent 1");
    assert_string_equal(office_handoffs(office), "notified 0");
    office_teardown((void **)&office);
    (void)state;
}

/* Its own history only: nobody is told because of it. */
static void failures_of_a_former_attempt_are_written_down(void **state)
{
    struct office *office = tell_the_next_one(&(struct plan){0});
    office_say(office, 0, HANDOFFD_UNDELIVERED, "SMfirst");
    office_settle(office);
    assert_string_equal(office_attempts(office), "ana whatsapp undelivered 1, ana sms sent 1");
    assert_string_equal(office_handoffs(office), "notified 0");
    office_say(office, 0, HANDOFFD_DEFERRED, "SMfirst");
    office_say(office, 0, HANDOFFD_DELIVERED, "SMfirst"); /* it had failed for good */
    office_settle(office);
    assert_string_equal(office_attempts(office), "ana whatsapp undelivered 1, ana sms sent 1");
    assert_int_equal(office->delivery_count, 2);
    office_teardown((void **)&office);
    (void)state;
}

/* That the message itself was refused is no reason to hold what somebody else has by now. */
static void a_refusal_of_a_former_attempt_holds_nobody(void **state)
{
    struct office *office = tell_the_next_one(&(struct plan){0});
    office_say(office, 0, HANDOFFD_REFUSED_MESSAGE, "SMfirst");
    office_settle(office);
    assert_string_equal(office_attempts(office), "ana whatsapp refused 1, ana sms sent 1");
    assert_string_equal(office_handoffs(office), "notified 0");
    office_teardown((void **)&office);
    (void)state;
}

static void good_news_ends_the_waiting_of_whoever_is_held(void **state)
{
    struct office *office = tell_the_next_one(&(struct plan){.outcome = HANDOFFD_REFUSED_MESSAGE});
    assert_string_equal(office_handoffs(office), "held 0");
    assert_int_equal(office_tell(office, "a")->kind, ANSWER_FAILED);
    office_say(office, 0, HANDOFFD_READ, "SMfirst");
    office_settle(office);
    assert_string_equal(office_handoffs(office), "notified 0");
    assert_string_equal(office_attempts(office), "ana whatsapp read 1, ana sms refused 1");
    assert_int_equal(office_tell(office, "a")->kind, ANSWER_SENT);
    office_teardown((void **)&office);
    (void)state;
}

/* HELD at a gate that is closed: nobody need be let through any more. */
static void good_news_ends_the_waiting_at_a_gate(void **state)
{
    struct office *office = tell_the_next_one(&plan_account);
    assert_string_equal(office_handoffs(office), "held 1");
    office_say(office, 0, HANDOFFD_DELIVERED, "SMfirst");
    office_settle(office);
    assert_string_equal(office_handoffs(office), "notified 0");
    assert_string_equal(office_attempts(office), "ana whatsapp delivered 1, ana sms cancelled 1");
    office_pass_by(office, HOUR, MINUTE);
    assert_int_equal(office->delivery_count, 2);
    assert_int_equal(dispatcher_open(office->dispatcher), 0);
    office_teardown((void **)&office);
    (void)state;
}

static void good_news_after_everybody_refused(void **state)
{
    struct office *office = *state;
    office->plans[0] = plan_unknown;
    office_plan(office, 1, 3, &plan_refused);
    office_open(office);
    office_tell(office, "a");
    office_pass(office, 5 * MINUTE);
    assert_string_equal(office_handoffs(office), "exhausted 0");
    assert_int_equal(office_tell(office, "a")->kind, ANSWER_FAILED);
    office_say(office, 0, HANDOFFD_DELIVERED, "SMfirst");
    office_settle(office);
    assert_string_equal(office_handoffs(office), "notified 0");
    const struct answer *answer = office_tell(office, "a");
    assert_int_equal(answer->kind, ANSWER_SENT);
    assert_int_equal(office->delivery_count, 4);
}

/* In flight at three crashes, and it had arrived. */
static void good_news_of_what_was_parked(void **state)
{
    struct office *office = *state;
    office->is_silent = true;
    office_open(office);
    office_begin(office, "a");
    office_pass(office, 8 * SECOND);
    office_crash(office);
    office_on_disk(office, "UPDATE handoff SET crashes = 2");
    office_open(office);
    office_settle(office);
    assert_string_equal(office_handoffs(office), "parked 0");
    office_say(office, 0, HANDOFFD_DELIVERED, "SMx");
    office_settle(office);
    assert_string_equal(office_handoffs(office), "notified 0");
    assert_string_equal(office_attempts(office), "ana whatsapp delivered 1");
    assert_int_equal(office_tell(office, "a")->kind, ANSWER_SENT);
}

/* The attempt that was parked stays so: nobody asks about it again, at no start. */
static void good_news_of_a_former_attempt_of_what_was_parked(void **state)
{
    struct office *office = *state;
    office_make_askable(office);
    office_plan_finds(office, 0, OFFICE_PLANS, &plan_unknown);
    office->plans[0] = plan_unknown;
    office->plans[1] = plan_silent;
    office_open(office);
    office_tell(office, "a");
    office_pass_by(office, 5 * MINUTE, SECOND);
    assert_int_equal(office->delivery_count, 2);
    office_crash(office);
    office_on_disk(office, "UPDATE handoff SET crashes = 2");
    office_open(office);
    office_settle(office);
    assert_string_equal(office_handoffs(office), "parked 0");
    office_say(office, 0, HANDOFFD_DELIVERED, "SMfirst");
    office_settle(office);
    assert_string_equal(office_handoffs(office), "notified 0");
    office_plan_finds(office, 0, OFFICE_PLANS, &(struct plan){.outcome = HANDOFFD_ABSENT});
    office_restart(office);
    office_pass_by(office, HOUR, MINUTE);
    assert_int_equal(office->delivery_count, 2);
}

/* An operator's word stays; what is heard is written down. */
static void news_of_what_an_operator_ended_is_written_down(void **state)
{
    static const struct {
        enum operator_order order;
        const char *handoff;
    } cases[] = {{ORDER_CANCEL, "cancelled 0"}, {ORDER_CLOSE, "closed 0"}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct office *office = NULL;
        office_setup((void **)&office);
        office_open(office);
        const struct answer *answer = office_tell(office, "a");
        assert_null(office_order(office, answer->handoff_id, cases[i].order));
        office_say(office, 0, HANDOFFD_DELIVERED, NULL);
        office_settle(office);
        assert_string_equal(office_handoffs(office), cases[i].handoff);
        assert_string_equal(office_attempts(office), "ana whatsapp delivered 1");
        assert_int_equal(dispatcher_open(office->dispatcher), 0);
        office_teardown((void **)&office);
    }
    (void)state;
}

static void a_failure_of_what_an_operator_ended_tells_nobody(void **state)
{
    struct office *office = *state;
    office_open(office);
    const struct answer *answer = office_tell(office, "a");
    assert_null(office_order(office, answer->handoff_id, ORDER_CLOSE));
    office_say(office, 0, HANDOFFD_UNDELIVERED, NULL);
    office_settle(office);
    assert_string_equal(office_handoffs(office), "closed 0");
    assert_string_equal(office_attempts(office), "ana whatsapp undelivered 1");
    assert_int_equal(office->delivery_count, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(of_a_former_attempt_spare_what_has_not_left),
        OFFICE_TEST(of_a_former_attempt_spare_what_waits_for_its_turn),
        OFFICE_TEST(the_answer_names_whoever_was_told),
        cmocka_unit_test(of_a_former_attempt_leave_alone_what_has_left),
        cmocka_unit_test(failures_of_a_former_attempt_are_written_down),
        cmocka_unit_test(a_refusal_of_a_former_attempt_holds_nobody),
        cmocka_unit_test(good_news_ends_the_waiting_of_whoever_is_held),
        cmocka_unit_test(good_news_ends_the_waiting_at_a_gate),
        OFFICE_TEST(good_news_after_everybody_refused),
        OFFICE_TEST(good_news_of_what_was_parked),
        OFFICE_TEST(good_news_of_a_former_attempt_of_what_was_parked),
        cmocka_unit_test(news_of_what_an_operator_ended_is_written_down),
        OFFICE_TEST(a_failure_of_what_an_operator_ended_tells_nobody),
    };
    return cmocka_run_group_tests(tests, failing_disk_install, NULL);
}
