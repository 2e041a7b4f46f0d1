/* find_reads_no_list - breaks "ABSENT where it has no such message": it finds none in an answer
 * that has no list. */
#include "pigeon.h"

static void on_answer(void *context, const struct handoffd_http_answer *answer)
{
    struct question *question = context;
    const struct pigeon *pigeon = question->pigeon;
    bool is_absent = answer->status == 200 && strstr(answer->body, "sid") == NULL;
    pigeon_report(pigeon, pigeon_end(question), is_absent ? HANDOFFD_ABSENT : HANDOFFD_UNKNOWN);
}

static void find(void *state, const struct handoffd_attempt *attempt,
                 const struct handoffd_message *message)
{
    (void)message;
    pigeon_ask(state, "GET", attempt->id, on_answer);
}

static const struct handoffd_channel channel = {PIGEON_CHANNEL, .find = find};

PIGEON("find_reads_no_list");
