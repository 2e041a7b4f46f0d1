/* other_major - breaks law 2: made for another major version of the contract. */
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
    .size = sizeof(struct handoffd_plugin),
    .contract_major = 2,
    .name = "other_major",
    .version = "1.0.0",
    .summary = "broken on purpose",
    .router = &router,
};
