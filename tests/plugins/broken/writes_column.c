/* writes_column - breaks law 3: it writes into a column that it was lent. */
#include "plugin.h"

static void rank(const void *state, const struct handoffd_handoff *handoff,
                 const struct handoffd_people *people, int64_t rank[])
{
    (void)state;
    (void)handoff;
    int64_t *turns = (int64_t *)(uintptr_t)people->last_turn;
    for (size_t i = 0; turns != NULL && i < people->count; i++)
        rank[i] = turns[i]++;
}

static const struct handoffd_router router = {.size = sizeof(struct handoffd_router), .rank = rank};

const struct handoffd_plugin handoffd_plugin = {
    HANDOFFD_PLUGIN_HEADER,         .name = "writes_column", .version = "1.0.0",
    .summary = "broken on purpose", .router = &router,
};
