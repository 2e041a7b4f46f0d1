/* find_never_reports - breaks law 4: asked what became of a message, it does not report. */
#include "pigeon.h"

static void find(void *state, const struct handoffd_attempt *attempt,
                 const struct handoffd_message *message)
{
    (void)state;
    (void)attempt;
    (void)message;
}

static const struct handoffd_channel channel = {PIGEON_CHANNEL, .find = find};

PIGEON("find_never_reports");
