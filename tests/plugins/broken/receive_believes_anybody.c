/* receive_believes_anybody - breaks "checks who calls": it has a secret to do so, and does not use
 * it. */
#include "pigeon.h"

static void receive(void *state, const struct handoffd_request *request,
                    struct handoffd_answer *answer)
{
    (void)answer;
    if (request->attempt_id != 0 && strstr(request->body, "delivered") != NULL)
        pigeon_report(state, request->attempt_id, HANDOFFD_DELIVERED);
}

static const struct handoffd_channel channel = {PIGEON_CHANNEL, .receive = receive};

PIGEON("receive_believes_anybody");
