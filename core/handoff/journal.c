/* journal - one commit is one allocation: the change and the rows that it points at. */
#include "handoff/journal.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/memory.h"

struct commit {
    struct store_change change;
    struct handoff *handoff;
    void (*then)(struct handoff *handoff, enum store_result result);
    struct store_handoff created;
    struct store_attempt attempts[2];
    struct store_event events[2];
    struct store_turn turns[];
};

static void on_change_done(struct store_change *change)
{
    struct commit *commit = container_of(change, struct commit, change);
    struct handoff *handoff = commit->handoff;
    void (*then)(struct handoff *, enum store_result) = commit->then;
    enum store_result result = change->result;
    free(commit);
    handoff->commits--;
    then(handoff, result);
}

static struct store_handoff created_row(const struct handoff *handoff)
{
    return (struct store_handoff){
        .number = handoff->number,
        .received_ms = handoff->given.received_ms,
        .request_key = handoff->request_key,
        .request_digest = handoff->digest,
        .user_phone = handoff->given.user_phone,
        .reason = handoff->given.reason,
        .user_name = handoff->given.user_name,
        .conversation_id = handoff->given.conversation_id,
        .additional_context = handoff->given.additional_context,
        .fields = handoff->fields_json,
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
    commit->events[commit->change.event_count++] =
        (struct store_event){.number = ++commit->handoff->events,
                             .at_ms = clock_wall_ms(),
                             .kind = kind,
                             .detail = detail};
}

static bool is_open(enum handoff_state state)
{
    return state == HANDOFF_ASSIGNED || state == HANDOFF_HELD;
}

void journal_write(struct store *store, struct handoff *handoff, const struct entry *entry,
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
        .is_open = is_open(handoff->state),
        .attempts = commit->attempts,
        .events = commit->events,
        .turns = commit->turns,
        .turn_count = entry->turn_count,
        .on_done = on_change_done,
    };
    if (entry->former != NULL)
        add_event(commit, attempt_state_name(entry->former->state), entry->failure);
    add_event(commit, entry->kind, entry->detail);
    if (is_new) {
        commit->created = created_row(handoff);
        commit->change.created = &commit->created;
    }
    add_attempt(commit, entry->former);
    add_attempt(commit, &handoff->attempt);
    for (size_t i = 0; i < entry->turn_count; i++)
        commit->turns[i] = (struct store_turn){.step = entry->turn_labels[i],
                                               .vendor = handoff->attempt.vendor_id,
                                               .turn = entry->turn};
    handoff->commits++;
    store_submit(store, &commit->change);
}
