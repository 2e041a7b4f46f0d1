/* known - two recalls. */
#include "handoff/known.h"

#include <ctype.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/fingerprint.h"
#include "base/memory.h"
#include "handoff/phone.h"

struct known {
    struct recall *keys;
    struct recall *customers;
};

struct known *known_create(int64_t dedupe_window_ms)
{
    struct known *known = memory_zeroed(1, sizeof *known);
    known->keys = recall_create(KNOWN_KEYS_MS);
    known->customers = recall_create(dedupe_window_ms);
    return known;
}

void known_destroy(struct known *known)
{
    if (known == NULL)
        return;
    recall_destroy(known->keys);
    recall_destroy(known->customers);
    free(known);
}

void known_set_window(struct known *known, int64_t dedupe_window_ms)
{
    recall_set_window(known->customers, dedupe_window_ms);
}

/* Same conversation and customer; NULL where either is missing. */
static const char *customer_key(const struct handoffd_handoff *handoff, struct arena *arena)
{
    char phone[PHONE_SIZE];
    if (handoff->conversation_id == NULL || handoff->user_phone == NULL)
        return NULL;
    phone_key(handoff->user_phone, phone);
    return arena_format(arena, "%s %s", phone, handoff->conversation_id);
}

struct memo *known_by_key(struct known *known, const char *key, int64_t now_ms, int64_t *digest)
{
    return key != NULL ? recall_find(known->keys, key, now_ms, digest) : NULL;
}

/* Of its words, however they are written. */
static int64_t digest_of_reason(const char *reason)
{
    uint64_t digest = FINGERPRINT_OF_NOTHING;
    bool was_blank = true;
    for (const unsigned char *at = (const unsigned char *)reason; at && *at != '\0'; at++) {
        bool is_blank = isspace(*at);
        if (!is_blank || !was_blank)
            digest = fingerprint_add(digest, is_blank ? ' ' : (unsigned char)tolower(*at));
        was_blank = is_blank;
    }
    return fingerprint_stored(digest);
}

struct memo *known_by_customer(struct known *known, const struct handoffd_handoff *handoff,
                               int64_t now_ms, bool *is_news)
{
    int64_t digest = 0;
    struct arena *arena = arena_create(256);
    const char *customer = customer_key(handoff, arena);
    struct memo *memo =
        customer != NULL ? recall_find(known->customers, customer, now_ms, &digest) : NULL;
    arena_destroy(arena);
    *is_news = memo != NULL && digest != digest_of_reason(handoff->reason);
    return memo;
}

struct memo *known_memo(struct known *known, const struct handoffd_handoff *handoff,
                        const char *key, int64_t number, int64_t now_ms)
{
    int64_t digest = 0;
    bool is_news = false;
    struct memo *memo = known_by_key(known, key, now_ms, &digest);
    if (memo == NULL || memo->number != number)
        memo = known_by_customer(known, handoff, now_ms, &is_news);
    return memo != NULL && memo->number == number ? memo : NULL;
}

void known_remember(struct known *known, const struct handoffd_handoff *handoff, const char *key,
                    int64_t digest, struct memo *memo, int64_t at_ms)
{
    struct arena *arena = arena_create(256);
    const char *customer = customer_key(handoff, arena);
    if (key != NULL)
        recall_add(known->keys, key, digest, memo, at_ms);
    if (customer != NULL)
        recall_add(known->customers, customer, digest_of_reason(handoff->reason), memo, at_ms);
    arena_destroy(arena);
}

void known_add_key(struct known *known, const char *key, int64_t digest, struct memo *memo,
                   int64_t at_ms)
{
    recall_add(known->keys, key, digest, memo, at_ms);
}

void known_forget_key(struct known *known, const char *key)
{
    recall_remove(known->keys, key);
}
