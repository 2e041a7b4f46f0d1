/* no_deliver - breaks "required": a channel without deliver. */
#include "plugin.h"

static bool check_to(const char *to, const char *country, char *normal, size_t normal_size,
                     char *error, size_t error_size)
{
    (void)to;
    (void)country;
    (void)normal;
    (void)normal_size;
    (void)error;
    (void)error_size;
    return false;
}

static const struct handoffd_channel channel = {.size = sizeof(struct handoffd_channel),
                                                .medium = "Pigeon",
                                                .provider = "Loft",
                                                .check_to = check_to};

const struct handoffd_plugin handoffd_plugin = {
    HANDOFFD_PLUGIN_HEADER,         .name = "no_deliver", .version = "1.0.0",
    .summary = "broken on purpose", .channel = &channel,
};
