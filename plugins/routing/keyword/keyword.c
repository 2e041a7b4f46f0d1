/* keyword - prefers the people whose keywords stand in the reason; with `only: true`, nobody else.
 *
 * prepare builds an index of all keywords and remembers whose each is; a person is known by the
 * pointer to their options, which is the same in prepare and in rank, where indexes are not. */
#include "plugin.h"

#include <stdio.h>
#include <stdlib.h>

#include "index.h"

enum { MATCHES = 0, MATCHES_NOT = 1 };

struct person {
    struct handoffd_list keywords;
};

/* Open addressing; at most half full. */
struct owners {
    struct owner {
        const void *options; /* NULL: free */
        uint32_t number;
    } *slots;
    size_t mask;
    size_t count; /* of people */
};

struct keyword_router {
    bool only;

    const struct handoffd_host *host;
    struct index *index;
    struct owners owners;
};

/* ---------------------------------------------------------------- who is who */

static struct owner *owner_slot(const struct owners *owners, const void *options)
{
    size_t slot = (size_t)(((uintptr_t)options >> 3) * UINT64_C(0x9e3779b97f4a7c15) >> 20);
    for (slot &= owners->mask; owners->slots[slot].options != NULL;
         slot = (slot + 1) & owners->mask) {
        if (owners->slots[slot].options == options)
            break;
    }
    return &owners->slots[slot];
}

static bool owners_init(struct owners *owners, const struct handoffd_people *people)
{
    size_t slots = 16;
    while (slots < people->count * 2)
        slots *= 2;
    owners->slots = calloc(slots, sizeof owners->slots[0]);
    if (owners->slots == NULL)
        return false;
    owners->mask = slots - 1;
    owners->count = people->count;
    for (size_t i = 0; i < people->count; i++) {
        if (people->options[i] != NULL)
            *owner_slot(owners, people->options[i]) =
                (struct owner){.options = people->options[i], .number = (uint32_t)i};
    }
    return true;
}

static bool is_found(const struct owners *owners, const bool is_owner_found[], const void *options)
{
    const struct owner *owner = options != NULL ? owner_slot(owners, options) : NULL;
    return owner != NULL && owner->options != NULL && is_owner_found[owner->number];
}

/* ---------------------------------------------------------------- prepare */

static void forget(struct keyword_router *router)
{
    index_destroy(router->index);
    free(router->owners.slots);
    router->index = NULL;
    router->owners = (struct owners){0};
}

/* How many keywords can match nothing. */
static size_t add_keywords(struct index *index, const struct handoffd_people *people)
{
    size_t useless = 0;
    for (size_t i = 0; i < people->count; i++) {
        const struct person *person = people->options[i];
        for (size_t k = 0; person != NULL && k < person->keywords.count; k++)
            useless += !index_add(index, person->keywords.items[k], (uint32_t)i);
    }
    return useless;
}

static void warn(const struct keyword_router *router, size_t useless)
{
    char line[96];
    snprintf(line, sizeof line, "keywords without a letter or a digit match nothing count=%zu",
             useless);
    if (useless > 0 && router->host != NULL)
        router->host->log(router->host, HANDOFFD_LOG_WARNING, line);
}

static void prepare(void *state, const struct handoffd_people *people)
{
    struct keyword_router *router = state;
    forget(router);
    if (people->options == NULL)
        return;
    router->index = index_create();
    if (router->index == NULL)
        return;
    warn(router, add_keywords(router->index, people));
    if (!index_finish(router->index) || !owners_init(&router->owners, people))
        forget(router);
}

/* ---------------------------------------------------------------- rank */

static void rank_all(const struct handoffd_people *people, int64_t rank[], int64_t value)
{
    for (size_t i = 0; i < people->count; i++)
        rank[i] = value;
}

static void rank(const void *state, const struct handoffd_handoff *handoff,
                 const struct handoffd_people *people, int64_t rank[])
{
    const struct keyword_router *router = state;
    const int64_t otherwise = router->only ? HANDOFFD_NEVER : MATCHES_NOT;
    bool *is_owner_found = router->index != NULL && people->options != NULL
                               ? calloc(router->owners.count + 1, 1)
                               : NULL;
    if (is_owner_found == NULL || !index_find(router->index, handoff->reason, is_owner_found)) {
        rank_all(people, rank, router->only ? HANDOFFD_NEVER : 0);
        free(is_owner_found);
        return;
    }
    for (size_t i = 0; i < people->count; i++) {
        bool is_match = is_found(&router->owners, is_owner_found, people->options[i]);
        rank[i] = is_match ? MATCHES : otherwise;
    }
    free(is_owner_found);
}

/* ---------------------------------------------------------------- the plugin */

static bool start(void *state, const struct handoffd_host *host, char *error, size_t error_size)
{
    (void)error;
    (void)error_size;
    struct keyword_router *router = state;
    router->host = host;
    return true;
}

static void stop(void *state)
{
    forget(state);
}

static const struct handoffd_option options[] = {
    HANDOFFD_OPTION_BOOLEAN("only", struct keyword_router, only,
                            .help = "leave out everybody without a keyword in the reason",
                            .help_es =
                                "deja fuera a quien no tenga una palabra clave en el motivo"),
};

static const struct handoffd_option person_options[] = {
    HANDOFFD_OPTION_LIST(
        "keywords", struct person, keywords,
        .help = "words or phrases in the reason that ask for this person; cotiza* takes any ending",
        .help_es = "palabras o frases del motivo que piden a esta persona; cotiza* admite "
                   "cualquier terminación"),
};

static const struct handoffd_router router = {
    .size = sizeof(struct handoffd_router),
    .rank = rank,
    .prepare = prepare,
};

const struct handoffd_plugin handoffd_plugin = {
    HANDOFFD_PLUGIN_HEADER,
    .name = "keyword",
    .version = "1.0.0",
    .summary = "prefers the people whose keywords stand in the reason",
    .state_size = sizeof(struct keyword_router),
    .options = HANDOFFD_OPTIONS(options),
    .person_size = sizeof(struct person),
    .person_options = HANDOFFD_OPTIONS(person_options),
    .start = start,
    .stop = stop,
    .router = &router,
};
