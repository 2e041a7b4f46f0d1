/* delivery - one handoff from its first attempt to its end.
 *
 *   assign   the person's next contact, then the next person
 *   send     the intent goes to the disk
 *   stored   it is there: the channel delivers
 *   report   what the channel says: a step of the table (steps.c)
 *   due      the time has come: a step of the same table, by the other door
 *   finish   nothing more to do: the record leaves memory
 */
#include "handoff/delivery.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/require.h"
#include "handoff/assignment.h"
#include "handoff/journal.h"
#include "handoff/retry.h"
#include "handoff/steps.h"
#include "handoff/waiter.h"
#include "plugin/instance.h"

enum {
    REPORT_WITHIN_MS = 60 * 1000, /* a channel that says nothing by then: unknown */
    ATTEMPTS_MOST = 255           /* an attempt's id carries its number in 8 bits */
};

static void assign(struct handoff *handoff, const struct attempt *former, const char *why);
static void send_attempt(struct handoff *handoff, const struct entry *entry);
static void on_intent_stored(struct handoff *handoff, enum store_result result);
static void deliver(struct handoff *handoff);
static void on_due(struct timer *timer);
static void take_step(struct handoff *handoff, struct step step,
                      const struct handoffd_report *report);
static void on_recorded(struct handoff *handoff, enum store_result result);
static void on_exhaustion_stored(struct handoff *handoff, enum store_result result);
static void finish(struct handoff *handoff, enum store_result result);

void delivery_begin(struct delivery *delivery, struct handoff *handoff)
{
    handoff->delivery = delivery;
    handoff->timer.on_due = on_due;
    assign(handoff, NULL, "Nadie quedó disponible");
}

/* ---- what is said of a handoff */

/* "Twilio error sending WhatsApp: …", without what a log or a history must not hold. */
static const char *failure_text(struct handoff *handoff, const struct handoffd_report *report)
{
    char masked[512];
    if (handoff->attempt.vendor == NULL)
        return "vendors.yaml no longer has the person or the channel";
    const struct handoffd_channel *channel =
        attempt_instance(&handoff->attempt)->plugin->contract.channel;
    const char *why = report != NULL && report->text != NULL ? report->text : "no report";
    return arena_format(handoff->arena, "%s error sending %s: %s", channel->provider,
                        channel->medium, log_masked(masked, sizeof masked, why));
}

static void log_failure(enum log_level level, const struct handoff *handoff, const char *failure)
{
    const char *state = handoff->state == HANDOFF_HELD ? handoff_state_name(handoff->state)
                                                       : attempt_state_name(handoff->attempt.state);
    log_line(level, "%s handoff=%s vendor=%s state=%s code=%lld", failure, handoff->given.id,
             handoff->attempt.vendor_id, state, (long long)handoff->attempt.code);
}

/* From now on this is the answer; whoever waits for it gets it, once the handoff is on disk. */
static void answer(struct handoff *handoff, enum answer_kind kind, const char *detail)
{
    const struct attempt *attempt = &handoff->attempt;
    struct answer said = {
        .kind = kind,
        .handoff_id = handoff->given.id,
        .vendor_id = attempt->vendor_id,
        .vendor_name = attempt->vendor != NULL ? attempt->vendor->name : attempt->vendor_id,
        .message_id = attempt->message_id,
        .detail = detail,
    };
    memo_set(handoff->memo, &said);
    if (handoff->memo->is_stored)
        waiters_answer(handoff);
}

/* ---- assign: the person's next contact, then the next person */

static void exhaust(struct handoff *handoff, const char *why)
{
    struct entry last = {.kind = handoff_state_name(HANDOFF_EXHAUSTED), .detail = why};
    handoff->state = HANDOFF_EXHAUSTED;
    log_error("%s handoff=%s state=exhausted",
              handoff->attempt.number > 0 ? "nobody is left to tell"
                                          : "the routing left nobody: set when_nobody",
              handoff->given.id);
    journal_write(handoff, &last, on_exhaustion_stored);
    answer(handoff, ANSWER_FAILED, why);
}

