/* find_blames_the_account - breaks "UNKNOWN where it could not be asked": it says of the message
 * what is true of the question. */
#include "pigeon.h"

static void on_answer(void *context, const struct handoffd_http_answer *answer)
{
    struct question *question = context;
    const struct pigeon *pigeon = question->pigeon;
    bool is_refused = answer->status == 401;
    pigeon_report(pigeon, pigeon_end(question),
                  is_refused ? HANDOFFD_REFUSED_ACCOUNT : HANDOFFD_UNKNOWN);
}

static void find(void *state, const struct handoffd_attempt *attempt,
                 const struct handoffd_message *message)
{
    (void)message;
    pigeon_ask(state, "GET", attempt->id, on_answer);
}

static const struct handoffd_channel channel = {PIGEON_CHANNEL, .find = find};

PIGEON("find_blames_the_account");
