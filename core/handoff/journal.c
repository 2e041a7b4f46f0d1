/* journal - one commit is one allocation: the change and the rows that it points at. */
#include "handoff/journal.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "handoff/delivery.h"
#include "handoff/trouble.h"
#include "plugin/receipt.h"

enum { STORE_AGAIN_MS = 5 * 1000 };

/* A receipt that waits for one commit. */
struct follower {
    struct receipt *receipt;
    struct follower *next;
};

struct commit {
    struct store_change change;
    struct commit *next; /* of the same handoff, after this one */
    struct timer again;
    struct handoff *handoff;
    void (*then)(struct handoff *handoff, enum store_result result);
    struct follower *followers;
    const char *detail; /* of its last event */
    struct store_handoff created;
    struct store_address address;
    struct store_attempt attempts[2];
    struct store_event events[2];
    struct store_turn turns[];
};

/* ---- on the way to the disk: the first of the handoff's list */

static void submit(struct commit *commit)
{
    store_submit(commit->handoff->delivery->store, &commit->change);
}

static void on_again(struct timer *timer)
{
    submit(container_of(timer, struct commit, again));
}

static void wait_for_room(struct commit *commit)
{
    log_error("the disk is full: trying again handoff=%s state=%s", commit->handoff->given.id,
              commit->change.handoff_state);
    commit->again.on_due = on_again;
    loop_timer_start(commit->handoff->delivery->loop, &commit->again, STORE_AGAIN_MS);
}

static void settle_followers(struct commit *commit, bool is_kept)
{
    while (commit->followers != NULL) {
        struct follower *follower = commit->followers;
        commit->followers = follower->next;
        receipt_settle(follower->receipt, is_kept);
        free(follower);
    }
}

static void on_change_done(struct store_change *change)
{
    struct commit *commit = container_of(change, struct commit, change);
    struct handoff *handoff = commit->handoff;
    const struct delivery *delivery = handoff->delivery;
    if (change->result == STORE_FULL && handoff->memo->is_stored && !delivery->is_closed) {
        wait_for_room(commit);
        return;
    }
    void (*then)(struct handoff *, enum store_result) = commit->then;
    enum store_result result = change->result;
    struct commit *next = commit->next;
    handoff->commits = next;
    if (result == STORE_STORED)
        trouble_settle(handoff, change->stuck, commit->detail);
    settle_followers(commit, result == STORE_STORED);
    free(commit);
    if (next != NULL && !delivery->is_closed && result != STORE_FULL)
        submit(next);
    then(handoff, result);
    if (next != NULL && result == STORE_FULL) { /* it is not there: nothing can become of it */
        next->change.result = result;
        on_change_done(&next->change);
    }
}

static void append(struct handoff *handoff, struct commit *commit)
{
    struct commit **last = &handoff->commits;
    while (*last != NULL)
        last = &(*last)->next;
    *last = commit;
    if (handoff->commits == commit)
        submit(commit);
}

void journal_abandon(struct handoff *handoff)
{
    while (handoff->commits != NULL) {
        struct commit *commit = handoff->commits;
        handoff->commits = commit->next;
        loop_timer_stop(handoff->delivery->loop, &commit->again);
        settle_followers(commit, false);
        free(commit);
    }
}

void journal_follow(struct handoff *handoff, struct receipt *receipt)
{
    struct commit *last = handoff->commits;
    if (receipt == NULL)
        return;
    if (last == NULL) {
        receipt_settle(receipt, true);
        return;
    }
    while (last->next != NULL)
        last = last->next;
    struct follower *follower = memory_zeroed(1, sizeof *follower);
    *follower = (struct follower){.receipt = receipt, .next = last->followers};
    last->followers = follower;
}

/* ---- the rows */

static struct store_handoff created_row(const struct handoff *handoff)
{
    return (struct store_handoff){
        .number = handoff->number,
        .parent = handoff->parent,
        .received_ms = handoff->given.received_ms,
        .request_key = handoff->request_key,
        .request_digest = handoff->digest,
        .user_phone = handoff->given.user_phone,
        .reason = handoff->given.reason,
        .user_name = handoff->given.user_name,
        .conversation_id = handoff->given.conversation_id,
        .additional_context = handoff->given.additional_context,
        .fields = handoff->fields_json,
        .caller = handoff->caller,
    };
}

static struct store_attempt attempt_row(const struct handoff *handoff,
                                        const struct attempt *attempt)
{
    return (struct store_attempt){
        .handoff = handoff->number,
        .number = attempt->number,
        .state = attempt_state_name(attempt->state),
        .vendor = attempt->vendor_id,
        .channel = attempt->channel,
        .address = attempt->address,
        .message_id = attempt->message_id,
        .code = attempt->code,
        .tries = attempt->tries,
        .due_ms = attempt->due_ms,
        .started_ms = attempt->started_ms,
        .since_ms = attempt->since_ms,
        .asked = attempt->asked,
        .is_guess = attempt->is_guess,
    };
}

static void add_attempt(struct commit *commit, const struct attempt *attempt)
{
    if (attempt == NULL || attempt->number == 0)
        return;
    commit->attempts[commit->change.attempt_count++] = attempt_row(commit->handoff, attempt);
}

static void add_event(struct commit *commit, const char *kind, const char *detail)
{
    if (kind == NULL)
        return;
    commit->events[commit->change.event_count++] =
        (struct store_event){.number = ++commit->handoff->events,
                             .at_ms = clock_wall_ms(),
                             .kind = kind,
                             .detail = detail};
    commit->detail = detail;
}

void journal_write(struct handoff *handoff, const struct entry *entry,
                   void (*then)(struct handoff *handoff, enum store_result result))
{
    size_t turns = entry->turn_count * sizeof(struct store_turn);
    struct commit *commit = memory_zeroed(1, sizeof *commit + turns);
    commit->handoff = handoff;
    commit->then = then;
    bool is_new = handoff->events == 0;
    commit->change = (struct store_change){
        .handoff = handoff->number,
        .handoff_state = handoff_state_name(handoff->state),
        .crashes = handoff->crashes,
        .stuck = trouble_cause(handoff),
        .attempts = commit->attempts,
        .events = commit->events,
        .turns = commit->turns,
        .turn_count = entry->turn_count,
        .on_done = on_change_done,
    };
    commit->change.wake = handoff_wake(handoff, &commit->change.due_ms);
    if (entry->address != NULL) {
        commit->address = *entry->address;
        commit->change.address = &commit->address;
    }
    if (entry->former != NULL)
        add_event(commit, attempt_state_name(entry->former->state), entry->former_detail);
    add_event(commit, entry->kind, entry->detail);
    if (is_new) {
        commit->created = created_row(handoff);
        commit->change.created = &commit->created;
    }
    add_attempt(commit, entry->former);
    add_attempt(commit, &handoff->attempt);
    for (size_t i = 0; i < entry->turn_count; i++) /* a reload may end the chain before */
        commit->turns[i] =
            (struct store_turn){.step = arena_text(handoff->arena, entry->turn_labels[i]),
                                .vendor = handoff->attempt.vendor_id,
                                .turn = entry->turn};
    append(handoff, commit);
}
