/* receive_keeps_body - breaks law 3: it compares a body with the one before, which was lent for one
 * call. */
#include "pigeon.h"

struct keeper {
    struct pigeon pigeon;
    const char *body;
};

static void receive(void *state, const struct handoffd_request *request,
                    struct handoffd_answer *answer)
{
    struct keeper *keeper = state;
    if (keeper->body != NULL && strcmp(keeper->body, request->body) == 0)
        answer->status = 208;
    keeper->body = request->body;
}

static const struct handoffd_channel channel = {PIGEON_CHANNEL, .receive = receive};

const struct handoffd_plugin handoffd_plugin = {
    HANDOFFD_PLUGIN_HEADER,
    .name = "receive_keeps_body",
    .version = "1.0.0",
    .summary = "broken on purpose",
    .state_size = sizeof(struct keeper),
    .start = pigeon_start,
    .stop = pigeon_stop,
    .channel = &channel,
};
