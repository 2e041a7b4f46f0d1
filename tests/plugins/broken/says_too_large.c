/* says_too_large - breaks law 2: says a size that its struct has not. */
#include "plugin.h"

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
    .size = sizeof(struct handoffd_plugin) + 4096,
    .contract_major = HANDOFFD_CONTRACT_MAJOR,
    .name = "says_too_large",
    .version = "1.0.0",
    .summary = "broken on purpose",
    .router = &router,
};
