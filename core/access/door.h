/* door - who may come in, and how often: one look at the head of a request, before anything of its
 * body is read, and one at the whole. */
#ifndef ACCESS_DOOR_H
#define ACCESS_DOOR_H

#include "access/client_address.h"
#include "access/keyring.h"
#include "access/webhook_signature.h"
#include "base/error.h"

/* So many a minute; 0: no limit. */
struct door_limits {
    int64_t per_key;
    int64_t per_address;
    int64_t per_conversation;
    int64_t failures; /* of one address */
};

/* What vendors.yaml says of it; borrowed until door_adopt gives others. */
struct door_rules {
    bool is_insecure; /* where no key is set up, none is asked for */
    bool is_exposed;  /* others than this machine can reach the server */
    const struct api_key *keys;
    size_t key_count;
    const struct signer *signers;
    size_t signer_count;
    const struct network *trusted;
    size_t trusted_count;
    struct door_limits limits;
};

enum door_answer {
    DOOR_OPEN,
    DOOR_NO_KEY,
    DOOR_NO_KEYS, /* none is set up, and one is needed */
    DOOR_MANY_KEYS,
    DOOR_WRONG_KEY,
    DOOR_EXPIRED_KEY,
    DOOR_WRONG_SCOPE,
    DOOR_WRONG_SIGNATURE,
    DOOR_STALE_SIGNATURE,
    DOOR_REPLAYED,
    DOOR_BUSY /* too often: see retry_after_ms */
};

struct visitor {
    enum door_answer answer;
    const char *name; /* of the key or signer; NULL: none was asked for. Borrowed until the door or
                         its keyring changes */
    int64_t retry_after_ms;
    struct client_address client;
};

struct door;

/* Borrows the keyring. */
struct door *door_create(struct keyring *keyring);
/* NULL is fine. */
void door_destroy(struct door *door);

/* False: strangers can reach the server, and nothing would keep them out: neither one of so many
 * keys of the store, nor a key or a signer of the rules, nor the word that it shall be so. */
bool door_is_safe(const struct door_rules *rules, size_t stored_keys,
                  struct error *error) MUST_CHECK;

/* Hands the rules' keys to the keyring, too. */
void door_adopt(struct door *door, const struct door_rules *rules);

/* The head alone; counts the request. What is signed is let in as far as its head goes. */
struct visitor door_look(struct door *door, const struct http_request *request, enum scope scope);

/* The whole of what door_look let in: again, for a key may be revoked meanwhile, and the signature.
 */
struct visitor door_enter(struct door *door, const struct http_request *request, enum scope scope);

/* One more request of a conversation; 0, or in how many ms it may be. */
int64_t door_conversation_ms(struct door *door, const char *conversation);

#endif
