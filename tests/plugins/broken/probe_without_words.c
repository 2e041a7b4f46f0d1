/* probe_without_words - breaks "with what is wrong in `text`": it leaves that to be guessed. */
#include "pigeon.h"

static void on_answer(void *context, const struct handoffd_http_answer *answer)
{
    struct question *question = context;
    const struct pigeon *pigeon = question->pigeon;
    bool is_refused = answer->status == 401;
    const struct handoffd_report report = {
        .size = sizeof report, .outcome = is_refused ? HANDOFFD_REFUSED_ACCOUNT : HANDOFFD_UNKNOWN};
    pigeon->host->report(pigeon->host, pigeon_end(question), &report);
}

static void probe(void *state, uint64_t attempt_id)
{
    pigeon_ask(state, "GET", attempt_id, on_answer);
}

static const struct handoffd_channel channel = {PIGEON_CHANNEL, .probe = probe};

PIGEON("probe_without_words");
