/* fuzz_twilio_likeness - whatever a customer says: our own message in Twilio's list is never taken
 * for another, which would be sent again, and nobody else's is taken for the very one.
 *
 * The first byte says how it is sent and shown, the next how Twilio treats line breaks; the parts
 * are the reason, the customer's name, the conversation, the context, and the reason of another
 * customer's message. */
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/require.h"
#include "form.h"
#include "handoff/clean.h"
#include "handoff/message.h"
#include "input.h"
#include "likeness.h"
#include "wanted.h"

enum { MOST_BYTES = 1536, BODY_BYTES = 64 * 1024, NAME_CHARACTERS = 40 };

/* The first byte. */
enum { BY_TEMPLATE = 1, IN_ONE_LINE = 2, IS_NAMED = 4, HAS_NOTE = 8, IS_DUPLICATE = 16 };

/* 2026-01-01 12:00 UTC */
#define NOW_MS INT64_C(1767268800000)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char to[] = "whatsapp:+5215500000001";

/* Shorter than Twilio's, so that it is reached. */
static const struct handoffd_channel channel = {.size = sizeof channel,
                                                .text_limit = 400,
                                                .text_unit = HANDOFFD_UTF16_UNITS,
                                                .markup = "*_~`",
                                                .line_markup = ">-"};

static const char *const names[] = {"cliente", "telefono", "motivo", "contexto", "id"};

/* ---- as Twilio shows it */

/* Nobody promises that it keeps white space as it was. */
static void write_text(const char *text, unsigned breaks, struct buffer *body)
{
    static const char *const shown[] = {"\n", " ", "\r\n", "\n\n", " \n "};
    for (; *text != '\0'; text++) {
        if (*text == '\n')
            buffer_append_text(body, shown[breaks % COUNT_OF(shown)]);
        else
            buffer_append_char(body, *text);
    }
}

static void write_template(const struct handoffd_list *variables,
                           const struct handoffd_fields *fields, unsigned flags,
                           struct buffer *body)
{
    buffer_append_text(body, "Nuevo cliente");
    for (size_t i = 0; i < variables->count; i++) {
        CLEANUP(memory_free) char *value = form_value(fields, variables->items[i]);
        buffer_append_text(body, (flags & IN_ONE_LINE) != 0 ? ", dato: " : "\n* dato: ");
        buffer_append_text(body, value);
    }
}

static cJSON *entry_of(const char *body, const char *date, const char *direction)
{
    cJSON *entry = cJSON_CreateObject();
    require(cJSON_AddStringToObject(entry, "sid", "SM1") != NULL);
    require(cJSON_AddStringToObject(entry, "to", to) != NULL);
    require(cJSON_AddStringToObject(entry, "date_created", date) != NULL);
    require(cJSON_AddStringToObject(entry, "direction", direction) != NULL);
    require(cJSON_AddStringToObject(entry, "body", body) != NULL);
    return entry;
}

static enum likeness likeness_at(const char *body, const char *date, const char *direction,
                                 const struct wanted *wanted)
{
    cJSON *entry = entry_of(body, date, direction);
    enum likeness likeness = likeness_of(entry, wanted);
    cJSON_Delete(entry);
    return likeness;
}

/* ---- one message and another */

struct sending {
    unsigned flags;
    unsigned breaks;
    struct handoffd_list variables;
    struct arena *arena;
};

static void write_body(const struct sending *sending, const struct handoffd_message *message,
                       struct buffer *body)
{
    buffer_init(body, BODY_BYTES);
    if ((sending->flags & BY_TEMPLATE) != 0)
        write_template(&sending->variables, &message->fields, sending->flags, body);
    else
        write_text(message->text, sending->breaks, body);
    require(!body->is_full);
}

