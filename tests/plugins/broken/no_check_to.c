/* no_check_to - breaks "required": a channel without check_to. */
#include "plugin.h"

static void deliver(void *state, const struct handoffd_attempt *attempt,
                    const struct handoffd_message *message)
{
    (void)state;
    (void)attempt;
    (void)message;
}

static const struct handoffd_channel channel = {.size = sizeof(struct handoffd_channel),
                                                .medium = "Pigeon",
                                                .provider = "Loft",
                                                .deliver = deliver};

const struct handoffd_plugin handoffd_plugin = {
    HANDOFFD_PLUGIN_HEADER,         .name = "no_check_to", .version = "1.0.0",
    .summary = "broken on purpose", .channel = &channel,
};
