/* key_alone - keys where no daemon runs: straight in its store. Each answers as the daemon would on
 * its control socket, see api/keys.h. */
#ifndef COMMAND_KEY_ALONE_H
#define COMMAND_KEY_ALONE_H

#include "access/api_key.h"
#include "base/error.h"

/* A new key with this name, scope and expires_ms. JSON, free with cJSON_free; NULL with an error.
 */
char *key_alone_make(const char *store, const struct api_key *wish, struct error *error) MUST_CHECK;

/* Those of the store; vendors.yaml may have others. JSON likewise; where no store is, an empty
 * list.
 */
char *key_alone_list(const char *store, struct error *error) MUST_CHECK;

/* How many of them there are; 0 also where no store can be read. */
size_t key_alone_count(const char *store);

/* By id, or by a name that only one has. */
bool key_alone_revoke(const char *store, const char *word, struct error *error) MUST_CHECK;

#endif
