/* probe_never_reports - breaks "then reports on attempt_id": it does not. */
#include "pigeon.h"

static void probe(void *state, uint64_t attempt_id)
{
    (void)state;
    (void)attempt_id;
}

static const struct handoffd_channel channel = {PIGEON_CHANNEL, .probe = probe};

PIGEON("probe_never_reports");