/* The new attempt is there: what was said of the handoff until now no longer holds. */
static void send_assigned(struct handoff *handoff, struct entry *entry, const char *trace)
{
    entry->kind = handoff_state_name(HANDOFF_ASSIGNED);
    entry->detail = arena_format(handoff->arena, "vendor=%s channel=%s%s%s",
                                 handoff->attempt.vendor_id, handoff->attempt.channel,
                                 trace != NULL ? " " : "", trace != NULL ? trace : "");
    handoff->state = HANDOFF_ASSIGNED;
    if (handoff->memo->answer.kind != ANSWER_QUEUED)
        memo_set(handoff->memo,
                 &(struct answer){.kind = ANSWER_QUEUED, .handoff_id = handoff->given.id});
    log_debug("assigned handoff=%s vendor=%s", handoff->given.id, handoff->attempt.vendor_id);
    send_attempt(handoff, entry);
}

/* `former` is the attempt that has just failed, with the failure in `why`; NULL for the first. */
static void assign(struct handoff *handoff, const struct attempt *former, const char *why)
{
    struct delivery *delivery = handoff->delivery;
    const char *trace = NULL;
    struct entry entry = {.former = former, .failure = why, .turn_labels = delivery->labels};
    bool is_assigned = handoff->attempt.number < ATTEMPTS_MOST;
    if (is_assigned && !(former != NULL && assign_next_contact(handoff)))
        is_assigned =
            assign_person(handoff, delivery->roster, delivery->chain, delivery->last_turn + 1,
                          delivery->labels, &entry.turn_count, &trace);
    if (entry.turn_count > 0)
        entry.turn = ++delivery->last_turn;
    if (is_assigned)
        send_assigned(handoff, &entry, trace);
    else
        exhaust(handoff, why);
}

/* ---- send: the intent first */

static void send_attempt(struct handoff *handoff, const struct entry *entry)
{
    handoff->attempt.state = ATTEMPT_SENDING;
    handoff->attempt.tries++;
    handoff->attempt.due_ms = 0;
    handoff->handed.id = 0;
    handoff->delivery->sending++;
    journal_write(handoff, entry, on_intent_stored);
}

/* It never came to disk: nobody may be told, and the client hears so. */
static void refuse(struct handoff *handoff, enum store_result result)
{
    if (result == STORE_FULL)
        log_error("the disk is full: a handoff was refused");
    answer(handoff, result == STORE_FULL ? ANSWER_OVERLOADED : ANSWER_LOST, NULL);
}

/* Nothing may leave. What was never on disk is refused; what was there stays as the disk has it. */
static void on_intent_lost(struct handoff *handoff, enum store_result result)
{
    struct delivery *delivery = handoff->delivery;
    delivery->sending--;
    handoff->attempt.state = ATTEMPT_DEFERRED;
    if (!handoff->memo->is_stored)
        refuse(handoff, result);
    finish(handoff, result);
    delivery->on_landed(delivery);
}

static void on_intent_stored(struct handoff *handoff, enum store_result result)
{
    if (result != STORE_STORED) {
        on_intent_lost(handoff, result);
        return;
    }
    handoff->memo->is_stored = true;
    deliver(handoff);
    waiters_answer_impatient(handoff);
}

/* ---- deliver */

static void deliver(struct handoff *handoff)
{
    struct delivery *delivery = handoff->delivery;
    struct instance *instance = attempt_instance(&handoff->attempt);
    if (delivery->is_closed)
        return; /* the next start finds it, and asks */
    assignment_compose(handoff, delivery->template);
    loop_timer_start(delivery->loop, &handoff->timer, REPORT_WITHIN_MS);
    instance->plugin->contract.channel->deliver(instance->state, &handoff->handed,
                                                &handoff->message);
}

/* ---- report and due: the two doors */

/* What may have been sent is sent again only where that arrives once. */
static struct step step_of(const struct attempt *attempt, enum attempt_event event)
{
    struct step step = step_for(attempt->state, event);
    if (step.action == STEP_WAIT && attempt->vendor != NULL &&
        attempt_instance(attempt)->plugin->contract.channel->is_repeat_safe)
        return (struct step){ATTEMPT_DEFERRED, STEP_RETRY};
    return step;
}

