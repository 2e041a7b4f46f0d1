/* two_kinds - breaks "exactly one of the two": it is a router and a channel. */
#include "plugin.h"

static void rank(const void *state, const struct handoffd_handoff *handoff,
                 const struct handoffd_people *people, int64_t rank[])
{
    (void)state;
    (void)handoff;
    (void)people;
    (void)rank;
}

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

static void deliver(void *state, const struct handoffd_attempt *attempt,
                    const struct handoffd_message *message)
{
    (void)state;
    (void)attempt;
    (void)message;
}

static const struct handoffd_router router = {.size = sizeof(struct handoffd_router), .rank = rank};

static const struct handoffd_channel channel = {.size = sizeof(struct handoffd_channel),
                                                .medium = "Pigeon",
                                                .provider = "Loft",
                                                .check_to = check_to,
                                                .deliver = deliver};

const struct handoffd_plugin handoffd_plugin = {
    HANDOFFD_PLUGIN_HEADER,         .name = "two_kinds", .version = "1.0.0",
    .summary = "broken on purpose", .router = &router,   .channel = &channel,
};
