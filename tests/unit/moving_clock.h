/* moving_clock - takes the place of base/clock.c in a test program: time stands still until the
 * test moves it, so that nothing waits for an hour to pass, and nothing depends on how fast the
 * machine is. */
#ifndef TESTS_MOVING_CLOCK_H
#define TESTS_MOVING_CLOCK_H

#include <stdint.h>

/* Both clocks jump ahead. A loop notices at its next timer. */
void clock_move(int64_t ms);

/* Somebody sets the clock on the wall: it alone jumps, ahead or (below 0) back. */
void clock_jump(int64_t ms);

#endif
