/* delivery - the way out, from a handoff to its person:
 *
 *   begin    escalation.c chooses the first person
 *   launch   through the channel's gate: now, later, or when it opens
 *   send     the intent goes to the disk
 *   stored   it is there: the channel delivers
 *   finish   nothing more to do now: the record leaves memory
 *
 * What comes back is report.c's.
 */
#include "handoff/delivery.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "handoff/assignment.h"
#include "handoff/escalation.h"
#include "handoff/inquiry.h"
#include "handoff/journal.h"
#include "handoff/notice.h"
#include "handoff/reaction.h"
#include "handoff/trouble.h"
#include "handoff/updates.h"
#include "handoff/waiter.h"
#include "plugin/instance.h"

enum { REPORT_WITHIN_MS = 60 * 1000 }; /* a channel that says nothing by then: unknown */

static void send_attempt(struct handoff *handoff, const struct entry *entry);
static void on_intent_stored(struct handoff *handoff, enum store_result result);
static void deliver(struct handoff *handoff);
static void on_gate_open(struct gate_wait *wait);
static void on_recorded(struct handoff *handoff, enum store_result result);
static void finish(struct handoff *handoff, enum store_result result);

int64_t delivery_now_ms(const struct delivery *delivery)
{
    return clock_steady_ms() + delivery->clock_offset_ms;
}

/* The handoff's number, its attempt, its try. */
uint64_t attempt_id(int64_t handoff, const struct attempt *attempt)
{
    return (uint64_t)handoff << 24 | ((uint64_t)attempt->number & 0xff) << 16 |
           ((uint64_t)attempt->tries & 0xffff);
}

uint64_t delivery_random(void)
{
    return (uint64_t)arc4random() << 32 | arc4random();
}

void delivery_set_state(struct handoff *handoff, enum handoff_state state)
{
    if (handoff->state != state || handoff->events == 0)
        handoff->delivery->counts.handoffs[state]++;
    handoff->state = state;
}

void delivery_set_attempt_state(struct handoff *handoff, enum attempt_state state)
{
    struct attempt *attempt = &handoff->attempt;
    if (attempt->state != state) {
        attempt->since_ms = delivery_now_ms(handoff->delivery);
        attempt->asked = 0;
    }
    attempt->state = state;
}

/* Somebody is being told: what was said of the handoff until now no longer holds. */
void delivery_set_on_its_way(struct handoff *handoff)
{
    delivery_set_state(handoff, HANDOFF_ASSIGNED);
    if (handoff->memo->answer.kind != ANSWER_QUEUED)
        memo_set(handoff->memo,
                 &(struct answer){.kind = ANSWER_QUEUED, .handoff_id = handoff->given.id});
}

/* ---- coming and going */

void delivery_enter(struct delivery *delivery, struct handoff *handoff)
{
    handoff->delivery = delivery;
    handoff->timer.on_due = reaction_on_due;
    handoff->wait.on_open = on_gate_open;
}

void delivery_begin(struct delivery *delivery, struct handoff *handoff)
{
    delivery_enter(delivery, handoff);
    escalation_assign(handoff, NULL, "Nadie quedó disponible");
}

/* ---- launch: now, later, or when the gate opens */

static void wait_turn(struct handoff *handoff, const struct entry *entry, int64_t wait_ms)
{
    bool was_held = handoff->state == HANDOFF_HELD;
    delivery_set_on_its_way(handoff);
    delivery_set_due(handoff, wait_ms);
    if (entry->kind != NULL)
        delivery_journal(handoff, entry);
    else if (was_held)
        delivery_record(handoff, attempt_state_name(ATTEMPT_READY), NULL);
}

