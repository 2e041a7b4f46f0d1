/* test_ambiguous - nobody could say whether it was sent: somebody else is told, or the same again,
 * or an operator decides. */
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

/* ---- ambiguous */

/* Everything is unknown, and nobody can be asked: one after the other is told, each a possible
 * duplicate of those before. */
static void escalates_until_nobody_is_left(void **state)
{
    static const char *const told[] = {"to-ana", "sms-ana", "to-luis", "to-diego"};
    struct office *office = *state;
    open_unknown(office);
    answer_all(office, &plan_unknown);
    office_tell(office, "a");
    for (size_t i = 0; i < COUNT_OF(told); i++) {
        office_assert_told(office, told, i + 1);
        assert_int_equal(office_is_marked(&office->deliveries[i]), i > 0);
        office_pass_by(office, 5 * MINUTE, SECOND);
    }
    assert_int_equal(office->delivery_count, COUNT_OF(told));
    assert_string_equal(office_attempts(office),
                        "ana whatsapp ambiguous 1, ana sms ambiguous 1, luis whatsapp ambiguous 1, "
                        "diego whatsapp ambiguous 1");
    assert_string_equal(office_handoffs(office), "held 0");
    assert_string_equal(office_on_disk(office, "SELECT vendor FROM attempt WHERE number = 3"),
                        "luis");
    const struct answer *answer = office_tell(office, "a");
    assert_int_equal(answer->kind, ANSWER_FAILED);
    assert_string_equal(answer->detail, "nobody can say whether it was sent");
    office_pass(office, DAY);
    assert_int_equal(office->delivery_count, COUNT_OF(told));
}

static void sends_the_same_again_where_that_is_wanted(void **state)
{
    struct office *office = *state;
    office->setup.delivery.unknown.on_ambiguous = AMBIGUOUS_RESEND;
    open_unknown(office);
    office->plans[1] = (struct plan){0};
    answer_all(office, &plan_unknown);
    office_tell(office, "a");
    office_pass_by(office, 5 * MINUTE, SECOND);
    ASSERT_TOLD(office, "to-ana", "to-ana");
    assert_true(office_is_marked(&office->deliveries[1]));
    assert_int_equal(office->deliveries[1].attempt_id >> 16,
                     (office->deliveries[0].attempt_id >> 16) + 1); /* a new attempt */
    assert_string_equal(office_attempts(office), "ana whatsapp ambiguous 1, ana whatsapp sent 1");
    assert_string_equal(office_handoffs(office), "notified 0");
}

/* A provider that takes messages and answers nothing must not be sent the same for ever. */
static void sends_the_same_again_only_once(void **state)
{
    struct office *office = *state;
    office->setup.delivery.unknown.on_ambiguous = AMBIGUOUS_RESEND;
    open_unknown(office);
    answer_all(office, &plan_unknown);
    office_tell(office, "a");
    office_pass_by(office, 11 * MINUTE, SECOND);
    for (size_t i = 2; i < office->delivery_count; i++)
        assert_string_not_equal(office->deliveries[i].to, "to-ana");
}

/* What an earlier rule left behind was for another phone. */
static void sends_again_to_each_phone_once(void **state)
{
    static const char *const told[] = {"to-ana", "sms-ana", "sms-ana", "to-luis", "to-luis"};
    struct office *office = *state;
    open_unknown(office);
    answer_all(office, &plan_unknown);
    office_tell(office, "a");
    office_pass_by(office, 5 * MINUTE, SECOND);
    office->setup.delivery.unknown.on_ambiguous = AMBIGUOUS_RESEND;
    office_adopt(office);
    office_pass_by(office, 5 * MINUTE, SECOND);
    office_assert_told(office, told, 3);
    office->setup.delivery.unknown.on_ambiguous = AMBIGUOUS_ESCALATE;
    office_adopt(office);
    office_pass_by(office, 5 * MINUTE, SECOND);
    office_assert_told(office, told, 4);
    office->setup.delivery.unknown.on_ambiguous = AMBIGUOUS_RESEND;
    office_adopt(office);
    office_pass_by(office, 5 * MINUTE, SECOND);
    office_assert_told(office, told, 5);
    for (size_t i = 1; i < COUNT_OF(told); i++)
        assert_true(office_is_marked(&office->deliveries[i]));
}

