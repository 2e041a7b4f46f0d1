/* reaction - the state moves, the gate hears of it, the action of the table is done. */
#include "handoff/reaction.h"

#include <string.h>

#include "alert/cause.h"
#include "base/log.h"
#include "base/memory.h"
#include "handoff/addresses.h"
#include "handoff/assignment.h"
#include "handoff/claims.h"
#include "handoff/escalation.h"
#include "handoff/inquiry.h"
#include "handoff/journal.h"
#include "handoff/notice.h"
#include "handoff/outcome.h"
#include "handoff/retry.h"
#include "handoff/steps.h"
#include "handoff/trouble.h"
#include "handoff/updates.h"
#include "plugin/instance.h"

static void take_step(struct handoff *handoff, struct step step, enum attempt_event event,
                      const struct handoffd_report *report, bool is_guess);

/* ---- which step */

/* What may have been sent is sent again only where that arrives once. */
static struct step step_of(const struct handoff *handoff, enum attempt_event event)
{
    const struct attempt *attempt = &handoff->attempt;
    struct step step = step_for(attempt->state, event);
    bool is_answer = step.action == STEP_STILL || step.action == STEP_MISSED;
    if (is_answer && !handoff_is_asked(handoff))
        return (struct step){.action = STEP_IGNORE};
    if (step.action != STEP_WAIT && step.action != STEP_ASK)
        return step;
    struct binding bound = attempt_bind(attempt, handoff->delivery->setup.roster);
    if (attempt->state != ATTEMPT_SENT && bound.vendor != NULL &&
        bound.contact->channel->plugin->contract.channel->is_repeat_safe)
        return (struct step){ATTEMPT_DEFERRED, STEP_RETRY};
    return step;
}

/* A channel that was asked and says nothing could not find out. */
void reaction_on_due(struct timer *timer)
{
    struct handoff *handoff = container_of(timer, struct handoff, timer);
    enum attempt_event event = handoff_is_asked(handoff) ? EVENT_UNKNOWN : EVENT_DUE;
    struct step step = step_of(handoff, event);
    bool can_wait = step.action == STEP_LAUNCH || step.action == STEP_ASK;
    if (step.action != STEP_IGNORE && !(can_wait && handoff->delivery->is_resting))
        take_step(handoff, step, event, NULL, false);
    else
        delivery_leave(handoff);
}

void reaction_due(struct handoff *handoff)
{
    reaction_on_due(&handoff->timer);
}

bool reaction_step(struct handoff *handoff, enum attempt_event event,
                   const struct handoffd_report *report, bool is_guess)
{
    struct step step = step_of(handoff, event);
    if (step.action == STEP_IGNORE)
        return false;
    take_step(handoff, step, event, report, is_guess);
    return true;
}

/* As far as its channel can tell. */
static bool has_arrived(const struct delivery *delivery, const struct attempt *attempt)
{
    const struct instance *channel = attempt_channel(attempt, delivery->setup.roster);
    return attempt->state != ATTEMPT_SENT ||
           (channel != NULL && !channel->plugin->contract.channel->tells_delivery);
}

void reaction_told(struct delivery *delivery, const struct attempt *attempt)
{
    delivery->on_told(delivery, attempt->vendor_id, attempt->channel,
                      has_arrived(delivery, attempt));
}

void reaction_adopt(struct handoff *handoff, struct attempt *attempt,
                    const struct handoffd_report *report, bool is_guess)
{
    attempt->code = report->code;
    if (report->message_id == NULL)
        return;
    if (attempt->is_guess && strcmp(attempt->message_id, report->message_id) != 0)
        claims_forget(handoff->delivery->claims, attempt->message_id, handoff->number);
    attempt->message_id = arena_text(handoff->arena, report->message_id);
    attempt->is_guess = is_guess;
    if (!is_guess)
        inquiry_settle(handoff, report->message_id);
}

/* ---- take_step: the actions of the table */

