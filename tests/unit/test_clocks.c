/* test_clocks - somebody sets the clock on the wall, by an hour either way: nothing comes sooner or
 * later for it, and nothing is lost or said twice at the next start. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "failing_disk.h"
#include "moving_clock.h"
#include "office_seen.h"

static const int64_t jumps_ms[] = {HOUR, -HOUR, 1000LL * DAY, -1000LL * DAY};

/* The test once for every jump, in an office of its own. */
static void for_each_jump(void (*test)(struct office *office, int64_t jump_ms))
{
    for (size_t i = 0; i < COUNT_OF(jumps_ms); i++) {
        struct office *office = NULL;
        office_setup((void **)&office);
        test(office, jumps_ms[i]);
        office_teardown((void **)&office);
        clock_jump(-jumps_ms[i]);
    }
}

/* ---- while the process runs */

static void check_retry(struct office *office, int64_t jump_ms)
{
    office->plans[0] = (struct plan){.outcome = HANDOFFD_DEFERRED, .retry_after_ms = 2 * HOUR};
    office_open(office);
    office_begin(office, "a");
    clock_jump(jump_ms);
    office_pass(office, 2 * HOUR - 1);
    assert_int_equal(office->delivery_count, 1);
    office_pass(office, 1);
    assert_int_equal(office->delivery_count, 2);
}

static void moves_no_retry(void **state)
{
    (void)state;
    for_each_jump(check_retry);
}

static void check_deadline(struct office *office, int64_t jump_ms)
{
    office_make_telling(office);
    office_make_askable(office);
    office_plan_finds(office, 0, OFFICE_PLANS, &(struct plan){.outcome = HANDOFFD_SENT});
    office->whatsapp.rules.deliver_within_ms = 2 * HOUR;
    office_open(office);
    office_tell(office, "a");
    clock_jump(jump_ms);
    office_pass(office, HOUR);
    office_pass(office, HOUR - 1);
    assert_int_equal(office->question_count, 0);
    office_pass(office, 1);
    assert_int_equal(office->question_count, 1);
    ASSERT_TOLD(office, "to-ana", "sms-ana");
}

static void moves_no_deadline(void **state)
{
    (void)state;
    for_each_jump(check_deadline);
}

static void check_question(struct office *office, int64_t jump_ms)
{
    office->plans[0] = plan_unknown;
    office_make_askable(office);
    office_open(office);
    office_tell(office, "a");
    office_pass(office, SECOND);
    assert_int_equal(office->question_count, 1);
    clock_jump(jump_ms);
    office_pass_by(office, 118 * SECOND, SECOND);
    assert_int_equal(office->delivery_count, 1);
    assert_int_equal(office->question_count, 2);
    office_pass_by(office, SECOND, SECOND);
    assert_int_equal(office->delivery_count, 2);
    assert_int_equal(office->question_count, 3);
}

static void hurries_no_question(void **state)
{
    (void)state;
    for_each_jump(check_question);
}

static void check_window(struct office *office, int64_t jump_ms)
{
    struct request by_conversation = office_request(office_juan, "conv");
    struct request by_key = office_request(office_juan, NULL);
    by_key.key = "key";
    office_open(office);
    office_answer(office, &by_conversation);
    office_answer(office, &by_key);
    clock_jump(jump_ms);
    office_pass(office, 10 * MINUTE - 1);
    assert_true(office_answer(office, &by_conversation)->is_duplicate);
    office_pass(office, 1);
    assert_false(office_answer(office, &by_conversation)->is_duplicate);
    office_pass(office, DAY - 10 * MINUTE - 1);
    assert_true(office_answer(office, &by_key)->is_duplicate);
    office_pass(office, 1);
    assert_false(office_answer(office, &by_key)->is_duplicate);
}

static void moves_no_window(void **state)
{
    (void)state;
    for_each_jump(check_window);
}

