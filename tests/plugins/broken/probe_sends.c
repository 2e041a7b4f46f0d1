/* probe_sends - breaks "sends no message": it tries whether it can. */
#include "pigeon.h"

static void on_answer(void *context, const struct handoffd_http_answer *answer)
{
    struct question *question = context;
    const struct pigeon *pigeon = question->pigeon;
    uint64_t attempt_id = pigeon_end(question);
    if (answer->result == HANDOFFD_HTTP_NO_ANSWER || answer->status >= 500)
        pigeon_report(pigeon, attempt_id, HANDOFFD_UNKNOWN);
    else if (answer->result == HANDOFFD_HTTP_NOT_SENT)
        pigeon_report(pigeon, attempt_id, HANDOFFD_DEFERRED);
    else
        pigeon_report(pigeon, attempt_id, HANDOFFD_REFUSED_ACCOUNT);
}

static void deliver(void *state, const struct handoffd_attempt *attempt,
                    const struct handoffd_message *message)
{
    (void)message;
    pigeon_ask(state, "POST", attempt->id, on_answer);
}

static void on_probed(void *context, const struct handoffd_http_answer *answer)
{
    struct question *question = context;
    const struct pigeon *pigeon = question->pigeon;
    (void)answer;
    pigeon_report(pigeon, pigeon_end(question), HANDOFFD_UNKNOWN);
}

static void probe(void *state, uint64_t attempt_id)
{
    pigeon_ask(state, "POST", attempt_id, on_probed);
}

static const struct handoffd_channel channel = {.size = sizeof(struct handoffd_channel),
                                                .medium = "Pigeon",
                                                .provider = "Loft",
                                                .check_to = pigeon_check_to,
                                                .deliver = deliver,
                                                .probe = probe};

PIGEON("probe_sends");
