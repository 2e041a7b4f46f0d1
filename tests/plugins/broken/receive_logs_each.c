/* receive_logs_each - breaks the log's purpose: a line for every bad request, and anybody may send
 * a million. */
#include "pigeon.h"

static void receive(void *state, const struct handoffd_request *request,
                    struct handoffd_answer *answer)
{
    const struct pigeon *pigeon = state;
    (void)request;
    answer->status = 403;
    pigeon->host->log(pigeon->host, HANDOFFD_LOG_WARNING, "somebody knocked");
}

static const struct handoffd_channel channel = {PIGEON_CHANNEL, .receive = receive};

PIGEON("receive_logs_each");