/* The form of the address that has just worked, where it is news. */
static bool learn_address(struct handoff *handoff, struct store_address *learnt)
{
    struct addresses *addresses = handoff->delivery->addresses;
    const struct attempt *attempt = &handoff->attempt;
    struct binding bound = attempt_bind(attempt, handoff->delivery->setup.roster);
    if (bound.vendor == NULL)
        return false;
    const char *given = bound.contact->to;
    if (!has_arrived(handoff->delivery, attempt) ||
        strcmp(addresses_find(addresses, attempt->channel, given), attempt->address) == 0)
        return false;
    *learnt = (struct store_address){
        .channel = attempt->channel,
        .given = arena_text(handoff->arena, given),
        .works = strcmp(given, attempt->address) != 0 ? attempt->address : NULL,
    };
    addresses_learn(addresses, learnt->channel, learnt->given, learnt->works);
    return true;
}

static void record_reached(struct handoff *handoff)
{
    const struct attempt *attempt = &handoff->attempt;
    struct store_address learnt;
    struct entry entry = {.kind = attempt_state_name(attempt->state),
                          .detail = attempt->message_id};
    if (learn_address(handoff, &learnt))
        entry.address = &learnt;
    delivery_journal(handoff, &entry);
}

static void notify(struct handoff *handoff)
{
    struct attempt *attempt = &handoff->attempt;
    struct delivery *delivery = handoff->delivery;
    const struct instance *channel = attempt_channel(attempt, delivery->setup.roster);
    int64_t check_ms = 0;
    delivery_set_state(handoff, HANDOFF_NOTIFIED);
    if (channel != NULL && attempt->state == ATTEMPT_SENT)
        check_ms = inquiry_first_check_ms(handoff, channel);
    attempt->due_ms = check_ms > 0 ? delivery_now_ms(delivery) + check_ms : 0;
    log_info("%s handoff notification sent. SID: %s handoff=%s vendor=%s",
             channel != NULL ? channel->plugin->contract.channel->medium : attempt->channel,
             attempt->message_id != NULL ? attempt->message_id : "", handoff->given.id,
             attempt->vendor_id);
    record_reached(handoff);
    notice_answer(handoff, ANSWER_SENT, NULL);
    reaction_told(delivery, attempt);
}

static void rise(struct handoff *handoff)
{
    handoff->attempt.due_ms = 0;
    log_info("message %s handoff=%s vendor=%s", attempt_state_name(handoff->attempt.state),
             handoff->given.id, handoff->attempt.vendor_id);
    record_reached(handoff);
    reaction_told(handoff->delivery, &handoff->attempt);
}

/* Was it taken before too, at this address, and then failed? */
static bool has_failed_like(const struct former *former, const struct attempt *attempt)
{
    return former != NULL && former->attempt.state == ATTEMPT_UNDELIVERED &&
           strcmp(former->attempt.channel, attempt->channel) == 0 &&
           strcmp(former->attempt.address, attempt->address) == 0;
}

static int64_t tries_in_a_row(const struct handoff *handoff)
{
    const struct former *former = handoff->formers;
    int64_t tries = handoff->attempt.tries;
    for (; has_failed_like(former, &handoff->attempt); former = former->next)
        tries += former->attempt.tries;
    return tries;
}

/* What a provider takes and fails again and again need not be tried for ever where there is
 * somebody else. */
static bool tell_others_instead(struct handoff *handoff, const char *failure)
{
    struct attempt *attempt = &handoff->attempt;
    struct attempt former = *attempt;
    if (attempt->message_id == NULL || handoff->parent != 0 ||
        !has_failed_like(handoff->formers, attempt))
        return false;
    attempt->state = former.state = ATTEMPT_UNDELIVERED;
    if (escalation_try(handoff, &former, failure))
        return true;
    attempt->state = ATTEMPT_DEFERRED;
    return false;
}

static void retry(struct handoff *handoff, const char *failure, int64_t wish_ms)
{
    notice_log_failure(LOG_WARNING, handoff, failure);
    delivery_set_on_its_way(handoff);
    if (tell_others_instead(handoff, failure))
        return;
    delivery_set_due(handoff, retry_delay_ms(tries_in_a_row(handoff), wish_ms, delivery_random()));
    delivery_record(handoff, attempt_state_name(ATTEMPT_DEFERRED), failure);
}

