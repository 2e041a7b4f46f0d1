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
enum { OVERLAY_CLASS = 1, MARKS_MOST = 4 };

enum kind { SHOWN, BLANK, INVISIBLE };

static utf8proc_category_t category_of(uint32_t character)
{
    return utf8proc_category((utf8proc_int32_t)character);
}

/* Nobody sees them, though nobody has given them a meaning yet: Default_Ignorable_Code_Point. */
static bool is_reserved(uint32_t character)
{
    return character == 0x2065 || (character >= 0xfff0 && character <= 0xfff8) ||
           (character >= 0xe0000 && character <= 0xe0fff);
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

/* Strikes out, or draws through, what stands before it. */
static bool is_overlay(uint32_t character)
{
    return utf8proc_get_property((utf8proc_int32_t)character)->combining_class == OVERLAY_CLASS;
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
    return is_hidden || is_reserved(character) || is_noncharacter(character) ||
                   is_overlay(character)
               ? INVISIBLE
               : SHOWN;
}

static bool is_mark(uint32_t character)
{
    utf8proc_category_t category = category_of(character);
    return category >= UTF8PROC_CATEGORY_MN && category <= UTF8PROC_CATEGORY_ME;
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

/* Letters that are bold, cursive, … by themselves could be taken for a label of the template. */
static uint32_t in_plain_type(uint32_t character)
{
    utf8proc_int32_t plain[4];
    int boundary = 0;
    const utf8proc_property_t *property = utf8proc_get_property((utf8proc_int32_t)character);
    return property->decomp_type == UTF8PROC_DECOMP_TYPE_FONT &&
                   utf8proc_decompose_char((utf8proc_int32_t)character, plain, 4,
                                           UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT, &boundary) == 1
               ? (uint32_t)plain[0]
               : character;
}

/* What is shown of the text, with one space for each run of blanks, and no heap of marks. */
static void flatten(const char *text, struct buffer *flat)
{
    bool is_blank_due = false;
    uint32_t last = 0;
    size_t marks = 0;
    while (*text != '\0') {
        uint32_t character = in_plain_type(utf8_next(&text));
        enum kind kind = kind_of(character);
        bool is_loose = is_mark(character) && (last == 0 || is_blank_due || marks == MARKS_MOST);
        if (kind == BLANK)
            is_blank_due = last != 0;
        if (kind != SHOWN || is_loose || (is_variation(character) && is_variation(last)))
            continue;
        marks = is_mark(character) ? marks + 1 : 0;
        if (is_blank_due)
            append(flat, ' ');
        append(flat, character);
        is_blank_due = false;
        last = character;
    }
}

static bool is_digit(uint32_t character)
{
    return character >= '0' && character <= '9';
}

/* ------------------------------------------------------------ links
 *
 * No two programs agree on what a link is, but all end it at a space. So what follows a dot of a
 * web address gets one before it: "robot.mx" is read as "robot. mx", and opens nothing. */

struct links {
    bool is_in_address; /* an e-mail address: it opens no page, and people answer to it */
    int number_dots;    /* in the number that goes on */
};

/* Those that browsers read as one: Unicode Technical Standard #46. */
static bool is_dot(uint32_t character)
{
    return character == '.' || character == 0x2024 || character == 0x3002 || character == 0xfe52 ||
           character == 0xff0e || character == 0xff61;
}

static bool is_colon(uint32_t character)
{
    return character == ':' || character == 0xff1a;
}

static bool is_slash(uint32_t character)
{
    return character == '/' || character == '\\' || character == 0xff0f;
}

/* A letter, one of its marks, or a digit. */
static bool is_word(uint32_t character)
{
    utf8proc_category_t category = category_of(character);
    return category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_NO;
}

/* The bytes of letters and digits with one of the joints between each two runs of them. */
static size_t atoms_length(const char *text, const char *joints)
{
    static const char atom[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    size_t length = strspn(text, atom);
    while (length > 0 && text[length] != '\0' && strchr(joints, text[length]) != NULL) {
        size_t more = strspn(text + length + 1, atom);
        if (more == 0)
            break;
        length += 1 + more;
    }
    return length;
}

/* A word that is an e-mail address and nothing else, punctuation around it left aside. */
static bool is_address(const char *word)
{
    const char *name = word + strspn(word, "(<[\"'");
    const char *sign = name + atoms_length(name, "._%+-");
    if (sign == name || *sign != '@')
        return false;
    size_t host_length = atoms_length(sign + 1, ".-");
    const char *host_end = sign + 1 + host_length;
    const char *end = host_end + strspn(host_end, ".,;:!?)>]\"'");
    return host_length > 0 && (*end == ' ' || *end == '\0');
}

static void links_begin_word(struct links *links, const char *word)
{
    *links = (struct links){.is_in_address = is_address(word)};
}

/* Does a link end if a space follows this character? Dots in numbers stay, up to 1.500.000; the
 * third makes an address of the network. */
static bool links_is_joint(struct links *links, uint32_t before, uint32_t character, uint32_t next)
{
    if (links->is_in_address)
        return false;
    if (is_colon(character))
        return is_slash(next);
    if (!is_dot(character))
        links->number_dots *= is_digit(character);
    else if (is_digit(before) && is_digit(next))
        return ++links->number_dots % 3 == 0;
    else
        return before != 0 && before != ' ' && is_word(next);
    return false;
}

/* ------------------------------------------------------------ markup */

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

/* WhatsApp's word: formatting may end before any other letter, as in "*á". */
static bool is_plain_word(uint32_t character)
{
    uint32_t lower = character | 0x20;
    return is_digit(character) || (lower >= 'a' && lower <= 'z');
}

static uint32_t peek(const char *at)
{
    return utf8_next(&at);
}

/* The dot of a text that begins like an item of a numbered list, or NULL. Behind that of "1.sí"
 * comes a space yet. */
static const char *list_dot(const char *flat, const char *line_markup)
{
    size_t digits = strspn(flat, "0123456789");
    if (digits == 0 || flat[digits] != '.' || !is_among(line_markup, '1'))
        return NULL;
    uint32_t next = peek(flat + digits + 1);
    bool gets_space = is_word(next) && !is_digit(next) && !is_address(flat);
    bool is_item = next == 0 || next == ' ' || gets_space;
    return is_item ? flat + digits : NULL;
}

/* What stands for the character at `at`, behind `before` (0: nothing). */
static uint32_t shown_form(uint32_t character, uint32_t before, uint32_t next,
                           const struct handoffd_channel *channel)
{
    bool is_inside_word = is_plain_word(before) && is_plain_word(next);
    bool formats = (is_among(channel->markup, character) && !is_inside_word) ||
                   (is_among(channel->line_markup, character) && before == 0);
    return formats && !is_digit(character) ? look_alike(character) : character;
}

static void neutralise(const char *flat, const struct handoffd_channel *channel,
                       struct buffer *line)
{
    const char *dot = list_dot(flat, channel->line_markup);
    struct links links = {0};
    uint32_t before = 0;
    for (const char *at = flat; *at != '\0';) {
        bool is_list_dot = at == dot;
        if (before == 0 || before == ' ')
            links_begin_word(&links, at);
        uint32_t character = utf8_next(&at);
        uint32_t next = peek(at);
        append(line, is_list_dot ? ')' : shown_form(character, before, next, channel));
        if (channel->makes_links && links_is_joint(&links, before, character, next))
            append(line, ' ');
        before = character;
    }
}

const char *clean_line(const char *text, const struct handoffd_channel *channel,
                       struct arena *arena)
{
    static const struct handoffd_channel none = {.size = sizeof none};
    if (text == NULL)
        return NULL;
    CLEANUP(buffer_deinit) struct buffer flat;
    CLEANUP(buffer_deinit) struct buffer line;
    buffer_init(&flat, 3 * strlen(text)); /* an invalid byte becomes three */
    flatten(text, &flat);
    buffer_init(&line, 3 * flat.length); /* so may a look-alike */
    neutralise(flat.bytes, channel != NULL ? channel : &none, &line);
    return line.length > 0 ? arena_bytes(arena, line.bytes, line.length) : NULL;
}

/* ------------------------------------------------------------ cutting */

static size_t units_of(uint32_t character, size_t bytes, uint32_t unit)
{
    if (unit == HANDOFFD_BYTES)
        return bytes;
    return unit == HANDOFFD_UTF16_UNITS && character > 0xffff ? 2 : 1;
}

size_t clean_units(const char *text, uint32_t unit)
{
    size_t units = 0;
    while (*text != '\0') {
        const char *start = text;
        uint32_t character = utf8_next(&text);
        units += units_of(character, (size_t)(text - start), unit);
    }
    return units;
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

/* Half an e-mail address may be a web address: it is left out as a whole. */
static const char *before_address(const char *text, const char *end)
{
    const char *word = end;
    while (word > text && word[-1] != ' ' && word[-1] != '\n')
        word--;
    bool is_cut = *end != ' ' && *end != '\n';
    return is_cut && memchr(word, '@', strcspn(word, " \n")) != NULL ? word : end;
}

const char *clean_cut(const char *text, uint32_t unit, uint32_t limit, struct arena *arena)
{
    static const char ellipsis[] = "…";
    if (limit == 0 || *last_boundary(text, unit, limit) == '\0')
        return text;
    size_t ellipsis_units = units_of(0x2026, sizeof ellipsis - 1, unit);
    bool has_ellipsis = limit > ellipsis_units;
    const char *end = last_boundary(text, unit, has_ellipsis ? limit - ellipsis_units : limit);
    end = before_address(text, end);
    while (end > text && strchr(" \n*_~`", end[-1]) != NULL)
        end--;
    const char *part = arena_bytes(arena, text, (size_t)(end - text));
    return has_ellipsis ? arena_format(arena, "%s%s", part, ellipsis) : part;
}
