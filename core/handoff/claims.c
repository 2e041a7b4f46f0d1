/* claims - a table of what was guessed, which is rare; what is sure is only looked up. */
#include "handoff/claims.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "base/memory.h"

struct claim {
    UT_hash_handle hh;
    int64_t handoff;
    char message_id[];
};

struct claims {
    struct claim *by_message;
};

struct claims *claims_create(void)
{
    return memory_zeroed(1, sizeof(struct claims));
}

void claims_destroy(struct claims *claims)
{
    struct claim *claim = NULL;
    struct claim *next = NULL;
    HASH_ITER(hh, claims->by_message, claim, next)
    {
        HASH_DEL(claims->by_message, claim);
        free(claim);
    }
    free(claims);
}

static struct claim *find(const struct claims *claims, const char *message_id)
{
    struct claim *claim = NULL;
    HASH_FIND(hh, claims->by_message, message_id, strlen(message_id), claim);
    return claim;
}

bool claims_guess(struct claims *claims, const char *message_id, int64_t handoff)
{
    struct claim *claim = find(claims, message_id);
    size_t length = strlen(message_id);
    if (claim != NULL)
        return claim->handoff == handoff;
    claim = memory_zeroed(1, sizeof *claim + length + 1);
    memcpy(claim->message_id, message_id, length);
    claim->handoff = handoff;
    HASH_ADD_KEYPTR(hh, claims->by_message, claim->message_id, length, claim);
    return true;
}

int64_t claims_settle(struct claims *claims, const char *message_id, int64_t handoff)
{
    struct claim *claim = find(claims, message_id);
    if (claim == NULL || claim->handoff == handoff)
        return 0;
    int64_t other = claim->handoff;
    claim->handoff = handoff;
    return other;
}
