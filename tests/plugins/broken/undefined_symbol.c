/* undefined_symbol - breaks law 6, in a way: it needs a function that nobody has, so it is not
 * whole. */
#include "plugin.h"

int64_t function_that_nobody_has(size_t count);

static void rank(const void *state, const struct handoffd_handoff *handoff,
                 const struct handoffd_people *people, int64_t rank[])
{
    (void)state;
    (void)handoff;
    rank[0] = function_that_nobody_has(people->count);
}

static const struct handoffd_router router = {.size = sizeof(struct handoffd_router), .rank = rank};

const struct handoffd_plugin handoffd_plugin = {
    HANDOFFD_PLUGIN_HEADER,         .name = "undefined_symbol", .version = "1.0.0",
    .summary = "broken on purpose", .router = &router,
};
