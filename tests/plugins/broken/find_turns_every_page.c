/* find_turns_every_page - breaks "within a minute": it asks for page after page, and each may take
 * its time. */
#include "pigeon.h"

struct search {
    const struct pigeon *pigeon;
    uint64_t attempt_id;
    int pages;
};

static void on_answer(void *context, const struct handoffd_http_answer *answer)
{
    struct search *search = context;
    bool has_more = answer->result == HANDOFFD_HTTP_ANSWERED && answer->status == 200;
    if (has_more && ++search->pages < 20) {
        pigeon_send(search->pigeon, "GET", "https://loft.example.com/pigeons", on_answer, search);
        return;
    }
    pigeon_report(search->pigeon, search->attempt_id, HANDOFFD_UNKNOWN);
    free(search);
}

static void find(void *state, const struct handoffd_attempt *attempt,
                 const struct handoffd_message *message)
{
    (void)message;
    struct search *search = calloc(1, sizeof *search);
    if (search == NULL)
        abort();
    *search = (struct search){.pigeon = state, .attempt_id = attempt->id};
    pigeon_send(state, "GET", "https://loft.example.com/pigeons", on_answer, search);
}

static const struct handoffd_channel channel = {PIGEON_CHANNEL, .find = find};

PIGEON("find_turns_every_page");
