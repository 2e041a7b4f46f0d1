/* probe_reports_twice - breaks law 4: it reports on the account, and then on the sender. */
#include "pigeon.h"

static void probe(void *state, uint64_t attempt_id)
{
    pigeon_report(state, attempt_id, HANDOFFD_UNKNOWN);
    pigeon_report(state, attempt_id, HANDOFFD_UNKNOWN);
}

static const struct handoffd_channel channel = {PIGEON_CHANNEL, .probe = probe};

PIGEON("probe_reports_twice");
