/* test_retry - how long a deferred attempt rests, for every number that chance may give. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/memory.h"
#include "handoff/retry.h"

enum { SECOND = 1000, MINUTE = 60 * SECOND, DAY = 24 * 60 * MINUTE, LEAST = SECOND / 2 };

/* Spread over 64 bits, the ends included. */
static uint64_t random_of(uint64_t i)
{
    return i == 0 ? 0 : i == 1 ? UINT64_MAX : i * UINT64_C(0x9e3779b97f4a7c15);
}

/* The most that the back-off may be after so many tries. */
static int64_t ceiling(int64_t tries)
{
    int64_t ms = SECOND;
    for (int64_t i = 1; i < tries && ms < 5 * MINUTE; i++)
        ms *= 2;
    return ms < 5 * MINUTE ? ms : 5 * MINUTE;
}

static void stays_between_half_a_second_and_twice_the_time_before(void **state)
{
    (void)state;
    for (int64_t tries = 1; tries <= 20; tries++) {
        for (uint64_t i = 0; i < 2000; i++) {
            int64_t delay = retry_delay_ms(tries, 0, random_of(i));
            assert_in_range(delay, LEAST, ceiling(tries));
        }
    }
}

static void doubles_up_to_five_minutes(void **state)
{
    (void)state;
    for (int64_t tries = 1; tries <= 20; tries++) {
        int64_t most = 0;
        for (uint64_t i = 0; i < 2000; i++) {
            int64_t delay = retry_delay_ms(tries, 0, random_of(i));
            most = delay > most ? delay : most;
        }
        assert_true(most > ceiling(tries) * 9 / 10);
    }
}

/* What failed together must not come back together. */
static void spreads_over_the_whole_time(void **state)
{
    (void)state;
    enum { PARTS = 10, SAMPLES = 10000 };
    for (int64_t tries = 4; tries <= 12; tries++) {
        size_t in_part[PARTS] = {0};
        for (uint64_t i = 0; i < SAMPLES; i++)
            in_part[retry_delay_ms(tries, 0, random_of(i)) * PARTS / (ceiling(tries) + 1)]++;
        for (size_t part = 0; part < PARTS; part++)
            assert_in_range(in_part[part], SAMPLES / PARTS / 2, SAMPLES / PARTS * 2);
    }
}

static void keeps_its_bounds_for_absurd_numbers_of_tries(void **state)
{
    static const int64_t tries[] = {INT64_MIN, -1, 0, 1000, INT64_MAX};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(tries); i++) {
        int64_t delay = retry_delay_ms(tries[i], 0, UINT64_MAX);
        assert_in_range(delay, LEAST, 5 * MINUTE);
    }
}

static void waits_at_least_as_long_as_the_provider_wishes(void **state)
{
    static const struct {
        int64_t wish;
        int64_t least;
        int64_t most;
    } cases[] = {
        {0, LEAST, SECOND},
        {-5, LEAST, SECOND},
        {INT64_MIN, LEAST, SECOND},
        {1, LEAST, SECOND},
        {30 * SECOND, 30 * SECOND, 30 * SECOND},
        {DAY, DAY, DAY},
        {DAY + 1, DAY, DAY}, /* a wish is not an order to sleep for a year */
        {INT64_MAX, DAY, DAY},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        for (uint64_t j = 0; j < 100; j++) {
            int64_t delay = retry_delay_ms(1, cases[i].wish, random_of(j));
            assert_in_range(delay, cases[i].least, cases[i].most);
        }
    }
    for (uint64_t j = 0; j < 100; j++) /* nor to hurry */
        assert_int_equal(retry_delay_ms(12, 1, random_of(j)), retry_delay_ms(12, 0, random_of(j)));
}

static void rests_an_account_for_minutes(void **state)
{
    (void)state;
    int64_t least = INT64_MAX;
    int64_t most = 0;
    for (uint64_t i = 0; i < 10000; i++) {
        int64_t delay = retry_account_delay_ms(random_of(i));
        assert_in_range(delay, 150 * SECOND, 450 * SECOND);
        least = delay < least ? delay : least;
        most = delay > most ? delay : most;
    }
    assert_true(least < 155 * SECOND && most > 445 * SECOND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stays_between_half_a_second_and_twice_the_time_before),
        cmocka_unit_test(doubles_up_to_five_minutes),
        cmocka_unit_test(spreads_over_the_whole_time),
        cmocka_unit_test(keeps_its_bounds_for_absurd_numbers_of_tries),
        cmocka_unit_test(waits_at_least_as_long_as_the_provider_wishes),
        cmocka_unit_test(rests_an_account_for_minutes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
