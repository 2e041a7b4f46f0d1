/* find_keeps_attempt - breaks law 3: it looks at the attempt when the answer comes, and it was lent
 * for the call. */
#include "pigeon.h"

struct asked {
    const struct pigeon *pigeon;
    const struct handoffd_attempt *attempt;
};

static void on_answer(void *context, const struct handoffd_http_answer *answer)
{
    struct asked *asked = context;
    (void)answer;
    pigeon_report(asked->pigeon, asked->attempt->id, HANDOFFD_UNKNOWN);
    free(asked);
}

static void find(void *state, const struct handoffd_attempt *attempt,
                 const struct handoffd_message *message)
{
    (void)message;
    struct asked *asked = calloc(1, sizeof *asked);
    if (asked == NULL)
        abort();
    *asked = (struct asked){state, attempt};
    pigeon_send(state, "GET", "https://loft.example.com/pigeons", on_answer, asked);
}

static const struct handoffd_channel channel = {PIGEON_CHANNEL, .find = find};

PIGEON("find_keeps_attempt");
