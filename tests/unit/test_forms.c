/* test_forms - the same phone, written another way: tried once, remembered where it worked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "failing_disk.h"
#include "office_seen.h"

static const char learnt[] =
    "SELECT group_concat(channel || ' ' || given || ' ' || works, ', ') FROM address";

static void open_two_formed(struct office *office)
{
    office_make_two_formed(office);
    office_open(office);
}

static void tries_the_other_form_of_a_refused_address_once(void **state)
{
    struct office *office = *state;
    office_plan(office, 0, 2, &plan_refused);
    open_two_formed(office);
    assert_int_equal(office_tell(office, "a")->kind, ANSWER_SENT);
    ASSERT_TOLD(office, "to-ana", "other-to-ana", "sms-ana");
    assert_string_equal(office_attempts(office),
                        "ana whatsapp refused 1, ana whatsapp refused 1, ana sms sent 1");
    assert_false(office_is_marked(&office->deliveries[1]));
    assert_string_equal(office_on_disk(office, learnt), "");
}

/* Every contact has two forms, and each person is told by every one of them before the next. */
static void tries_both_forms_of_everyone(void **state)
{
    struct office *office = *state;
    office_plan(office, 0, 8, &plan_refused);
    open_two_formed(office);
    assert_int_equal(office_tell(office, "a")->kind, ANSWER_FAILED);
    ASSERT_TOLD(office, "to-ana", "other-to-ana", "sms-ana", "other-sms-ana", "to-luis",
                "other-to-luis", "to-diego", "other-to-diego");
    assert_string_equal(office_handoffs(office), "exhausted 0");
}

static void tries_no_other_form_where_that_would_be_refused_too(void **state)
{
    struct office *office = *state;
    office->plans[0] = plan_refused;
    office->plans[0].in_any_form = true;
    open_two_formed(office);
    office_tell(office, "a");
    ASSERT_TOLD(office, "to-ana", "sms-ana");
}

/* What was taken and not delivered says nothing of the address. */
static void tries_no_other_form_of_what_was_not_delivered(void **state)
{
    struct office *office = *state;
    office->plans[0] = (struct plan){.outcome = HANDOFFD_UNDELIVERED};
    open_two_formed(office);
    office_tell(office, "a");
    ASSERT_TOLD(office, "to-ana", "sms-ana");
}

static void tries_it_where_the_refusal_comes_later(void **state)
{
    struct office *office = *state;
    office_make_telling(office);
    office->whatsapp.rules.deliver_within_ms = HOUR;
    open_two_formed(office);
    office_tell(office, "a");
    office_say(office, 0, HANDOFFD_REFUSED_RECIPIENT, NULL);
    office_settle(office);
    ASSERT_TOLD(office, "to-ana", "other-to-ana");
}

static void remembers_the_form_that_worked(void **state)
{
    struct office *office = *state;
    office->vendors[0].contact_count = 1;
    office->roster.count = 1;
    office->plans[0] = plan_refused;
    open_two_formed(office);
    office_tell(office, "a");
    assert_string_equal(office_on_disk(office, learnt), "whatsapp to-ana other-to-ana");
    office_tell(office, "b");
    ASSERT_TOLD(office, "to-ana", "other-to-ana", "other-to-ana");
    office_restart(office);
    office_tell(office, "c");
    assert_string_equal(office->deliveries[3].to, "other-to-ana");
    assert_int_equal(office->delivery_count, 4);
}

/* A channel that tells of delivery has it only then. */
static void remembers_nothing_before_it_is_delivered(void **state)
{
    struct office *office = *state;
    office->vendors[0].contact_count = 1;
    office->roster.count = 1;
    office->plans[0] = plan_refused;
    office_make_telling(office);
    office->whatsapp.rules.deliver_within_ms = HOUR;
    open_two_formed(office);
    office_tell(office, "a");
    assert_string_equal(office_on_disk(office, learnt), "");
    office_tell(office, "b");
    assert_string_equal(office->deliveries[2].to, "to-ana");
    office_say(office, 1, HANDOFFD_DELIVERED, NULL);
    office_settle(office);
    assert_string_equal(office_on_disk(office, learnt), "whatsapp to-ana other-to-ana");
    office_tell(office, "c");
    assert_string_equal(office->deliveries[3].to, "other-to-ana");
}