/* Somebody has it on their phone: that this attempt failed is nobody's trouble. */
static bool rest(struct handoff *handoff, const char *failure)
{
    const struct attempt *arrived = handoff_arrived(handoff);
    if (arrived == NULL)
        return false;
    if (handoff->attempt.state == ATTEMPT_DEFERRED)
        delivery_set_attempt_state(handoff, ATTEMPT_CANCELLED);
    handoff->attempt.due_ms = 0;
    delivery_set_state(handoff, HANDOFF_NOTIFIED);
    notice_log_failure(LOG_WARNING, handoff, failure);
    delivery_record(handoff, attempt_state_name(handoff->attempt.state), failure);
    notice_answer_of(handoff, arrived, ANSWER_SENT, NULL);
    updates_follow(handoff, arrived->vendor_id);
    return true;
}

/* The channel takes nothing more. Another channel of the same person may; else it waits. */
static void shut(struct handoff *handoff, const char *failure, const char *why)
{
    struct delivery *delivery = handoff->delivery;
    struct attempt *attempt = &handoff->attempt;
    struct gate *gate = gates_find(delivery->gates, attempt->channel);
    if (gate_close(gate, retry_account_delay_ms(delivery_random()), notice_masked(handoff, why)))
        trouble_of_channel(handoff, failure);
    if (rest(handoff, failure))
        return;
    struct attempt former = *attempt;
    former.state = ATTEMPT_CANCELLED;
    if (attempt->number < ATTEMPTS_MOST && assign_next_contact(handoff)) {
        handoff->formers->attempt.state = ATTEMPT_CANCELLED;
        notice_log_failure(LOG_ERROR, handoff, failure);
        escalation_follow(handoff, &former, failure);
        return;
    }
    gate_wait(gate, &handoff->wait);
    escalation_hold(handoff, failure);
}

static void tell_next(struct handoff *handoff, const char *failure, bool may_be_form)
{
    struct attempt former = handoff->attempt;
    notice_log_failure(LOG_ERROR, handoff, failure);
    handoff->attempt.due_ms = former.due_ms = 0;
    if (may_be_form && handoff->attempt.number < ATTEMPTS_MOST && assign_other_form(handoff))
        escalation_follow(handoff, &former, failure);
    else
        escalation_assign(handoff, &former, failure);
}

static void open_gate(struct delivery *delivery, struct gate *gate, const char *channel)
{
    char cause[CAUSE_SIZE];
    log_info("the channel sends again channel=%s", channel);
    gate_open(gate);
    cause_of_channel(cause, channel);
    delivery->on_trouble(delivery, cause, NULL);
}

/* What the provider did with a message tells whether its account works. */
static void tell_gate(struct delivery *delivery, const char *channel, enum attempt_event event,
                      int64_t sent_ms)
{
    struct gate *gate = gates_find(delivery->gates, channel);
    if (gate_closed_why(gate) == NULL || gate_is_day_full(gate) || event == EVENT_REFUSED_ACCOUNT)
        return;
    if (outcome_is_of_open_account(event) && gate_prove(gate, sent_ms))
        open_gate(delivery, gate, channel);
    else
        gate_close(gate, retry_account_delay_ms(delivery_random()), gate_closed_why(gate));
}

/* So does what becomes of one that it took at taken_ms. */
static void tell_gate_later(struct delivery *delivery, const char *channel,
                            enum attempt_event event, int64_t taken_ms)
{
    struct gate *gate = gates_find(delivery->gates, channel);
    if (event == EVENT_REFUSED_ACCOUNT)
        gate_doubt(gate, taken_ms, delivery_now_ms(delivery));
    else if ((event == EVENT_DELIVERED || event == EVENT_READ) && gate_is_proved(gate, taken_ms))
        open_gate(delivery, gate, channel);
}

