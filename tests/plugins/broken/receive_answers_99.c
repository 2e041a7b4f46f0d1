/* receive_answers_99 - breaks "status": it answers with one that HTTP does not have. */
#include "pigeon.h"

static void receive(void *state, const struct handoffd_request *request,
                    struct handoffd_answer *answer)
{
    (void)state;
    (void)request;
    answer->status = 99;
}

static const struct handoffd_channel channel = {PIGEON_CHANNEL, .receive = receive};

PIGEON("receive_answers_99");
