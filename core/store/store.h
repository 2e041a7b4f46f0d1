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

struct histogram;
struct store;

enum store_result {
    STORE_STORED,
    STORE_DUPLICATE, /* the handoff to be created is there already, received at the same moment,
                        with the same key and digest: nothing of this change was kept, because all
                        of it was before */
    STORE_CONFLICT,  /* its number, or an event's, is taken by something else: another daemon writes
                        to this store. Nothing of this change was kept */
    STORE_FULL,      /* the disk has no room; nothing of this change was kept */
    STORE_FAILED /* the disk or the database failed: the change may or may not be found at the next
                    start. After the disk, so does every further change */
};

/* A handoff as it was accepted. Texts may be NULL where a comment says so. */
struct store_handoff {
    int64_t number; /* rising; chosen by the caller, above store_last_number */
    int64_t parent; /* the handoff that it is an update of; 0: none */
    int64_t received_ms;
    const char *request_key; /* Idempotency-Key; NULL: none */
    int64_t request_digest;  /* of the body */
    const char *user_phone;  /* this and the following are personal data, in a table of their own */
    const char *reason;
    const char *user_name;          /* or NULL */
    const char *conversation_id;    /* or NULL */
    const char *additional_context; /* or NULL */
    const char *fields;             /* a JSON object of the request's other fields, or NULL */
    const char *caller;             /* the key or signer that it came with; NULL: none was needed */
};

/* What a handoff wants of the daemon. */
enum store_wake {
    STORE_DONE = 0,   /* nothing */
    STORE_OPEN = 1,   /* to be taken up at every start */
    STORE_RESTING = 2 /* to be taken up when it is due */
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
    int64_t since_ms;       /* since 1970: when it came to its state */
    int64_t asked;          /* how often the provider was asked about it in that state */
    bool is_guess;          /* message_id was found in the provider's list */
};

/* A message that was found in the provider's list, and the handoff that took it for its own. */
struct store_guess {
    int64_t handoff;
    const char *message_id;
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

/* The form of an address that works, where the one in the file does not. */
struct store_address {
    const char *channel;
    const char *given; /* as in vendors.yaml, in normal form */
    const char *works; /* the other form; NULL: forget it */
};

/* Trouble that somebody was told of; kept so that a restart does not tell it again. */
struct store_alert {
    const char *cause;
    const char *text; /* NULL: it is mended, forget it */
    int64_t since_ms;
};

/* A key that lets clients in: see access/api_key.h. */
struct store_api_key {
    const char *id;
    const char *name; /* NULL: it is revoked, forget it */
    const char *scope;
    const unsigned char *digest; /* STORE_DIGEST_BYTES: the SHA-256 of its text */
    int64_t created_ms;
    int64_t expires_ms; /* 0: never */
    int64_t used_ms;    /* 0: not yet */
};

enum { STORE_DIGEST_BYTES = 32 };

/* A further Idempotency-Key that stands for a handoff. */
struct store_key {
    int64_t handoff;
    int64_t at_ms;
    int64_t digest; /* of the body that came with it */
    const char *key;
};

/* Everything is the caller's, and stays untouched until on_done. */
struct store_change {
    struct work work; /* this and the next two are the store's */
    struct store *store;
    int64_t commit_us; /* how long the commit took, in one change of it; else -1 */
    enum store_result result;

    int64_t handoff;           /* which one it is about */
    const char *handoff_state; /* its state from now on; NULL: as it was */
    enum store_wake wake;      /* this and the next three go with handoff_state */
    int64_t due_ms;            /* RESTING: since 1970; else 0 */
    int64_t crashes;           /* in how many it was in flight */
    const char *stuck;         /* what it waits for somebody because of; NULL: it does not */
    const struct store_handoff *created;  /* the handoff is new; NULL: it is known */
    const struct store_attempt *attempts; /* each written anew by its number */
    size_t attempt_count;
    const struct store_event *events;
    size_t event_count;
    const struct store_turn *turns;
    size_t turn_count;
    const struct store_key *key;         /* NULL: none */
    const struct store_address *address; /* NULL: none */
    const struct store_alert *alert;     /* NULL: none */
    const struct store_api_key *api_key; /* NULL: none */

