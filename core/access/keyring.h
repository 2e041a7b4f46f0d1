/* keyring - the keys that let clients in, and when each was used last. In memory: keeper.h keeps
 * those of the store, vendors.yaml brings others. */
#ifndef ACCESS_KEYRING_H
#define ACCESS_KEYRING_H

#include <stddef.h>

#include "access/api_key.h"

struct keyring;

struct keyring *keyring_create(void);
/* NULL is fine. */
void keyring_destroy(struct keyring *keyring);

/* Those of vendors.yaml take the place of its former ones; one that stays keeps its last use. */
void keyring_adopt(struct keyring *keyring, const struct api_key *keys, size_t count);

/* One of the store. Copied. */
void keyring_add(struct keyring *keyring, const struct api_key *key);

/* False: there is no such id. */
bool keyring_remove(struct keyring *keyring, const char *id);

size_t keyring_count(const struct keyring *keyring);

/* Those of the store alone. */
size_t keyring_stored(const struct keyring *keyring);

/* The key of this text, expired or not; NULL: none. Every key is compared, and each comparison
 * takes as long. Borrowed until the keyring is changed. */
const struct api_key *keyring_find(const struct keyring *keyring, const char *text);

/* It let somebody in. `key` is one that keyring_find gave. */
void keyring_use(const struct api_key *key, int64_t now_ms);

/* The callback may not change the keyring. */
void keyring_each(const struct keyring *keyring,
                  void (*on_key)(void *context, const struct api_key *key), void *context);

#endif
