/* keeps_people - breaks law 3: it keeps what prepare was lent. */
#include "plugin.h"

struct router_state {
    const struct handoffd_people *people;
};

static void rank(const void *state, const struct handoffd_handoff *handoff,
                 const struct handoffd_people *people, int64_t rank[])
{
    (void)handoff;
    const struct router_state *self = state;
    for (size_t i = 0; i < people->count; i++)
        rank[i] = self->people != NULL && self->people->count > i;
}

static void prepare(void *state, const struct handoffd_people *people)
{
    struct router_state *self = state;
    self->people = people;
}

static const struct handoffd_router router = {
    .size = sizeof(struct handoffd_router), .rank = rank, .prepare = prepare};

const struct handoffd_plugin handoffd_plugin = {
    HANDOFFD_PLUGIN_HEADER,
    .name = "keeps_people",
    .version = "1.0.0",
    .summary = "broken on purpose",
    .state_size = sizeof(struct router_state),
    .router = &router,
};
