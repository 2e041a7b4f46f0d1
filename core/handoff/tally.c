/* tally - a hash by "channel event code". */
#include "handoff/tally.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "base/memory.h"

enum { KINDS_MOST = 500, KEY_BYTES = 192 };

struct count {
    UT_hash_handle hh;
    char *key;
    char *channel;
    enum attempt_event event;
    int64_t code;
    int64_t count;
};

struct tally {
    struct count *counts;
};

struct tally *tally_create(void)
{
    return memory_zeroed(1, sizeof(struct tally));
}

void tally_destroy(struct tally *tally)
{
    struct count *count = NULL;
    struct count *next = NULL;
    if (tally == NULL)
        return;
    HASH_ITER(hh, tally->counts, count, next)
    {
        HASH_DEL(tally->counts, count);
        free(count->key);
        free(count->channel);
        free(count);
    }
    free(tally);
}

void tally_add(struct tally *tally, const char *channel, enum attempt_event event, int64_t code)
{
    char key[KEY_BYTES];
    struct count *count = NULL;
    if (HASH_COUNT(tally->counts) >= KINDS_MOST)
        code = 0;
    snprintf(key, sizeof key, "%d %lld %s", (int)event, (long long)code, channel);
    HASH_FIND_STR(tally->counts, key, count);
    if (count == NULL) {
        count = memory_zeroed(1, sizeof *count);
        count->key = memory_text(key);
        count->channel = memory_text(channel);
        count->event = event;
        count->code = code;
        HASH_ADD_KEYPTR(hh, tally->counts, count->key, strlen(count->key), count);
    }
    count->count++;
}

void tally_each(const struct tally *tally,
                void (*on_count)(void *context, const char *channel, enum attempt_event event,
                                 int64_t code, int64_t count),
                void *context)
{
    for (const struct count *count = tally->counts; count != NULL; count = count->hh.next)
        on_count(context, count->channel, count->event, count->code, count->count);
}
