/* limits_below_zero - breaks "0: none": it says -1 where it means that there is no limit. */
#include "pigeon.h"

static void limits(const void *state, struct handoffd_limits *limits)
{
    (void)state;
    limits->per_day = -1;
}

static const struct handoffd_channel channel = {PIGEON_CHANNEL, .limits = limits};

PIGEON("limits_below_zero");
