/* handoff - makes the record, from a request or from the store. */
#include "handoff/handoff.h"

#include <string.h>

#include "base/require.h"
#include "handoff/fields_json.h"
#include "plugin/instance.h"

enum { ARENA_BYTES = 4096, ADDRESS_BYTES = 256 };

static struct handoff *create(int64_t number)
{
    struct arena *arena = arena_create(ARENA_BYTES);
    struct handoff *handoff = arena_zeroed(arena, 1, sizeof *handoff);
    handoff->number = number;
    handoff->arena = arena;
    handoff->given.size = sizeof handoff->given;
    return handoff;
}

static struct handoffd_fields copy_fields(const struct handoffd_fields *fields, struct arena *arena)
{
    const char **names = arena_zeroed(arena, fields->count, sizeof *names);
    const char **values = arena_zeroed(arena, fields->count, sizeof *values);
    for (size_t i = 0; i < fields->count; i++) {
        names[i] = arena_text(arena, fields->names[i]);
        values[i] = arena_text(arena, fields->values[i]);
    }
    return (struct handoffd_fields){.names = names, .values = values, .count = fields->count};
}

struct handoff *handoff_create(int64_t number, const char *id, const struct handoffd_handoff *given,
                               const char *request_key, int64_t digest, struct memo *memo)
{
    struct handoff *handoff = create(number);
    struct arena *arena = handoff->arena;
    handoff->given.id = arena_text(arena, id);
    handoff->given.user_phone = arena_text(arena, given->user_phone);
    handoff->given.reason = arena_text(arena, given->reason);
    handoff->given.user_name = arena_text(arena, given->user_name);
    handoff->given.conversation_id = arena_text(arena, given->conversation_id);
    handoff->given.additional_context = arena_text(arena, given->additional_context);
    handoff->given.fields = copy_fields(&given->fields, arena);
    handoff->given.received_ms = given->received_ms;
    handoff->fields_json = fields_json_write(&given->fields, arena);
    handoff->request_key = arena_text(arena, request_key);
    handoff->digest = digest;
    handoff->memo = memo != NULL ? memo_ref(memo) : memo_create(number, id);
    return handoff;
}

static struct attempt attempt_of(const struct store_attempt *stored, struct arena *arena)
{
    struct attempt attempt = {
        .number = stored->number,
        .vendor_id = arena_text(arena, stored->vendor),
        .channel = arena_text(arena, stored->channel),
        .address = arena_text(arena, stored->address),
        .message_id = arena_text(arena, stored->message_id),
        .code = stored->code,
        .tries = stored->tries,
        .due_ms = stored->due_ms,
        .started_ms = stored->started_ms,
        .since_ms = stored->since_ms,
        .asked = stored->asked,
        .is_guess = stored->is_guess,
    };
    attempt_state_parse(stored->state, &attempt.state);
    return attempt;
}

static void set_present(struct handoff *handoff, const struct attempt *attempt)
{
    if (handoff->attempt.number > 0) {
        struct former *former = arena_zeroed(handoff->arena, 1, sizeof *former);
        *former = (struct former){.attempt = handoff->attempt, .next = handoff->formers};
        handoff->formers = former;
    }
    handoff->attempt = *attempt;
}

struct handoff *handoff_restore(const struct store_found *found, const char *id, struct memo *memo)
{
    const struct store_handoff *stored = &found->handoff;
    struct handoffd_handoff given = {
        .size = sizeof given,
        .user_phone = stored->user_phone,
        .reason = stored->reason,
        .user_name = stored->user_name,
        .conversation_id = stored->conversation_id,
        .additional_context = stored->additional_context,
        .received_ms = stored->received_ms,
    };
    struct handoff *handoff = handoff_create(stored->number, id, &given, stored->request_key,
                                             stored->request_digest, memo);
    handoff->given.fields = fields_json_read(stored->fields, handoff->arena);
    handoff->fields_json = arena_text(handoff->arena, stored->fields);
    handoff_state_parse(found->state, &handoff->state);
    handoff->parent = stored->parent;
    handoff->crashes = found->crashes;
    handoff->stuck = arena_text(handoff->arena, found->stuck);
    handoff->events = found->events;
    handoff->memo->is_stored = true;
    for (size_t i = 0; i < found->attempt_count; i++) {
        struct attempt attempt = attempt_of(&found->attempts[i], handoff->arena);
        set_present(handoff, &attempt);
    }
    /* It is not taken up again, so nobody knows: a backup was made, or we died, at that moment. */
    if (handoff_state_is_over(handoff->state) && handoff->attempt.state == ATTEMPT_SENDING)
        handoff->attempt.state = ATTEMPT_UNKNOWN;
    return handoff;
}

