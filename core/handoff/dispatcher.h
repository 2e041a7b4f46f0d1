/* dispatcher - when everything happens to a handoff: known already, chosen, stored, delivered,
 * reported, answered.
 *
 * Invariant: an attempt's intent is on disk before its first byte leaves; a 2xx goes out only for
 * what is on disk; what may have been sent is not sent again before the provider was asked. */
#ifndef HANDOFF_DISPATCHER_H
#define HANDOFF_DISPATCHER_H

#include "base/loop.h"
#include "handoff/acceptance.h"
#include "handoff/delivery.h"
#include "handoff/operator.h"
#include "handoff/registry.h"
#include "plugin/instance.h"
#include "plugin/receipt.h"
#include "store/store.h"

struct dispatcher;

/* What vendors.yaml says; another one may take its place: dispatcher_adopt. */
struct dispatcher_setup {
    struct delivery_setup delivery;
    struct acceptance_rules acceptance;
};

/* Whoever wants to hear of it. */
struct dispatcher_owner {
    void *context;
    /* The store failed: nothing more can be promised. */
    void (*on_store_failed)(void *context);
    /* An attempt is no longer on its way: its instance may be idle now. */
    void (*on_landed)(void *context);
    /* Somebody should know; text NULL: it is mended. */
    void (*on_trouble)(void *context, const char *cause, const char *text);
    /* As in delivery.h. */
    void (*on_stuck)(void *context, const char *former, const char *cause, const char *text);
    void (*on_told)(void *context, const char *vendor_id, const char *channel, bool has_arrived);
    /* For metrics. */
    void (*on_outcome)(void *context, const char *channel, enum attempt_event event, int64_t code);
};

/* Borrows everything that the setup points at. Reads what the store holds unfinished; nothing moves
 * before dispatcher_start. */
struct dispatcher *dispatcher_create(struct loop *loop, struct store *store,
                                     const struct dispatcher_setup *setup,
                                     const struct dispatcher_owner *owner,
                                     struct error *error) MUST_CHECK;

/* Takes up what was found unfinished. */
void dispatcher_start(struct dispatcher *dispatcher);

/* From now on this is what vendors.yaml says. The turns that people have taken go on. Attempts on
 * their way end on the instances that carry them (instance->busy); everything else goes by the new
 * setup, and closed channels are tried at once. */
void dispatcher_adopt(struct dispatcher *dispatcher, const struct dispatcher_setup *setup);

/* The store is closed, and nothing is under way: see dispatcher_drain. NULL is fine. */
void dispatcher_destroy(struct dispatcher *dispatcher);

/* on_answer runs on a later turn. The answer's texts are borrowed until it returns. */
void dispatcher_accept(struct dispatcher *dispatcher, const struct request *request,
                       struct waiter *waiter);

/* It was asked before: accepting it tells nobody. */
bool dispatcher_has_accepted(struct dispatcher *dispatcher, const struct request *request);

/* What a channel reports; fits plugin_host.on_report. */
void dispatcher_report(void *dispatcher, struct instance *instance, uint64_t attempt_id,
                       const struct handoffd_report *report, struct receipt *receipt);

/* Whose callback was called; 0: nobody's. */
uint64_t dispatcher_attempt_of(const struct dispatcher *dispatcher, const char *token);

/* ---- operators */

/* An operator's word on one handoff; embedded in its owner, zeroed at first. */
struct order {
    /* Once, on a later turn or from inside dispatcher_order. problem NULL: done, and on the disk.
     */
    void (*on_done)(struct order *order, const char *problem);

    enum operator_order word;
    struct visit visit; /* this and the next are the dispatcher's */
    struct receipt receipt;
};

/* `id` is ho_…; false: no id of ours, and on_done is not called. */
bool dispatcher_order(struct dispatcher *dispatcher, const char *id, struct order *order);

/* The number behind ho_…. */
bool dispatcher_number(const struct dispatcher *dispatcher, const char *id, int64_t *number);
const struct public_ids *dispatcher_ids(const struct dispatcher *dispatcher);

/* Takes nothing new (OVERLOADED), begins no retry, and calls on_drained on a later turn: when no
 * attempt is on its way, or after at_most_ms. Everyone who waits has been answered by then. */
void dispatcher_drain(struct dispatcher *dispatcher, int64_t at_most_ms,
                      void (*on_drained)(void *context), void *context);

/* A new handoff would be taken: somebody can be told, and there is room. */
bool dispatcher_is_ready(const struct dispatcher *dispatcher);

/* ---- for metrics */

struct dispatcher_figures {
    size_t open; /* handoffs in memory */
    size_t open_by_state[HANDOFF_STATES];
    int64_t oldest_open_ms; /* how long the oldest of them that is not held waits */
    size_t sending;
    struct delivery_counts counts; /* since the process began */
};

/* False: its provider refuses the account, or the day is full. */
bool dispatcher_channel_is_open(const struct dispatcher *dispatcher, const char *channel);

struct dispatcher_figures dispatcher_figures(const struct dispatcher *dispatcher);
size_t dispatcher_open(const struct dispatcher *dispatcher);

#endif
