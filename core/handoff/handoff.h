/* handoff - the record of one handoff while something happens to it.
 *
 * Everything in it is its own: vendors.yaml may be read anew at any time. Who a vendor or a channel
 * is now, attempt_bind says. */
#ifndef HANDOFF_HANDOFF_H
#define HANDOFF_HANDOFF_H

#include <uthash.h>

#include "base/loop.h"
#include "handoff/gate.h"
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

/* One try to tell one person. */
struct attempt {
    int64_t number; /* from 1; 0: none yet */
    enum attempt_state state;
    const char *vendor_id;
    const char *channel;
    const char *address;
    const char *message_id; /* the provider's */
    bool is_guess;          /* it was found in the provider's list: it may be another's */
    int64_t code;
    int64_t tries;
    int64_t due_ms; /* since 1970, as delivery_now_ms; 0: nothing is due */
    int64_t started_ms;
    int64_t since_ms; /* when it came to its state, as delivery_now_ms */
    int64_t asked;    /* how often the provider was asked in that state */
};

/* An attempt that another one has followed. */
struct former {
    struct attempt attempt;
    struct former *next; /* the one before it */
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
    const char *caller;      /* the key or signer that it came with, or NULL */
    int64_t parent;          /* the handoff that it is an update of; 0: none */
    const char *only_vendor; /* whom an update is for, until it has an attempt; and whom it goes on
                                to when what is on its way has landed; or NULL */

    enum handoff_state state;
    int64_t crashes;        /* in how many an attempt was on its way */
    const char *stuck;      /* on disk: what it waits for somebody because of; NULL: it does not */
    struct attempt attempt; /* the present one */
    struct former *formers; /* the latest first */
    int64_t tried_from; /* those up to this number no longer count as tried: an operator's retry */
    struct timer timer; /* attempt.due_ms, or the deadline of whoever is to report */
    struct gate_pass pass;
    struct gate_wait wait;  /* for the channel's gate to open */
    int64_t events;         /* written so far */
    struct commit *commits; /* the first is on its way to the disk, the others wait for it */

    /* What the channel was given. */
    struct instance *carrier; /* delivers or asks; NULL: nothing is under way */
    int64_t asked_number;     /* of the attempt asked about last: its answer may come late; or 0 */
    const struct handoffd_report *early_word; /* an earlier try has reached somebody; or NULL */
    struct inquiry *inquiry; /* what the store is asked before the provider is; or NULL */
    struct arena *handing;   /* holds these two, until the next ones */
    struct handoffd_attempt handed;
    struct handoffd_message message;

    bool is_kept;     /* until somebody real is in vendors.yaml */
    bool is_taken_up; /* the registry's: it came back because it was due */
    struct memo *memo;
    struct waiter *waiters;
};

/* Copies the request; takes a reference to `memo` where there is one, else makes its own. */
struct handoff *handoff_create(int64_t number, const char *id, const struct handoffd_handoff *given,
                               const char *request_key, int64_t digest, struct memo *memo);

/* The same from what the store holds. */
struct handoff *handoff_restore(const struct store_found *found, const char *id, struct memo *memo);

void handoff_destroy(struct handoff *handoff);

/* A new attempt, the handoff's next, for one person at one address; copies the texts. The present
 * one becomes a former. */
void handoff_begin_attempt(struct handoff *handoff, const char *vendor_id, const char *channel,
                           const char *address, int64_t now_ms);

/* The attempt of this number, present or former; NULL: there is none. */
struct attempt *handoff_attempt(struct handoff *handoff, int64_t number);

/* The channel is asked about the present attempt, not given it. */
bool handoff_is_asked(const struct handoff *handoff);

/* Has anybody been told, or may have been, by a former attempt? */
bool handoff_may_be_known(const struct handoff *handoff);

/* Is it of use to whoever has the customer that this attempt's person was told? Of an update that
 * has gone on with its customer, only the present one's is. */
bool handoff_is_for(const struct handoff *handoff, const struct attempt *attempt);

/* The latest former attempt that is on a phone, where it is of use, and the latest of all that a
 * provider took; NULL: there is none. */
const struct attempt *handoff_arrived(const struct handoff *handoff);
const struct attempt *handoff_told(const struct handoff *handoff);

/* Whom vendors.yaml means now by an attempt. */
struct binding {
    const struct vendor *vendor; /* NULL: nobody */
    const struct contact *contact;
    size_t contact_index;
};

/* A contact counts as the attempt's where channel and address are the same, in either form that the
 * address has. */
struct binding attempt_bind(const struct attempt *attempt, const struct roster *roster);

/* The channel of that name that somebody is reached by now, whoever it is; NULL: there is none. */
struct instance *attempt_channel(const struct attempt *attempt, const struct roster *roster);

/* What the store is to do for it from now on; *due_ms goes with RESTING. */
enum store_wake handoff_wake(const struct handoff *handoff, int64_t *due_ms);

#endif