    void (*on_done)(struct store_change *change);
};

/* Opens or creates the database. A second daemon on the same store is refused, and the error names
 * the first one's process. A store that a newer handoffd wrote is refused. Of one that an older
 * handoffd wrote a copy is kept beside it, `<path>.schema-<N>`, before it is changed; where that
 * cannot be written, nothing is changed and the error says so. */
struct store *store_open(struct loop *loop, const char *path, struct error *error) MUST_CHECK;

/* Waits for what was submitted and asked, and gives up a backup; every on_done has run when this
 * returns. Nothing more may be asked from then on, not from inside an on_done either. on_closed
 * runs when the loop has let go. */
void store_close(struct store *store, void (*on_closed)(void *context), void *context);

void store_submit(struct store *store, struct store_change *change);

/* After a change came back FAILED: why, in the database's words. */
const char *store_failure(const struct store *store);

/* Free bytes on the store's disk; where there are plenty, as of the last commit or second. */
int64_t store_free_bytes(const struct store *store);

/* How long commits took, for metrics: see base/histogram.h. Of the loop's thread. */
const struct histogram *store_commit_seconds(const struct store *store);

/* The highest handoff number in the store, or the last of those that store_restore left out; 0 for
 * an empty one. */
int64_t store_last_number(const struct store *store);

/* 16 random bytes, made with the store: the key of the public ids. */
const unsigned char *store_secret(const struct store *store);

/* What the store holds of one handoff. Texts and arrays are borrowed: from store_recover until
 * on_found returns, from a query until it is finished. */
struct store_found {
    struct store_handoff handoff;
    const char *state;
    enum store_wake wake;
    int64_t due_ms;
    int64_t crashes;
    const char *stuck;
    int64_t events;                       /* the number of the last one */
    const struct store_attempt *attempts; /* all of them, in order */
    size_t attempt_count;
    const char *detail; /* of its last event, or NULL */
    const char *keys;   /* recover only: further Idempotency-Keys, lines of `at_ms digest key` */
    const struct store_event *story; /* a query with has_story only: all its events, in order */
    size_t story_count;
};

/* Called before the loop runs. Every OPEN handoff, every one received since `since_ms`, and every
 * one received since `keyed_since_ms` (the earlier of the two) that has an Idempotency-Key; oldest
 * first. */
bool store_recover(struct store *store, int64_t since_ms, int64_t keyed_since_ms,
                   void (*on_found)(void *context, const struct store_found *found), void *context,
                   struct error *error) MUST_CHECK;

/* Called before the loop runs: every address form that was learnt, every alert that stands. */
bool store_addresses(struct store *store,
                     void (*on_address)(void *context, const struct store_address *address),
                     void *context, struct error *error) MUST_CHECK;
bool store_alerts(struct store *store,
                  void (*on_alert)(void *context, const struct store_alert *alert), void *context,
                  struct error *error) MUST_CHECK;

/* Called before the loop runs: every key that lets clients in. */
bool store_api_keys(struct store *store,
                    void (*on_key)(void *context, const struct store_api_key *key), void *context,
                    struct error *error) MUST_CHECK;

/* Called before the loop runs: every guess of an attempt that started since `since_ms`. */
bool store_guesses(struct store *store, int64_t since_ms,
                   void (*on_guess)(void *context, const struct store_guess *guess), void *context,
                   struct error *error) MUST_CHECK;

/* Called before the loop runs: how many handoffs wait for somebody, for each `stuck`. */
bool store_stuck(struct store *store,
                 void (*on_stuck)(void *context, const char *stuck, int64_t count), void *context,
                 struct error *error) MUST_CHECK;

/* Called before the loop runs: when attempts of a channel that were tried at all (tries > 0) since
 * `since_ms` started, in any order; of the handoffs received since a day before that, so that a
 * start takes as long however many there are. */
bool store_started(struct store *store, const char *channel, int64_t since_ms,
                   void (*on_started)(void *context, int64_t started_ms), void *context,
                   struct error *error) MUST_CHECK;

/* ---- asking while it serves: a thread and a connection of its own, which only read; sees what was
 * committed when it is asked, and holds up no commit */

enum store_question {
    STORE_ONE,    /* the handoff `number` */
    STORE_DUE,    /* RESTING ones due at `until_ms` or before, earliest first; next_due_ms */
    STORE_LATEST, /* by falling number, below `number` (0: from the newest) */
    STORE_UPDATES /* those of the handoff `number`, oldest first */
};

/* Zeroed, then filled by the caller; untouched until on_done. */
struct store_query {
    struct work work; /* the store's */
    enum store_question question;
    int64_t number;
    int64_t until_ms;
    const char *state;  /* LATEST: only those in this state; NULL: all */
    const char *vendor; /* LATEST: only those whose last attempt was for this person; NULL: all */
    bool is_unfinished; /* LATEST: only those that are OPEN or stuck */
    bool has_story;
    size_t limit; /* all but ONE: at most so many */

