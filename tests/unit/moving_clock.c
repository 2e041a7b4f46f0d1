/* moving_clock - the functions of base/clock.h; the linker then has no need of the library's. */
#include "moving_clock.h"

#include "base/clock.h"

enum { BOOTED_MS = 1000 * 1000 };

static const int64_t epoch_ms = INT64_C(1790000000000);

static int64_t ahead_ms;
static int64_t jumped_ms;

void clock_move(int64_t ms)
{
    ahead_ms += ms;
}

void clock_jump(int64_t ms)
{
    jumped_ms += ms;
}

int64_t clock_wall_ms(void)
{
    return epoch_ms + ahead_ms + jumped_ms;
}

int64_t clock_steady_ms(void)
{
    return BOOTED_MS + ahead_ms;
}