static void wait_outside(struct handoff *handoff, struct entry *entry, struct gate *gate,
                         const struct instance *instance)
{
    const char *failure = notice_failure(handoff, instance, gate_closed_why(gate));
    bool was_held = handoff->state == HANDOFF_HELD;
    delivery_set_state(handoff, HANDOFF_HELD);
    handoff->attempt.due_ms = 0;
    handoff->pass = (struct gate_pass){0};
    gate_wait(gate, &handoff->wait);
    if (gate_is_day_full(gate))
        trouble_of_channel(handoff, failure);
    if (!was_held || entry->kind != NULL) {
        log_error("%s handoff=%s vendor=%s state=held", failure, handoff->given.id,
                  handoff->attempt.vendor_id);
        entry->kind = handoff_state_name(HANDOFF_HELD);
        entry->detail = entry->detail != NULL
                            ? arena_format(handoff->arena, "%s; %s", failure, entry->detail)
                            : failure;
        delivery_journal(handoff, entry);
    }
    notice_answer(handoff, ANSWER_FAILED, failure);
}

/* The provider took it and then failed: what is sent now is another message, with an id of its own.
 */
static void renew(struct handoff *handoff, struct attempt *former, struct entry *entry)
{
    handoff->attempt.state = ATTEMPT_UNDELIVERED;
    handoff->attempt.due_ms = 0;
    *former = handoff->attempt;
    assign_again(handoff);
    entry->former = former;
    if (entry->kind == NULL)
        entry->kind = attempt_state_name(ATTEMPT_READY);
}

/* Somebody has it on their phone: nobody else is told. */
static void rest(struct handoff *handoff, const struct attempt *arrived, struct entry *entry)
{
    delivery_set_attempt_state(handoff, ATTEMPT_CANCELLED);
    delivery_set_state(handoff, HANDOFF_NOTIFIED);
    handoff->attempt.due_ms = 0;
    entry->kind = attempt_state_name(ATTEMPT_CANCELLED);
    entry->detail = "an earlier attempt has arrived";
    delivery_journal(handoff, entry);
    notice_answer_of(handoff, arrived, ANSWER_SENT, NULL);
    updates_follow(handoff, arrived->vendor_id);
}

void delivery_launch(struct handoff *handoff, const struct entry *wanted)
{
    struct delivery *delivery = handoff->delivery;
    struct attempt *attempt = &handoff->attempt;
    struct attempt former;
    struct entry entry = *wanted;
    struct binding bound = attempt_bind(attempt, delivery->setup.roster);
    const struct attempt *arrived = handoff_arrived(handoff);
    int64_t wait_ms = 0;
    if (arrived != NULL) {
        rest(handoff, arrived, &entry);
        return;
    }
    if (bound.vendor == NULL) {
        escalation_reassign(handoff);
        return;
    }
    handoff->is_kept = false;
    if (attempt->message_id != NULL && attempt->number < ATTEMPTS_MOST)
        renew(handoff, &former, &entry);
    struct instance *instance = bound.contact->channel;
    struct gate *gate = gates_find(delivery->gates, instance->name);
    delivery_set_attempt_state(handoff, ATTEMPT_READY);
    switch (gate_enter(gate, &instance->rules.limits, attempt->address, &handoff->pass,
                       delivery_now_ms(delivery), &wait_ms)) {
    case GATE_GO:
        send_attempt(handoff, &entry);
        break;
    case GATE_LATER:
        wait_turn(handoff, &entry, wait_ms);
        break;
    case GATE_CLOSED:
        wait_outside(handoff, &entry, gate, instance);
        break;
    }
}

static void on_gate_open(struct gate_wait *wait)
{
    struct handoff *handoff = container_of(wait, struct handoff, wait);
    if (handoff->delivery->is_resting)
        finish(handoff, STORE_STORED);
    else
        delivery_launch(handoff, &(struct entry){0});
}

/* ---- send: the intent first */

static void send_attempt(struct handoff *handoff, const struct entry *entry)
{
    struct entry intent = *entry;
    if (intent.kind == NULL)
        intent.kind = attempt_state_name(ATTEMPT_SENDING);
    delivery_set_on_its_way(handoff);
    delivery_set_attempt_state(handoff, ATTEMPT_SENDING);
    handoff->attempt.tries++;
    handoff->attempt.due_ms = 0;
    handoff->pass = (struct gate_pass){0};
    handoff->delivery->sending++;
    journal_write(handoff, &intent, on_intent_stored);
}

