/* public_id - ho_… for a handoff's number, and a token for an attempt's: the number encrypted, so
 * that nobody can guess another, and no index is needed to find it again. */
#ifndef HANDOFF_PUBLIC_ID_H
#define HANDOFF_PUBLIC_ID_H

#include <stdbool.h>
#include <stdint.h>

/* "ho_", 26 characters, NUL. */
enum { PUBLIC_ID_SIZE = 30, PUBLIC_ID_KEY_BYTES = 16 };

struct public_ids;

struct public_ids *public_ids_create(const unsigned char key[PUBLIC_ID_KEY_BYTES]);
/* NULL is fine. */
void public_ids_destroy(struct public_ids *ids);

void public_id_write(const struct public_ids *ids, int64_t number, char id[PUBLIC_ID_SIZE]);

/* The number that an id was written for; false: no id of ours. */
bool public_id_read(const struct public_ids *ids, const char *id, int64_t *number);

/* The same for attempts, as their provider may call them in a URL: 26 letters and digits, NUL. */
enum { ATTEMPT_TOKEN_SIZE = 27 };
void attempt_token_write(const struct public_ids *ids, uint64_t attempt_id,
                         char token[ATTEMPT_TOKEN_SIZE]);
bool attempt_token_read(const struct public_ids *ids, const char *token, uint64_t *attempt_id);

#endif
