/* receive_believes_empty - breaks "checks who calls": a signature of no length is as good as any to
 * it. */
#include "pigeon.h"

static void receive(void *state, const struct handoffd_request *request,
                    struct handoffd_answer *answer)
{
    const struct pigeon *pigeon = state;
    for (size_t i = 0; i < request->headers.count; i++) {
        const char *value = request->headers.values[i];
        bool is_signature = strcmp(request->headers.names[i], "x-signature") == 0;
        if (request->attempt_id != 0 && is_signature &&
            strncmp(value, pigeon->token, strlen(value)) == 0)
            pigeon_report(pigeon, request->attempt_id, HANDOFFD_DELIVERED);
    }
    answer->status = 200;
}

static const struct handoffd_channel channel = {PIGEON_CHANNEL, .receive = receive};

PIGEON("receive_believes_empty");
