/* find_gives_up - breaks "ABSENT: the provider was asked": no answer is "absent" to it. */
#include "pigeon.h"

static void on_answer(void *context, const struct handoffd_http_answer *answer)
{
    struct question *question = context;
    const struct pigeon *pigeon = question->pigeon;
    bool has_answer = answer->result != HANDOFFD_HTTP_NO_ANSWER;
    pigeon_report(pigeon, pigeon_end(question), has_answer ? HANDOFFD_UNKNOWN : HANDOFFD_ABSENT);
}

static void find(void *state, const struct handoffd_attempt *attempt,
                 const struct handoffd_message *message)
{
    (void)message;
    pigeon_ask(state, "GET", attempt->id, on_answer);
}

static const struct handoffd_channel channel = {PIGEON_CHANNEL, .find = find};

PIGEON("find_gives_up");