void handoff_destroy(struct handoff *handoff)
{
    require(handoff->waiters == NULL);
    require(handoff->carrier == NULL && handoff->inquiry == NULL);
    memo_unref(handoff->memo);
    arena_destroy(handoff->handing);
    arena_destroy(handoff->arena);
}

/* ---- attempts */

void handoff_begin_attempt(struct handoff *handoff, const char *vendor_id, const char *channel,
                           const char *address, int64_t now_ms)
{
    struct arena *arena = handoff->arena;
    struct attempt attempt = {
        .number = handoff->attempt.number + 1,
        .state = ATTEMPT_READY,
        .vendor_id = arena_text(arena, vendor_id),
        .channel = arena_text(arena, channel),
        .address = arena_text(arena, address),
        .started_ms = now_ms,
        .since_ms = now_ms,
    };
    set_present(handoff, &attempt);
    handoff->pass = (struct gate_pass){0};
}

struct attempt *handoff_attempt(struct handoff *handoff, int64_t number)
{
    if (handoff->attempt.number == number)
        return &handoff->attempt;
    for (struct former *former = handoff->formers; former != NULL; former = former->next) {
        if (former->attempt.number == number)
            return &former->attempt;
    }
    return NULL;
}

bool handoff_is_asked(const struct handoff *handoff)
{
    return handoff->carrier != NULL && handoff->asked_number == handoff->attempt.number;
}

bool handoff_may_be_known(const struct handoff *handoff)
{
    const struct former *former = handoff->formers;
    while (former != NULL && !attempt_state_is_told(former->attempt.state) &&
           former->attempt.state != ATTEMPT_AMBIGUOUS)
        former = former->next;
    return former != NULL;
}

bool handoff_is_for(const struct handoff *handoff, const struct attempt *attempt)
{
    return handoff->parent == 0 || strcmp(attempt->vendor_id, handoff->attempt.vendor_id) == 0;
}

const struct attempt *handoff_arrived(const struct handoff *handoff)
{
    const struct former *former = handoff->formers;
    while (former != NULL && !(attempt_state_has_arrived(former->attempt.state) &&
                               handoff_is_for(handoff, &former->attempt)))
        former = former->next;
    return former != NULL ? &former->attempt : NULL;
}

const struct attempt *handoff_told(const struct handoff *handoff)
{
    const struct former *former = handoff->formers;
    if (attempt_state_is_told(handoff->attempt.state))
        return &handoff->attempt;
    while (former != NULL && !attempt_state_is_told(former->attempt.state))
        former = former->next;
    return former != NULL ? &former->attempt : NULL;
}

static bool is_same_address(const struct contact *contact, const char *address)
{
    char other[ADDRESS_BYTES];
    const struct handoffd_channel *channel = contact->channel->plugin->contract.channel;
    if (strcmp(contact->to, address) == 0)
        return true;
    return channel->other_to != NULL && channel->other_to(contact->to, other, sizeof other) &&
           strcmp(other, address) == 0;
}

struct binding attempt_bind(const struct attempt *attempt, const struct roster *roster)
{
    size_t found = attempt->number > 0 ? roster_find(roster, attempt->vendor_id) : NOBODY;
    if (found == NOBODY)
        return (struct binding){0};
    const struct vendor *vendor = &roster->vendors[found];
    for (size_t i = 0; i < vendor->contact_count; i++) {
        const struct contact *contact = &vendor->contacts[i];
        if (strcmp(contact->channel->name, attempt->channel) == 0 &&
            is_same_address(contact, attempt->address))
            return (struct binding){vendor, contact, i};
    }
    return (struct binding){0};
}

struct instance *attempt_channel(const struct attempt *attempt, const struct roster *roster)
{
    for (size_t i = 0; attempt->number > 0 && i < roster->count; i++) {
        const struct vendor *vendor = &roster->vendors[i];
        for (size_t c = 0; c < vendor->contact_count; c++) {
            if (strcmp(vendor->contacts[c].channel->name, attempt->channel) == 0)
                return vendor->contacts[c].channel;
        }
    }
    return NULL;
}

/* ---- what the store is to do for it */

enum store_wake handoff_wake(const struct handoff *handoff, int64_t *due_ms)
{
    *due_ms = 0;
    if (handoff_state_is_over(handoff->state))
        return STORE_DONE;
    if (attempt_state_is_moving(handoff->attempt.state))
        return STORE_OPEN;
    if (handoff->attempt.state != ATTEMPT_SENT || handoff->attempt.due_ms == 0)
        return STORE_DONE;
    *due_ms = handoff->attempt.due_ms;
    return STORE_RESTING;
}