    struct store_found *found; /* the answer */
    size_t count;
    int64_t next_due_ms; /* DUE: of the first RESTING one that is not in the answer; 0: none */
    struct error error;  /* where is_failed */
    bool is_failed;
    struct arena *arena; /* holds the answer; of store_query_finish */

    void (*on_done)(struct store_query *query);
};

void store_ask(struct store *store, struct store_query *query);

/* Frees the answer; the query itself is the caller's. */
void store_query_finish(struct store_query *query);

/* The provider's ids of the messages that attempts of other handoffs have at this address, of the
 * 10,000 before and the 10,000 after `number`. */
struct store_ids_query {
    struct work work; /* the store's */
    int64_t number;   /* whose own ids are left out */
    const char *channel;
    const char *address;
    const char **ids; /* the answer; lives in arena */
    size_t count;
    struct error error; /* where is_failed: then the ids are not all */
    bool is_failed;
    struct arena *arena; /* of store_ids_finish */
    void (*on_done)(struct store_ids_query *query);
};

void store_ask_ids(struct store *store, struct store_ids_query *query);
void store_ids_finish(struct store_ids_query *query);

/* Writes a copy of everything committed by now to a new file `path` (0600; refused where it is
 * there), which is complete and fsynced when it appears under that name. On a thread of its own;
 * on_done runs on the loop, with NULL where it is written. One at a time: a second one is refused
 * through its error. */
void store_backup(struct store *store, const char *path,
                  void (*on_done)(void *context, const struct error *error), void *context);

/* Before a stop that shall not wait for them: the one that is being written, and every later one,
 * ends soon with an error, and leaves nothing. */
void store_give_up_backups(struct store *store);

/* ---- for commands that have no daemon: reading only, beside one that may be running */

struct store_reader;

/* A store that is not there is an error, so is an older or newer schema than this one. */
struct store_reader *store_reader_open(const char *path, struct error *error) MUST_CHECK;
void store_reader_close(struct store_reader *reader);

/* Answers a query at once; on_done is not called. */
void store_reader_ask(struct store_reader *reader, struct store_query *query);
/* Is the database sound in itself, whatever stands in it? The first fault in words. */
bool store_reader_check(struct store_reader *reader, struct error *error) MUST_CHECK;
/* Every key that lets clients in. */
bool store_reader_api_keys(struct store_reader *reader,
                           void (*on_key)(void *context, const struct store_api_key *key),
                           void *context, struct error *error) MUST_CHECK;
const unsigned char *store_reader_secret(const struct store_reader *reader);

/* Puts a backup in the place of the store at `path`, which no daemon may have open; what is there
 * is kept beside it under a name that is written to `kept` (empty: nothing was there). Every
 * handoff that is not DONE gets the state `parked_state`, is DONE and `stuck`, with an event of
 * that kind: what became of it since the backup, nobody knows. *parked is how many. New handoffs
 * will begin a million numbers further on, so that no id of one that was lost means another. A
 * backup of an older schema is brought up; it stays as it was. Whenever this is stopped, the old
 * store or the new one is there and complete. */
bool store_restore(const char *path, const char *backup, const char *parked_state,
                   const char *stuck, char *kept, size_t kept_size, int64_t *parked,
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