/* By whatsapp ana, then luis: the same channel, and another phone. */
static void sends_again_to_another_phone_on_the_same_channel(void **state)
{
    static const char *const told[] = {"to-ana", "to-luis", "to-luis"};
    struct office *office = *state;
    office->vendors[0].contact_count = 1;
    open_unknown(office);
    answer_all(office, &plan_unknown);
    office_tell(office, "a");
    office_pass_by(office, 5 * MINUTE, SECOND);
    office->setup.delivery.unknown.on_ambiguous = AMBIGUOUS_RESEND;
    office_adopt(office);
    office_pass_by(office, 5 * MINUTE, SECOND);
    office_assert_told(office, told, 3);
}

static void sends_nothing_again_after_the_last_number(void **state)
{
    struct office *office = *state;
    office->setup.delivery.unknown.on_ambiguous = AMBIGUOUS_RESEND;
    open_unknown(office);
    answer_all(office, &plan_unknown);
    office_tell(office, "a");
    office_crash(office);
    office_on_disk(office, "UPDATE attempt SET number = 255");
    office_open(office);
    office_pass_by(office, 6 * MINUTE, SECOND);
    assert_int_equal(office->delivery_count, 1);
    assert_string_equal(office_handoffs(office), "held 0");
}

static void believes_a_callback_for_what_was_ambiguous(void **state)
{
    struct office *office = *state;
    office->setup.delivery.unknown.on_ambiguous = AMBIGUOUS_HOLD;
    open_unknown(office);
    answer_all(office, &plan_unknown);
    office_tell(office, "a");
    office_pass_by(office, 5 * MINUTE, SECOND);
    assert_string_equal(office_handoffs(office), "held 0");
    office_say(office, 0, HANDOFFD_DELIVERED, "SMlate");
    office_settle(office);
    assert_string_equal(office_attempts(office), "ana whatsapp delivered 1");
    assert_string_equal(office_handoffs(office), "notified 0");
    assert_int_equal(office_tell(office, "a")->kind, ANSWER_SENT);
}

static void tells_the_next_one_when_what_was_ambiguous_failed(void **state)
{
    struct office *office = *state;
    office->setup.delivery.unknown.on_ambiguous = AMBIGUOUS_HOLD;
    open_unknown(office);
    office->plans[1] = (struct plan){0};
    answer_all(office, &plan_unknown);
    office_tell(office, "a");
    office_pass_by(office, 5 * MINUTE, SECOND);
    office_say(office, 0, HANDOFFD_UNDELIVERED, "SMlate");
    office_settle(office);
    ASSERT_TOLD(office, "to-ana", "sms-ana");
    assert_false(office_is_marked(&office->deliveries[1])); /* she surely did not get it */
    assert_string_equal(office_handoffs(office), "notified 0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        OFFICE_TEST(escalates_until_nobody_is_left),
        OFFICE_TEST(sends_the_same_again_where_that_is_wanted),
        OFFICE_TEST(sends_the_same_again_only_once),
        OFFICE_TEST(sends_again_to_each_phone_once),
        OFFICE_TEST(sends_again_to_another_phone_on_the_same_channel),
        OFFICE_TEST(sends_nothing_again_after_the_last_number),
        OFFICE_TEST(believes_a_callback_for_what_was_ambiguous),
        OFFICE_TEST(tells_the_next_one_when_what_was_ambiguous_failed),
    };
    return cmocka_run_group_tests(tests, failing_disk_install, NULL);
}
