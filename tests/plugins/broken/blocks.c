/* blocks - breaks law 1: it waits for what never comes. */
#include "plugin.h"

#include <unistd.h>

static void rank(const void *state, const struct handoffd_handoff *handoff,
                 const struct handoffd_people *people, int64_t rank[])
{
    (void)state;
    (void)handoff;
    (void)people;
    (void)rank;
    pause();
}

static const struct handoffd_router router = {.size = sizeof(struct handoffd_router), .rank = rank};

const struct handoffd_plugin handoffd_plugin = {
    HANDOFFD_PLUGIN_HEADER,         .name = "blocks",  .version = "1.0.0",
    .summary = "broken on purpose", .router = &router,
};
