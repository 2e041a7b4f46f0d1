/* counts_in_global - breaks law 6: it counts in a variable of its own. */
#include "plugin.h"

static int64_t calls;

static void rank(const void *state, const struct handoffd_handoff *handoff,
                 const struct handoffd_people *people, int64_t rank[])
{
    (void)state;
    (void)handoff;
    (void)people;
    (void)rank;
    calls++;
}

static const struct handoffd_router router = {.size = sizeof(struct handoffd_router), .rank = rank};

const struct handoffd_plugin handoffd_plugin = {
    HANDOFFD_PLUGIN_HEADER,         .name = "counts_in_global", .version = "1.0.0",
    .summary = "broken on purpose", .router = &router,
};
