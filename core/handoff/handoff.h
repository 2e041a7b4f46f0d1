/* handoff - the record of one handoff while something is still to be done for it. */
#ifndef HANDOFF_HANDOFF_H
#define HANDOFF_HANDOFF_H

#include <uthash.h>

#include "base/loop.h"
#include "handoff/public_id.h"
#include "handoff/recall.h"
#include "handoff/state.h"
#include "plugin.h"
#include "routing/roster.h"
#include "store/store.h"

struct commit;
struct delivery;
struct instance;
struct waiter;

/* The try that is under way, or the last one. */
struct attempt {
    int64_t number; /* from 1; 0: none yet */
    enum attempt_state state;
    const struct vendor *vendor; /* NULL: vendors.yaml no longer has them */
    size_t contact;              /* which of the vendor's */
    const char *vendor_id;       /* these three as they are on disk */
    const char *channel;
    const char *address;
    const char *message_id; /* the provider's, in the handoff's arena */
    int64_t code;
    int64_t tries;
    int64_t due_ms; /* since 1970; 0: nothing is due */
    int64_t started_ms;
};

struct handoff {
    UT_hash_handle hh; /* among the open ones */
    int64_t number;
    struct delivery *delivery; /* where it is under way */
    struct arena *arena;       /* holds this struct and every text */
    struct handoffd_handoff given;
    const char *fields_json;
    const char *request_key;
    int64_t digest;

    enum handoff_state state;
    struct attempt attempt;
    bool *tried;            /* by index in the roster */
    struct timer timer;     /* attempt.due_ms, or the report's deadline */
    int64_t events;         /* written so far */
    struct commit *commits; /* the first is on its way to the disk, the others wait for it */

    /* What the channel was given. handed.id is 0 while nothing may be reported. */
    struct handoffd_attempt handed;
    struct handoffd_message message;
    int64_t composed; /* the attempt that the message was composed for */

    struct memo *memo;
    struct waiter *waiters;
};

/* Copies the request. The handoff owns a reference to its memo. */
struct handoff *handoff_create(int64_t number, const char *id, const struct handoffd_handoff *given,
                               const char *request_key, int64_t digest,
                               const struct roster *roster);

/* The same from what the store holds. */
struct handoff *handoff_restore(const struct store_found *found, const char *id,
                                const struct roster *roster);

void handoff_destroy(struct handoff *handoff);

/* A new attempt, the handoff's next, for one contact of a vendor. */
void handoff_begin_attempt(struct handoff *handoff, const struct vendor *vendor, size_t contact);

/* The running channel that the attempt goes through; its vendor is not NULL. */
struct instance *attempt_instance(const struct attempt *attempt);

#endif