static void check_limit(struct office *office, int64_t jump_ms)
{
    office->roster.count = 1;
    office->vendors[0].contact_count = 1;
    office->limits.per_day = 1;
    office_open(office);
    office_tell(office, "a");
    clock_jump(jump_ms);
    assert_int_equal(office_tell(office, "b")->kind, ANSWER_FAILED);
    office_pass(office, DAY - 1);
    assert_int_equal(office->delivery_count, 1);
    office_pass(office, 1);
    assert_int_equal(office->delivery_count, 2);
}

static void moves_no_limit(void **state)
{
    (void)state;
    for_each_jump(check_limit);
}

static void check_rate(struct office *office, int64_t jump_ms)
{
    office->roster.count = 1;
    office->vendors[0].contact_count = 1;
    office->limits.channel = (struct handoffd_rate){.count = 1, .period_ms = HOUR, .burst = 1};
    office_open(office);
    office_tell(office, "a");
    office_begin(office, "b");
    clock_jump(jump_ms);
    office_begin(office, "c");
    office_pass(office, HOUR - 1);
    assert_int_equal(office->delivery_count, 1);
    office_pass(office, 1);
    assert_int_equal(office->delivery_count, 2);
    office_pass(office, HOUR);
    assert_int_equal(office->delivery_count, 3);
}

static void moves_no_rate(void **state)
{
    (void)state;
    for_each_jump(check_rate);
}

static void check_trial(struct office *office, int64_t jump_ms)
{
    office->vendors[0].contact_count = 1;
    office->plans[0] = plan_account;
    office_open(office);
    office_tell(office, "a");
    clock_jump(jump_ms);
    office_pass(office, 149 * SECOND);
    assert_int_equal(office->delivery_count, 1);
    office_pass(office, 302 * SECOND);
    assert_int_equal(office->delivery_count, 2);
}

static void opens_no_gate(void **state)
{
    (void)state;
    for_each_jump(check_trial);
}

static void check_patience(struct office *office, int64_t jump_ms)
{
    office->is_silent = true;
    office_open(office);
    struct client *client = office_begin(office, "a");
    clock_jump(jump_ms);
    office_pass(office, 8 * SECOND - 1);
    assert_false(client->is_answered);
    office_pass(office, 1);
    assert_true(client->is_answered);
}

static void tries_nobody_s_patience(void **state)
{
    (void)state;
    for_each_jump(check_patience);
}

/* ---- over a restart: by an hour; a clock that is days wrong is somebody's to set right first */

static void for_each_hour(void (*test)(struct office *office, int64_t jump_ms))
{
    for (size_t i = 0; i < 2; i++) {
        struct office *office = NULL;
        office_setup((void **)&office);
        test(office, jumps_ms[i]);
        office_teardown((void **)&office);
        clock_jump(-jumps_ms[i]);
    }
}

static void check_everything_at_a_restart(struct office *office, int64_t jump_ms)
{
    office_make_telling(office);
    office_make_askable(office);
    office_plan_finds(office, 0, OFFICE_PLANS, &(struct plan){.outcome = HANDOFFD_SENT});
    office->whatsapp.rules.deliver_within_ms = 6 * HOUR;
    office->vendors[0].contact_count = 1;
    office->plans[0] = (struct plan){.outcome = HANDOFFD_DEFERRED, .retry_after_ms = 30 * MINUTE};
    office->plans[1] = plan_unknown;
    office->plans[2] = (struct plan){0};
    office->plans[3] = plan_silent;
    office_open(office);
    office_begin(office, "deferred");
    office_begin(office, "unknown");
    office_begin(office, "sent");
    office_begin(office, "sending");
    office_pass(office, 8 * SECOND);
    assert_int_equal(office->delivery_count, 4);
    clock_jump(jump_ms);
    office_restart(office);
    for (int i = 0; i < 4; i++) { /* all of them are known */
        struct request request = office_request(office_juan, NULL);
        request.key = (const char *[]){"deferred", "unknown", "sent", "sending"}[i];
        request.reply_within_ms = 100;
        struct client *client = office_ask(office, &request);
        office_pass(office, 100);
        assert_true(client->answer.is_duplicate);
    }
    office_pass_by(office, HOUR, 10 * SECOND);
    assert_int_equal(office->delivery_count, 5); /* the deferred one, once more */
    assert_int_equal(office->deliveries[4].attempt_id, office->deliveries[0].attempt_id + 1);
    assert_string_equal(office_on_disk(office, "SELECT count(*) FROM attempt"), "4");
    assert_string_equal(office_on_disk(office, "SELECT count(*) FROM attempt WHERE state = 'sent'"),
                        "4");
}

