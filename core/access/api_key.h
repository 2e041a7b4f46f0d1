/* api_key - what a client shows to be let in: hk_<id>_<secret>. The id is for people; the whole
 * text counts, and only its SHA-256 is ever kept: with 128 random bits in it nobody finds it back.
 */
#ifndef ACCESS_API_KEY_H
#define ACCESS_API_KEY_H

#include <stdbool.h>
#include <stdint.h>

#include "access/digest.h"

/* What may be asked with it. */
enum scope {
    SCOPE_NONE,    /* nothing: what needs no key */
    SCOPE_HANDOFF, /* POST a handoff */
    SCOPE_READ,    /* look: handoffs, alerts, metrics */
    SCOPE_ADMIN    /* both, and orders */
};

const char *scope_name(enum scope scope);

/* "handoff", "read" or "admin"; false: another word. */
bool scope_parse(const char *text, enum scope *scope);

/* A key of scope `has` may ask for what needs `wanted`. */
bool scope_covers(enum scope has, enum scope wanted);

/* A key as it is known; texts are borrowed. */
struct api_key {
    const char *id; /* NULL: it stands in vendors.yaml */
    const char *name;
    enum scope scope;
    struct digest digest;
    int64_t created_ms; /* this and the following since 1970; 0: not known */
    int64_t expires_ms; /* 0: never */
    int64_t used_ms;    /* 0: not yet */
};

enum { API_KEY_ID_SIZE = 9, API_KEY_SIZE = 3 + 8 + 1 + 26 + 1 };

/* A new one, of the kernel's randomness. Whoever shows `text` wipes it: OPENSSL_cleanse. */
void api_key_make(char text[API_KEY_SIZE], char id[API_KEY_ID_SIZE]);

/* A name: letters, digits, _ - and ., at most 64. It is shown in histories and logs. */
bool api_key_is_name(const char *name);

#endif
