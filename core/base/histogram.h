/* histogram - how long something took, counted in fixed steps from 0.1 ms to 10 s, as Prometheus
 * wants it. */
#ifndef BASE_HISTOGRAM_H
#define BASE_HISTOGRAM_H

#include <stddef.h>
#include <stdint.h>

enum { HISTOGRAM_STEPS = 16 };

/* Zeroed at first. Each time is in the first step that is not shorter than it. */
struct histogram {
    uint64_t counts[HISTOGRAM_STEPS + 1]; /* the last: longer than every step */
    uint64_t count;
    int64_t sum_us;
};

/* Less than nothing counts as nothing: clocks may jump. */
void histogram_add_us(struct histogram *histogram, int64_t us);

/* The longest time of a step, in seconds: Prometheus' `le`. */
double histogram_step_seconds(size_t step);

/* How many took no longer than that: its `_bucket`. */
uint64_t histogram_up_to(const struct histogram *histogram, size_t step);

double histogram_sum_seconds(const struct histogram *histogram);

#endif
