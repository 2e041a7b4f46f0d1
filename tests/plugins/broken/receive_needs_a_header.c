/* receive_needs_a_header - breaks "headers": it looks at the first one, and there may be none. */
#include "pigeon.h"

static void receive(void *state, const struct handoffd_request *request,
                    struct handoffd_answer *answer)
{
    (void)state;
    if (strcmp(request->headers.names[0], "content-type") != 0)
        answer->status = 415;
}

static const struct handoffd_channel channel = {PIGEON_CHANNEL, .receive = receive};

PIGEON("receive_needs_a_header");
