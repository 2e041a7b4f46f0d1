/* history - one function a level: the handoff, its customer, its attempts, its events. */
#include "api/history.h"

#include <time.h>

#include "base/require.h"

void history_time(int64_t ms, char text[HISTORY_TIME_SIZE])
{
    time_t seconds = (time_t)(ms / 1000);
    struct tm utc;
    gmtime_r(&seconds, &utc);
    strftime(text, HISTORY_TIME_SIZE, "%Y-%m-%dT%H:%M:%SZ", &utc);
}

static cJSON *object_create(void)
{
    cJSON *object = cJSON_CreateObject();
    require(object != NULL);
    return object;
}

/* Texts that are not there are left out. */
static void add_text(cJSON *object, const char *name, const char *text)
{
    if (text != NULL)
        require(cJSON_AddStringToObject(object, name, text) != NULL);
}

static void add_number(cJSON *object, const char *name, int64_t number)
{
    require(cJSON_AddNumberToObject(object, name, (double)number) != NULL);
}

static void add_count(cJSON *object, const char *name, int64_t number)
{
    if (number != 0)
        add_number(object, name, number);
}

static void add_time(cJSON *object, const char *name, int64_t ms)
{
    char text[HISTORY_TIME_SIZE];
    if (ms <= 0)
        return;
    history_time(ms, text);
    add_text(object, name, text);
}

cJSON *history_line(const struct store_found *found, const struct public_ids *ids)
{
    char id[PUBLIC_ID_SIZE];
    cJSON *line = object_create();
    public_id_write(ids, found->handoff.number, id);
    add_text(line, "id", id);
    add_text(line, "state", found->state);
    if (found->handoff.parent != 0) {
        public_id_write(ids, found->handoff.parent, id);
        add_text(line, "update_of", id);
    }
    add_time(line, "received", found->handoff.received_ms);
    add_text(line, "caller", found->handoff.caller);
    if (found->attempt_count > 0) {
        const struct store_attempt *last = &found->attempts[found->attempt_count - 1];
        add_text(line, "vendor", last->vendor);
        add_text(line, "channel", last->channel);
        add_text(line, "attempt", last->state);
        add_count(line, "code", last->code);
        add_time(line, "due", last->due_ms);
    }
    add_number(line, "attempts_made", (int64_t)found->attempt_count);
    add_count(line, "crashes", found->crashes);
    add_text(line, "stuck", found->stuck);
    add_text(line, "detail", found->detail);
    return line;
}

static cJSON *customer_of(const struct store_handoff *handoff)
{
    cJSON *customer = object_create();
    add_text(customer, "user_phone", handoff->user_phone);
    add_text(customer, "user_name", handoff->user_name);
    add_text(customer, "reason", handoff->reason);
    add_text(customer, "conversation_id", handoff->conversation_id);
    add_text(customer, "additional_context", handoff->additional_context);
    add_text(customer, "fields", handoff->fields);
    return customer;
}

static cJSON *attempt_of(const struct store_attempt *stored)
{
    cJSON *attempt = object_create();
    add_number(attempt, "number", stored->number);
    add_text(attempt, "state", stored->state);
    add_text(attempt, "vendor", stored->vendor);
    add_text(attempt, "channel", stored->channel);
    add_text(attempt, "address", stored->address);
    add_text(attempt, "message_id", stored->message_id);
    add_count(attempt, "code", stored->code);
    add_number(attempt, "tries", stored->tries);
    add_time(attempt, "started", stored->started_ms);
    add_time(attempt, "since", stored->since_ms);
    add_time(attempt, "due", stored->due_ms);
    return attempt;
}

static cJSON *event_of(const struct store_event *stored)
{
    cJSON *event = object_create();
    add_number(event, "number", stored->number);
    add_time(event, "at", stored->at_ms);
    add_text(event, "kind", stored->kind);
    add_text(event, "detail", stored->detail);
    return event;
}

cJSON *history_story(const struct store_found *found, const struct public_ids *ids)
{
    cJSON *story = history_line(found, ids);
    require(cJSON_AddItemToObject(story, "customer", customer_of(&found->handoff)));
    cJSON *attempts = cJSON_AddArrayToObject(story, "attempts");
    for (size_t i = 0; i < found->attempt_count; i++)
        require(cJSON_AddItemToArray(attempts, attempt_of(&found->attempts[i])));
    cJSON *events = cJSON_AddArrayToObject(story, "events");
    for (size_t i = 0; i < found->story_count; i++)
        require(cJSON_AddItemToArray(events, event_of(&found->story[i])));
    return story;
}
