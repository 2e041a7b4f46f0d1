/* recovery - reads what a start needs: what was asked lately, what is unfinished, whose turn it
 * was, which addresses work, how much of the day is used. Nothing moves yet. */
#include "handoff/recovery.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/require.h"
#include "handoff/addresses.h"
#include "handoff/claims.h"
#include "handoff/known.h"
#include "handoff/registry.h"
#include "plugin/instance.h"

enum { DAY_MS = 24 * 60 * 60 * 1000 };

/* A provider calls about a message for a few days at the most. */
enum { GUESSES_MS = 7 * DAY_MS };

struct recovery {
    struct delivery *delivery;
    struct known *known;
    struct registry *registry;
};

static bool has_reached(const struct store_attempt *attempt)
{
    enum attempt_state state;
    return attempt_state_parse(attempt->state, &state) && attempt_state_is_told(state);
}

/* What an operator ended may have been told before. */
static bool may_be_told(enum handoff_state state)
{
    return state == HANDOFF_NOTIFIED || state == HANDOFF_CANCELLED || state == HANDOFF_CLOSED;
}

/* Whoever was told last; of a handoff that nobody is told of, the last attempt. NULL: there is
 * none.
 */
static const struct store_attempt *telling_attempt(const struct store_found *found,
                                                   enum handoff_state state)
{
    for (size_t i = found->attempt_count; may_be_told(state) && i > 0; i--) {
        if (has_reached(&found->attempts[i - 1]))
            return &found->attempts[i - 1];
    }
    return found->attempt_count > 0 ? &found->attempts[found->attempt_count - 1] : NULL;
}

/* The present answer of what the store holds, as far as the store tells it. */
static void recall_answer(const struct roster *roster, const struct store_found *found,
                          const char *id, struct memo *memo)
{
    enum handoff_state state;
    handoff_state_parse(found->state, &state);
    const struct store_attempt *last = telling_attempt(found, state);
    size_t vendor = last != NULL ? roster_find(roster, last->vendor) : NOBODY;
    const char *vendor_id = last != NULL ? last->vendor : NULL;
    bool is_told =
        state == HANDOFF_NOTIFIED || (may_be_told(state) && last != NULL && has_reached(last));
    struct answer answer = {
        .kind = is_told                     ? ANSWER_SENT
                : state == HANDOFF_ASSIGNED ? ANSWER_QUEUED
                                            : ANSWER_FAILED,
        .handoff_id = id,
        .vendor_id = vendor_id,
        .vendor_name = vendor != NOBODY ? roster->vendors[vendor].name : vendor_id,
        .message_id = last != NULL ? last->message_id : NULL,
        .detail = found->detail,
    };
    memo_set(memo, &answer);
    memo->is_stored = true;
}

/* Each line is `at_ms digest key`. */
static void recall_keys(struct known *known, const char *lines, struct memo *memo)
{
    while (lines != NULL && *lines != '\0') {
        char *rest = NULL;
        int64_t at_ms = strtoll(lines, &rest, 10);
        int64_t digest = strtoll(rest, &rest, 10);
        size_t length = strcspn(rest + 1, "\n");
        CLEANUP(memory_free) char *key = strndup(rest + 1, length);
        require(key != NULL);
        known_add_key(known, key, digest, memo, at_ms);
        lines = rest + 1 + length + 1;
    }
}

static void remember(struct recovery *recovery, const struct store_found *found,
                     const struct handoffd_handoff *given)
{
    const struct store_handoff *stored = &found->handoff;
    char id[PUBLIC_ID_SIZE];
    public_id_write(recovery->delivery->ids, stored->number, id);
    struct memo *memo = memo_create(stored->number, id);
    recall_answer(recovery->delivery->setup.roster, found, id, memo);
    known_remember(recovery->known, given, stored->request_key, stored->request_digest, memo,
                   stored->received_ms);
    recall_keys(recovery->known, found->keys, memo);
    memo_unref(memo);
}