static void check_own(const struct sending *sending, const struct handoffd_message *message,
                      const struct wanted *wanted)
{
    static const char noon[] = "Thu, 01 Jan 2026 12:00:01 +0000";
    static const char day_before[] = "Wed, 31 Dec 2025 11:49:59 +0000";
    CLEANUP(buffer_deinit) struct buffer body;
    write_body(sending, message, &body);
    enum likeness likeness = likeness_at(body.bytes, noon, "outbound-api", wanted);
    if ((sending->flags & BY_TEMPLATE) == 0)
        require(likeness == LIKENESS_SAME);
    else if ((sending->flags & IN_ONE_LINE) != 0)
        require(likeness == LIKENESS_SIMILAR || likeness == LIKENESS_DOUBTFUL);
    else
        require(likeness == LIKENESS_SIMILAR);
    require(likeness_at(body.bytes, day_before, "outbound-api", wanted) == LIKENESS_NONE);
    require(likeness_at(body.bytes, noon, "inbound", wanted) == LIKENESS_NONE);
    require(likeness_at("", noon, "outbound-api", wanted) == LIKENESS_HIDDEN);
}

/* Of a customer with another number and another conversation. */
static void check_other(const struct sending *sending, const struct handoffd_message *message,
                        const struct wanted *wanted)
{
    static const char noon[] = "Thu, 01 Jan 2026 12:00:01 +0000";
    CLEANUP(buffer_deinit) struct buffer body;
    write_body(sending, message, &body);
    require(likeness_at(body.bytes, noon, "outbound-api", wanted) != LIKENESS_SAME);
}

static bool compose(const struct sending *sending, const struct handoffd_handoff *handoff,
                    struct handoffd_message *message)
{
    struct error error;
    const char *note = (sending->flags & HAS_NOTE) == 0       ? NULL
                       : (sending->flags & IS_DUPLICATE) != 0 ? message_possible_duplicate
                                                              : message_update;
    const struct message_template *template =
        message_template_create(message_default_template, sending->arena, &error);
    if (clean_trimmed(handoff->reason, sending->arena) == NULL)
        return false; /* such a request is refused */
    message_compose(template, &channel, handoff, "Ana", note, sending->arena, message);
    return true;
}

static void check(const struct sending *sending, const struct handoffd_handoff *own,
                  const struct handoffd_handoff *others)
{
    struct wanted wanted;
    struct handoffd_message message;
    struct handoffd_message another;
    const struct handoffd_attempt attempt = {
        .size = sizeof attempt, .id = 1, .to = to, .started_ms = NOW_MS};
    if (!compose(sending, own, &message))
        return;
    bool is_template = (sending->flags & BY_TEMPLATE) != 0;
    require(wanted_init(&wanted, &attempt, &message, is_template ? &sending->variables : NULL));
    wanted_set_clock(&wanted, NOW_MS, NOW_MS);
    check_own(sending, &message, &wanted);
    if (compose(sending, others, &another))
        check_other(sending, &another, &wanted);
    wanted_deinit(&wanted);
}

/* As much longer ones are refused of a real message, so that the number is never cut off. */
static const char *short_text(const char *text, struct arena *arena)
{
    return text != NULL ? clean_cut(text, HANDOFFD_CODE_POINTS, NAME_CHARACTERS, arena) : NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {data, size};
    struct sending sending = {0};
    if (size > MOST_BYTES)
        return 0;
    sending.flags = input_byte(&input);
    sending.breaks = input_byte(&input);
    sending.arena = arena_create(8192);
    CLEANUP(memory_free) char *reason = input_part(&input);
    CLEANUP(memory_free) char *name = input_part(&input);
    CLEANUP(memory_free) char *conversation = input_part(&input);
    CLEANUP(memory_free) char *context = input_part(&input);
    CLEANUP(memory_free) char *other_reason = input_part(&input);
    struct handoffd_handoff own = {.size = sizeof own,
                                   .id = "ho_1",
                                   .user_phone = "+5215512345678",
                                   .reason = reason,
                                   .user_name = short_text(name, sending.arena),
                                   .conversation_id = short_text(conversation, sending.arena),
                                   .additional_context = context};
    struct handoffd_handoff others = own;
    others.id = "ho_2";
    others.user_phone = "+5215599999999";
    others.reason = other_reason != NULL ? other_reason : reason;
    sending.variables = (struct handoffd_list){
        names, (sending.flags & IS_NAMED) != 0 ? COUNT_OF(names) : COUNT_OF(names) - 1};
    check(&sending, &own, &others);
    arena_destroy(sending.arena);
    return 0;
}
