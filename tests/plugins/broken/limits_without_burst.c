/* limits_without_burst - breaks "of which burst may go at once": none may. */
#include "pigeon.h"

static void limits(const void *state, struct handoffd_limits *limits)
{
    (void)state;
    limits->recipient = (struct handoffd_rate){.count = 1, .period_ms = 6000};
}

static const struct handoffd_channel channel = {PIGEON_CHANNEL, .limits = limits};

PIGEON("limits_without_burst");
