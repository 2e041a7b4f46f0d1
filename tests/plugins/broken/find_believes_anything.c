/* find_believes_anything - breaks "SENT … with what is so now": any 200 is "sent" to it. */
#include "pigeon.h"

static void on_answer(void *context, const struct handoffd_http_answer *answer)
{
    struct question *question = context;
    const struct pigeon *pigeon = question->pigeon;
    bool is_sent = answer->result == HANDOFFD_HTTP_ANSWERED && answer->status == 200;
    pigeon_report(pigeon, pigeon_end(question), is_sent ? HANDOFFD_SENT : HANDOFFD_UNKNOWN);
}

static void find(void *state, const struct handoffd_attempt *attempt,
                 const struct handoffd_message *message)
{
    (void)message;
    pigeon_ask(state, "GET", attempt->id, on_answer);
}

static const struct handoffd_channel channel = {PIGEON_CHANNEL, .find = find};

PIGEON("find_believes_anything");
