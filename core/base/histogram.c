/* histogram - counts by step; added up only when somebody asks. */
#include "base/histogram.h"

#include "base/require.h"

static const int64_t steps_us[HISTOGRAM_STEPS] = {
    100,   250,    500,    1000,   2500,    5000,    10000,   25000,
    50000, 100000, 250000, 500000, 1000000, 2500000, 5000000, 10000000,
};

static const double us_per_second = 1e6;

void histogram_add_us(struct histogram *histogram, int64_t us)
{
    int64_t taken_us = us > 0 ? us : 0;
    size_t step = 0;
    while (step < HISTOGRAM_STEPS && steps_us[step] < taken_us)
        step++;
    histogram->counts[step]++;
    histogram->count++;
    if (__builtin_add_overflow(histogram->sum_us, taken_us, &histogram->sum_us))
        histogram->sum_us = INT64_MAX;
}

double histogram_step_seconds(size_t step)
{
    require(step < HISTOGRAM_STEPS);
    return (double)steps_us[step] / us_per_second;
}

uint64_t histogram_up_to(const struct histogram *histogram, size_t step)
{
    uint64_t count = 0;
    require(step < HISTOGRAM_STEPS);
    for (size_t i = 0; i <= step; i++)
        count += histogram->counts[i];
    return count;
}

double histogram_sum_seconds(const struct histogram *histogram)
{
    return (double)histogram->sum_us / us_per_second;
}
