/* find_reports_another - breaks law 4: asked about one attempt, it reports on another. */
#include "pigeon.h"

static void find(void *state, const struct handoffd_attempt *attempt,
                 const struct handoffd_message *message)
{
    (void)message;
    pigeon_report(state, attempt->id + 1, HANDOFFD_UNKNOWN);
}

static const struct handoffd_channel channel = {PIGEON_CHANNEL, .find = find};

PIGEON("find_reports_another");
