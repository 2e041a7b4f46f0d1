/* start_without_words - breaks "false stops the daemon with error in words": it says none. */
#include "plugin.h"

static bool start(void *state, const struct handoffd_host *host, char *error, size_t error_size)
{
    (void)state;
    (void)host;
    (void)error;
    (void)error_size;
    return false;
}

static void rank(const void *state, const struct handoffd_handoff *handoff,
                 const struct handoffd_people *people, int64_t rank[])
{
    (void)state;
    (void)handoff;
    (void)people;
    (void)rank;
}

static const struct handoffd_router router = {.size = sizeof(struct handoffd_router), .rank = rank};

const struct handoffd_plugin handoffd_plugin = {
    HANDOFFD_PLUGIN_HEADER, .name = "start_without_words",
    .version = "1.0.0",     .summary = "broken on purpose",
    .start = start,         .router = &router,
};
