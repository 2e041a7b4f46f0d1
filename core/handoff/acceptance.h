/* acceptance - what a client asks: known already, or a new handoff; and whether there is room. */
#ifndef HANDOFF_ACCEPTANCE_H
#define HANDOFF_ACCEPTANCE_H

#include "handoff/waiter.h"
#include "plugin.h"

struct delivery;
struct known;
struct registry;

/* What vendors.yaml says of it. */
struct acceptance_rules {
    const char *unconfigured; /* what is answered while the roster is empty */
    int64_t dedupe_window_ms; /* same conversation and customer */
    int64_t most_open;        /* handoffs under way; further ones are refused */
    int64_t least_free_bytes; /* of the store's disk */
};

/* Embedded in the dispatcher, which fills it and zeroes the last. */
struct acceptance {
    struct delivery *delivery;
    struct known *known;
    struct registry *registry;
    struct acceptance_rules rules;
    int64_t last_number; /* of a handoff */
    bool is_refusing;    /* said in the log */
};

/* What a client asks; borrowed until acceptance_take returns. */
struct request {
    struct handoffd_handoff handoff; /* without id and received_ms */
    const char *key;                 /* Idempotency-Key, or NULL */
    int64_t digest;                  /* of the body */
    const char *caller;              /* the key or signer that it came with, or NULL */
    int64_t reply_within_ms;         /* later than this the answer is QUEUED */
};

/* on_answer runs on a later turn. The answer's texts are borrowed until it returns. */
void acceptance_take(struct acceptance *acceptance, const struct request *request,
                     struct waiter *waiter);

/* It was asked before: taking it tells nobody. */
bool acceptance_is_repeated(struct acceptance *acceptance, const struct request *request);

/* No new handoff is taken now. */
bool acceptance_is_overloaded(const struct acceptance *acceptance);

#endif
