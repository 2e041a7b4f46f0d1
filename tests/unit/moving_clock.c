/* moving_clock - the functions of base/clock.h; the linker then has no need of the library's. */
#include "moving_clock.h"

#include <time.h>

#include "base/clock.h"

static int64_t ahead_ms;

void clock_move(int64_t ms)
{
    ahead_ms += ms;
}

static int64_t read_ms(clockid_t id)
{
    struct timespec now = {0};
    clock_gettime(id, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000 + ahead_ms;
}

int64_t clock_wall_ms(void)
{
    return read_ms(CLOCK_REALTIME);
}

int64_t clock_steady_ms(void)
{
    return read_ms(CLOCK_MONOTONIC);
}
