/* find_hopes - breaks "UNKNOWN where it could not be asked": no answer is "delivered" to it. */
#include "pigeon.h"

static void on_answer(void *context, const struct handoffd_http_answer *answer)
{
    struct question *question = context;
    const struct pigeon *pigeon = question->pigeon;
    bool is_unknown = answer->result == HANDOFFD_HTTP_NOT_SENT || answer->status != 0;
    pigeon_report(pigeon, pigeon_end(question), is_unknown ? HANDOFFD_UNKNOWN : HANDOFFD_DELIVERED);
}

static void find(void *state, const struct handoffd_attempt *attempt,
                 const struct handoffd_message *message)
{
    (void)message;
    pigeon_ask(state, "GET", attempt->id, on_answer);
}

static const struct handoffd_channel channel = {PIGEON_CHANNEL, .find = find};

PIGEON("find_hopes");
