/* round_robin - whoever's last turn is longest ago comes first.
 *
 * The daemon counts the turns, so this is fair after restarts, absences and edits of vendors.yaml.
 */
#include "plugin.h"

static void rank(const void *state, const struct handoffd_handoff *handoff,
                 const struct handoffd_people *people, int64_t rank[])
{
    (void)state;
    (void)handoff;
    for (size_t i = 0; people->last_turn != NULL && i < people->count; i++)
        rank[i] = people->last_turn[i];
}

static const struct handoffd_router router = {
    .size = sizeof(struct handoffd_router),
    .rank = rank,
};

const struct handoffd_plugin handoffd_plugin = {
    HANDOFFD_PLUGIN_HEADER, .name = "round_robin",
    .version = "1.0.0",     .summary = "prefers whoever has waited longest for a turn",
    .router = &router,
};
