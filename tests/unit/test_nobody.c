/* test_nobody - vendors.yaml has nobody for a while, or nobody can be told for long: nothing is
 * lost, and somebody hears of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "failing_disk.h"
#include "office_seen.h"

static void adopt_nobody(struct office *office)
{
    office->roster.count = 0;
    office_adopt(office);
}

static void adopt_everybody(struct office *office)
{
    office->roster.count = 3;
    office_adopt(office);
    office_settle(office);
}

/* Its retry is due when there is nobody. */
static void begin_deferred(struct office *office)
{
    office->plans[0] = (struct plan){.outcome = HANDOFFD_DEFERRED, .retry_after_ms = MINUTE};
    office_open(office);
    office_begin(office, "a");
    adopt_nobody(office);
    office_pass(office, MINUTE);
    ASSERT_TOLD(office, "to-ana");
}

/* Its intent comes back from the disk when there is nobody: it was not handed over. */
static void begin_intended(struct office *office)
{
    office_open(office);
    failing_disk_set(DISK_HELD);
    struct request request = office_request(office_juan, "a");
    request.key = "a";
    request.reply_within_ms = 100;
    struct client *client = office_ask(office, &request);
    adopt_nobody(office);
    failing_disk_set(DISK_FINE);
    office_pass(office, 100);
    assert_int_equal(client->answer.kind, ANSWER_QUEUED);
    assert_int_equal(office->delivery_count, 0);
}

static const struct {
    void (*begin)(struct office *office);
    size_t told;
} beginnings[] = {{begin_deferred, 1}, {begin_intended, 0}};

/* Nobody was told meanwhile; whoever comes is told at once, and once. */
static void assert_told_at_once(struct office *office, size_t told)
{
    assert_int_equal(office->delivery_count, told);
    assert_string_equal(office_on_disk(office, "SELECT wake FROM handoff"), "1");
    adopt_everybody(office);
    assert_int_equal(office->delivery_count, told + 1);
    assert_string_equal(office->deliveries[told].to, "to-ana");
    assert_string_equal(office_handoffs(office), "notified 0");
    assert_int_equal(office_tell(office, "a")->kind, ANSWER_SENT);
    office_pass_by(office, HOUR, 5 * MINUTE);
    adopt_everybody(office);
    assert_int_equal(office->delivery_count, told + 1);
    assert_int_equal(dispatcher_open(office->dispatcher), 0);
}

static void whoever_comes_is_told_at_once(void **state)
{
    static const int64_t whiles_ms[] = {SECOND, HOUR};
    for (size_t i = 0; i < COUNT_OF(beginnings) * COUNT_OF(whiles_ms); i++) {
        size_t how = i % COUNT_OF(beginnings);
        struct office *office = NULL;
        office_setup((void **)&office);
        beginnings[how].begin(office);
        office_pass_by(office, whiles_ms[i / COUNT_OF(beginnings)], MINUTE);
        assert_told_at_once(office, beginnings[how].told);
        office_teardown((void **)&office);
    }
    (void)state;
}

/* vendors.yaml has nobody at the next start either. */
static void nothing_is_lost_by_a_crash_meanwhile(void **state)
{
    for (size_t how = 0; how < COUNT_OF(beginnings); how++) {
        struct office *office = NULL;
        office_setup((void **)&office);
        beginnings[how].begin(office);
        office_restart(office);
        office_pass_by(office, 5 * MINUTE, MINUTE);
        office_restart(office);
        office_pass(office, 1);
        assert_told_at_once(office, beginnings[how].told);
        office_teardown((void **)&office);
    }
    (void)state;
}

/* It was mended before the next start. */
static void everybody_is_back_after_a_crash(void **state)
{
    for (size_t how = 0; how < COUNT_OF(beginnings); how++) {
        struct office *office = NULL;
        office_setup((void **)&office);
        beginnings[how].begin(office);
        office->roster.count = 3;
        office_restart(office);
        office_pass_by(office, 2 * MINUTE, 10 * SECOND);
        assert_int_equal(office->delivery_count, beginnings[how].told + 1);
        assert_string_equal(office_handoffs(office), "notified 0");
        office_pass_by(office, HOUR, 5 * MINUTE);
        assert_int_equal(office->delivery_count, beginnings[how].told + 1);
        office_teardown((void **)&office);
    }
    (void)state;
}

/* ---- late */

