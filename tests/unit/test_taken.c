/* test_taken - what a provider took: fails it afterwards, or says so when vendors.yaml has changed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "failing_disk.h"
#include "office_seen.h"

enum { WITHIN = 10 * MINUTE };

/* The provider took the latest message, and fails it. */
static void fail_the_latest(struct office *office)
{
    office_say(office, office->delivery_count - 1, HANDOFFD_DEFERRED, NULL);
    office_settle(office);
}

/* Taken and failed, sent again after its pause, taken and failed. */
static void fail_twice(struct office *office)
{
    office_open(office);
    office_tell(office, "a");
    fail_the_latest(office);
    ASSERT_TOLD(office, "to-ana");
    assert_string_equal(office_attempts(office), "ana whatsapp deferred 1");
    office_pass(office, SECOND);
    ASSERT_TOLD(office, "to-ana", "to-ana");
    fail_the_latest(office);
}

/* ---- taken and failed, again and again */

static void the_second_time_it_goes_to_the_next_contact(void **state)
{
    struct office *office = *state;
    fail_twice(office);
    ASSERT_TOLD(office, "to-ana", "to-ana", "sms-ana");
    assert_string_equal(office_attempts(office), "ana whatsapp undelivered 1, "
                                                 "ana whatsapp undelivered 1, ana sms sent 1");
    assert_string_equal(office_handoffs(office), "notified 0");
    assert_false(office_is_marked(&office->deliveries[2]));
    office_pass_by(office, HOUR, 5 * MINUTE);
    assert_int_equal(office->delivery_count, 3);
}

static void the_second_time_it_goes_to_the_next_person(void **state)
{
    struct office *office = *state;
    office->vendors[0].contact_count = 1;
    fail_twice(office);
    ASSERT_TOLD(office, "to-ana", "to-ana", "to-luis");
    assert_string_equal(office_handoffs(office), "notified 0");
    assert_string_equal(office_tell(office, "a")->vendor_id, "luis");
    office_pass_by(office, HOUR, 5 * MINUTE);
    assert_int_equal(office->delivery_count, 3);
}

/* What failed elsewhere does not count: neither another channel nor another address. */
static void the_first_time_at_another_address_is_the_first(void **state)
{
    for (size_t contacts = 1; contacts <= 2; contacts++) {
        struct office *office = NULL;
        const char *second = contacts == 2 ? "sms-ana" : "to-luis";
        office_setup((void **)&office);
        for (size_t i = 0; i < OFFICE_PEOPLE; i++)
            office->vendors[i].contact_count = contacts;
        office_open(office);
        office_tell(office, "a");
        office_say(office, 0, HANDOFFD_UNDELIVERED, NULL);
        office_settle(office);
        ASSERT_TOLD(office, "to-ana", second);
        fail_the_latest(office);
        office_pass(office, SECOND);
        ASSERT_TOLD(office, "to-ana", second, second);
        office_teardown((void **)&office);
    }
    (void)state;
}

/* Each pause is a random part of one that doubles, to 5 minutes. */
static void its_pauses_grow_where_there_is_nobody_else(void **state)
{
    enum { FAILURES = 40 };
    struct office *office = *state;
    int64_t most_ms = SECOND;
    int64_t longest_ms = 0;
    office->roster.count = 1;
    office->vendors[0].contact_count = 1;
    office_open(office);
    office_tell(office, "a");
    for (size_t failures = 1; failures <= FAILURES; failures++) {
        assert_int_equal(office->delivery_count, failures);
        fail_the_latest(office);
        assert_int_equal(office->delivery_count, failures);
        int64_t pause_ms = office_due_in(office);
        assert_true(pause_ms >= SECOND / 2 && pause_ms <= most_ms);
        longest_ms = pause_ms > longest_ms ? pause_ms : longest_ms;
        most_ms = most_ms < 150 * SECOND ? 2 * most_ms : 5 * MINUTE;
        office_pass(office, pause_ms - 1);
        assert_int_equal(office->delivery_count, failures);
        office_pass(office, 1);
    }
    assert_true(longest_ms > MINUTE);
    assert_int_equal(office->delivery_count, FAILURES + 1);
    assert_string_equal(office_handoffs(office), "notified 0");
}

static void that_another_message_was_taken_is_news(void **state)
{
    struct office *office = *state;
    office_open(office);
    office_tell(office, "a");
    fail_the_latest(office);
    office_say(office, 0, HANDOFFD_SENT, "SManother");
    office_settle(office);
    assert_string_equal(office_attempts(office), "ana whatsapp sent 1");
    office_pass(office, HOUR);
    ASSERT_TOLD(office, "to-ana");
}

/* Callbacks overtake each other: that it was taken is no news of what has failed since. */
static void that_it_was_taken_is_no_news_once_it_failed(void **state)
{
    static const char *const ids[] = {"SM16842753", NULL};
    for (size_t i = 0; i < COUNT_OF(ids); i++) {
        struct office *office = NULL;
        office_setup((void **)&office);
        office_open(office);
        office_tell(office, "a");
        fail_the_latest(office);
        office_say(office, 0, HANDOFFD_SENT, ids[i]);
        office_settle(office);
        assert_string_equal(office_attempts(office), "ana whatsapp deferred 1");
        assert_string_equal(office_handoffs(office), "assigned 1");
        assert_int_equal(office->delivery_count, 1);
        office_pass(office, SECOND);
        ASSERT_TOLD(office, "to-ana", "to-ana");
        office_say(office, 0, HANDOFFD_SENT, ids[i]);
        office_settle(office);
        assert_string_equal(office_attempts(office),
                            "ana whatsapp undelivered 1, ana whatsapp sent 1");
        office_teardown((void **)&office);
    }
    (void)state;
}

