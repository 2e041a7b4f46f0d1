/* receive_decodes_in_place - breaks law 3: it decodes a body where that stands, and it is only
 * lent. */
#include "pigeon.h"

static void receive(void *state, const struct handoffd_request *request,
                    struct handoffd_answer *answer)
{
    (void)state;
    char *body = (char *)(uintptr_t)request->body;
    for (size_t i = 0; i < request->body_length; i++) {
        if (body[i] == '+')
            body[i] = ' ';
    }
    answer->status = 200;
}

static const struct handoffd_channel channel = {PIGEON_CHANNEL, .receive = receive};

PIGEON("receive_decodes_in_place");
