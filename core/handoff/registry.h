/* registry - the handoffs that are in memory because something is under way, and how the others
 * come back: when somebody visits them, and when what they wait for is due. */
#ifndef HANDOFF_REGISTRY_H
#define HANDOFF_REGISTRY_H

#include "handoff/delivery.h"

struct known;
struct registry;

/* Borrows everything; `delivery` need not be filled yet. */
struct registry *registry_create(struct delivery *delivery, struct known *known);

/* Frees every handoff in it; the store is closed. NULL is fine. */
void registry_destroy(struct registry *registry);

/* NULL: not in memory. */
struct handoff *registry_find(const struct registry *registry, int64_t number);
size_t registry_count(const struct registry *registry);
struct handoff *registry_first(const struct registry *registry);
struct handoff *registry_next(const struct handoff *handoff);

/* The registry owns it from now on, until delivery has finished with it. */
void registry_add(struct registry *registry, struct handoff *handoff);
void registry_remove(struct registry *registry, struct handoff *handoff);

/* Somebody who wants something of a handoff, wherever it is. Embedded in its owner. */
struct visit {
    /* Once; from inside registry_visit where it is in memory. handoff NULL: there is none of this
     * number, or (is_failed) it could not be read. */
    void (*on_there)(struct visit *visit, struct handoff *handoff, bool is_failed);

    struct visit *next; /* the registry's */
};

void registry_visit(struct registry *registry, int64_t number, struct visit *visit);

/* One that the store found: made anew, with the memo that is remembered, and added. */
struct handoff *registry_restore(struct registry *registry, const struct store_found *found);

/* Something in the store is due at due_ms: it is taken up then. */
void registry_expect(struct registry *registry, int64_t due_ms);

/* Takes up nothing more. */
void registry_stop(struct registry *registry);

#endif
