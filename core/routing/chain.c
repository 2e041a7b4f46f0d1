/* chain - asks each router for its column of ranks, and compares the people row by row. Pure, in
 * memory. */
#include "routing/chain.h"

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"

struct chain {
    const struct roster *roster;
    const struct chain_step *steps;
    size_t step_count;
    int64_t **last_turn; /* one array a step, by index in the roster */
};

enum { TRACE_BYTES = 64 * 1024 };

struct chain *chain_create(const struct roster *roster, const struct chain_step *steps,
                           size_t step_count, struct arena *arena)
{
    struct chain *chain = arena_zeroed(arena, 1, sizeof *chain);
    *chain = (struct chain){.roster = roster, .steps = steps, .step_count = step_count};
    chain->last_turn = arena_zeroed(arena, step_count, sizeof *chain->last_turn);
    for (size_t i = 0; i < step_count; i++)
        chain->last_turn[i] = arena_zeroed(arena, roster->count, sizeof **chain->last_turn);
    return chain;
}

size_t chain_step_count(const struct chain *chain)
{
    return chain->step_count;
}

const char *chain_label(const struct chain *chain, size_t step)
{
    return chain->steps[step].label;
}

void chain_set_turn(struct chain *chain, const char *label, const char *vendor_id, int64_t turn)
{
    size_t vendor = roster_find(chain->roster, vendor_id);
    for (size_t i = 0; vendor != NOBODY && i < chain->step_count; i++) {
        if (strcmp(chain->steps[i].label, label) == 0)
            chain->last_turn[i][vendor] = turn;
    }
}

void chain_inherit(struct chain *chain, const struct chain *former)
{
    for (size_t step = 0; step < former->step_count; step++) {
        for (size_t i = 0; i < former->roster->count; i++)
            chain_set_turn(chain, former->steps[step].label, former->roster->vendors[i].id,
                           former->last_turn[step][i]);
    }
}

/* ---- ranking */

/* The columns that every step sees alike. */
struct columns {
    const char **id;
    const char **name;
    const void **options;
    int64_t *last_turn;
    int64_t *rank;
};

static struct columns columns_create(size_t count, struct arena *arena)
{
    return (struct columns){
        .id = arena_zeroed(arena, count, sizeof(char *)),
        .name = arena_zeroed(arena, count, sizeof(char *)),
        .options = arena_zeroed(arena, count, sizeof(void *)),
        .last_turn = arena_zeroed(arena, count, sizeof(int64_t)),
        .rank = arena_zeroed(arena, count, sizeof(int64_t)),
    };
}

/* The people of `vendors` (indexes in the roster) as step `step` sees them. */
static struct handoffd_people people_of(const struct chain *chain, size_t step,
                                        const size_t *vendors, size_t count,
                                        const struct columns *columns)
{
    for (size_t i = 0; i < count; i++) {
        const struct vendor *vendor = &chain->roster->vendors[vendors[i]];
        const void *const *options = chain->steps[step].person_options;
        columns->id[i] = vendor->id;
        columns->name[i] = vendor->name;
        columns->options[i] = options ? options[vendors[i]] : NULL;
        columns->last_turn[i] = chain->last_turn[step][vendors[i]];
        columns->rank[i] = 0;
    }
    return (struct handoffd_people){
        .size = sizeof(struct handoffd_people),
        .count = count,
        .id = columns->id,
        .name = columns->name,
        .options = columns->options,
        .last_turn = columns->last_turn,
    };
}

static size_t *candidates(const struct roster *roster, const bool *excluded, size_t *count,
                          struct arena *arena)
{
    size_t *vendors = arena_zeroed(arena, roster->count, sizeof *vendors);
    *count = 0;
    for (size_t i = 0; i < roster->count; i++) {
        if (excluded == NULL || !excluded[i])
            vendors[(*count)++] = i;
    }
    return vendors;
}

void chain_prepare(struct chain *chain)
{
    struct arena *arena = arena_create(4096);
    size_t count = 0;
    const size_t *vendors = candidates(chain->roster, NULL, &count, arena);
    struct columns columns = columns_create(count, arena);
    for (size_t i = 0; i < chain->step_count; i++) {
        const struct chain_step *step = &chain->steps[i];
        struct handoffd_people people = people_of(chain, i, vendors, count, &columns);
        if (step->router->prepare != NULL)
            step->router->prepare(step->state, &people);
    }
    arena_destroy(arena);
}

static const int64_t *rank_step(const struct chain *chain, size_t step,
                                const struct handoffd_handoff *handoff,
                                const struct ranking *ranking, const struct columns *columns,
                                struct arena *arena)
{
    struct handoffd_people people =
        people_of(chain, step, ranking->vendors, ranking->count, columns);
    chain->steps[step].router->rank(chain->steps[step].state, handoff, &people, columns->rank);
    int64_t *ranks = arena_zeroed(arena, chain->roster->count, sizeof *ranks);
    for (size_t i = 0; i < ranking->count; i++)
        ranks[ranking->vendors[i]] = columns->rank[i];
    return ranks;
}

