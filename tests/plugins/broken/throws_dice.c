/* throws_dice - breaks "pure: the same arguments give the same ranks". */
#include "plugin.h"

#include <stdlib.h>

static void rank(const void *state, const struct handoffd_handoff *handoff,
                 const struct handoffd_people *people, int64_t rank[])
{
    (void)state;
    (void)handoff;
    for (size_t i = 0; i < people->count; i++)
        rank[i] = rand();
}

static const struct handoffd_router router = {.size = sizeof(struct handoffd_router), .rank = rank};

const struct handoffd_plugin handoffd_plugin = {
    HANDOFFD_PLUGIN_HEADER,         .name = "throws_dice", .version = "1.0.0",
    .summary = "broken on purpose", .router = &router,
};