bool delivery_report(struct handoff *handoff, const struct handoffd_report *report)
{
    struct step step = {.action = STEP_IGNORE};
    if (report->outcome < ATTEMPT_EVENTS && report->outcome != EVENT_DUE)
        step = step_of(&handoff->attempt, (enum attempt_event)report->outcome);
    if (step.action == STEP_IGNORE)
        return false;
    take_step(handoff, step, report);
    return true;
}

static void on_due(struct timer *timer)
{
    struct handoff *handoff = container_of(timer, struct handoff, timer);
    struct step step = step_of(&handoff->attempt, EVENT_DUE);
    bool may_begin = step.action != STEP_DELIVER || !handoff->delivery->is_resting;
    if (step.action != STEP_IGNORE && may_begin)
        take_step(handoff, step, NULL);
    else
        finish(handoff, STORE_STORED);
}

/* ---- take_step: the actions of the table */

static void record(struct handoff *handoff, const char *detail)
{
    struct entry entry = {.kind = attempt_state_name(handoff->attempt.state), .detail = detail};
    journal_write(handoff, &entry, on_recorded);
}

static void on_notified(struct handoff *handoff)
{
    const struct attempt *attempt = &handoff->attempt;
    const char *message_id = attempt->message_id != NULL ? attempt->message_id : "";
    handoff->state = HANDOFF_NOTIFIED;
    log_info("%s handoff notification sent. SID: %s handoff=%s vendor=%s",
             attempt_instance(attempt)->plugin->contract.channel->medium, message_id,
             handoff->given.id, attempt->vendor_id);
    record(handoff, message_id);
    answer(handoff, ANSWER_SENT, NULL);
}

static void rest(struct handoff *handoff, int64_t delay_ms, const char *failure)
{
    handoff->attempt.due_ms = clock_wall_ms() + delay_ms;
    record(handoff, failure);
    loop_timer_start(handoff->delivery->loop, &handoff->timer, delay_ms);
}

static uint64_t random_number(void)
{
    return (uint64_t)arc4random() << 32 | arc4random();
}

static void retry(struct handoff *handoff, const struct handoffd_report *report)
{
    const char *failure = failure_text(handoff, report);
    log_failure(LOG_WARNING, handoff, failure);
    int64_t wish_ms = report != NULL ? report->retry_after_ms : 0;
    rest(handoff, retry_delay_ms(handoff->attempt.tries, wish_ms, random_number()), failure);
}

static void hold(struct handoff *handoff, const struct handoffd_report *report, bool is_retried)
{
    const char *failure = failure_text(handoff, report);
    handoff->state = HANDOFF_HELD;
    log_failure(LOG_ERROR, handoff, failure);
    if (is_retried)
        rest(handoff, retry_account_delay_ms(random_number()), failure);
    else
        record(handoff, failure);
    answer(handoff, ANSWER_FAILED, failure);
}

static void tell_next(struct handoff *handoff, const struct handoffd_report *report)
{
    struct attempt former = handoff->attempt;
    const char *failure = failure_text(handoff, report);
    log_failure(LOG_ERROR, handoff, failure);
    assign(handoff, &former, failure);
}

/* Nobody is told again before something is known. */
static void wait_for_news(struct handoff *handoff, const struct handoffd_report *report)
{
    const char *failure = failure_text(handoff, report);
    log_failure(LOG_ERROR, handoff, failure);
    record(handoff, failure);
    waiters_answer(handoff);
}

static void adopt(struct handoff *handoff, const struct handoffd_report *report)
{
    struct attempt *attempt = &handoff->attempt;
    attempt->code = report->code;
    if (report->message_id != NULL)
        attempt->message_id = arena_text(handoff->arena, report->message_id);
}