/* It never came to disk: nobody may be told, and the client hears so. */
static void refuse(struct handoff *handoff, enum store_result result)
{
    loop_timer_stop(handoff->delivery->loop, &handoff->timer);
    gate_wait_cancel(&handoff->wait);
    if (result == STORE_FULL)
        log_error("the disk is full: a handoff was refused");
    notice_answer(handoff, result == STORE_FULL ? ANSWER_OVERLOADED : ANSWER_LOST, NULL);
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

void delivery_carry(struct handoff *handoff, struct instance *instance, bool is_asking)
{
    assignment_compose(handoff, instance);
    handoff->carrier = instance;
    handoff->carrier->busy++;
    if (is_asking)
        handoff->asked_number = handoff->attempt.number;
    else if (handoff->asked_number == handoff->attempt.number)
        handoff->asked_number = 0;
    loop_timer_start(handoff->delivery->loop, &handoff->timer, REPORT_WITHIN_MS);
}

static void deliver(struct handoff *handoff)
{
    struct delivery *delivery = handoff->delivery;
    struct binding bound = attempt_bind(&handoff->attempt, delivery->setup.roster);
    if (delivery->is_closed)
        return; /* the next start finds it, and asks */
    if (bound.vendor == NULL || !bound.contact->channel->is_running) {
        delivery->sending--; /* vendors.yaml changed meanwhile: surely nothing left */
        escalation_reassign(handoff);
        delivery->on_landed(delivery);
        return;
    }
    struct instance *instance = bound.contact->channel;
    delivery_carry(handoff, instance, false);
    instance->plugin->contract.channel->deliver(instance->state, &handoff->handed,
                                                &handoff->message);
}

/* ---- what is written down, and the end of a visit */

void delivery_journal(struct handoff *handoff, const struct entry *entry)
{
    journal_write(handoff, entry, on_recorded);
}

void delivery_record(struct handoff *handoff, const char *kind, const char *detail)
{
    delivery_journal(handoff, &(struct entry){.kind = kind, .detail = detail});
}

void delivery_set_due(struct handoff *handoff, int64_t delay_ms)
{
    handoff->attempt.due_ms = delivery_now_ms(handoff->delivery) + delay_ms;
    loop_timer_start(handoff->delivery->loop, &handoff->timer, delay_ms);
}

/* Its first change was perhaps this one. */
static void on_recorded(struct handoff *handoff, enum store_result result)
{
    if (!handoff->memo->is_stored && result == STORE_STORED) {
        handoff->memo->is_stored = true;
        if (handoff->memo->answer.kind == ANSWER_QUEUED)
            waiters_answer_impatient(handoff);
        else
            waiters_answer(handoff);
    } else if (!handoff->memo->is_stored) {
        refuse(handoff, result);
    }
    finish(handoff, result);
}

static bool is_busy(const struct handoff *handoff)
{
    return handoff->attempt.state == ATTEMPT_SENDING || timer_is_started(&handoff->timer) ||
           handoff->commits != NULL || gate_wait_is_started(&handoff->wait) ||
           handoff->carrier != NULL || handoff->inquiry != NULL;
}

/* The last use of the handoff in every flow: whoever still waits hears what is so now. */
static void finish(struct handoff *handoff, enum store_result result)
{
    struct delivery *delivery = handoff->delivery;
    if (!is_busy(handoff)) {
        int64_t due_ms = 0;
        bool is_resting = handoff_wake(handoff, &due_ms) == STORE_RESTING;
        waiters_answer(handoff);
        delivery->on_finished(delivery, handoff);
        if (is_resting)
            delivery->on_resting(delivery, due_ms);
    }
    if (result != STORE_STORED && result != STORE_FULL)
        delivery->on_store_failed(delivery);
}

void delivery_leave(struct handoff *handoff)
{
    finish(handoff, STORE_STORED);
}

void delivery_stop_waiting(struct handoff *handoff)
{
    loop_timer_stop(handoff->delivery->loop, &handoff->timer);
    gate_wait_cancel(&handoff->wait);
    inquiry_abandon(handoff);
    if (handoff->carrier != NULL)
        handoff->carrier->busy--;
    handoff->carrier = NULL;
}