/* ---- vendors.yaml changes between the sending and the answer */

static void open_telling(struct office *office)
{
    office_make_telling(office);
    office_make_askable(office);
    office->whatsapp.rules.deliver_within_ms = WITHIN;
    office_plan_finds(office, 0, OFFICE_PLANS, &(struct plan){.outcome = HANDOFFD_SENT});
    office_open(office);
}

/* Ana's number is mended while her message is on its way; then it is taken. */
static struct office *mend_a_number_on_the_way(void)
{
    struct office *office = NULL;
    office_setup((void **)&office);
    office->vendors[0].contact_count = 1;
    office->plans[0] = plan_silent;
    open_telling(office);
    office_begin(office, "a");
    office->contacts[0][0].to = "new-ana";
    office_adopt(office);
    office_say(office, 0, HANDOFFD_SENT, "SMx");
    office_settle(office);
    assert_string_equal(office_attempts(office), "ana whatsapp sent 1");
    assert_string_equal(office_handoffs(office), "notified 2");
    return office;
}

static void it_is_watched_though_the_address_is_another(void **state)
{
    struct office *office = mend_a_number_on_the_way();
    assert_int_equal(office_due_in(office), WITHIN);
    office_pass(office, WITHIN - 1);
    ASSERT_TOLD(office, "to-ana");
    office_pass(office, 1);
    assert_int_equal(office->question_count, 1);
    ASSERT_TOLD(office, "to-ana", "to-luis");
    assert_true(office_is_marked(&office->deliveries[1]));
    office_teardown((void **)&office);
    (void)state;
}

static void its_failure_is_heard_though_the_address_is_another(void **state)
{
    struct office *office = mend_a_number_on_the_way();
    office_say(office, 0, HANDOFFD_UNDELIVERED, "SMx");
    office_settle(office);
    ASSERT_TOLD(office, "to-ana", "to-luis");
    assert_string_equal(office_attempts(office),
                        "ana whatsapp undelivered 1, luis whatsapp sent 1");
    office_teardown((void **)&office);
    (void)state;
}

static void its_arrival_is_heard_though_the_address_is_another(void **state)
{
    struct office *office = mend_a_number_on_the_way();
    office_say(office, 0, HANDOFFD_DELIVERED, "SMx");
    office_settle(office);
    assert_string_equal(office_handoffs(office), "notified 0");
    office_pass(office, DAY);
    ASSERT_TOLD(office, "to-ana");
    office_teardown((void **)&office);
    (void)state;
}

/* Everybody is reached by sms alone. */
static void adopt_without_whatsapp(struct office *office)
{
    for (size_t i = 0; i < OFFICE_PEOPLE; i++) {
        office->vendors[i].contacts = &office->contacts[i][1];
        office->vendors[i].contact_count = 1;
    }
    office_adopt(office);
    office_settle(office);
}

/* Nobody can say any more what became of it. */
static void what_a_channel_took_that_is_gone_is_left_alone(void **state)
{
    for (int is_taken_before = 0; is_taken_before < 2; is_taken_before++) {
        struct office *office = NULL;
        office_setup((void **)&office);
        office->plans[0] = plan_silent;
        open_telling(office);
        office_begin(office, "a");
        if (!is_taken_before)
            adopt_without_whatsapp(office);
        office_say(office, 0, HANDOFFD_SENT, "SMx");
        office_settle(office);
        if (is_taken_before)
            adopt_without_whatsapp(office);
        assert_int_equal(office_due_in(office), is_taken_before ? WITHIN : 0);
        office_pass_by(office, HOUR, 5 * MINUTE);
        office_restart(office);
        office_pass_by(office, HOUR, 5 * MINUTE);
        ASSERT_TOLD(office, "to-ana");
        assert_int_equal(office->question_count, 0);
        assert_string_equal(office_attempts(office), "ana whatsapp sent 1");
        assert_string_equal(office_handoffs(office), "notified 0");
        assert_int_equal(office_tell(office, "b")->kind, ANSWER_SENT); /* by sms */
        office_teardown((void **)&office);
    }
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        OFFICE_TEST(the_second_time_it_goes_to_the_next_contact),
        OFFICE_TEST(the_second_time_it_goes_to_the_next_person),
        cmocka_unit_test(the_first_time_at_another_address_is_the_first),
        OFFICE_TEST(that_another_message_was_taken_is_news),
        OFFICE_TEST(its_pauses_grow_where_there_is_nobody_else),
        cmocka_unit_test(that_it_was_taken_is_no_news_once_it_failed),
        cmocka_unit_test(it_is_watched_though_the_address_is_another),
        cmocka_unit_test(its_failure_is_heard_though_the_address_is_another),
        cmocka_unit_test(its_arrival_is_heard_though_the_address_is_another),
        cmocka_unit_test(what_a_channel_took_that_is_gone_is_left_alone),
    };
    return cmocka_run_group_tests(tests, failing_disk_install, NULL);
}
