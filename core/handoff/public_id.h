/* public_id - ho_… for a handoff's number: the number encrypted, so that nobody can guess another,
 * and no index is needed to find it again. */
#ifndef HANDOFF_PUBLIC_ID_H
#define HANDOFF_PUBLIC_ID_H

#include <stdint.h>

/* "ho_", 26 characters, NUL. */
enum { PUBLIC_ID_SIZE = 30, PUBLIC_ID_KEY_BYTES = 16 };

struct public_ids;

struct public_ids *public_ids_create(const unsigned char key[PUBLIC_ID_KEY_BYTES]);
/* NULL is fine. */
void public_ids_destroy(struct public_ids *ids);

void public_id_write(const struct public_ids *ids, int64_t number, char id[PUBLIC_ID_SIZE]);

#endif
