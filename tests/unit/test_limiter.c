/* test_limiter - so many a minute, each counted apart. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "access/limiter.h"

enum { SECOND = 1000, MINUTE = 60 * SECOND, START = 1000 * MINUTE };

static int set_up(void **state)
{
    *state = limiter_create();
    return 0;
}

static int tear_down(void **state)
{
    limiter_destroy(*state);
    return 0;
}

/* How many of `tries` at one moment may come. */
static int taken(struct limiter *limiter, const char *who, int most, int64_t now_ms, int tries)
{
    int count = 0;
    for (int i = 0; i < tries; i++)
        count += limiter_take_ms(limiter, LIMITED_ADDRESS, who, most, now_ms) == 0;
    return count;
}

static void lets_a_minutes_worth_come_at_once(void **state)
{
    assert_int_equal(taken(*state, "a", 10, START, 50), 10);
    assert_int_equal(limiter_take_ms(*state, LIMITED_ADDRESS, "a", 10, START), 6 * SECOND);
}

static void then_one_at_a_time(void **state)
{
    assert_int_equal(taken(*state, "a", 10, START, 10), 10);
    assert_int_equal(taken(*state, "a", 10, START + 6 * SECOND - 1, 5), 0);
    assert_int_equal(taken(*state, "a", 10, START + 6 * SECOND, 5), 1);
    assert_int_equal(taken(*state, "a", 10, START + 18 * SECOND, 5), 2);
    assert_int_equal(taken(*state, "a", 10, START + 10 * MINUTE, 50), 10);
}

/* Whoever is refused waits no longer for having asked. */
static void counts_no_refusals(void **state)
{
    assert_int_equal(taken(*state, "a", 60, START, 10000), 60);
    assert_int_equal(limiter_take_ms(*state, LIMITED_ADDRESS, "a", 60, START), SECOND);
    assert_int_equal(limiter_take_ms(*state, LIMITED_ADDRESS, "a", 60, START + SECOND), 0);
}

static void counts_each_apart(void **state)
{
    char address[32];
    for (int i = 0; i < 1000; i++) {
        snprintf(address, sizeof address, "198.51.100.%d", i);
        assert_int_equal(taken(*state, address, 3, START, 5), 3);
    }
    assert_int_equal(limiter_take_ms(*state, LIMITED_KEY, "198.51.100.1", 3, START), 0);
    assert_int_equal(limiter_take_ms(*state, LIMITED_CONVERSATION, "198.51.100.1", 3, START), 0);
    assert_int_equal(limiter_take_ms(*state, LIMITED_FAILURES, "198.51.100.1", 3, START), 0);
}

static void has_no_limit_where_none_is_set(void **state)
{
    assert_int_equal(taken(*state, "a", 0, START, 1000), 1000);
}

static void goes_by_the_present_limit(void **state)
{
    assert_int_equal(taken(*state, "a", 60, START, 100), 60);
    assert_int_equal(taken(*state, "a", 120, START, 100), 0);
    assert_int_equal(taken(*state, "a", 120, START + MINUTE, 200), 120);
}

/* A flood from everywhere: whoever floods is still limited, and a newcomer comes in. */
static void stays_small_in_a_flood(void **state)
{
    char address[32];
    for (int i = 0; i < 300000; i++) {
        snprintf(address, sizeof address, "a%d", i);
        assert_int_equal(limiter_take_ms(*state, LIMITED_ADDRESS, address, 5, START + i / 100), 0);
    }
    int limited = 0;
    for (int i = 299000; i < 300000; i++) {
        snprintf(address, sizeof address, "a%d", i);
        limited += taken(*state, address, 5, START + 3000, 10) <= 4;
    }
    assert_true(limited > 990);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(lets_a_minutes_worth_come_at_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(then_one_at_a_time, set_up, tear_down),
        cmocka_unit_test_setup_teardown(counts_no_refusals, set_up, tear_down),
        cmocka_unit_test_setup_teardown(counts_each_apart, set_up, tear_down),
        cmocka_unit_test_setup_teardown(has_no_limit_where_none_is_set, set_up, tear_down),
        cmocka_unit_test_setup_teardown(goes_by_the_present_limit, set_up, tear_down),
        cmocka_unit_test_setup_teardown(stays_small_in_a_flood, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
