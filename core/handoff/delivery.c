/* delivery - the way out, from a handoff to its person:
 *
 *   assign   the person's next contact, the next person
 *   launch   through the channel's gate: now, later, or when it opens
 *   send     the intent goes to the disk
 *   stored   it is there: the channel delivers
 *   finish   nothing more to do now: the record leaves memory
 *
 * What comes back is reaction.c's.
 */
#include "handoff/delivery.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "handoff/assignment.h"
#include "handoff/inquiry.h"
#include "handoff/journal.h"
#include "handoff/notice.h"
#include "handoff/reaction.h"
#include "handoff/trouble.h"
#include "handoff/waiter.h"
#include "plugin/instance.h"

enum {
    REPORT_WITHIN_MS = 60 * 1000, /* a channel that says nothing by then: unknown */
    NOBODY_AGAIN_MS = 60 * 1000
};

static void launch(struct handoff *handoff, const struct entry *wanted);
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
    delivery_assign(handoff, NULL, "Nadie quedó disponible");
}

/* ---- assign */

static void exhaust(struct handoff *handoff, const char *why)
{
    log_error("%s handoff=%s state=exhausted",
              handoff->attempt.number > 0 ? "nobody is left to tell"
                                          : "the routing left nobody: set when_nobody",
              handoff->given.id);
    delivery_set_state(handoff, HANDOFF_EXHAUSTED);
    delivery_record(handoff, handoff_state_name(HANDOFF_EXHAUSTED), why);
    notice_answer(handoff, ANSWER_FAILED, why);
}

/* Who may have been told stays so, and somebody should look. */
static void stay(struct handoff *handoff, const char *why)
{
    const struct attempt *told = handoff_told(handoff);
    if (told == NULL) {
        delivery_hold(handoff, why);
        return;
    }
    delivery_set_state(handoff, HANDOFF_NOTIFIED);
    delivery_record(handoff, "overdue", why);
    notice_answer_of(handoff, told, ANSWER_SENT, NULL);
    if (!attempt_state_has_arrived(told->state))
        trouble_of_person(handoff, told, why);
}

static void launch_assigned(struct handoff *handoff, struct entry *entry, const char *trace)
{
    entry->kind = handoff_state_name(HANDOFF_ASSIGNED);
    entry->detail = arena_format(handoff->arena, "vendor=%s channel=%s%s%s",
                                 handoff->attempt.vendor_id, handoff->attempt.channel,
                                 trace != NULL ? " " : "", trace != NULL ? trace : "");
    log_debug("assigned handoff=%s vendor=%s", handoff->given.id, handoff->attempt.vendor_id);
    launch(handoff, entry);
}

void delivery_follow(struct handoff *handoff, const struct attempt *former, const char *why)
{
    launch_assigned(handoff, &(struct entry){.former = former, .former_detail = why}, NULL);
}

/* An update is for the one person who has the customer already, and for nobody else. */
static void assign_update(struct handoff *handoff, const struct attempt *former, const char *why)
{
    bool is_assigned = former == NULL ? assign_vendor(handoff, handoff->only_vendor)
                                      : assign_next_contact(handoff);
    if (is_assigned) {
        delivery_follow(handoff, former, why);
        return;
    }
    log_warning("an update reached nobody handoff=%s state=exhausted", handoff->given.id);
    delivery_set_state(handoff, HANDOFF_EXHAUSTED);
    delivery_record(handoff, handoff_state_name(HANDOFF_EXHAUSTED), why);
    notice_answer(handoff, ANSWER_FAILED, why);
}

bool delivery_tell_others(struct handoff *handoff, const struct attempt *former, const char *why)
{
    struct choice choice = {0};
    bool has_room = handoff->attempt.number < ATTEMPTS_MOST;
    bool is_same_person = has_room && former != NULL && assign_next_contact(handoff);
    if (!is_same_person && !(has_room && assign_person(handoff, &choice)))
        return false;
    struct entry entry = {.former = former,
                          .former_detail = why,
                          .turn_labels = choice.turn_labels,
                          .turn_count = choice.turn_count,
                          .turn = choice.turn};
    launch_assigned(handoff, &entry, choice.trace);
    return true;
}

void delivery_assign(struct handoff *handoff, const struct attempt *former, const char *why)
{
    if (handoff->parent != 0) {
        assign_update(handoff, former, why);
        return;
    }
    if (delivery_tell_others(handoff, former, why))
        return;
    bool may_be_known =
        handoff_told(handoff) != NULL || handoff->attempt.state == ATTEMPT_AMBIGUOUS;
    if (may_be_known)
        stay(handoff, why);
    else
        exhaust(handoff, why);
}

void delivery_escalate(struct handoff *handoff, const char *why)
{
    struct attempt former = handoff->attempt;
    delivery_assign(handoff, &former, why);
}

/* In memory and on disk, for the reload that brings somebody. */
static void keep(struct handoff *handoff)
{
    bool is_news = !handoff->is_kept;
    handoff->is_kept = true;
    delivery_set_attempt_state(handoff, ATTEMPT_DEFERRED);
    delivery_set_due(handoff, NOBODY_AGAIN_MS);
    if (!is_news)
        return;
    log_error("kept until somebody real is in vendors.yaml handoff=%s vendor=%s", handoff->given.id,
              handoff->attempt.vendor_id);
    delivery_record(handoff, NULL, NULL);
}

/* The attempt's contact is no longer in vendors.yaml, and surely nothing was sent there. The same
 * person is told anew at the address that they have now; else the next one, but never an example.
 */
void delivery_reassign(struct handoff *handoff)
{
    static const char gone[] = "vendors.yaml no longer has this contact";
    const struct roster *roster = handoff->delivery->setup.roster;
    if (roster->count == 0 || roster->is_example) {
        keep(handoff);
        return;
    }
    handoff->is_kept = false;
    delivery_set_attempt_state(handoff, ATTEMPT_CANCELLED);
    struct attempt former = handoff->attempt;
    if (assign_vendor(handoff, handoff->attempt.vendor_id))
        delivery_follow(handoff, &former, gone);
    else
        delivery_assign(handoff, &former, gone);
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
}

static void launch(struct handoff *handoff, const struct entry *wanted)
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
        delivery_reassign(handoff);
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

void delivery_launch(struct handoff *handoff, const char *kind, const char *detail)
{
    launch(handoff, &(struct entry){.kind = kind, .detail = detail});
}

static void on_gate_open(struct gate_wait *wait)
{
    struct handoff *handoff = container_of(wait, struct handoff, wait);
    if (handoff->delivery->is_resting)
        finish(handoff, STORE_STORED);
    else
        delivery_launch(handoff, NULL, NULL);
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
    handoff->is_asking = is_asking;
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
        delivery_reassign(handoff);
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
    handoff->is_asking = false;
}
