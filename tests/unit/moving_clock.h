/* moving_clock - takes the place of base/clock.c in a test program: the same times, moved forward
 * at will, so that a test need not wait for an hour to see what happens then. */
#ifndef TESTS_MOVING_CLOCK_H
#define TESTS_MOVING_CLOCK_H

#include <stdint.h>

/* Both clocks jump ahead. A loop notices at its next timer. */
void clock_move(int64_t ms);

#endif
