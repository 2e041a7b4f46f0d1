/* updates - those in memory at once; the store knows of the others, and they are visited. */
#include "handoff/updates.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "handoff/assignment.h"
#include "handoff/escalation.h"
#include "handoff/registry.h"

enum { UPDATES_MOST = 64 };

/* One update that is looked for. */
struct errand {
    struct visit visit;
    char *vendor_id;
};

/* All of one handoff. */
struct search {
    struct store_query query;
    struct delivery *delivery;
    char *vendor_id;
};

/* ---- one update */

static bool is_in_flight(const struct handoff *update)
{
    return update->attempt.state == ATTEMPT_SENDING;
}

/* An operator has ended it, or has to look at it; or its own words are what is refused. */
static bool is_left_alone(const struct handoff *update)
{
    return update->state == HANDOFF_CANCELLED || update->state == HANDOFF_CLOSED ||
           update->state == HANDOFF_PARKED ||
           (update->state == HANDOFF_HELD && update->attempt.state == ATTEMPT_REFUSED);
}

/* What becomes of an attempt that another one follows. */
static enum attempt_state ended(const struct attempt *attempt)
{
    if (attempt->state == ATTEMPT_UNKNOWN)
        return ATTEMPT_AMBIGUOUS;
    if (attempt->state != ATTEMPT_READY && attempt->state != ATTEMPT_DEFERRED)
        return attempt->state;
    return attempt->message_id != NULL ? ATTEMPT_UNDELIVERED : ATTEMPT_CANCELLED;
}

bool updates_go_on(struct handoff *update)
{
    static const char gone_on[] = "the customer has gone on to another person";
    struct delivery *delivery = update->delivery;
    struct attempt former = update->attempt;
    const char *vendor_id = update->only_vendor;
    bool was_asked = update->carrier != NULL;
    bool is_first = former.number == 0;
    bool is_there_already =
        vendor_id != NULL && !is_first && strcmp(vendor_id, former.vendor_id) == 0;
    update->only_vendor = NULL;
    if (vendor_id == NULL || is_there_already || is_left_alone(update) ||
        !assign_vendor(update, vendor_id))
        return false;
    delivery_stop_waiting(update);
    if (!is_first) {
        former.state = ended(&former);
        former.due_ms = 0;
        update->formers->attempt = former;
    }
    escalation_follow(update, is_first ? NULL : &former, gone_on);
    if (was_asked)
        delivery->on_landed(delivery);
    return true;
}

static void send_on(struct handoff *update, const char *vendor_id)
{
    update->only_vendor = arena_text(update->arena, vendor_id);
    if (!is_in_flight(update))
        updates_go_on(update);
}

static void on_there(struct visit *visit, struct handoff *update, bool is_failed)
{
    struct errand *errand = container_of(visit, struct errand, visit);
    if (!is_failed && update != NULL && !update->delivery->is_resting)
        send_on(update, errand->vendor_id);
    free(errand->vendor_id);
    free(errand);
}

/* ---- all of them */

static void visit_one(const struct search *search, int64_t number)
{
    struct errand *errand = memory_zeroed(1, sizeof *errand);
    errand->vendor_id = memory_text(search->vendor_id);
    errand->visit.on_there = on_there;
    registry_visit(search->delivery->registry, number, &errand->visit);
}

static void on_found(struct store_query *query)
{
    struct search *search = container_of(query, struct search, query);
    if (query->is_failed)
        log_error("updates stay where they are: %s number=%lld", query->error.message,
                  (long long)query->number);
    for (size_t i = 0; i < query->count && !search->delivery->is_resting; i++)
        visit_one(search, query->found[i].handoff.number);
    store_query_finish(query);
    free(search->vendor_id);
    free(search);
}

/* The store does not know yet what was said a moment ago. */
static void send_on_those_in_memory(const struct handoff *handoff, const char *vendor_id)
{
    struct handoff *other = registry_first(handoff->delivery->registry);
    if (handoff->memo->updates == 0)
        return;
    for (; other != NULL; other = registry_next(other)) {
        if (other->parent == handoff->number)
            send_on(other, vendor_id);
    }
}

void updates_follow(const struct handoff *handoff, const char *vendor_id)
{
    if (handoff->parent != 0 || handoff->delivery->is_closed)
        return;
    send_on_those_in_memory(handoff, vendor_id);
    struct search *search = memory_zeroed(1, sizeof *search);
    search->vendor_id = memory_text(vendor_id);
    search->delivery = handoff->delivery;
    search->query = (struct store_query){.question = STORE_UPDATES,
                                         .number = handoff->number,
                                         .limit = UPDATES_MOST,
                                         .on_done = on_found};
    store_ask(handoff->delivery->store, &search->query);
}

/* ---- one that is taken up */

struct catching_up {
    struct visit visit; /* of the handoff that it is an update of */
    struct registry *registry;
    int64_t number; /* of the update */
};

static const char *holder(const struct handoff *handoff)
{
    const struct attempt *told = handoff_told(handoff);
    return handoff->state == HANDOFF_NOTIFIED && told != NULL ? told->vendor_id
                                                              : handoff->attempt.vendor_id;
}

static void on_parent(struct visit *visit, struct handoff *handoff, bool is_failed)
{
    struct catching_up *catching_up = container_of(visit, struct catching_up, visit);
    struct handoff *update = registry_find(catching_up->registry, catching_up->number);
    bool is_known = !is_failed && handoff != NULL && handoff->attempt.number > 0;
    if (is_known && update != NULL && !update->delivery->is_resting)
        send_on(update, holder(handoff));
    free(catching_up);
}

void updates_catch_up(const struct handoff *update)
{
    struct catching_up *catching_up = memory_zeroed(1, sizeof *catching_up);
    catching_up->registry = update->delivery->registry;
    catching_up->number = update->number;
    catching_up->visit.on_there = on_parent;
    registry_visit(catching_up->registry, update->parent, &catching_up->visit);
}