static void take_step(struct handoff *handoff, struct step step,
                      const struct handoffd_report *report)
{
    struct delivery *delivery = handoff->delivery;
    struct attempt *attempt = &handoff->attempt;
    bool is_landed = attempt->state == ATTEMPT_SENDING;
    attempt->state = step.to;
    if (report != NULL)
        adopt(handoff, report);
    loop_timer_stop(delivery->loop, &handoff->timer);
    if (is_landed)
        delivery->sending--;
    require(report != NULL || step.action == STEP_DELIVER || step.action == STEP_WAIT ||
            step.action == STEP_RETRY);
    switch (step.action) {
    case STEP_DELIVER:
        send_attempt(handoff, &(struct entry){.kind = attempt_state_name(ATTEMPT_SENDING)});
        break;
    case STEP_NOTIFIED:
        on_notified(handoff);
        break;
    case STEP_RECORD:
        record(handoff, NULL);
        break;
    case STEP_RETRY:
        retry(handoff, report);
        break;
    case STEP_NEXT:
        tell_next(handoff, report);
        break;
    case STEP_HOLD:
        hold(handoff, report, false);
        break;
    case STEP_HOLD_RETRY:
        hold(handoff, report, true);
        break;
    case STEP_WAIT:
        wait_for_news(handoff, report);
        break;
    case STEP_IGNORE:
        break;
    }
    if (is_landed)
        delivery->on_landed(delivery);
}

/* ---- finish */

static void on_recorded(struct handoff *handoff, enum store_result result)
{
    finish(handoff, result);
}

static void on_exhaustion_stored(struct handoff *handoff, enum store_result result)
{
    if (result == STORE_STORED)
        handoff->memo->is_stored = true;
    else if (!handoff->memo->is_stored)
        refuse(handoff, result);
    finish(handoff, result);
}

/* The last use of the handoff in every flow: whoever still waits hears what is so now. */
static void finish(struct handoff *handoff, enum store_result result)
{
    struct delivery *delivery = handoff->delivery;
    bool is_busy = handoff->attempt.state == ATTEMPT_SENDING || timer_is_started(&handoff->timer) ||
                   handoff->commits != NULL;
    if (!is_busy) {
        waiters_answer(handoff);
        delivery->on_finished(delivery, handoff);
    }
    if (result == STORE_FAILED)
        delivery->on_store_failed(delivery);
}

/* ---- resume: what the store held open */

/* The attempt's contact is no longer in vendors.yaml, and surely nothing was sent there. The same
 * person is told anew at the address that they have now; else the next one, but never an example.
 */
static void reassign(struct handoff *handoff)
{
    static const char gone[] = "vendors.yaml no longer has this contact";
    const struct roster *roster = handoff->delivery->roster;
    struct attempt former = handoff->attempt;
    size_t vendor = roster_find(roster, former.vendor_id);
    former.state = ATTEMPT_REFUSED;
    if (roster->count == 0 || roster->is_example) {
        log_error("kept for the next start: nobody real is in vendors.yaml handoff=%s vendor=%s",
                  handoff->given.id, former.vendor_id);
        finish(handoff, STORE_STORED);
    } else if (vendor != NOBODY) {
        handoff_begin_attempt(handoff, &roster->vendors[vendor], 0);
        send_assigned(handoff, &(struct entry){.former = &former, .failure = gone}, NULL);
    } else {
        assign(handoff, &former, gone);
    }
}

/* Somebody may have mended what it was held for, and started us again. A due time that nobody could
 * have asked for comes from a clock that was wrong. */
static int64_t resume_delay_ms(const struct handoff *handoff)
{
    int64_t delay_ms = handoff->attempt.due_ms - clock_wall_ms();
    bool is_soon = handoff->state == HANDOFF_HELD || delay_ms > RETRY_MOST_MS;
    return is_soon ? retry_delay_ms(1, 0, random_number()) : delay_ms;
}

void delivery_resume(struct delivery *delivery, struct handoff *handoff)
{
    const struct attempt *attempt = &handoff->attempt;
    handoff->delivery = delivery;
    handoff->timer.on_due = on_due;
    bool is_due = step_of(attempt, EVENT_DUE).action != STEP_IGNORE;
    if (attempt->state == ATTEMPT_SENDING) {
        delivery->sending++; /* take_step counts it out again */
        take_step(handoff, step_of(attempt, EVENT_DUE), NULL);
    } else if (!is_due) {
        finish(handoff, STORE_STORED);
    } else if (attempt->vendor == NULL) {
        reassign(handoff);
    } else {
        loop_timer_start(delivery->loop, &handoff->timer, resume_delay_ms(handoff));
    }
}
