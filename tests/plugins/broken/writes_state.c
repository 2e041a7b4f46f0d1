/* writes_state - breaks "const void *state": its rank writes to the state. */
#include "plugin.h"

struct router_state {
    int64_t calls;
};

static void rank(const void *state, const struct handoffd_handoff *handoff,
                 const struct handoffd_people *people, int64_t rank[])
{
    (void)handoff;
    (void)people;
    (void)rank;
    struct router_state *self = (struct router_state *)(uintptr_t)state;
    self->calls++;
}

static const struct handoffd_router router = {.size = sizeof(struct handoffd_router), .rank = rank};

const struct handoffd_plugin handoffd_plugin = {
    HANDOFFD_PLUGIN_HEADER,
    .name = "writes_state",
    .version = "1.0.0",
    .summary = "broken on purpose",
    .state_size = sizeof(struct router_state),
    .router = &router,
};
