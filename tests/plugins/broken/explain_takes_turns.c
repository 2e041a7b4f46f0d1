/* explain_takes_turns - breaks "pure": each time it says something else. */
#include "pigeon.h"

#include <time.h>

static const char *explain(int32_t code)
{
    static const char *const words[] = {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k"};
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return code % 100 == 0 ? words[now.tv_nsec / 100 % 11] : NULL;
}

static const struct handoffd_channel channel = {PIGEON_CHANNEL, .explain = explain};

PIGEON("explain_takes_turns");
