/* waiter - somebody who waits for the answer of a handoff, for as long as their patience lasts. */
#ifndef HANDOFF_WAITER_H
#define HANDOFF_WAITER_H

#include "base/loop.h"
#include "handoff/answer.h"
#include "handoff/recall.h"

struct handoff;

/* Embedded in its owner, zeroed at first. */
struct waiter {
    void (*on_answer)(struct waiter *waiter, const struct answer *answer); /* exactly once */

    struct loop *loop; /* this and what follows are not the owner's */
    struct timer patience;
    struct turn turn;
    struct memo *memo; /* what it will be answered with, unless `direct` is set */
    struct answer direct;
    bool is_duplicate;
    struct waiter *next;
    struct waiter **previous;
};

/* Answers on the next turn: with the memo as it then is (takes a reference), or with a direct
 * answer, whose texts must live until then. */
void waiter_answer_from(struct waiter *waiter, struct loop *loop, struct memo *memo,
                        bool is_duplicate);
void waiter_answer(struct waiter *waiter, struct loop *loop, const struct answer *answer);

/* Joins those who wait for a handoff, until waiters_answer or reply_within_ms. */
void waiter_join(struct waiter *waiter, struct loop *loop, struct handoff *handoff,
                 bool is_duplicate, int64_t reply_within_ms);

/* Answers all who wait for it, now, with its memo. */
void waiters_answer(struct handoff *handoff);

/* Answers those whose patience ended before the handoff was on disk. */
void waiters_answer_impatient(struct handoff *handoff);

#endif