static void loses_nothing_and_repeats_nothing_at_a_restart(void **state)
{
    (void)state;
    for_each_hour(check_everything_at_a_restart);
}

/* What was sent comes due at most an hour early or late, and is told to the next one once. */
static void check_deadline_at_a_restart(struct office *office, int64_t jump_ms)
{
    office_make_telling(office);
    office_make_askable(office);
    office_plan_finds(office, 0, OFFICE_PLANS, &(struct plan){.outcome = HANDOFFD_SENT});
    office->whatsapp.rules.deliver_within_ms = 2 * HOUR;
    office_open(office);
    office_tell(office, "a");
    clock_jump(jump_ms);
    office_restart(office);
    office_pass_by(office, 2 * HOUR - jump_ms - MINUTE, MINUTE);
    assert_int_equal(office->delivery_count, 1);
    office_pass_by(office, 2 * MINUTE, MINUTE);
    ASSERT_TOLD(office, "to-ana", "sms-ana");
}

static void a_deadline_is_kept_by_the_new_clock(void **state)
{
    (void)state;
    for_each_hour(check_deadline_at_a_restart);
}

/* Never sooner than it would be without a jump: a provider's list is asked as often and as long. */
static void check_question_at_a_restart(struct office *office, int64_t jump_ms)
{
    office->plans[0] = plan_unknown;
    office_make_askable(office);
    office_open(office);
    office_tell(office, "a");
    office_pass(office, SECOND);
    clock_jump(jump_ms);
    office_restart(office);
    office_pass_by(office, 30 * SECOND, SECOND);
    assert_int_equal(office->delivery_count, 1);
    office_pass_by(office, 3 * HOUR, 10 * SECOND);
    assert_int_equal(office->delivery_count, 2); /* once, in the end */
    assert_string_equal(office_attempts(office), "ana whatsapp sent 2");
}

static void sends_nothing_again_in_a_hurry_after_a_restart(void **state)
{
    (void)state;
    for_each_hour(check_question_at_a_restart);
}

static void check_day_at_a_restart(struct office *office, int64_t jump_ms)
{
    office->roster.count = 1;
    office->vendors[0].contact_count = 1;
    office->limits.per_day = 2;
    office_open(office);
    office_tell(office, "a");
    office_tell(office, "b");
    office_tell(office, "c");
    clock_jump(jump_ms);
    office_restart(office);
    office_pass(office, 22 * HOUR);
    assert_int_equal(office->delivery_count, 2);
    office_pass_by(office, 4 * HOUR, MINUTE);
    assert_int_equal(office->delivery_count, 3);
}

static void counts_the_day_after_a_restart(void **state)
{
    (void)state;
    for_each_hour(check_day_at_a_restart);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(moves_no_retry),
        cmocka_unit_test(moves_no_deadline),
        cmocka_unit_test(hurries_no_question),
        cmocka_unit_test(moves_no_window),
        cmocka_unit_test(moves_no_limit),
        cmocka_unit_test(moves_no_rate),
        cmocka_unit_test(opens_no_gate),
        cmocka_unit_test(tries_nobody_s_patience),
        cmocka_unit_test(loses_nothing_and_repeats_nothing_at_a_restart),
        cmocka_unit_test(a_deadline_is_kept_by_the_new_clock),
        cmocka_unit_test(sends_nothing_again_in_a_hurry_after_a_restart),
        cmocka_unit_test(counts_the_day_after_a_restart),
    };
    return cmocka_run_group_tests(tests, failing_disk_install, NULL);
}
