/* ranks_too_many - breaks law 3: it ranks one more than there are. */
#include "plugin.h"

static void rank(const void *state, const struct handoffd_handoff *handoff,
                 const struct handoffd_people *people, int64_t rank[])
{
    (void)state;
    (void)handoff;
    for (size_t i = 0; i <= people->count; i++)
        rank[i] = 1;
}

static const struct handoffd_router router = {.size = sizeof(struct handoffd_router), .rank = rank};

const struct handoffd_plugin handoffd_plugin = {
    HANDOFFD_PLUGIN_HEADER,         .name = "ranks_too_many", .version = "1.0.0",
    .summary = "broken on purpose", .router = &router,
};
