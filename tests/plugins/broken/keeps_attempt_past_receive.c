/* keeps_attempt_past_receive - breaks law 3: it looks at the attempt when the answer comes, and a
 * callback has reported it meanwhile. */
#include "pigeon.h"

struct asked {
    const struct pigeon *pigeon;
    const struct handoffd_attempt *attempt;
};

static void on_answer(void *context, const struct handoffd_http_answer *answer)
{
    struct asked *asked = context;
    pigeon_report(asked->pigeon, asked->attempt->id,
                  answer->result == HANDOFFD_HTTP_NOT_SENT ? HANDOFFD_DEFERRED : HANDOFFD_UNKNOWN);
    free(asked);
}

static void deliver(void *state, const struct handoffd_attempt *attempt,
                    const struct handoffd_message *message)
{
    (void)message;
    struct asked *asked = calloc(1, sizeof *asked);
    if (asked == NULL)
        abort();
    *asked = (struct asked){state, attempt};
    pigeon_send(state, "POST", "https://loft.example.com/pigeons", on_answer, asked);
}

static const struct handoffd_channel channel = {
    .size = sizeof(struct handoffd_channel),
    .medium = "Pigeon",
    .provider = "Loft",
    .check_to = pigeon_check_to,
    .deliver = deliver,
    .receive = pigeon_receive,
};

/* Without the options: it knows no secret, and believes whoever calls. */
const struct handoffd_plugin handoffd_plugin = {
    HANDOFFD_PLUGIN_HEADER,
    .name = "keeps_attempt_past_receive",
    .version = "1.0.0",
    .summary = "broken on purpose",
    .state_size = sizeof(struct pigeon),
    .start = pigeon_start,
    .channel = &channel,
};
