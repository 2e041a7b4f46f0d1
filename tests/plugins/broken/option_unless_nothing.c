/* option_unless_nothing - breaks the option table: unless another row that is not there. */
#include "plugin.h"

struct router_state {
    const char *text;
    int64_t wait_ms;
};

static const struct handoffd_option rows[] = {
    HANDOFFD_OPTION_TEXT("text", struct router_state, text, .required = true, .unless = "txet"),
};

static void rank(const void *state, const struct handoffd_handoff *handoff,
                 const struct handoffd_people *people, int64_t rank[])
{
    (void)state;
    (void)handoff;
    (void)people;
    (void)rank;
}

static const struct handoffd_router router = {.size = sizeof(struct handoffd_router), .rank = rank};

const struct handoffd_plugin handoffd_plugin = {
    HANDOFFD_PLUGIN_HEADER,
    .name = "option_unless_nothing",
    .version = "1.0.0",
    .summary = "broken on purpose",
    .state_size = sizeof(struct router_state),
    .options = HANDOFFD_OPTIONS(rows),
    .router = &router,
};
