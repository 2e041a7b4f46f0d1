/* limits_count_calls - breaks "const void *state": it counts in it how often it was asked. */
#include "pigeon.h"

static void limits(const void *state, struct handoffd_limits *limits)
{
    struct pigeon *pigeon = (struct pigeon *)(uintptr_t)state;
    pigeon->token = NULL;
    limits->per_day = 1000;
}

static const struct handoffd_channel channel = {PIGEON_CHANNEL, .limits = limits};

PIGEON("limits_count_calls");