void chain_rank(const struct chain *chain, const struct handoffd_handoff *handoff,
                const bool *excluded, struct arena *arena, struct ranking *ranking)
{
    *ranking = (struct ranking){.step_count = chain->step_count};
    ranking->vendors = candidates(chain->roster, excluded, &ranking->count, arena);
    ranking->ranks = arena_zeroed(arena, chain->step_count, sizeof *ranking->ranks);
    struct columns columns = columns_create(ranking->count, arena);
    for (size_t i = 0; i < chain->step_count; i++)
        ranking->ranks[i] = rank_step(chain, i, handoff, ranking, &columns, arena);
}

/* ---- comparing */

bool ranking_is_out(const struct ranking *ranking, size_t vendor)
{
    for (size_t i = 0; i < ranking->step_count; i++) {
        if (ranking->ranks[i][vendor] == HANDOFFD_NEVER)
            return true;
    }
    return false;
}

/* Negative where `a` comes first over the first `steps` steps; 0 where they are level. */
static int compare(const struct ranking *ranking, size_t steps, size_t a, size_t b)
{
    for (size_t i = 0; i < steps; i++) {
        int64_t left = ranking->ranks[i][a];
        int64_t right = ranking->ranks[i][b];
        if (left != right)
            return left < right ? -1 : 1;
    }
    return 0;
}

size_t ranking_best(const struct ranking *ranking)
{
    size_t best = NOBODY;
    for (size_t i = 0; i < ranking->count; i++) {
        size_t vendor = ranking->vendors[i];
        if (ranking_is_out(ranking, vendor))
            continue;
        if (best == NOBODY || compare(ranking, ranking->step_count, vendor, best) < 0)
            best = vendor;
    }
    return best;
}

/* The index in the roster is the last word, which also makes the sort stable. */
static int compare_for_sort(const void *left, const void *right, void *context)
{
    const struct ranking *ranking = context;
    size_t a = *(const size_t *)left;
    size_t b = *(const size_t *)right;
    bool a_is_out = ranking_is_out(ranking, a);
    bool b_is_out = ranking_is_out(ranking, b);
    if (a_is_out != b_is_out)
        return a_is_out ? 1 : -1;
    int order = compare(ranking, ranking->step_count, a, b);
    if (order != 0)
        return order;
    return a < b ? -1 : a > b;
}

void ranking_sort(struct ranking *ranking)
{
    qsort_r(ranking->vendors, ranking->count, sizeof *ranking->vendors, compare_for_sort, ranking);
}

/* ---- turns and trace */

static bool had_company(const struct ranking *ranking, size_t vendor, size_t steps)
{
    for (size_t i = 0; i < ranking->count; i++) {
        size_t other = ranking->vendors[i];
        if (other != vendor && !ranking_is_out(ranking, other) &&
            compare(ranking, steps, other, vendor) == 0)
            return true;
    }
    return false;
}

size_t chain_take_turns(struct chain *chain, const struct ranking *ranking, size_t vendor,
                        int64_t turn, const char **labels)
{
    size_t taken = 0;
    for (size_t step = 0; step < chain->step_count; step++) {
        if (!had_company(ranking, vendor, step))
            break;
        chain->last_turn[step][vendor] = turn;
        labels[taken++] = chain->steps[step].label;
    }
    return taken;
}

static int compare_by_rank(const void *left, const void *right, void *context)
{
    const int64_t *ranks = context;
    size_t a = *(const size_t *)left;
    size_t b = *(const size_t *)right;
    if (ranks[a] != ranks[b])
        return ranks[a] < ranks[b] ? -1 : 1;
    return a < b ? -1 : a > b;
}

static void trace_rank(struct buffer *trace, int64_t rank)
{
    if (rank == HANDOFFD_NEVER)
        buffer_append_text(trace, " never:");
    else
        buffer_format(trace, " %lld:", (long long)rank);
}

static void trace_step(struct buffer *trace, const struct chain *chain,
                       const struct ranking *ranking, size_t step, size_t *order)
{
    const int64_t *ranks = ranking->ranks[step];
    memcpy(order, ranking->vendors, ranking->count * sizeof *order);
    qsort_r(order, ranking->count, sizeof *order, compare_by_rank, (void *)ranks);
    buffer_format(trace, "%s%s", step > 0 ? "; " : "", chain->steps[step].label);
    for (size_t i = 0; i < ranking->count; i++) {
        if (i == 0 || ranks[order[i]] != ranks[order[i - 1]])
            trace_rank(trace, ranks[order[i]]);
        else
            buffer_append_char(trace, ',');
        buffer_append_text(trace, chain->roster->vendors[order[i]].id);
    }
}

const char *chain_trace(const struct chain *chain, const struct ranking *ranking,
                        struct arena *arena)
{
    struct buffer trace;
    buffer_init(&trace, TRACE_BYTES);
    size_t *order = arena_zeroed(arena, ranking->count, sizeof *order);
    for (size_t step = 0; step < chain->step_count; step++)
        trace_step(&trace, chain, ranking, step, order);
    const char *text = arena_bytes(arena, trace.bytes, trace.length);
    buffer_deinit(&trace);
    return text;
}
