/* recall - a hash table over a queue in order of age; what is too old is dropped as new things
 * come. */
#include "handoff/recall.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "base/memory.h"
#include "base/require.h"

struct entry {
    UT_hash_handle hh;
    struct memo *memo;
    int64_t digest;
    int64_t at_ms;
    struct entry *newer;
    struct entry **from_older; /* who points at this one */
    char text[];
};

struct recall {
    struct entry *table;
    struct entry *oldest;
    struct entry **newest;
    int64_t window_ms;
};

/* ---- memos */

struct memo *memo_create(int64_t number, const char *handoff_id)
{
    struct memo *memo = memory_zeroed(1, sizeof *memo);
    *memo = (struct memo){
        .references = 1,
        .number = number,
        .answer = {.kind = ANSWER_QUEUED, .handoff_id = memory_text(handoff_id)},
    };
    return memo;
}

struct memo *memo_ref(struct memo *memo)
{
    memo->references++;
    return memo;
}

static void free_texts(const struct answer *answer)
{
    free((char *)answer->handoff_id);
    free((char *)answer->vendor_id);
    free((char *)answer->vendor_name);
    free((char *)answer->message_id);
    free((char *)answer->detail);
}

void memo_unref(struct memo *memo)
{
    if (--memo->references > 0)
        return;
    free_texts(&memo->answer);
    free(memo);
}

void memo_set(struct memo *memo, const struct answer *answer)
{
    struct answer old = memo->answer;
    memo->answer = (struct answer){
        .kind = answer->kind,
        .handoff_id = memory_text(answer->handoff_id),
        .vendor_id = memory_text(answer->vendor_id),
        .vendor_name = memory_text(answer->vendor_name),
        .message_id = memory_text(answer->message_id),
        .detail = memory_text(answer->detail),
    };
    free_texts(&old);
}

/* ---- the window */

struct recall *recall_create(int64_t window_ms)
{
    struct recall *recall = memory_zeroed(1, sizeof *recall);
    recall->window_ms = window_ms;
    recall->newest = &recall->oldest;
    return recall;
}

void recall_set_window(struct recall *recall, int64_t window_ms)
{
    recall->window_ms = window_ms;
}

static void entry_drop(struct recall *recall, struct entry *entry)
{
    require(recall->table != NULL);
    HASH_DEL(recall->table, entry);
    *entry->from_older = entry->newer;
    if (entry->newer != NULL)
        entry->newer->from_older = entry->from_older;
    else
        recall->newest = entry->from_older;
    memo_unref(entry->memo);
    free(entry);
}

void recall_destroy(struct recall *recall)
{
    if (recall == NULL)
        return;
    while (recall->oldest != NULL)
        entry_drop(recall, recall->oldest);
    free(recall);
}

static struct entry *find(struct recall *recall, const char *text)
{
    struct entry *entry = NULL;
    HASH_FIND(hh, recall->table, text, strlen(text), entry);
    return entry;
}

struct memo *recall_find(struct recall *recall, const char *text, int64_t now_ms, int64_t *digest)
{
    struct entry *entry = find(recall, text);
    if (entry == NULL || now_ms - entry->at_ms >= recall->window_ms)
        return NULL;
    *digest = entry->digest;
    return entry->memo;
}

void recall_add(struct recall *recall, const char *text, int64_t digest, struct memo *memo,
                int64_t at_ms)
{
    memo_ref(memo); /* before what may be its last entry is dropped */
    while (recall->oldest != NULL && at_ms - recall->oldest->at_ms >= recall->window_ms)
        entry_drop(recall, recall->oldest);
    recall_remove(recall, text);
    size_t length = strlen(text);
    struct entry *entry = memory_zeroed(1, sizeof *entry + length + 1);
    entry->memo = memo;
    entry->digest = digest;
    entry->at_ms = at_ms;
    memcpy(entry->text, text, length);
    entry->from_older = recall->newest;
    *recall->newest = entry;
    recall->newest = &entry->newer;
    HASH_ADD_KEYPTR(hh, recall->table, entry->text, length, entry);
}

void recall_remove(struct recall *recall, const char *text)
{
    struct entry *entry = find(recall, text);
    if (entry != NULL)
        entry_drop(recall, entry);
}
