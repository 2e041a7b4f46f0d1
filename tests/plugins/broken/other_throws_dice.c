/* other_throws_dice - breaks "pure": it says so one time and otherwise the next. */
#include "pigeon.h"

#include <time.h>

static bool other_to(const char *to, char *other, size_t other_size)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return snprintf(other, other_size, "%s/%ld", to, now.tv_nsec) > 0;
}

static const struct handoffd_channel channel = {PIGEON_CHANNEL, .other_to = other_to};

PIGEON("other_throws_dice");
