/* clean - what a character is decides: shown, a blank, or nothing. */
#include "handoff/clean.h"

#include <stdbool.h>
#include <string.h>
#include <utf8proc.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/utf8.h"
#include "plugin.h"

enum { TEXT_VARIATION = 0xfe0e, EMOJI_VARIATION = 0xfe0f, BRAILLE_BLANK = 0x2800 };

enum kind { SHOWN, BLANK, INVISIBLE };

static utf8proc_category_t category_of(uint32_t character)
{
    return utf8proc_category((utf8proc_int32_t)character);
}

static bool is_noncharacter(uint32_t character)
{
    return (character & 0xfffe) == 0xfffe || (character >= 0xfdd0 && character <= 0xfdef);
}

/* The two that choose between ☎ and ☎️; the others can only carry what nobody sees. */
static bool is_variation(uint32_t character)
{
    return character == TEXT_VARIATION || character == EMOJI_VARIATION;
}

static enum kind kind_of(uint32_t character)
{
    switch (category_of(character)) {
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_ZS:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
        return BLANK;
    case UTF8PROC_CATEGORY_CF:
        return INVISIBLE;
    default:
        break;
    }
    if (character == BRAILLE_BLANK)
        return BLANK;
    bool is_ignorable = utf8proc_get_property((utf8proc_int32_t)character)->ignorable;
    bool is_hidden = is_ignorable && !is_variation(character);
    return is_hidden || is_noncharacter(character) ? INVISIBLE : SHOWN;
}

static bool is_mark(uint32_t character)
{
    utf8proc_category_t category = category_of(character);
    return category >= UTF8PROC_CATEGORY_MN && category <= UTF8PROC_CATEGORY_ME;
}

/* A letter, one of its accents, or a digit. */
static bool is_word(uint32_t character)
{
    utf8proc_category_t category = category_of(character);
    return category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_NO;
}

/* ------------------------------------------------------------ trimming */

/* Combining marks show only on something. */
static bool can_begin(uint32_t character)
{
    return kind_of(character) == SHOWN && !is_mark(character);
}

const char *clean_trimmed(const char *text, struct arena *arena)
{
    const char *first = NULL;
    const char *end = NULL;
    const char *at = text ? text : "";
    while (*at != '\0') {
        const char *start = at;
        uint32_t character = utf8_next(&at);
        if (first == NULL && can_begin(character))
            first = start;
        if (first != NULL && kind_of(character) == SHOWN)
            end = at;
    }
    return first ? arena_bytes(arena, first, (size_t)(end - first)) : NULL;
}

/* ------------------------------------------------------------ one line */

static void append(struct buffer *to, uint32_t character)
{
    utf8proc_uint8_t bytes[4];
    utf8proc_ssize_t count = utf8proc_encode_char((utf8proc_int32_t)character, bytes);
    buffer_append(to, (const char *)bytes, (size_t)count);
}

/* What is shown of the text, with one space for each run of blanks. */
static void flatten(const char *text, struct buffer *flat)
{
    bool is_blank_due = false;
    uint32_t last = 0;
    while (*text != '\0') {
        uint32_t character = utf8_next(&text);
        enum kind kind = kind_of(character);
        bool is_loose = is_mark(character) && (last == 0 || is_blank_due);
        if (kind == BLANK)
            is_blank_due = last != 0;
        if (kind != SHOWN || is_loose || (is_variation(character) && is_variation(last)))
            continue;
        if (is_blank_due)
            append(flat, ' ');
        append(flat, character);
        is_blank_due = false;
        last = character;
    }
}

static bool is_among(const char *set, uint32_t character)
{
    return set != NULL && character > ' ' && character < 0x7f &&
           strchr(set, (int)character) != NULL;
}

/* For a character of ASCII; those without a better one have a wide form. */
static uint32_t look_alike(uint32_t character)
{
    static const struct {
        uint32_t character, twin;
    } twins[] = {{'*', 0x2217 /* ∗ */}, {'_', 0x02cd /* ˍ */}, {'~', 0x223c /* ∼ */},
                 {'`', 0x2019 /* ’ */}, {'>', 0x203a /* › */}, {'-', 0x2013 /* – */}};
    for (size_t i = 0; i < COUNT_OF(twins); i++)
        if (twins[i].character == character)
            return twins[i].twin;
    return character + (0xff01 - '!');
}

static void neutralise(const char *flat, const char *markup, const char *line_markup,
                       struct buffer *line)
{
    uint32_t before = 0;
    for (const char *at = flat; *at != '\0';) {
        uint32_t character = utf8_next(&at);
        const char *ahead = at;
        bool is_inside_word = is_word(before) && is_word(utf8_next(&ahead));
        bool formats = (is_among(markup, character) && !is_inside_word) ||
                       (is_among(line_markup, character) && before == 0);
        append(line, formats ? look_alike(character) : character);
        before = character;
    }
}

const char *clean_line(const char *text, const char *markup, const char *line_markup,
                       struct arena *arena)
{
    if (text == NULL)
        return NULL;
    CLEANUP(buffer_deinit) struct buffer flat;
    CLEANUP(buffer_deinit) struct buffer line;
    buffer_init(&flat, 3 * strlen(text)); /* an invalid byte becomes three */
    flatten(text, &flat);
    buffer_init(&line, 3 * flat.length); /* so may a look-alike */
    neutralise(flat.bytes, markup, line_markup, &line);
    return line.length > 0 ? arena_bytes(arena, line.bytes, line.length) : NULL;
}

/* ------------------------------------------------------------ cutting */

static size_t units_of(uint32_t character, size_t bytes, uint32_t unit)
{
    if (unit == HANDOFFD_BYTES)
        return bytes;
    return unit == HANDOFFD_UTF16_UNITS && character > 0xffff ? 2 : 1;
}

/* The last place between two graphemes that has at most `room` units before it. */
static const char *last_boundary(const char *text, uint32_t unit, size_t room)
{
    const char *boundary = text;
    utf8proc_int32_t state = 0;
    utf8proc_int32_t before = 0;
    size_t used = 0;
    while (*text != '\0') {
        const char *start = text;
        utf8proc_int32_t character = (utf8proc_int32_t)utf8_next(&text);
        if (before == 0 || utf8proc_grapheme_break_stateful(before, character, &state))
            boundary = start;
        used += units_of((uint32_t)character, (size_t)(text - start), unit);
        if (used > room)
            return boundary;
        before = character;
    }
    return text;
}

const char *clean_cut(const char *text, uint32_t unit, uint32_t limit, struct arena *arena)
{
    static const char ellipsis[] = "…";
    if (limit == 0 || *last_boundary(text, unit, limit) == '\0')
        return text;
    size_t ellipsis_units = units_of(0x2026, sizeof ellipsis - 1, unit);
    bool has_ellipsis = limit > ellipsis_units;
    const char *end = last_boundary(text, unit, has_ellipsis ? limit - ellipsis_units : limit);
    while (end > text && (end[-1] == ' ' || end[-1] == '\n'))
        end--;
    const char *part = arena_bytes(arena, text, (size_t)(end - text));
    return has_ellipsis ? arena_format(arena, "%s%s", part, ellipsis) : part;
}
