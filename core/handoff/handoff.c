/* handoff - makes the record, from a request or from the store. */
#include "handoff/handoff.h"

#include <string.h>

#include "base/clock.h"
#include "base/require.h"
#include "handoff/fields_json.h"
#include "plugin/instance.h"

enum { ARENA_BYTES = 4096 };

static struct handoff *create(int64_t number, const struct roster *roster)
{
    struct arena *arena = arena_create(ARENA_BYTES);
    struct handoff *handoff = arena_zeroed(arena, 1, sizeof *handoff);
    handoff->number = number;
    handoff->arena = arena;
    handoff->given.size = sizeof handoff->given;
    handoff->tried = arena_zeroed(arena, roster->count, sizeof *handoff->tried);
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
                               const char *request_key, int64_t digest, const struct roster *roster)
{
    struct handoff *handoff = create(number, roster);
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
    handoff->memo = memo_create(number, id);
    return handoff;
}

/* A vendor or a contact that vendors.yaml no longer has leaves the attempt without one. */
static void restore_attempt(struct handoff *handoff, const struct store_attempt *stored,
                            const struct roster *roster)
{
    struct attempt *attempt = &handoff->attempt;
    *attempt = (struct attempt){
        .number = stored->number,
        .vendor_id = arena_text(handoff->arena, stored->vendor),
        .channel = arena_text(handoff->arena, stored->channel),
        .address = arena_text(handoff->arena, stored->address),
        .message_id = arena_text(handoff->arena, stored->message_id),
        .code = stored->code,
        .tries = stored->tries,
        .due_ms = stored->due_ms,
        .started_ms = stored->started_ms,
    };
    attempt_state_parse(stored->state, &attempt->state);
    size_t vendor = roster_find(roster, stored->vendor);
    for (size_t i = 0; vendor != NOBODY && i < roster->vendors[vendor].contact_count; i++) {
        const struct contact *contact = &roster->vendors[vendor].contacts[i];
        if (strcmp(contact->channel->name, stored->channel) != 0 ||
            strcmp(contact->to, stored->address) != 0)
            continue;
        attempt->vendor = &roster->vendors[vendor];
        attempt->contact = i;
        return;
    }
}

/* `tried` are ids, each followed by a newline. */
static void restore_tried(struct handoff *handoff, const char *tried, const struct roster *roster)
{
    for (size_t i = 0; tried != NULL && i < roster->count; i++) {
        const char *id = roster->vendors[i].id;
        size_t length = strlen(id);
        for (const char *at = tried; *at != '\0'; at += strcspn(at, "\n") + 1) {
            if (strncmp(at, id, length) == 0 && at[length] == '\n')
                handoff->tried[i] = true;
        }
    }
}

struct handoff *handoff_restore(const struct store_found *found, const char *id,
                                const struct roster *roster)
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
                                             stored->request_digest, roster);
    handoff->given.fields = fields_json_read(stored->fields, handoff->arena);
    handoff->fields_json = arena_text(handoff->arena, stored->fields);
    handoff_state_parse(found->state, &handoff->state);
    handoff->events = found->events;
    handoff->memo->is_stored = true;
    restore_tried(handoff, found->tried, roster);
    if (found->attempt.number > 0)
        restore_attempt(handoff, &found->attempt, roster);
    return handoff;
}

void handoff_destroy(struct handoff *handoff)
{
    require(handoff->waiters == NULL);
    memo_unref(handoff->memo);
    arena_destroy(handoff->arena);
}

void handoff_begin_attempt(struct handoff *handoff, const struct vendor *vendor, size_t contact)
{
    handoff->attempt = (struct attempt){
        .number = handoff->attempt.number + 1,
        .state = ATTEMPT_READY,
        .vendor = vendor,
        .contact = contact,
        .vendor_id = vendor->id,
        .channel = vendor->contacts[contact].channel->name,
        .address = vendor->contacts[contact].to,
        .started_ms = clock_wall_ms(),
    };
}

struct instance *attempt_instance(const struct attempt *attempt)
{
    return attempt->vendor->contacts[attempt->contact].channel;
}
