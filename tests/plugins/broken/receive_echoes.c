/* receive_echoes - breaks law 3: it answers with the body that it was lent. */
#include "pigeon.h"

static void receive(void *state, const struct handoffd_request *request,
                    struct handoffd_answer *answer)
{
    (void)state;
    answer->status = 200;
    answer->body = request->body;
}

static const struct handoffd_channel channel = {PIGEON_CHANNEL, .receive = receive};

PIGEON("receive_echoes");
