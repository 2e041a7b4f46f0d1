/* dispatcher - when everything happens to a handoff: known already, chosen, stored, delivered,
 * reported, answered.
 *
 * Invariant: an attempt's intent is on disk before its first byte leaves; a 2xx goes out only for
 * what is on disk; whoever may have been told is never told again. */
#ifndef HANDOFF_DISPATCHER_H
#define HANDOFF_DISPATCHER_H

#include "base/loop.h"
#include "handoff/message.h"
#include "handoff/waiter.h"
#include "plugin/instance.h"
#include "routing/chain.h"
#include "store/store.h"

struct dispatcher;

struct dispatcher_options {
    const struct roster *roster;
    struct chain *chain; /* prepared by the dispatcher */
    const struct message_template *template;
    const char *unconfigured; /* what is answered while the roster is empty */
    int64_t dedupe_window_ms; /* same conversation and customer */
    int64_t most_open;        /* handoffs under way; further ones are refused */
    int64_t least_free_bytes; /* of the store's disk */

    /* The store failed: nothing more can be promised. */
    void (*on_store_failed)(void *context);
    void *context;
};

/* Borrows everything. Reads what the store holds unfinished; nothing moves before dispatcher_start.
 */
struct dispatcher *dispatcher_create(struct loop *loop, struct store *store,
                                     const struct dispatcher_options *options,
                                     struct error *error) MUST_CHECK;

/* Takes up what was found unfinished. */
void dispatcher_start(struct dispatcher *dispatcher);

/* The store is closed, and nothing is under way: see dispatcher_drain. NULL is fine. */
void dispatcher_destroy(struct dispatcher *dispatcher);

/* What a client asks; borrowed until dispatcher_accept returns. */
struct request {
    struct handoffd_handoff handoff; /* without id and received_ms */
    const char *key;                 /* Idempotency-Key, or NULL */
    int64_t digest;                  /* of the body */
    int64_t reply_within_ms;         /* later than this the answer is QUEUED */
};

/* on_answer runs on a later turn. The answer's texts are borrowed until it returns. */
void dispatcher_accept(struct dispatcher *dispatcher, const struct request *request,
                       struct waiter *waiter);

/* What a channel reports; fits plugin_host.on_report. */
void dispatcher_report(void *dispatcher, const struct instance *instance, uint64_t attempt_id,
                       const struct handoffd_report *report);

/* Takes nothing new (OVERLOADED), begins no retry, and calls on_drained on a later turn: when no
 * attempt is on its way, or after at_most_ms. Everyone who waits has been answered by then. */
void dispatcher_drain(struct dispatcher *dispatcher, int64_t at_most_ms,
                      void (*on_drained)(void *context), void *context);

/* A new handoff would be taken: somebody can be told, and there is room. */
bool dispatcher_is_ready(const struct dispatcher *dispatcher);

/* Handoffs in memory. */
size_t dispatcher_open(const struct dispatcher *dispatcher);

#endif
