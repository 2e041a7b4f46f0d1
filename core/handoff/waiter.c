/* waiter - a list on each handoff, a timer and a turn in each waiter. */
#include "handoff/waiter.h"

#include "base/memory.h"
#include "handoff/handoff.h"

static void give(struct waiter *waiter, const struct answer *answer)
{
    struct answer given = *answer;
    given.is_duplicate = waiter->is_duplicate;
    waiter->on_answer(waiter, &given);
}

/* ---- answers of the next turn */

static void answer_from_memo(struct turn *turn)
{
    struct waiter *waiter = container_of(turn, struct waiter, turn);
    struct memo *memo = waiter->memo;
    give(waiter, &memo->answer);
    memo_unref(memo);
}

void waiter_answer_from(struct waiter *waiter, struct loop *loop, struct memo *memo,
                        bool is_duplicate)
{
    waiter->memo = memo_ref(memo);
    waiter->is_duplicate = is_duplicate;
    waiter->turn.run = answer_from_memo;
    loop_next_turn(loop, &waiter->turn);
}

static void answer_direct(struct turn *turn)
{
    struct waiter *waiter = container_of(turn, struct waiter, turn);
    give(waiter, &waiter->direct);
}

void waiter_answer(struct waiter *waiter, struct loop *loop, const struct answer *answer)
{
    waiter->direct = *answer;
    waiter->turn.run = answer_direct;
    loop_next_turn(loop, &waiter->turn);
}

/* ---- waiting for a handoff */

static void unlink_waiter(struct waiter *waiter)
{
    *waiter->previous = waiter->next;
    if (waiter->next != NULL)
        waiter->next->previous = waiter->previous;
}

static void answer_now(struct waiter *waiter)
{
    struct memo *memo = waiter->memo;
    loop_timer_stop(waiter->loop, &waiter->patience);
    unlink_waiter(waiter);
    give(waiter, &memo->answer);
    memo_unref(memo);
}

/* Before the handoff is on disk nothing may be said of it: then the end of the commit answers. */
static void on_patience_over(struct timer *timer)
{
    struct waiter *waiter = container_of(timer, struct waiter, patience);
    if (waiter->memo->is_stored)
        answer_now(waiter);
}

void waiter_join(struct waiter *waiter, struct loop *loop, struct handoff *handoff,
                 bool is_duplicate, int64_t reply_within_ms)
{
    waiter->loop = loop;
    waiter->memo = memo_ref(handoff->memo);
    waiter->is_duplicate = is_duplicate;
    waiter->next = handoff->waiters;
    waiter->previous = &handoff->waiters;
    if (waiter->next != NULL)
        waiter->next->previous = &waiter->next;
    handoff->waiters = waiter;
    waiter->patience.on_due = on_patience_over;
    loop_timer_start(loop, &waiter->patience, reply_within_ms);
}

void waiters_answer(struct handoff *handoff)
{
    while (handoff->waiters != NULL)
        answer_now(handoff->waiters);
}

void waiters_answer_impatient(struct handoff *handoff)
{
    struct waiter *waiter = handoff->waiters;
    while (waiter != NULL) {
        struct waiter *next = waiter->next;
        if (!timer_is_started(&waiter->patience))
            answer_now(waiter);
        waiter = next;
    }
}
