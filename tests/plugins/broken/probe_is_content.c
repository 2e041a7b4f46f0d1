/* probe_is_content - breaks "UNKNOWN where it could not be asked": no answer is good news to it. */
#include "pigeon.h"

static void on_answer(void *context, const struct handoffd_http_answer *answer)
{
    struct question *question = context;
    const struct pigeon *pigeon = question->pigeon;
    bool is_fine = answer->status < 300;
    pigeon_report(pigeon, pigeon_end(question), is_fine ? HANDOFFD_SENT : HANDOFFD_UNKNOWN);
}

static void probe(void *state, uint64_t attempt_id)
{
    pigeon_ask(state, "GET", attempt_id, on_answer);
}

static const struct handoffd_channel channel = {PIGEON_CHANNEL, .probe = probe};

PIGEON("probe_is_content");
