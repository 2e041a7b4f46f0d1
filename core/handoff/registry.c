/* registry - a hash by number; one question to the store for all who visit the same handoff; a
 * timer for what rests in the store. */
#include "handoff/registry.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/require.h"
#include "handoff/journal.h"
#include "handoff/known.h"
#include "handoff/reaction.h"

enum {
    DUE_AT_ONCE = 64,       /* taken up together, so that a long sleep wakes no crowd, */
    DUE_TOGETHER = 1024,    /* and at most so many in memory */
    CROWDED_MS = 1000,      /* where no more come in */
    ASK_AGAIN_MS = 5 * 1000 /* where the store could not be read */
};

/* A handoff on its way back to memory. */
struct fetch {
    UT_hash_handle hh;
    int64_t number;
    struct registry *registry;
    struct store_query query;
    struct visit *visits;
    struct visit **last;
};

/* A handoff that left memory while the store looked for what is due: what it found is old. */
struct left {
    UT_hash_handle hh;
    int64_t number;
};

struct registry {
    struct delivery *delivery;
    struct known *known;
    struct handoff *open;   /* by number */
    struct fetch *fetches;  /* by number */
    struct store_query due; /* one at a time */
    struct left *left;      /* by number; since that was asked */
    struct timer timer;
    int64_t
        next_due_ms; /* when the timer is due, or is to be once the store has answered; 0: never */
    size_t taken_up; /* in memory because they were due */
    bool is_asking_due;
    bool is_stopped;
};

static void on_due(struct timer *timer);

struct registry *registry_create(struct delivery *delivery, struct known *known)
{
    struct registry *registry = memory_zeroed(1, sizeof *registry);
    registry->delivery = delivery;
    registry->known = known;
    registry->timer.on_due = on_due;
    return registry;
}

void registry_stop(struct registry *registry)
{
    registry->is_stopped = true;
    loop_timer_stop(registry->delivery->loop, &registry->timer);
}

void registry_destroy(struct registry *registry)
{
    if (registry == NULL)
        return;
    registry_stop(registry);
    require(registry->fetches == NULL && !registry->is_asking_due);
    while (registry->open != NULL) {
        struct handoff *handoff = registry->open;
        journal_abandon(handoff);
        delivery_stop_waiting(handoff);
        registry_remove(registry, handoff);
    }
    free(registry);
}

/* ---- in memory */

struct handoff *registry_find(const struct registry *registry, int64_t number)
{
    struct handoff *handoff = NULL;
    HASH_FIND(hh, registry->open, &number, sizeof number, handoff);
    return handoff;
}

size_t registry_count(const struct registry *registry)
{
    return HASH_COUNT(registry->open);
}

struct handoff *registry_first(const struct registry *registry)
{
    return registry->open;
}

struct handoff *registry_next(const struct handoff *handoff)
{
    return handoff->hh.next;
}

void registry_add(struct registry *registry, struct handoff *handoff)
{
    HASH_ADD(hh, registry->open, number, sizeof handoff->number, handoff);
}

static bool has_left(const struct registry *registry, int64_t number)
{
    struct left *left = NULL;
    HASH_FIND(hh, registry->left, &number, sizeof number, left);
    return left != NULL;
}

static void note_left(struct registry *registry, int64_t number)
{
    if (!registry->is_asking_due || has_left(registry, number))
        return;
    struct left *left = memory_zeroed(1, sizeof *left);
    left->number = number;
    HASH_ADD(hh, registry->left, number, sizeof left->number, left);
}

static void forget_left(struct registry *registry)
{
    struct left *left = NULL;
    struct left *next = NULL;
    HASH_ITER(hh, registry->left, left, next)
    {
        HASH_DEL(registry->left, left);
        free(left);
    }
}

void registry_remove(struct registry *registry, struct handoff *handoff)
{
    HASH_DEL(registry->open, handoff);
    note_left(registry, handoff->number);
    if (handoff->is_taken_up)
        registry->taken_up--;
    handoff_destroy(handoff);
}

struct handoff *registry_restore(struct registry *registry, const struct store_found *found)
{
    const struct store_handoff *stored = &found->handoff;
    struct handoffd_handoff given = {.user_phone = stored->user_phone,
                                     .conversation_id = stored->conversation_id};
    char id[PUBLIC_ID_SIZE];
    public_id_write(registry->delivery->ids, stored->number, id);
    struct memo *memo = known_memo(registry->known, &given, stored->request_key, stored->number,
                                   delivery_now_ms(registry->delivery));
    struct handoff *handoff = handoff_restore(found, id, memo);
    delivery_enter(registry->delivery, handoff);
    registry_add(registry, handoff);
    return handoff;
}

/* ---- a visit */

