/* too_small - breaks law 2: its struct is smaller than that of the first contract. */
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
    .size = offsetof(struct handoffd_plugin, router),
    .contract_major = HANDOFFD_CONTRACT_MAJOR,
    .name = "too_small",
    .version = "1.0.0",
    .summary = "broken on purpose",
    .router = &router,
};
