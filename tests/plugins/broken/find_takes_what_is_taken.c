/* find_takes_what_is_taken - breaks taken_ids: it takes the message of another attempt for its own.
 */
#include "pigeon.h"

static void on_answer(void *context, const struct handoffd_http_answer *answer)
{
    struct question *question = context;
    const struct pigeon *pigeon = question->pigeon;
    const struct handoffd_report report = {
        .size = sizeof report,
        .outcome = HANDOFFD_UNKNOWN,
        .message_id = strstr(answer->body, "0009") ? "SM00000000000000000000000000000009" : NULL};
    pigeon->host->report(pigeon->host, pigeon_end(question), &report);
}

static void find(void *state, const struct handoffd_attempt *attempt,
                 const struct handoffd_message *message)
{
    (void)message;
    if (attempt->message_id != NULL)
        pigeon_report(state, attempt->id, HANDOFFD_UNKNOWN);
    else
        pigeon_ask(state, "GET", attempt->id, on_answer);
}

static const struct handoffd_channel channel = {PIGEON_CHANNEL, .find = find};

PIGEON("find_takes_what_is_taken");
