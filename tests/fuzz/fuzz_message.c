/* fuzz_message - whatever a customer says: what a salesperson reads has the template's lines and no
 * others, keeps to the channel's limit, and is UTF-8. The first bytes are what the channel is; then
 * the template and the data, a part each. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/require.h"
#include "base/utf8.h"
#include "handoff/clean.h"
#include "handoff/message.h"
#include "input.h"

enum { MOST_BYTES = 8192, DATA = 7 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t count_lines(const char *text)
{
    size_t lines = 1;
    for (; *text != '\0'; text++)
        lines += *text == '\n';
    return lines;
}

static size_t count_units(const char *text, uint32_t unit)
{
    size_t units = 0;
    if (unit == HANDOFFD_BYTES)
        return strlen(text);
    while (*text != '\0')
        units += utf8_next(&text) > 0xffff && unit == HANDOFFD_UTF16_UNITS ? 2 : 1;
    return units;
}

static void check_fields(const struct handoffd_fields *fields)
{
    for (size_t i = 0; i < fields->count; i++) {
        const char *value = fields->values[i];
        require(value[0] != '\0' && utf8_is_valid(value, strlen(value)));
        require(strpbrk(value, "\n\r\t\x7f") == NULL);
        require(message_is_field(fields->names[i]));
    }
}

static void check_message(const struct handoffd_message *message,
                          const struct handoffd_channel *channel, size_t most_lines)
{
    require(utf8_is_valid(message->text, strlen(message->text)));
    require(count_lines(message->text) <= most_lines);
    require(channel->text_limit == 0 ||
            count_units(message->text, channel->text_unit) <= channel->text_limit);
    require(channel->text_limit > 0 || message->text[0] != '\0');
    check_fields(&message->fields);
}

static struct handoffd_channel read_channel(struct input *input)
{
    static const char *const markups[] = {NULL, "*_~`", "<&", ""};
    static const char *const line_markups[] = {NULL, ">-", "#", ""};
    unsigned flags = input_byte(input);
    unsigned limit = input_byte(input);
    return (struct handoffd_channel){
        .size = sizeof(struct handoffd_channel),
        .text_limit = limit == 255 ? 1600 : limit,
        .text_unit = HANDOFFD_BYTES + flags % 3,
        .markup = markups[flags / 4 % 4],
        .line_markup = line_markups[flags / 16 % 4],
    };
}

/* As a request or an update has them. */
static void compose(struct input *input, const struct message_template *template,
                    const struct handoffd_channel *channel, size_t template_lines,
                    struct arena *arena)
{
    static const char *const notes[] = {NULL, message_possible_duplicate, message_update};
    const char *note = notes[input_byte(input) % COUNT_OF(notes)];
    const char *texts[DATA];
    struct handoffd_message message;
    for (size_t i = 0; i < DATA; i++) {
        CLEANUP(memory_free) char *part = input_part(input);
        texts[i] = clean_trimmed(part, arena);
    }
    const struct handoffd_handoff handoff = {
        .size = sizeof handoff,
        .id = texts[0] != NULL ? texts[0] : "ho_1",
        .user_phone = texts[1] != NULL ? texts[1] : "+5215512345678",
        .reason = texts[2] != NULL ? texts[2] : "hola",
        .user_name = texts[3],
        .conversation_id = texts[4],
        .additional_context = texts[5],
    };
    message_compose(template, channel, &handoff, texts[6] != NULL ? texts[6] : "Ana", note, arena,
                    &message);
    check_message(&message, channel, template_lines + (note != NULL ? 2 : 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {data, size};
    struct error error = {0};
    if (size > MOST_BYTES)
        return 0;
    struct arena *arena = arena_create(1024);
    struct handoffd_channel channel = read_channel(&input);
    CLEANUP(memory_free) char *part = input_part(&input);
    const char *text = part != NULL ? part : message_default_template;
    bool is_text = utf8_is_valid(text, strlen(text)); /* as vendors.yaml has seen to */
    const struct message_template *template =
        is_text ? message_template_create(text, arena, &error) : NULL;
    require(template != NULL || !is_text || error.message[0] != '\0');
    if (template != NULL)
        compose(&input, template, &channel, count_lines(text), arena);
    arena_destroy(arena);
    return 0;
}