static size_t count_of_late(const struct office *office, const char *beginning)
{
    size_t count = 0;
    for (size_t i = 0; i < office->trouble_count; i++)
        count += strncmp(office->troubles[i], beginning, strlen(beginning)) == 0;
    return count;
}

static void somebody_hears_of_whom_nobody_could_be_told_of(void **state)
{
    struct office *office = *state;
    office_plan(office, 0, OFFICE_PLANS, &plan_deferred);
    office_open(office);
    office_begin(office, "a");
    office_pass_by(office, 10 * MINUTE - SECOND, 10 * SECOND);
    assert_int_equal(count_of_late(office, "late"), 0);
    office_pass_by(office, MINUTE + SECOND, 10 * SECOND);
    assert_int_equal(count_of_late(office, "late: a customer has waited for 10 minutes"), 1);
    office_pass_by(office, HOUR, MINUTE);
    assert_int_equal(count_of_late(office, "late"), 1); /* once */
    assert_true(office->delivery_count < OFFICE_PLANS / 2);
    office_plan(office, 0, OFFICE_PLANS, &(struct plan){0});
    office_pass_by(office, 5 * MINUTE, MINUTE);
    assert_string_equal(office_handoffs(office), "notified 0");
    office_pass(office, MINUTE);
    assert_int_equal(count_of_late(office, "late mended"), 1);
    office_pass_by(office, HOUR, 5 * MINUTE);
    assert_int_equal(count_of_late(office, "late"), 2);
}

/* Nobody waits while somebody has it; from then on, they do. */
static void it_is_not_late_as_long_as_somebody_was_told(void **state)
{
    struct office *office = *state;
    office_make_telling(office);
    office->whatsapp.rules.deliver_within_ms = 3 * HOUR;
    office_plan(office, 1, OFFICE_PLANS - 1, &plan_deferred);
    office->vendors[0].contact_count = 1;
    office_open(office);
    office_begin(office, "a");
    office_pass_by(office, 3 * HOUR + 9 * MINUTE, 10 * SECOND);
    assert_string_equal(office_handoffs(office), "assigned 1");
    assert_int_equal(count_of_late(office, "late"), 0);
    office_pass_by(office, 3 * MINUTE, 10 * SECOND);
    assert_int_equal(count_of_late(office, "late"), 1);
}

/* It was said that it is held; that it is tried for a moment now and then is no news. */
static void what_is_held_is_not_late_while_it_is_tried(void **state)
{
    struct office *office = *state;
    office->is_silent = true;
    office->vendors[0].contact_count = 1;
    office_open(office);
    office_begin(office, "a");
    for (int64_t passed_ms = 0; passed_ms < 30 * MINUTE; passed_ms += 5 * MINUTE) {
        if (strcmp(office_handoffs(office), "assigned 1") == 0)
            office_say(office, office->delivery_count - 1, HANDOFFD_REFUSED_ACCOUNT, NULL);
        office_settle(office);
        size_t told = office->delivery_count;
        for (int i = 0; i < 900 && office->delivery_count == told; i++)
            office_pass(office, 500);
        office_pass(office, 25 * SECOND);
    }
    assert_true(office->delivery_count > 4);
    assert_int_equal(count_of_late(office, "late"), 0);
}

/* What is told in its time is not late. */
static void nobody_hears_of_what_was_told_in_time(void **state)
{
    struct office *office = *state;
    office->plans[0] = (struct plan){.outcome = HANDOFFD_DEFERRED, .retry_after_ms = 9 * MINUTE};
    office_open(office);
    office_begin(office, "a");
    office_pass_by(office, HOUR, MINUTE);
    assert_string_equal(office_attempts(office), "ana whatsapp sent 2");
    assert_int_equal(office->trouble_count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whoever_comes_is_told_at_once),
        cmocka_unit_test(nothing_is_lost_by_a_crash_meanwhile),
        cmocka_unit_test(everybody_is_back_after_a_crash),
        OFFICE_TEST(somebody_hears_of_whom_nobody_could_be_told_of),
        OFFICE_TEST(it_is_not_late_as_long_as_somebody_was_told),
        OFFICE_TEST(what_is_held_is_not_late_while_it_is_tried),
        OFFICE_TEST(nobody_hears_of_what_was_told_in_time),
    };
    return cmocka_run_group_tests(tests, failing_disk_install, NULL);
}
