/* store - what was promised, on disk before anything leaves. A contract; sqlite_store.c keeps it.
 *
 * A change is all or nothing. Changes that wait together become durable together, in the order of
 * submitting; on_done runs on the loop thread when the disk has them. The store knows no states: it
 * keeps the words that it is given. */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/worker.h"

struct store;

enum store_result {
    STORE_STORED,
    STORE_FULL,  /* the disk has no room; nothing of this change was kept */
    STORE_FAILED /* the disk or the database failed: the change may or may not be found at the next
                    start. After the disk, so does every further change */
};

/* A handoff as it was accepted. Texts may be NULL where a comment says so. */
struct store_handoff {
    int64_t number; /* rising; chosen by the caller, above store_last_number */
    int64_t received_ms;
    const char *request_key; /* Idempotency-Key; NULL: none */
    int64_t request_digest;  /* of the body */
    const char *user_phone;  /* this and the following are personal data, in a table of their own */
    const char *reason;
    const char *user_name;          /* or NULL */
    const char *conversation_id;    /* or NULL */
    const char *additional_context; /* or NULL */
    const char *fields;             /* a JSON object of the request's other fields, or NULL */
};

/* One try to tell one person. */
struct store_attempt {
    int64_t handoff;
    int64_t number; /* from 1, in its handoff */
    const char *state;
    const char *vendor;
    const char *channel;
    const char *address;
    const char *message_id; /* the provider's, or NULL */
    int64_t code;           /* the provider's error code, or 0 */
    int64_t tries;          /* how often deliver was called */
    int64_t due_ms;         /* since 1970: when something is to happen; 0: nothing is due */
    int64_t started_ms;     /* since 1970 */
};

/* One line of a handoff's story; no personal data. */
struct store_event {
    int64_t number; /* from 1, in its handoff */
    int64_t at_ms;
    const char *kind;
    const char *detail; /* or NULL */
};

/* The turn that a person took at a step of the routing. */
struct store_turn {
    const char *step;
    const char *vendor;
    int64_t turn;
};

/* A further Idempotency-Key that stands for a handoff. */
struct store_key {
    int64_t handoff;
    int64_t at_ms;
    int64_t digest; /* of the body that came with it */
    const char *key;
};

/* Everything is the caller's, and stays untouched until on_done. */
struct store_change {
    struct work work; /* the store's */
    enum store_result result;

    int64_t handoff;                      /* which one it is about */
    const char *handoff_state;            /* its state from now on; NULL: as it was */
    bool is_open;                         /* somebody is still to be told: store_recover finds it */
    const struct store_handoff *created;  /* the handoff is new; NULL: it is known */
    const struct store_attempt *attempts; /* each written anew by its number */
    size_t attempt_count;
    const struct store_event *events;
    size_t event_count;
    const struct store_turn *turns;
    size_t turn_count;
    const struct store_key *key; /* NULL: none */

    void (*on_done)(struct store_change *change);
};

/* Opens or creates the database. A second daemon on the same store is refused, and the error names
 * the first one's process. A store that a newer handoffd wrote is refused. */
struct store *store_open(struct loop *loop, const char *path, struct error *error) MUST_CHECK;

/* Waits for what was submitted; every on_done has run when this returns. on_closed runs when the
 * loop has let go. */
void store_close(struct store *store, void (*on_closed)(void *context), void *context);

void store_submit(struct store *store, struct store_change *change);

/* After a change came back FAILED: why, in the database's words. */
const char *store_failure(const struct store *store);

/* Free bytes on the store's disk. */
int64_t store_free_bytes(const struct store *store);

/* The highest handoff number in the store; 0 for an empty one. */
int64_t store_last_number(const struct store *store);

/* 16 random bytes, made with the store: the key of the public ids. */
const unsigned char *store_secret(const struct store *store);

/* What store_recover finds. Texts are borrowed until the call returns. */
struct store_found {
    struct store_handoff handoff;
    const char *state;
    int64_t events;               /* the number of the last one */
    struct store_attempt attempt; /* the last one; its number is 0 where there is none */
    const char *tried;            /* vendor ids of all its attempts, each followed by a newline */
    const char *detail;           /* of its last event, or NULL */
    const char *keys; /* further Idempotency-Keys: lines of `at_ms digest key`, or NULL */
};

/* Called before the loop runs. Every open handoff, every one received since `since_ms`, and every
 * one received since `keyed_since_ms` (the earlier of the two) that has an Idempotency-Key; oldest
 * first. */
bool store_recover(struct store *store, int64_t since_ms, int64_t keyed_since_ms,
                   void (*on_found)(void *context, const struct store_found *found), void *context,
                   struct error *error) MUST_CHECK;

/* Called before the loop runs: the last turn of every person at every step. */
bool store_turns(struct store *store, void (*on_turn)(void *context, const struct store_turn *turn),
                 void *context, struct error *error) MUST_CHECK;

/* The same as store_turns from a store that a daemon may have open, reading only; a store that is
 * not there yet has no turns. */
bool store_peek_turns(const char *path,
                      void (*on_turn)(void *context, const struct store_turn *turn), void *context,
                      struct error *error) MUST_CHECK;

#endif
