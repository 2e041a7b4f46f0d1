/* stop_looks_back - breaks law 3: in stop, it looks at the attempt of a find that is under way. */
#include "pigeon.h"

struct watcher {
    struct pigeon pigeon;
    const struct handoffd_attempt *attempt; /* NULL: none is under way */
};

static void on_answer(void *context, const struct handoffd_http_answer *answer)
{
    struct question *question = context;
    struct watcher *watcher = (struct watcher *)question->pigeon;
    (void)answer;
    watcher->attempt = NULL;
    pigeon_report(&watcher->pigeon, pigeon_end(question), HANDOFFD_UNKNOWN);
}

static void find(void *state, const struct handoffd_attempt *attempt,
                 const struct handoffd_message *message)
{
    struct watcher *watcher = state;
    (void)message;
    watcher->attempt = attempt;
    pigeon_ask(&watcher->pigeon, "GET", attempt->id, on_answer);
}

static void stop(void *state)
{
    struct watcher *watcher = state;
    if (watcher->attempt != NULL && watcher->attempt->id == 0)
        watcher->attempt = NULL;
    pigeon_stop(state);
}

static const struct handoffd_channel channel = {PIGEON_CHANNEL, .find = find};

const struct handoffd_plugin handoffd_plugin = {
    HANDOFFD_PLUGIN_HEADER,
    .name = "stop_looks_back",
    .version = "1.0.0",
    .summary = "broken on purpose",
    .state_size = sizeof(struct watcher),
    .start = pigeon_start,
    .stop = stop,
    .channel = &channel,
};
