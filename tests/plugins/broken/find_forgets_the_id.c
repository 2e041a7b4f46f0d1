/* find_forgets_the_id - breaks "SENT (with the message_id)". */
#include "pigeon.h"

static void on_answer(void *context, const struct handoffd_http_answer *answer)
{
    struct question *question = context;
    const struct pigeon *pigeon = question->pigeon;
    bool is_sent = answer->status == 200 && strstr(answer->body, "\"date_created\"") != NULL &&
                   strstr(answer->body, "messages") == NULL;
    const struct handoffd_report report = {.size = sizeof report,
                                           .outcome = is_sent ? HANDOFFD_SENT : HANDOFFD_UNKNOWN};
    pigeon->host->report(pigeon->host, pigeon_end(question), &report);
}

static void find(void *state, const struct handoffd_attempt *attempt,
                 const struct handoffd_message *message)
{
    (void)message;
    pigeon_ask(state, "GET", attempt->id, on_answer);
}

static const struct handoffd_channel channel = {PIGEON_CHANNEL, .find = find};

PIGEON("find_forgets_the_id");
