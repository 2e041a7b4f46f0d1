/* no_kind - breaks "exactly one of the two": it is neither a router nor a channel. */
#include "plugin.h"

const struct handoffd_plugin handoffd_plugin = {
    HANDOFFD_PLUGIN_HEADER,
    .name = "no_kind",
    .version = "1.0.0",
    .summary = "broken on purpose",
};
