/* keeper - keeps the keyring and the store alike: new keys, revoked ones, and once a minute when
 * each was used last. */
#ifndef ACCESS_KEEPER_H
#define ACCESS_KEEPER_H

#include "access/keyring.h"
#include "base/error.h"
#include "base/loop.h"
#include "store/store.h"

struct keeper;

/* Fills the keyring with what the store has; both are borrowed. Before the loop runs. */
struct keeper *keeper_create(struct loop *loop, struct store *store, struct keyring *keyring,
                             struct error *error) MUST_CHECK;

/* What was used since is handed to the store. Before the store closes. NULL is fine. */
void keeper_stop(struct keeper *keeper);

/* After the store has closed. NULL is fine. */
void keeper_destroy(struct keeper *keeper);

/* One key that is made or revoked; embedded in its owner, zeroed at first. */
struct key_order {
    /* Once, on a later turn. False: the store could not keep it, and nothing has changed. */
    void (*on_done)(struct key_order *order, bool is_kept);

    struct api_key key; /* to be made: name, scope and expires_ms are the caller's, borrowed until
                           on_done; id and the rest are filled in. Revoked: its id */
    char text[API_KEY_SIZE]; /* of a new key, to be shown once: on_done wipes it */

    struct keeper *keeper; /* this and the following are the keeper's */
    struct store_change change;
    struct store_api_key row;
    char id[API_KEY_ID_SIZE];
};

/* A row of the store as a key; borrows its texts. Its scope is SCOPE_NONE where the word is
 * unknown.
 */
struct api_key keeper_key_of(const struct store_api_key *row);

void keeper_make(struct keeper *keeper, struct key_order *order);

/* It lets nobody in from this moment on. False: there is no such id in the store; on_done is not
 * called. */
bool keeper_revoke(struct keeper *keeper, const char *id, struct key_order *order);

#endif
