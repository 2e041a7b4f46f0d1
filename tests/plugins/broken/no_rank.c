/* no_rank - breaks "required": a router without rank. */
#include "plugin.h"

static const struct handoffd_router router = {.size = sizeof(struct handoffd_router)};

const struct handoffd_plugin handoffd_plugin = {
    HANDOFFD_PLUGIN_HEADER,         .name = "no_rank", .version = "1.0.0",
    .summary = "broken on purpose", .router = &router,
};
