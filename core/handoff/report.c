/* report - which attempt it is of, and whether it is news:
 *
 *   the present one   a step of the table
 *   a former one, or of a handoff that is over   it is written down
 *   an earlier try of the present one   it counts should this try fail
 */
#include "handoff/report.h"

#include <string.h>

#include "base/log.h"
#include "handoff/inquiry.h"
#include "handoff/journal.h"
#include "handoff/notice.h"
#include "handoff/outcome.h"
#include "handoff/reaction.h"
#include "handoff/updates.h"
#include "plugin/instance.h"

/* ---- of a former attempt, or too late */

/* `told` has reached somebody after all: what surely has not left need not leave any more. */
static void spare_present(struct handoff *handoff, const struct attempt *told)
{
    struct attempt *attempt = &handoff->attempt;
    bool is_surely_unsent = attempt->state == ATTEMPT_READY || attempt->state == ATTEMPT_DEFERRED;
    bool is_at_rest = handoff->state == HANDOFF_HELD || handoff->state == HANDOFF_EXHAUSTED ||
                      handoff->state == HANDOFF_PARKED;
    if (!is_surely_unsent && !is_at_rest)
        return;
    if (is_surely_unsent) {
        delivery_stop_waiting(handoff);
        delivery_set_attempt_state(handoff, ATTEMPT_CANCELLED);
        attempt->due_ms = 0;
    } else if (attempt->state == ATTEMPT_UNKNOWN) { /* parked: it is not taken up again */
        delivery_set_attempt_state(handoff, ATTEMPT_AMBIGUOUS);
    }
    delivery_set_state(handoff, HANDOFF_NOTIFIED);
    log_info("an earlier attempt has reached somebody handoff=%s", handoff->given.id);
    notice_answer_of(handoff, told, ANSWER_SENT, NULL);
    updates_follow(handoff, told->vendor_id);
}

static bool is_ended(const struct handoff *handoff)
{
    return handoff->state == HANDOFF_CANCELLED || handoff->state == HANDOFF_CLOSED;
}

/* Of an attempt that another has followed, or of a handoff that is over: it is written down. */
static bool note_late_word(struct handoff *handoff, struct attempt *attempt,
                           enum attempt_event event, const struct handoffd_report *report,
                           bool is_guess)
{
    struct step step = step_for(attempt->state, event);
    bool is_raised = step.action == STEP_NOTIFIED || step.action == STEP_RECORD;
    if (!is_raised && step.action != STEP_NEXT && step.action != STEP_HOLD)
        return false;
    attempt->state = step.to;
    attempt->since_ms = delivery_now_ms(handoff->delivery);
    attempt->due_ms = 0;
    reaction_adopt(handoff, attempt, report, is_guess);
    if (is_raised)
        reaction_told(handoff->delivery, attempt);
    struct entry entry = {
        .former = attempt,
        .former_detail = arena_format(handoff->arena, "attempt=%lld", (long long)attempt->number)};
    if (is_raised && is_ended(handoff))
        notice_answer_of(handoff, attempt, ANSWER_SENT, NULL);
    else if (is_raised && handoff_is_for(handoff, attempt))
        spare_present(handoff, attempt);
    delivery_journal(handoff, &entry);
    return true;
}

/* ---- of the present attempt */

static bool is_of_earlier_try(const struct attempt *attempt, uint64_t id)
{
    return (id & 0xffff) != ((uint64_t)attempt->tries & 0xffff);
}

/* While the next try is on its way: should that one fail, this one counts. */
static void remember_early_word(struct handoff *handoff, const struct handoffd_report *report)
{
    struct handoffd_report *early = arena_zeroed(handoff->arena, 1, sizeof *early);
    *early = (struct handoffd_report){
        .size = sizeof *early,
        .outcome = report->outcome,
        .message_id = arena_text(handoff->arena, report->message_id),
    };
    handoff->early_word = early;
}

/* A try before the last one, or another message than the one that was taken, can only turn out to
 * have arrived. */
static bool is_of_use(const struct attempt *attempt, uint64_t id, enum attempt_event event,
                      const char *message_id)
{
    bool is_last_try = !is_of_earlier_try(attempt, id);
    bool is_other_message = message_id != NULL && attempt->message_id != NULL &&
                            strcmp(message_id, attempt->message_id) != 0;
    bool has_failed_since = attempt->state == ATTEMPT_DEFERRED && attempt->message_id != NULL;
    if (event == EVENT_SENT && has_failed_since && !is_other_message)
        return false; /* that it was taken is no news */
    return (is_last_try && !is_other_message) || outcome_has_reached(event);
}

/* An error code says why a message failed, or why a question could not be asked: vendors.yaml means
 * the former. */
static const struct handoffd_fields *amendments_of(const struct handoff *handoff,
                                                   const struct instance *instance,
                                                   const struct handoffd_report *report)
{
    static const struct handoffd_fields none;
    bool is_no_answer = handoff_is_asked(handoff) && report->outcome == HANDOFFD_UNKNOWN;
    return is_no_answer ? &none : &instance->rules.outcomes;
}

/* What answers a question, also one that was given up meanwhile, is what the provider's list shows:
 * it says nothing of whose it is. */
static bool is_found(const struct handoff *handoff, const struct attempt *attempt)
{
    bool may_be_asked =
        handoff->asked_number == attempt->number || attempt->state == ATTEMPT_AMBIGUOUS;
    return may_be_asked && (attempt->message_id == NULL || attempt->is_guess);
}

bool report_take(struct handoff *handoff, const struct instance *instance, uint64_t id,
                 const struct handoffd_report *report, bool is_call)
{
    enum attempt_event event = EVENT_UNKNOWN;
    struct attempt *attempt = handoff_attempt(handoff, (int64_t)(id >> 16 & 0xff));
    if (attempt == NULL || strcmp(attempt->channel, instance->name) != 0 ||
        !outcome_event(report, amendments_of(handoff, instance, report), &event) ||
        !is_of_use(attempt, id, event, report->message_id))
        return false;
    bool is_late = attempt != &handoff->attempt ||
                   (handoff_state_is_over(handoff->state) && attempt->state != ATTEMPT_SENDING);
    bool is_guess = !is_call && is_found(handoff, attempt);
    if (is_guess && report->message_id != NULL && !inquiry_may_adopt(handoff, report->message_id))
        event = EVENT_ABSENT;
    if (is_late)
        return note_late_word(handoff, attempt, event, report, is_guess);
    if (attempt->state == ATTEMPT_SENDING && is_of_earlier_try(attempt, id)) {
        remember_early_word(handoff, report);
        return true;
    }
    if (attempt->state == ATTEMPT_SENDING && handoff->carrier == NULL)
        return false; /* nothing was handed over yet */
    return reaction_step(handoff, event, report, is_guess);
}
