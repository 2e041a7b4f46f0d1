/* recall - what was asked lately, and what is said of it now: how the same request never becomes a
 * second message.
 *
 * In memory, rebuilt from the store at start. One recall is one window of time. */
#ifndef HANDOFF_RECALL_H
#define HANDOFF_RECALL_H

#include <stdint.h>

#include "handoff/answer.h"

/* The present answer of one handoff, shared by all who remember it. */
struct memo {
    int references;
    int64_t number; /* of the handoff */
    bool is_stored; /* the handoff is on disk: the answer may be given */
    int updates;    /* how often the customer said more */
    struct answer answer;
};

/* One reference, the caller's; the answer says QUEUED until memo_set. */
struct memo *memo_create(int64_t number, const char *handoff_id);
struct memo *memo_ref(struct memo *memo);
void memo_unref(struct memo *memo);

/* Copies the answer's texts. */
void memo_set(struct memo *memo, const struct answer *answer);

struct recall;

struct recall *recall_create(int64_t window_ms);
void recall_destroy(struct recall *recall);
void recall_set_window(struct recall *recall, int64_t window_ms);

/* What `text` led to within the window, or NULL. Borrowed. *digest is what it was added with. */
struct memo *recall_find(struct recall *recall, const char *text, int64_t now_ms, int64_t *digest);

/* Remembers `text`, asked with a body of this digest, from at_ms on; takes a reference of its own.
 */
void recall_add(struct recall *recall, const char *text, int64_t digest, struct memo *memo,
                int64_t at_ms);

/* Forgets it. */
void recall_remove(struct recall *recall, const char *text);

#endif
