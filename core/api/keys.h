/* keys - what operators ask of the keys that let clients in; on the control socket alone, for
 * whoever holds a key shall not make others.
 *
 *   GET  /keys               each with its id, name, scope and last use
 *   POST /keys               {"name": "elevenlabs", "scope": "handoff", "expires_in_ms":
 * 7776000000}: 201 {"id", "key", …}: the key's only appearance POST /keys/ID/revoke     by its id,
 * or by its name where only one has it
 */
#ifndef API_KEYS_H
#define API_KEYS_H

#include <cjson/cJSON.h>

#include "access/keyring.h"
#include "api/api.h"

extern const char keys_path[];

void keys_list_request(struct api *api, struct http_exchange *exchange,
                       const struct http_request *request);
void keys_make_request(struct api *api, struct http_exchange *exchange,
                       const struct http_request *request);

/* `word` is what stands between /keys/ and /revoke. */
void keys_revoke_request(struct api *api, struct http_exchange *exchange, const char *word);

/* The id of the key that an operator means: its id, or a name that only one has. NULL: found; else
 * what is wrong, in words. */
const char *keys_find(const struct keyring *keyring, const char *word, char id[API_KEY_ID_SIZE]);

/* {"id", "name", "scope", "created", "expires", "used"}; what is not known is left out. The
 * caller's to free. */
cJSON *keys_line(const struct api_key *key);

#endif
