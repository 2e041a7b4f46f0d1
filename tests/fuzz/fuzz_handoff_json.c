/* fuzz_handoff_json - any body gives a handoff that keeps its promises, or a sentence that says why
 * not. */
#include <stdint.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "api/handoff_json.h"
#include "base/require.h"
#include "base/utf8.h"
#include "handoff/message.h"
#include "handoff/phone.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(const char *text)
{
    require(text == NULL || text[0] != '\0');
    require(text == NULL || utf8_is_valid(text, strlen(text)));
}

static void check_handoff(const struct handoffd_handoff *handoff)
{
    char normal[PHONE_SIZE];
    require(handoff->user_phone != NULL && handoff->reason != NULL);
    require(phone_normalise(handoff->user_phone, normal));
    require(strcmp(normal, handoff->user_phone) == 0);
    check_text(handoff->reason);
    check_text(handoff->user_name);
    check_text(handoff->conversation_id);
    check_text(handoff->additional_context);
    require(handoff->fields.count <= 32);
    for (size_t i = 0; i < handoff->fields.count; i++) {
        require(handoff->fields.names[i] != NULL && handoff->fields.values[i] != NULL);
        check_text(handoff->fields.values[i]);
    }
}

/* What was taken can be told. */
static void check_message(const struct handoffd_handoff *handoff, struct arena *arena)
{
    static const struct handoffd_channel channel = {.size = sizeof channel,
                                                    .text_limit = 160,
                                                    .text_unit = HANDOFFD_UTF16_UNITS,
                                                    .markup = "*_~`",
                                                    .line_markup = ">-1",
                                                    .makes_links = true};
    struct error error;
    const struct message_template *template =
        message_template_create(message_default_template, arena, &error);
    require(template != NULL);
    struct handoffd_message message;
    message_compose(template, &channel, handoff, "Ana", NULL, arena, &message);
    check_text(message.text);
    for (size_t i = 0; i < message.fields.count; i++)
        require(strchr(message.fields.values[i], '\n') == NULL);
}

/* ---- written by another hand, it is the same again */

static void add_text(cJSON *object, const char *name, const char *text)
{
    if (text != NULL)
        require(cJSON_AddStringToObject(object, name, text) != NULL);
}

static cJSON *written(const struct handoffd_handoff *handoff)
{
    cJSON *object = cJSON_CreateObject();
    add_text(object, "user_phone", handoff->user_phone);
    add_text(object, "reason", handoff->reason);
    add_text(object, "user_name", handoff->user_name);
    add_text(object, "conversation_id", handoff->conversation_id);
    add_text(object, "additional_context", handoff->additional_context);
    for (size_t i = 0; i < handoff->fields.count; i++)
        add_text(object, handoff->fields.names[i], handoff->fields.values[i]);
    return object;
}

static void compare_text(const char *one, const char *other)
{
    require((one == NULL) == (other == NULL));
    require(one == NULL || strcmp(one, other) == 0);
}

static void compare(const struct handoffd_handoff *one, const struct handoffd_handoff *other)
{
    compare_text(one->user_phone, other->user_phone);
    compare_text(one->reason, other->reason);
    compare_text(one->user_name, other->user_name);
    compare_text(one->conversation_id, other->conversation_id);
    compare_text(one->additional_context, other->additional_context);
    require(one->fields.count == other->fields.count);
    for (size_t i = 0; i < one->fields.count; i++) {
        compare_text(one->fields.names[i], other->fields.names[i]);
        compare_text(one->fields.values[i], other->fields.values[i]);
    }
}

static void check_round_trip(const struct handoffd_handoff *handoff, struct arena *arena)
{
    struct handoff_json again;
    cJSON *object = written(handoff);
    char *json = cJSON_PrintUnformatted(object);
    require(json != NULL);
    require(handoff_json_read(json, strlen(json), arena, &again) == HANDOFF_JSON_FINE);
    compare(handoff, &again.handoff);
    cJSON_free(json);
    cJSON_Delete(object);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_create(1024);
    struct handoff_json read;
    enum handoff_json_result result = handoff_json_read((const char *)data, size, arena, &read);
    if (result == HANDOFF_JSON_FINE) {
        read.handoff.id = "ho_1";
        check_handoff(&read.handoff);
        check_message(&read.handoff, arena);
        check_round_trip(&read.handoff, arena);
    } else {
        require(read.detail != NULL && read.detail[0] != '\0');
        require((result == HANDOFF_JSON_INVALID) == (read.error_count > 0));
        require(utf8_is_valid(read.detail, strlen(read.detail)));
    }
    arena_destroy(arena);
    return 0;
}
