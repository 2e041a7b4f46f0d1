/* needs_a_name - breaks law 3: it takes a text that may be absent for granted. */
#include "plugin.h"

#include <string.h>

static void rank(const void *state, const struct handoffd_handoff *handoff,
                 const struct handoffd_people *people, int64_t rank[])
{
    (void)state;
    for (size_t i = 0; i < people->count; i++)
        rank[i] = (int64_t)strlen(handoff->user_name);
}

static const struct handoffd_router router = {.size = sizeof(struct handoffd_router), .rank = rank};

const struct handoffd_plugin handoffd_plugin = {
    HANDOFFD_PLUGIN_HEADER,         .name = "needs_a_name", .version = "1.0.0",
    .summary = "broken on purpose", .router = &router,
};
