/* known - what was asked lately, by its Idempotency-Key and by its conversation and customer: two
 * windows of time over the same memos. */
#ifndef HANDOFF_KNOWN_H
#define HANDOFF_KNOWN_H

#include <stdbool.h>

#include "handoff/recall.h"
#include "plugin.h"

struct known;

struct known *known_create(int64_t dedupe_window_ms);
void known_destroy(struct known *known);

/* Another window, from now on. */
void known_set_window(struct known *known, int64_t dedupe_window_ms);

/* What it led to, or NULL; borrowed. *digest is that of the body it came with. Times are
 * delivery_now_ms. */
struct memo *known_by_key(struct known *known, const char *key, int64_t now_ms, int64_t *digest);

/* The same by conversation and customer. *is_news: the reason is another one than the last,
 * whatever its case and blanks. */
struct memo *known_by_customer(struct known *known, const struct handoffd_handoff *handoff,
                               int64_t now_ms, bool *is_news);

/* The memo of this very handoff, where it is remembered. */
struct memo *known_memo(struct known *known, const struct handoffd_handoff *handoff,
                        const char *key, int64_t number, int64_t now_ms);

/* Under its key (or NULL) and its customer. */
void known_remember(struct known *known, const struct handoffd_handoff *handoff, const char *key,
                    int64_t digest, struct memo *memo, int64_t at_ms);
void known_add_key(struct known *known, const char *key, int64_t digest, struct memo *memo,
                   int64_t at_ms);
void known_forget_key(struct known *known, const char *key);

/* How far back a start has to look: for keys. */
enum { KNOWN_KEYS_MS = 24 * 60 * 60 * 1000 };

#endif
