/* receive_reports_nobody - breaks "0: nobody's": it reports although no attempt was called. */
#include "pigeon.h"

static void receive(void *state, const struct handoffd_request *request,
                    struct handoffd_answer *answer)
{
    (void)answer;
    if (request->attempt_id == 0)
        pigeon_report(state, 1, HANDOFFD_DELIVERED);
}

static const struct handoffd_channel channel = {PIGEON_CHANNEL, .receive = receive};

PIGEON("receive_reports_nobody");