/* The customer is known by the handoff that was updated, and by the last reason. */
static void remember_update(struct recovery *recovery, const struct store_handoff *stored,
                            const struct handoffd_handoff *given)
{
    struct memo *memo =
        known_memo(recovery->known, given, NULL, stored->parent, stored->received_ms);
    if (memo == NULL)
        return;
    memo->updates++;
    known_remember(recovery->known, given, NULL, 0, memo, stored->received_ms);
}

static void on_found(void *context, const struct store_found *found)
{
    struct recovery *recovery = context;
    const struct store_handoff *stored = &found->handoff;
    struct handoffd_handoff given = {.user_phone = stored->user_phone,
                                     .conversation_id = stored->conversation_id,
                                     .reason = stored->reason};
    if (stored->parent != 0)
        remember_update(recovery, stored, &given);
    else
        remember(recovery, found, &given);
    if (found->wake == STORE_OPEN)
        registry_restore(recovery->registry, found);
}

/* ---- turns, addresses, guesses, days */

static void on_turn(void *context, const struct store_turn *turn)
{
    struct delivery *delivery = context;
    chain_set_turn(delivery->setup.chain, turn->step, turn->vendor, turn->turn);
    if (turn->turn > delivery->last_turn)
        delivery->last_turn = turn->turn;
}

static void on_address(void *context, const struct store_address *address)
{
    addresses_learn(context, address->channel, address->given, address->works);
}

static void on_guess(void *context, const struct store_guess *guess)
{
    claims_guess(context, guess->message_id, guess->handoff);
}

struct times {
    int64_t *items;
    size_t count;
};

static void on_started(void *context, int64_t started_ms)
{
    struct times *times = context;
    times->items = memory_resized(times->items, (times->count + 1) * sizeof *times->items);
    times->items[times->count++] = started_ms;
}

static bool recall_day(struct delivery *delivery, const struct instance *channel,
                       struct error *error)
{
    struct times times = {0};
    int64_t since_ms = delivery_now_ms(delivery) - DAY_MS;
    bool is_read =
        store_started(delivery->store, channel->name, since_ms, on_started, &times, error);
    if (is_read)
        gate_recall(gates_find(delivery->gates, channel->name), times.items, times.count);
    free(times.items);
    return is_read;
}

/* Is this the first contact on the roster that goes through its channel? */
static bool is_first_of_channel(const struct roster *roster, const struct contact *contact)
{
    for (size_t i = 0; i < roster->count; i++) {
        for (size_t c = 0; c < roster->vendors[i].contact_count; c++) {
            if (roster->vendors[i].contacts[c].channel == contact->channel)
                return &roster->vendors[i].contacts[c] == contact;
        }
    }
    return false;
}

/* Of every channel that has a limit of messages in a day: what went out before counts. */
static bool recall_days(struct delivery *delivery, struct error *error)
{
    const struct roster *roster = delivery->setup.roster;
    for (size_t i = 0; i < roster->count; i++) {
        for (size_t c = 0; c < roster->vendors[i].contact_count; c++) {
            const struct contact *contact = &roster->vendors[i].contacts[c];
            bool is_limited = contact->channel->rules.limits.per_day > 0;
            if (is_limited && is_first_of_channel(roster, contact) &&
                !recall_day(delivery, contact->channel, error))
                return false;
        }
    }
    return true;
}

bool recovery_read(struct delivery *delivery, struct known *known, struct registry *registry,
                   int64_t dedupe_window_ms, struct error *error)
{
    struct recovery recovery = {delivery, known, registry};
    int64_t now_ms = delivery_now_ms(delivery);
    int64_t window_ms = dedupe_window_ms > KNOWN_KEYS_MS ? dedupe_window_ms : KNOWN_KEYS_MS;
    return store_turns(delivery->store, on_turn, delivery, error) &&
           store_addresses(delivery->store, on_address, delivery->addresses, error) &&
           store_guesses(delivery->store, now_ms - GUESSES_MS, on_guess, delivery->claims, error) &&
           recall_days(delivery, error) &&
           store_recover(delivery->store, now_ms - dedupe_window_ms, now_ms - window_ms, on_found,
                         &recovery, error);
}
