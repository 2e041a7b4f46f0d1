/* replays - a hash table whose order is that of coming: the first to come is the first to go. */
#include "access/replays.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "access/digest.h"
#include "access/webhook_signature.h"
#include "base/buffer.h"
#include "base/memory.h"

enum { MOST = 100 * 1000, TEXT_MOST = 1024, KEEP_MS = 2 * WEBHOOK_TOLERANCE_MS };

struct heard {
    UT_hash_handle hh;
    struct digest digest;
    int64_t until_ms;
};

struct replays {
    struct heard *first;
};

struct replays *replays_create(void)
{
    return memory_zeroed(1, sizeof(struct replays));
}

static void forget(struct replays *replays, struct heard *heard)
{
    HASH_DEL(replays->first, heard);
    free(heard);
}

void replays_destroy(struct replays *replays)
{
    if (replays == NULL)
        return;
    while (replays->first != NULL)
        forget(replays, replays->first);
    free(replays);
}

static struct digest digest_of_both(const char *id, const char *time)
{
    CLEANUP(buffer_deinit) struct buffer text;
    buffer_init(&text, TEXT_MOST);
    buffer_format(&text, "%s.%s", time, id); /* a time has no point in it */
    return digest_of(text.bytes, text.length);
}

bool replays_note(struct replays *replays, const char *id, const char *time, int64_t now_ms)
{
    struct digest digest = digest_of_both(id, time);
    struct heard *heard = NULL;
    while (replays->first != NULL && replays->first->until_ms <= now_ms)
        forget(replays, replays->first);
    HASH_FIND(hh, replays->first, &digest, sizeof digest, heard);
    if (heard != NULL || HASH_COUNT(replays->first) >= MOST)
        return false;
    heard = memory_zeroed(1, sizeof *heard);
    heard->digest = digest;
    heard->until_ms = now_ms + KEEP_MS;
    HASH_ADD(hh, replays->first, digest, sizeof heard->digest, heard);
    return true;
}