static void let_in(struct registry *registry, struct fetch *fetch, bool is_failed)
{
    while (fetch->visits != NULL) {
        struct visit *visit = fetch->visits;
        fetch->visits = visit->next;
        visit->on_there(visit, registry_find(registry, fetch->number), is_failed);
    }
}

static void on_fetched(struct store_query *query)
{
    struct fetch *fetch = container_of(query, struct fetch, query);
    struct registry *registry = fetch->registry;
    bool is_there = registry_find(registry, fetch->number) != NULL; /* due meanwhile, perhaps */
    HASH_DEL(registry->fetches, fetch);
    if (query->is_failed)
        log_error("a handoff could not be read: %s number=%lld", query->error.message,
                  (long long)fetch->number);
    else if (!is_there && query->count == 1)
        registry_restore(registry, &query->found[0]);
    let_in(registry, fetch, query->is_failed);
    struct handoff *handoff = registry_find(registry, fetch->number);
    if (handoff != NULL && !is_there)
        delivery_leave(handoff);
    store_query_finish(query);
    free(fetch);
}

static struct fetch *fetch_begin(struct registry *registry, int64_t number)
{
    struct fetch *fetch = memory_zeroed(1, sizeof *fetch);
    fetch->number = number;
    fetch->registry = registry;
    fetch->last = &fetch->visits;
    fetch->query =
        (struct store_query){.question = STORE_ONE, .number = number, .on_done = on_fetched};
    HASH_ADD(hh, registry->fetches, number, sizeof fetch->number, fetch);
    store_ask(registry->delivery->store, &fetch->query);
    return fetch;
}

void registry_visit(struct registry *registry, int64_t number, struct visit *visit)
{
    struct handoff *handoff = registry_find(registry, number);
    struct fetch *fetch = NULL;
    if (handoff != NULL) {
        visit->on_there(visit, handoff, false);
        return;
    }
    HASH_FIND(hh, registry->fetches, &number, sizeof number, fetch);
    if (fetch == NULL)
        fetch = fetch_begin(registry, number);
    visit->next = NULL;
    *fetch->last = visit;
    fetch->last = &visit->next;
}

/* ---- what is due */

/* Was it not looked after already? */
static bool take_up(struct registry *registry, const struct store_found *found)
{
    struct fetch *fetch = NULL;
    int64_t number = found->handoff.number;
    HASH_FIND(hh, registry->fetches, &number, sizeof number, fetch);
    if (fetch != NULL || registry_find(registry, number) != NULL || has_left(registry, number))
        return false; /* it comes to rest again by itself, or has */
    struct handoff *handoff = registry_restore(registry, found);
    handoff->is_taken_up = true;
    registry->taken_up++;
    reaction_due(handoff);
    return true;
}

static void on_due_found(struct store_query *query)
{
    struct registry *registry = container_of(query, struct registry, due);
    int64_t now_ms = delivery_now_ms(registry->delivery);
    int64_t next_ms = query->next_due_ms;
    int64_t meanwhile_ms = registry->next_due_ms;
    size_t taken = 0;
    for (size_t i = 0; i < query->count && !registry->is_stopped; i++)
        taken += take_up(registry, &query->found[i]);
    if (query->is_failed) {
        log_error("what is due could not be read: %s", query->error.message);
        next_ms = now_ms + ASK_AGAIN_MS;
    } else if (next_ms > 0 && next_ms <= now_ms && taken == 0) {
        next_ms = now_ms + CROWDED_MS;
    }
    store_query_finish(query);
    registry->is_asking_due = false;
    forget_left(registry);
    registry->next_due_ms = 0;
    if (meanwhile_ms > 0)
        registry_expect(registry, meanwhile_ms);
    if (next_ms > 0)
        registry_expect(registry, next_ms);
}

static void on_due(struct timer *timer)
{
    struct registry *registry = container_of(timer, struct registry, timer);
    size_t room = DUE_TOGETHER > registry->taken_up ? DUE_TOGETHER - registry->taken_up : 0;
    registry->next_due_ms = 0;
    registry->is_asking_due = true;
    registry->due = (struct store_query){
        .question = STORE_DUE,
        .until_ms = delivery_now_ms(registry->delivery),
        .limit = registry->taken_up + (room < DUE_AT_ONCE ? room : DUE_AT_ONCE),
        .on_done = on_due_found,
    };
    store_ask(registry->delivery->store, &registry->due);
}

void registry_expect(struct registry *registry, int64_t due_ms)
{
    bool is_sooner = registry->next_due_ms == 0 || due_ms < registry->next_due_ms;
    if (registry->is_stopped || !is_sooner)
        return;
    int64_t delay_ms = due_ms - delivery_now_ms(registry->delivery);
    registry->next_due_ms = due_ms;
    if (!registry->is_asking_due)
        loop_timer_start(registry->delivery->loop, &registry->timer, delay_ms > 0 ? delay_ms : 0);
}
