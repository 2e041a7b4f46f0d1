/* resume - by the same doors as everything else; only what was in flight at too many crashes is not
 * touched again. */
#include "handoff/resume.h"

#include "base/language.h"
#include "base/log.h"
#include "handoff/inquiry.h"
#include "handoff/notice.h"
#include "handoff/reaction.h"
#include "handoff/retry.h"
#include "handoff/updates.h"

enum {
    CRASHES_MOST = 3,
    SOON_MS = 1000, /* unknown ones are asked about within this */
    LONGEST_BACK_OFF_MS = 5 * 60 * 1000
};

/* The clock was ahead when that was written: what counts from then counts from now. */
static void mend_times(struct handoff *handoff)
{
    int64_t now_ms = delivery_now_ms(handoff->delivery);
    if (handoff->attempt.since_ms > now_ms)
        handoff->attempt.since_ms = now_ms;
}

/* Whatever it is that breaks us, this handoff was there each time. */
static void park(struct handoff *handoff)
{
    static const char why[] = "in flight at three crashes";
    delivery_set_attempt_state(handoff, ATTEMPT_UNKNOWN);
    delivery_set_state(handoff, HANDOFF_PARKED);
    handoff->attempt.due_ms = 0;
    log_error("%s: an operator must look at it handoff=%s vendor=%s state=parked", why,
              handoff->given.id, handoff->attempt.vendor_id);
    delivery_record(handoff, handoff_state_name(HANDOFF_PARKED), why);
    notice_answer(handoff, ANSWER_FAILED, why);
}

static void resume_sending(struct handoff *handoff)
{
    if (++handoff->crashes >= CRASHES_MOST) {
        park(handoff);
        return;
    }
    handoff->delivery->sending++; /* the step counts it out again */
    reaction_due(handoff);
    inquiry_hasten(handoff);
}

static bool is_bound(const struct handoff *handoff)
{
    return attempt_bind(&handoff->attempt, handoff->delivery->setup.roster).vendor != NULL;
}

static bool is_held_at_gate(const struct handoff *handoff)
{
    enum attempt_state state = handoff->attempt.state;
    return handoff->state == HANDOFF_HELD &&
           (state == ATTEMPT_READY || state == ATTEMPT_DEFERRED) && is_bound(handoff);
}

/* Somebody may have mended what it was held for, and started us again: one of those tries. */
static void wait_outside(struct handoff *handoff)
{
    struct gate *gate = gates_find(handoff->delivery->gates, handoff->attempt.channel);
    if (gate_closed_why(gate) == NULL)
        gate_close(gate, 0,
                   in_language("held before the last start", "detenido antes de arrancar"));
    gate_wait(gate, &handoff->wait);
}

static int64_t delay_ms(const struct handoff *handoff)
{
    const struct attempt *attempt = &handoff->attempt;
    const struct delivery *delivery = handoff->delivery;
    int64_t remaining_ms = attempt->due_ms - delivery_now_ms(delivery);
    if (attempt->state == ATTEMPT_UNKNOWN)
        return (int64_t)(delivery_random() % SOON_MS);
    if (attempt->state == ATTEMPT_READY || !is_bound(handoff))
        return 0;
    if (attempt->state == ATTEMPT_DEFERRED && remaining_ms > LONGEST_BACK_OFF_MS)
        return retry_delay_ms(attempt->tries, 0, delivery_random()); /* what a provider wished for,
                                                                        it will say again */
    return remaining_ms < LONGEST_BACK_OFF_MS ? remaining_ms : LONGEST_BACK_OFF_MS;
}

void resume_handoff(struct handoff *handoff)
{
    int64_t due_ms = 0;
    mend_times(handoff);
    if (handoff->parent != 0)
        updates_catch_up(handoff);
    else if (handoff->formers != NULL)
        updates_follow(handoff, handoff->attempt.vendor_id);
    if (handoff->commits != NULL)
        return; /* an update that has gone on just now */
    if (handoff_wake(handoff, &due_ms) != STORE_OPEN)
        delivery_leave(handoff);
    else if (handoff->attempt.state == ATTEMPT_SENDING)
        resume_sending(handoff);
    else if (is_held_at_gate(handoff))
        wait_outside(handoff);
    else
        loop_timer_start(handoff->delivery->loop, &handoff->timer, delay_ms(handoff));
}
