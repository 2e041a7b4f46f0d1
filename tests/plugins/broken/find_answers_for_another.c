/* find_answers_for_another - breaks "was *this* sent?": it was asked about one message and tells of
 * another. */
#include "pigeon.h"

static void on_answer(void *context, const struct handoffd_http_answer *answer)
{
    struct question *question = context;
    const struct pigeon *pigeon = question->pigeon;
    bool is_told = answer->status == 200 && strstr(answer->body, "\"date_created\"") != NULL &&
                   strstr(answer->body, "messages") == NULL;
    pigeon_report(pigeon, pigeon_end(question), is_told ? HANDOFFD_SENT : HANDOFFD_UNKNOWN);
}

static void find(void *state, const struct handoffd_attempt *attempt,
                 const struct handoffd_message *message)
{
    (void)message;
    pigeon_ask(state, "GET", attempt->id, on_answer);
}

static const struct handoffd_channel channel = {PIGEON_CHANNEL, .find = find};

PIGEON("find_answers_for_another");
