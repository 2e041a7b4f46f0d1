/* test_histogram - every time is in its step, and what Prometheus reads adds up. */
#include "base/histogram.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/memory.h"

static void puts_each_time_in_its_step(void **state)
{
    static const struct {
        int64_t us;
        size_t step;
    } cases[] = {
        {INT64_MIN, 0}, {-1, 0},        {0, 0},         {1, 0},          {100, 0},
        {101, 1},       {250, 1},       {251, 2},       {500, 2},        {1000, 3},
        {1001, 4},      {9999, 6},      {10000, 6},     {10001, 7},      {1000000, 12},
        {1000001, 13},  {10000000, 15}, {10000001, 16}, {INT64_MAX, 16},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct histogram histogram = {0};
        histogram_add_us(&histogram, cases[i].us);
        for (size_t step = 0; step <= HISTOGRAM_STEPS; step++)
            assert_int_equal(histogram.counts[step], step == cases[i].step);
        assert_int_equal(histogram.count, 1);
    }
}

static void adds_up_from_the_shortest(void **state)
{
    struct histogram histogram = {0};
    uint64_t before = 0;
    (void)state;
    for (int64_t us = 50; us < 40000000; us *= 2)
        histogram_add_us(&histogram, us);
    for (size_t step = 0; step < HISTOGRAM_STEPS; step++) {
        uint64_t count = histogram_up_to(&histogram, step);
        assert_true(count >= before);
        before = count;
    }
    assert_int_equal(before + histogram.counts[HISTOGRAM_STEPS], histogram.count);
    assert_int_equal(histogram.counts[HISTOGRAM_STEPS], 2); /* 13 s and 26 s */
}

static void has_steps_that_print_as_prometheus_labels(void **state)
{
    static const char *const labels[HISTOGRAM_STEPS] = {
        "0.0001", "0.00025", "0.0005", "0.001", "0.0025", "0.005", "0.01", "0.025",
        "0.05",   "0.1",     "0.25",   "0.5",   "1",      "2.5",   "5",    "10"};
    (void)state;
    for (size_t step = 0; step < HISTOGRAM_STEPS; step++) {
        char text[32];
        snprintf(text, sizeof text, "%g", histogram_step_seconds(step));
        assert_string_equal(text, labels[step]);
    }
}

static void sums_in_seconds(void **state)
{
    struct histogram histogram = {0};
    (void)state;
    histogram_add_us(&histogram, 1500000);
    histogram_add_us(&histogram, 250000);
    histogram_add_us(&histogram, -7000);
    assert_true(histogram_sum_seconds(&histogram) == 1.75);
    assert_int_equal(histogram.count, 3);
}

static void stays_at_the_most_where_a_sum_would_overflow(void **state)
{
    struct histogram histogram = {0};
    (void)state;
    histogram_add_us(&histogram, INT64_MAX);
    histogram_add_us(&histogram, INT64_MIN);
    histogram_add_us(&histogram, INT64_MAX);
    assert_true(histogram.sum_us == INT64_MAX);
    assert_int_equal(histogram.count, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(puts_each_time_in_its_step),
        cmocka_unit_test(adds_up_from_the_shortest),
        cmocka_unit_test(has_steps_that_print_as_prometheus_labels),
        cmocka_unit_test(sums_in_seconds),
        cmocka_unit_test(stays_at_the_most_where_a_sum_would_overflow),
    };
    return cmocka_run_group_tests_name("histogram", tests, NULL, NULL);
}
