/* vault - breaks no law: a router that ranks nobody and has a secret of every type. */
#include "plugin.h"

struct box {
    struct handoffd_list keys;
};

struct vault {
    struct handoffd_list keys;
    struct handoffd_fields doors;
    struct box box;
};

static void rank(const void *state, const struct handoffd_handoff *handoff,
                 const struct handoffd_people *people, int64_t rank[])
{
    (void)state;
    (void)handoff;
    (void)people;
    (void)rank;
}

static const struct handoffd_option box_rows[] = {
    HANDOFFD_OPTION_LIST("keys", struct box, keys, .secret = true),
};
static const struct handoffd_options box_options = HANDOFFD_OPTIONS(box_rows);

static const struct handoffd_option options[] = {
    HANDOFFD_OPTION_LIST("keys", struct vault, keys, .secret = true),
    HANDOFFD_OPTION_MAP("doors", struct vault, doors, .secret = true),
    HANDOFFD_OPTION_RECORD("box", struct vault, box, &box_options),
};

static const struct handoffd_router router = {.size = sizeof(struct handoffd_router), .rank = rank};

const struct handoffd_plugin handoffd_plugin = {
    HANDOFFD_PLUGIN_HEADER,
    .name = "vault",
    .version = "1.0.0",
    .summary = "for the tests",
    .state_size = sizeof(struct vault),
    .options = HANDOFFD_OPTIONS(options),
    .router = &router,
};