/* An operator ended it while the attempt was on its way. */
static void end(struct handoff *handoff, enum attempt_event event)
{
    if (handoff->attempt.state == ATTEMPT_DEFERRED)
        delivery_set_attempt_state(handoff, ATTEMPT_CANCELLED);
    delivery_record(handoff, attempt_state_name(handoff->attempt.state), NULL);
    if (outcome_has_reached(event))
        notice_answer(handoff, ANSWER_SENT, NULL);
}

static void act(struct handoff *handoff, struct step step, enum attempt_event event,
                const struct handoffd_report *report, const char *failure)
{
    switch (step.action) {
    case STEP_LAUNCH:
        delivery_launch(handoff, &(struct entry){0});
        break;
    case STEP_NOTIFIED:
        notify(handoff);
        break;
    case STEP_RECORD:
        rise(handoff);
        break;
    case STEP_RETRY:
        if (!rest(handoff, failure))
            retry(handoff, failure, report != NULL ? report->retry_after_ms : 0);
        break;
    case STEP_NEXT:
        tell_next(handoff, failure, event == EVENT_REFUSED_RECIPIENT && !report->in_any_form);
        break;
    case STEP_HOLD:
        if (!rest(handoff, failure))
            escalation_hold(handoff, failure);
        break;
    case STEP_SHUT:
        shut(handoff, failure, report->text);
        break;
    case STEP_WAIT:
        inquiry_wait(handoff, failure);
        break;
    case STEP_ASK:
        inquiry_ask(handoff);
        break;
    case STEP_MISSED:
        inquiry_missed(handoff);
        break;
    case STEP_STILL:
        inquiry_still(handoff, event);
        break;
    case STEP_IGNORE:
        end(handoff, event);
        break;
    }
}

static bool is_failure(enum step_action action)
{
    return action == STEP_RETRY || action == STEP_NEXT || action == STEP_HOLD ||
           action == STEP_SHUT || action == STEP_WAIT;
}

static void take_step(struct handoff *handoff, struct step step, enum attempt_event event,
                      const struct handoffd_report *report, bool is_guess)
{
    struct delivery *delivery = handoff->delivery;
    struct attempt *attempt = &handoff->attempt;
    const struct instance *carrier = handoff->carrier;
    bool was_delivered = carrier != NULL && !handoff_is_asked(handoff);
    bool is_landed = attempt->state == ATTEMPT_SENDING;
    enum attempt_event said = event;
    bool was_sent = attempt->state == ATTEMPT_SENT;
    int64_t since_ms = attempt->since_ms;
    if (is_landed && handoff->early_word != NULL && !outcome_has_reached(event)) {
        report = handoff->early_word;
        outcome_event(report, &(struct handoffd_fields){0}, &event);
        step = step_for(attempt->state, event);
    }
    handoff->early_word = NULL;
    bool goes_on = step.action == STEP_NEXT || step.action == STEP_RETRY;
    bool needs_attention = goes_on && report != NULL && report->needs_attention;
    const char *failure = NULL;
    delivery_stop_waiting(handoff);
    if (is_failure(step.action))
        failure = notice_failure(
            handoff, carrier != NULL ? carrier : attempt_channel(attempt, delivery->setup.roster),
            report != NULL ? report->text : NULL);
    delivery_set_attempt_state(handoff, step.to);
    if (report != NULL && event != EVENT_ABSENT)
        reaction_adopt(handoff, attempt, report, is_guess);
    if (is_landed)
        delivery->sending--;
    if (event != EVENT_DUE || is_landed)
        delivery->on_outcome(delivery, attempt->channel, said, attempt->code);
    if (was_sent)
        tell_gate_later(delivery, attempt->channel, event, since_ms);
    if (needs_attention)
        trouble_of_person(handoff, attempt, failure);
    if (handoff_state_is_over(handoff->state))
        step.action = STEP_IGNORE;
    if (!is_landed || !updates_go_on(handoff))
        act(handoff, step, event, report, failure);
    if (was_delivered)
        tell_gate(delivery, carrier->name, said, since_ms);
    if (is_landed || carrier != NULL)
        delivery->on_landed(delivery);
}
