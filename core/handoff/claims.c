/* claims - a table of what was guessed, which is rare, and one of what became sure while a provider
 * is asked. */
#include "handoff/claims.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "base/memory.h"

enum { LISTEN_MS = 2 * 60 * 1000 }; /* longer than any question takes */

struct claim {
    UT_hash_handle hh;
    int64_t handoff;
    int64_t at_ms;
    char message_id[];
};

struct claims {
    struct claim *guessed;
    struct claim *sure; /* the oldest first */
    int64_t listen_until_ms;
};

struct claims *claims_create(void)
{
    return memory_zeroed(1, sizeof(struct claims));
}

static struct claim *find(struct claim *table, const char *message_id)
{
    struct claim *claim = NULL;
    HASH_FIND(hh, table, message_id, strlen(message_id), claim);
    return claim;
}

static void add(struct claim **table, const char *message_id, int64_t handoff, int64_t at_ms)
{
    size_t length = strlen(message_id);
    struct claim *claim = memory_zeroed(1, sizeof *claim + length + 1);
    memcpy(claim->message_id, message_id, length);
    claim->handoff = handoff;
    claim->at_ms = at_ms;
    HASH_ADD_KEYPTR(hh, *table, claim->message_id, length, claim);
}

static void drop(struct claim **table, struct claim *claim)
{
    HASH_DEL(*table, claim);
    free(claim);
}

void claims_destroy(struct claims *claims)
{
    while (claims->guessed != NULL)
        drop(&claims->guessed, claims->guessed);
    while (claims->sure != NULL)
        drop(&claims->sure, claims->sure);
    free(claims);
}

bool claims_listen(struct claims *claims, int64_t now_ms)
{
    bool is_new = now_ms >= claims->listen_until_ms;
    claims->listen_until_ms = now_ms + LISTEN_MS;
    return is_new;
}

void claims_hear(struct claims *claims, const char *message_id, int64_t handoff, int64_t now_ms)
{
    while (claims->sure != NULL && claims->sure->at_ms < now_ms - LISTEN_MS)
        drop(&claims->sure, claims->sure);
    if (now_ms < claims->listen_until_ms && find(claims->sure, message_id) == NULL)
        add(&claims->sure, message_id, handoff, now_ms);
}

bool claims_guess(struct claims *claims, const char *message_id, int64_t handoff)
{
    const struct claim *claim = find(claims->sure, message_id);
    if (claim == NULL)
        claim = find(claims->guessed, message_id);
    if (claim == NULL)
        add(&claims->guessed, message_id, handoff, 0);
    return claim == NULL || claim->handoff == handoff;
}

void claims_forget(struct claims *claims, const char *message_id, int64_t handoff)
{
    struct claim *claim = find(claims->guessed, message_id);
    if (claim != NULL && claim->handoff == handoff)
        drop(&claims->guessed, claim);
}

int64_t claims_settle(struct claims *claims, const char *message_id, int64_t handoff,
                      int64_t now_ms)
{
    struct claim *guess = find(claims->guessed, message_id);
    int64_t guessed = guess != NULL ? guess->handoff : 0;
    claims_hear(claims, message_id, handoff, now_ms);
    if (guess != NULL)
        drop(&claims->guessed, guess);
    return guessed != handoff ? guessed : 0;
}
