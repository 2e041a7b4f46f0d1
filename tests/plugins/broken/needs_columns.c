/* needs_columns - breaks "a column that the daemon does not have is NULL". */
#include "plugin.h"

static void rank(const void *state, const struct handoffd_handoff *handoff,
                 const struct handoffd_people *people, int64_t rank[])
{
    (void)state;
    (void)handoff;
    for (size_t i = 0; i < people->count; i++)
        rank[i] = people->id[i][0];
}

static const struct handoffd_router router = {.size = sizeof(struct handoffd_router), .rank = rank};

const struct handoffd_plugin handoffd_plugin = {
    HANDOFFD_PLUGIN_HEADER,         .name = "needs_columns", .version = "1.0.0",
    .summary = "broken on purpose", .router = &router,
};
