/* receive_reports_absent - breaks "ABSENT: answer to find": receive reports it. */
#include "pigeon.h"

static void receive(void *state, const struct handoffd_request *request,
                    struct handoffd_answer *answer)
{
    (void)answer;
    if (request->attempt_id != 0)
        pigeon_report(state, request->attempt_id, HANDOFFD_ABSENT);
}

static const struct handoffd_channel channel = {PIGEON_CHANNEL, .receive = receive};

PIGEON("receive_reports_absent");