static void remembers_it_from_a_word_that_it_was_read(void **state)
{
    struct office *office = *state;
    office->plans[0] = plan_refused;
    office->plans[1] = plan_silent;
    office_make_telling(office);
    open_two_formed(office);
    office_begin(office, "a");
    office_say(office, 1, HANDOFFD_READ, "SMx");
    office_settle(office);
    assert_string_equal(office_on_disk(office, learnt), "whatsapp to-ana other-to-ana");
}

/* The provider has changed its mind: the first form works again, and is the file's. */
static void forgets_it_when_the_first_form_works_again(void **state)
{
    struct office *office = *state;
    office->vendors[0].contact_count = 1;
    office->roster.count = 1;
    office->plans[0] = plan_refused;
    office->plans[2] = plan_refused;
    open_two_formed(office);
    office_tell(office, "a");
    office_tell(office, "b");
    ASSERT_TOLD(office, "to-ana", "other-to-ana", "other-to-ana", "to-ana");
    assert_string_equal(office_on_disk(office, learnt), "");
    office_restart(office);
    office_tell(office, "c");
    assert_string_equal(office->deliveries[4].to, "to-ana");
    assert_int_equal(office->delivery_count, 5);
}

/* An attempt at the other form is the same contact's: its next contact is the second. */
static void knows_the_contact_by_either_form(void **state)
{
    struct office *office = *state;
    office->plans[0] = plan_refused;
    open_two_formed(office);
    office_tell(office, "a"); /* ana's other form is known now */
    office->plans[2] = (struct plan){.outcome = HANDOFFD_UNDELIVERED};
    office->is_never[1] = office->is_never[2] = true;
    office_tell(office, "b");
    ASSERT_TOLD(office, "to-ana", "other-to-ana", "other-to-ana", "sms-ana");
}

static void sends_a_deferred_one_to_the_form_it_had(void **state)
{
    struct office *office = *state;
    office->plans[0] = plan_refused;
    office->plans[1] = plan_deferred;
    open_two_formed(office);
    office_begin(office, "a");
    office_pass(office, 8 * SECOND);
    ASSERT_TOLD(office, "to-ana", "other-to-ana", "other-to-ana");
    assert_string_equal(office_attempts(office), "ana whatsapp refused 1, ana whatsapp sent 2");
    assert_string_equal(office_on_disk(office, learnt), "whatsapp to-ana other-to-ana");
}

/* A form that only another channel knows is none of this one's. */
static void learns_for_each_channel_by_itself(void **state)
{
    struct office *office = *state;
    office_plan(office, 0, 3, &plan_refused);
    open_two_formed(office);
    office_tell(office, "a");
    ASSERT_TOLD(office, "to-ana", "other-to-ana", "sms-ana", "other-sms-ana");
    assert_string_equal(office_on_disk(office, learnt), "sms sms-ana other-sms-ana");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        OFFICE_TEST(tries_the_other_form_of_a_refused_address_once),
        OFFICE_TEST(tries_both_forms_of_everyone),
        OFFICE_TEST(tries_no_other_form_where_that_would_be_refused_too),
        OFFICE_TEST(tries_no_other_form_of_what_was_not_delivered),
        OFFICE_TEST(tries_it_where_the_refusal_comes_later),
        OFFICE_TEST(remembers_the_form_that_worked),
        OFFICE_TEST(remembers_nothing_before_it_is_delivered),
        OFFICE_TEST(remembers_it_from_a_word_that_it_was_read),
        OFFICE_TEST(forgets_it_when_the_first_form_works_again),
        OFFICE_TEST(knows_the_contact_by_either_form),
        OFFICE_TEST(sends_a_deferred_one_to_the_form_it_had),
        OFFICE_TEST(learns_for_each_channel_by_itself),
    };
    return cmocka_run_group_tests(tests, failing_disk_install, NULL);
}
