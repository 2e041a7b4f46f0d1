/* find_reports_twice - breaks law 4: asked what became of a message, it reports twice. */
#include "pigeon.h"

static void find(void *state, const struct handoffd_attempt *attempt,
                 const struct handoffd_message *message)
{
    (void)message;
    pigeon_report(state, attempt->id, HANDOFFD_UNKNOWN);
    pigeon_report(state, attempt->id, HANDOFFD_UNKNOWN);
}

static const struct handoffd_channel channel = {PIGEON_CHANNEL, .find = find};

PIGEON("find_reports_twice");
