/* limits_without_period - breaks "count messages each period_ms": the period is missing. */
#include "pigeon.h"

static void limits(const void *state, struct handoffd_limits *limits)
{
    (void)state;
    limits->channel = (struct handoffd_rate){.count = 80, .burst = 80};
}

static const struct handoffd_channel channel = {PIGEON_CHANNEL, .limits = limits};

PIGEON("limits_without_period");
