/* test_message_property - whatever a customer says, in whichever field, and whatever `message:`
 * vendors.yaml has: the message has the template's lines and labels and nothing else.
 *
 * The generator mixes what is meant to break a message with ordinary Spanish and emoji. What is
 * checked is written from what WhatsApp does with a text, not from what the daemon does to it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/utf8.h"
#include "handoff/message.h"

enum { ROUNDS = 4000, VALUE_BYTES = 8192, TEXT_BYTES = 16384, DATA = 7, LINES = 12, PIECES = 6 };

static const struct handoffd_channel whatsapp = {
    .size = sizeof whatsapp,
    .text_limit = 1600,
    .text_unit = HANDOFFD_UTF16_UNITS,
    .markup = "*_~`",
    .line_markup = ">-1",
    .makes_links = true,
};

static uint32_t seed;
static uint32_t random_state;

static uint32_t below(uint32_t bound)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 17;
    random_state ^= random_state << 5;
    return random_state % bound;
}

/* ------------------------------------------------------------ what customers say */

static const char ordinary[] =
    "hola|quiero|una cotización|¿cuánto cuesta?|mi robot no prende|¡urgente!|"
    "José Ñandú|restaurante|a las 10:30|$1.500.000|3.5 "
    "kg|Sra.|👍🏽|🇲🇽|👨‍👩‍👧|☎️|e\u0301|"
    "café|ñ|a|7|conv_abc123|2*3|日本語|русский|…|y/o|juan.perez@empresa.com.mx|"
    "+52 1 55 1234 5678|55.1234.5678|C.V.|No.Sí";

static const char nasty[] =
    "\n|\r|\r\n|\v|\f|\t|\xc2\x85|\u2028|\u2029| |    |\u00a0|\u3000|"
    "\n📱 *Teléfono:* +19995550000\n|*|_|~|`|```|*oferta*|_ya_|~no~|```x```|a*b|a_ñ|é*|"
    ">|> |-|- |* |1. |12. |1.|http://|https://|HTTPS://|www.|evil.com|robot.mx|"
    "wa.me/5215550000000|bit.ly/x|.com|.|com|\uff0e|\u3002|\uff61|\u2024|\ufe52|"
    "evil\uff0ecom|evil\u3002com|evil.\u200bcom|\uff1a\uff0f\uff0f|://|192.0.2.1|"
    "1.1.1.1/|@|x@evil.com/login|россия.рф|\u202e|\u202a|\u2066|\u2069|\u200e|\u200f|"
    "\u061c|\u200b|\u200c|\u200d|\u2060|\ufeff|\u00ad|\u180e|\ufe0f|\ufe0e|\ufe01|"
    "\U000e0100|\U000e0041|\U000e007f|\u0301|\u20e3|\u115f|\u2800|\u034f|\x01|\x07|"
    "\x1b[31m|\x7f|\xff|\xc3|\xed\xa0\x80|\xf0\x9f|{motivo}|{{|}|%s|\U0001f468\u200d|"
    "\U0001f1f2|\U0001f3fd|\U0001d5e7\U0001d5f2\U0001d5f9:|\U0001d7cf. |\u0336|"
    "\u0301\u0301\u0301\u0301\u0301\u0301|\U0001d486\U0001d497.\U0001d484\U0001d490|\u210b";

static size_t encode(uint32_t character, char *to)
{
    if (character < 0x80) {
        to[0] = (char)character;
        return 1;
    }
    size_t more = character < 0x800 ? 1 : character < 0x10000 ? 2 : 3;
    static const unsigned char lead[] = {0, 0xc0, 0xe0, 0xf0};
    to[0] = (char)(lead[more] | (character >> (6 * more)));
    for (size_t i = 1; i <= more; i++)
        to[i] = (char)(0x80 | ((character >> (6 * (more - i))) & 0x3f));
    return more + 1;
}

/* One of the pieces between the bars. */
static size_t pick(const char *pieces, char *to)
{
    size_t count = 1;
    for (const char *at = pieces; *at != '\0'; at++)
        count += *at == '|';
    for (size_t skipped = below((uint32_t)count); skipped > 0; skipped--)
        pieces = strchr(pieces, '|') + 1;
    size_t length = strcspn(pieces, "|");
    memcpy(to, pieces, length);
    return length;
}

static size_t add_piece(char *to)
{
    uint32_t kind = below(10);
    if (kind == 9)
        return encode(1 + below(below(2) ? 0x10ffff : 0x3000), to); /* surrogates too */
    return pick(kind < 5 ? ordinary : nasty, to);
}

/* Words with and without a space between; now and then far more than fits. */
static const char *random_value(struct arena *arena)
{
    char value[VALUE_BYTES];
    size_t length = 0;
    size_t most = below(12) == 0 ? 4000 + below(3000) : below(200);
    for (size_t count = 1 + below(30); count > 0 || (most > 4000 && length < most);
         count -= count > 0) {
        if (length + 64 > sizeof value)
            break;
        length += add_piece(value + length);
        if (below(2) == 0)
            value[length++] = ' ';
    }
    return arena_bytes(arena, value, length);
}

static const char *maybe_value(struct arena *arena)
{
    return below(5) == 0 ? NULL : random_value(arena);
}

/* ------------------------------------------------------------ templates */

static const char *const names[DATA] = {"cliente",  "telefono", "motivo", "conversacion",
                                        "contexto", "vendedor", "id"};

/* A stretch of text, or a datum by its number. */
struct part {
    const char *text;
    size_t datum;
};

struct shape {
    struct part parts[PIECES];
    size_t count; /* 0: a blank line */
};

struct skeleton {
    struct shape lines[LINES];
    size_t count;
};

static const char *const labels[] = {
    "👤 *Cliente:* ", "Tel. ", "> ", "- ", "1. ", "(", "*Urgente* ", "\"",
    "https://wa.me/", "~",     "_",  ""};
static const char *const between[] = {" ", " · ", " / ", ", tel. ", ") ", "_ *"};
static const char *const own[] = {"🔔 *Nuevo cliente*", "Ver https://robots.example/panel",
                                  "{{ya}}", "---", "> nota"};

static void add_text(struct shape *line, const char *text)
{
    if (text[0] != '\0')
        line->parts[line->count++] = (struct part){.text = text};
}

static void add_datum(struct shape *line, size_t datum)
{
    line->parts[line->count++] = (struct part){.datum = datum};
}

static struct shape random_line(void)
{
    struct shape line = {0};
    uint32_t kind = below(8);
    if (kind == 0)
        return line;
    if (kind == 1) {
        add_text(&line, own[below(COUNT_OF(own))]);
        return line;
    }
    add_text(&line, labels[below(COUNT_OF(labels))]);
    add_datum(&line, below(DATA));
    if (kind < 4) {
        add_text(&line, between[below(COUNT_OF(between))]);
        add_datum(&line, below(DATA));
    }
    if (kind == 2)
        add_text(&line, "*");
    return line;
}

/* The last line keeps the message from being empty. */
static struct skeleton random_skeleton(void)
{
    struct skeleton skeleton = {.count = 2 + below(LINES - 2)};
    for (size_t i = 0; i + 1 < skeleton.count; i++)
        skeleton.lines[i] = random_line();
    add_text(&skeleton.lines[skeleton.count - 1], "fin ");
    add_datum(&skeleton.lines[skeleton.count - 1], 1);
    return skeleton;
}

static const char *template_text(const struct skeleton *skeleton, struct arena *arena)
{
    const char *end = below(2) == 0 ? "\n" : "\r\n";
    const char *text = "";
    for (size_t i = 0; i < skeleton->count; i++) {
        for (size_t p = 0; p < skeleton->lines[i].count; p++) {
            const struct part *part = &skeleton->lines[i].parts[p];
            text = part->text != NULL ? arena_format(arena, "%s%s", text, part->text)
                                      : arena_format(arena, "%s{%s}", text, names[part->datum]);
        }
        text = arena_format(arena, "%s%s", text, end);
    }
    return text;
}

/* ------------------------------------------------------------ the oracle: one value */

/* SEED=… ./test_message_property sees it again. */
#define check(holds)                                                                               \
    do {                                                                                           \
        if (!(holds))                                                                              \
            fail_msg("SEED=%u: %s: \"%s\"", seed, #holds, value);                                  \
    } while (0)

static bool is_between(uint32_t character, uint32_t first, uint32_t last)
{
    return character >= first && character <= last;
}

/* Blanks but the space, line ends, control characters, what turns or hides letters. */
static bool is_forbidden(uint32_t character)
{
    return character < 0x20 || is_between(character, 0x7f, 0xa0) || character == 0xad ||
           is_between(character, 0x334, 0x338) || is_between(character, 0x1d5a0, 0x1d6a3) ||
           character == 0x34f || character == 0x61c || character == 0x1680 ||
           is_between(character, 0x180b, 0x180f) || is_between(character, 0x2000, 0x200f) ||
           is_between(character, 0x2028, 0x202f) || is_between(character, 0x205f, 0x206f) ||
           character == 0x2800 || character == 0x3000 || is_between(character, 0xfe00, 0xfe0d) ||
           character == 0xfeff || is_between(character, 0xfff0, 0xfff8) ||
           (character & 0xfffe) == 0xfffe || is_between(character, 0xe0000, 0xe0fff);
}

static bool is_ascii_word(uint32_t character)
{
    return is_between(character, '0', '9') || is_between(character, 'A', 'Z') ||
           is_between(character, 'a', 'z');
}

/* Latin, Greek, Cyrillic, Japanese, Chinese, Korean: there are names of the web in all of them. */
static bool is_letter(uint32_t character)
{
    bool is_sign = character == 0xd7 || character == 0xf7;
    return is_between(character, 'A', 'Z') || is_between(character, 'a', 'z') ||
           (is_between(character, 0xc0, 0x24f) && !is_sign) ||
           is_between(character, 0x3b1, 0x3c9) || is_between(character, 0x400, 0x481) ||
           is_between(character, 0x3041, 0x3096) || is_between(character, 0x4e00, 0x9fff) ||
           is_between(character, 0xac00, 0xd7a3);
}

static bool is_any_dot(uint32_t character)
{
    return character == '.' || character == 0x2024 || character == 0x3002 || character == 0xfe52 ||
           character == 0xff0e || character == 0xff61;
}

static void check_characters(const char *value)
{
    check(utf8_is_valid(value, strlen(value)));
    for (const char *at = value; *at != '\0';) {
        uint32_t character = utf8_next(&at);
        if (is_forbidden(character))
            fail_msg("SEED=%u: U+%04X in \"%s\"", seed, character, value);
    }
    check(value[0] != '\0' && value[0] != ' ' && value[strlen(value) - 1] != ' ');
    check(strstr(value, "  ") == NULL);
}

/* A sign formats unless letters or digits of ASCII are on both of its sides. */
static void check_markup(const char *value)
{
    for (size_t i = 0; value[i] != '\0'; i++) {
        if (strchr("*_~`", value[i]) != NULL)
            check(i > 0 && is_ascii_word((unsigned char)value[i - 1]) &&
                  is_ascii_word((unsigned char)value[i + 1]));
    }
    check(strchr(">-*", value[0]) == NULL);
    size_t digits = strspn(value, "0123456789");
    check(digits == 0 || value[digits] != '.' ||
          (value[digits + 1] != ' ' && value[digits + 1] != '\0'));
}

/* One word; what may stand around an address is taken off. */
static bool is_email(const char *word, size_t length)
{
    while (length > 0 && strchr("(<[\"'", word[0]) != NULL)
        word++, length--;
    while (length > 0 && strchr(".,;:!?)>]\"'", word[length - 1]) != NULL)
        length--;
    size_t signs = 0;
    for (size_t i = 0; i < length; i++) {
        signs += word[i] == '@';
        if (!is_ascii_word((unsigned char)word[i]) && strchr("@._%+-", word[i]) == NULL)
            return false;
    }
    return signs == 1 && length > 2 && word[0] != '@' && word[length - 1] != '@';
}

static bool is_quad(const char *word, size_t length)
{
    size_t groups = 0;
    for (size_t i = 0; i < length && groups < 4; groups++) {
        size_t digits = 0;
        while (i + digits < length && is_between((unsigned char)word[i + digits], '0', '9'))
            digits++;
        if (digits == 0)
            return false;
        i += digits;
        if (groups < 3 && (i >= length || word[i++] != '.'))
            return false;
    }
    return groups == 4;
}

/* A scheme, a name with a dot before a letter, or four numbers. */
static bool is_link(const char *word, size_t length)
{
    uint32_t before = 0;
    bool is_page = false;
    for (const char *at = word; at < word + length;) {
        is_page = is_page || is_quad(at, (size_t)(word + length - at));
        uint32_t character = utf8_next(&at);
        const char *behind = at;
        uint32_t next = at < word + length ? utf8_next(&behind) : ' ';
        bool is_colon = character == ':' || character == 0xff1a;
        is_page = is_page || (before != 0 && is_any_dot(character) && is_letter(next)) ||
                  (is_colon && (next == '/' || next == 0xff0f));
        before = character;
    }
    return is_page && !is_email(word, length);
}

static void check_links(const char *value)
{
    for (const char *word = value; *word != '\0';) {
        size_t length = strcspn(word, " ");
        if (is_link(word, length))
            fail_msg("SEED=%u: a link: \"%.*s\" in \"%s\"", seed, (int)length, word, value);
        word += length + (word[length] == ' ');
    }
}

static void check_value(const char *value)
{
    check_characters(value);
    check_markup(value);
    check_links(value);
}

/* ------------------------------------------------------------ the oracle: the text */

struct page {
    const char *values[DATA]; /* NULL: missing */
};

static struct page page_of(const struct handoffd_message *message, bool has_note)
{
    struct page page = {{NULL}};
    for (size_t i = 0; i < DATA; i++) {
        for (size_t f = 0; f < message->fields.count; f++) {
            const char *value = message->fields.values[f];
            bool is_reason = i == 2;
            if (strcmp(message->fields.names[f], names[i]) == 0)
                page.values[i] = has_note && is_reason ? value + strlen(message_update) + 2 : value;
        }
    }
    return page;
}

static bool is_kept(const struct shape *lines, size_t count, const struct page *page)
{
    size_t data = 0;
    size_t there = 0;
    for (size_t i = 0; i < count; i++) {
        for (size_t p = 0; p < lines[i].count; p++) {
            const struct part *part = &lines[i].parts[p];
            data += part->text == NULL;
            there += part->text == NULL && page->values[part->datum] != NULL;
        }
    }
    return data == 0 || there > 0;
}

/* A cut between two characters that belong together shows. */
static bool is_whole(const char *value, size_t length)
{
    const char *behind = value + length;
    uint32_t next = utf8_next(&behind);
    size_t flags = 0;
    uint32_t before = 0;
    for (const char *at = value; at < value + length;) {
        before = utf8_next(&at);
        flags = is_between(before, 0x1f1e6, 0x1f1ff) ? flags + 1 : 0;
    }
    bool splits_flag = is_between(next, 0x1f1e6, 0x1f1ff) && flags % 2 == 1;
    return !splits_flag && !is_between(next, 0x300, 0x36f) && next != 0xfe0f && next != 0x20e3 &&
           !is_between(next, 0x1f3fb, 0x1f3ff) &&
           (length == 0 || strchr("*_~`", value[length - 1]) == NULL);
}

/* The last of the words up to there, which may be half of one. */
static const char *last_word(const char *value, size_t length)
{
    while (length > 0 && value[length - 1] != ' ')
        length--;
    return value + length;
}

static size_t word_length(const char *value, size_t length)
{
    return length - (size_t)(last_word(value, length) - value);
}

static bool matches(const char *text, const struct part *parts, size_t count,
                    const struct page *page);

/* Each place where the value may have been cut. */
static bool matches_cut(const char *text, const char *value, const struct part *parts, size_t count,
                        const struct page *page)
{
    size_t length = 0;
    do {
        if (strncmp(text + length, "…", strlen("…")) == 0 && is_whole(value, length) &&
            !is_link(last_word(value, length), word_length(value, length)) &&
            matches(text + length + strlen("…"), parts, count, page))
            return true;
    } while (value[length] != '\0' && text[length] == value[length] && ++length > 0);
    return false;
}

/* Is this line made of these parts and nothing else? */
static bool matches(const char *text, const struct part *parts, size_t count,
                    const struct page *page)
{
    if (count == 0)
        return text[0] == '\0';
    const char *piece = parts->text != NULL ? parts->text : page->values[parts->datum];
    if (parts->text != NULL && strcmp(piece, "{{ya}}") == 0)
        piece = "{ya}";
    if (piece == NULL)
        return matches(text, parts + 1, count - 1, page);
    size_t length = strlen(piece);
    if (strncmp(text, piece, length) == 0 && matches(text + length, parts + 1, count - 1, page))
        return true;
    return parts->text == NULL && matches_cut(text, piece, parts + 1, count - 1, page);
}

/* Takes one line off; NULL behind the last. */
static const char *take_line(const char **text, struct arena *arena)
{
    if (*text == NULL)
        return NULL;
    size_t length = strcspn(*text, "\n");
    const char *line = arena_bytes(arena, *text, length);
    *text = (*text)[length] == '\n' ? *text + length + 1 : NULL;
    return line;
}

static size_t paragraph_length(const struct skeleton *skeleton, size_t first)
{
    size_t length = 0;
    while (first + length < skeleton->count && skeleton->lines[first + length].count > 0)
        length++;
    return length;
}

/* The lines that the template has for these data, in their order, and no other. */
static void check_lines(const struct skeleton *skeleton, const struct page *page, const char *text,
                        struct arena *arena)
{
    const char *value = text;
    const char *rest = text;
    bool has_begun = false;
    size_t blank = 0;
    for (size_t i = 0; i < skeleton->count; i++) {
        size_t length = paragraph_length(skeleton, i);
        if (length == 0) {
            blank++;
            continue;
        }
        if (!is_kept(&skeleton->lines[i], length, page)) {
            blank = 0;
            i += length - 1;
            continue;
        }
        for (; has_begun && blank > 0; blank--)
            check(strcmp(take_line(&rest, arena), "") == 0);
        blank = 0;
        has_begun = true;
        for (size_t end = i + length; i < end; i++) {
            const struct shape *line = &skeleton->lines[i];
            if (!is_kept(line, 1, page))
                continue;
            const char *found = take_line(&rest, arena);
            check(found != NULL && matches(found, line->parts, line->count, page));
        }
        i--;
    }
    check(rest == NULL);
}

static size_t utf16_units(const char *text)
{
    size_t units = 0;
    while (*text != '\0')
        units += utf8_next(&text) > 0xffff ? 2 : 1;
    return units;
}

/* ------------------------------------------------------------ the property */

static struct handoffd_handoff random_handoff(struct arena *arena)
{
    return (struct handoffd_handoff){
        .size = sizeof(struct handoffd_handoff),
        .id = "ho_vb30bwt21z22zb44astxfw5ey4",
        .user_phone = below(2) == 0 ? "+5215512345678" : random_value(arena),
        .reason = random_value(arena),
        .user_name = maybe_value(arena),
        .conversation_id = maybe_value(arena),
        .additional_context = maybe_value(arena),
    };
}

/* Always there, as api/handoff_json.c and the roster have it. */
static void make_sure(struct handoffd_handoff *handoff, const char **vendor, struct arena *arena)
{
    handoff->user_phone = arena_format(arena, "t%s", handoff->user_phone);
    handoff->reason = arena_format(arena, "m%s", handoff->reason);
    *vendor = arena_format(arena, "Ana %s", *vendor);
}

static void check_message(const struct skeleton *skeleton, const struct handoffd_message *message,
                          bool has_note, uint32_t limit, struct arena *arena)
{
    const char *value = message->text;
    check(utf8_is_valid(value, strlen(value)));
    check(utf16_units(value) <= limit);
    struct page page = page_of(message, has_note);
    for (size_t i = 0; i < DATA; i++)
        if (page.values[i] != NULL)
            check_value(page.values[i]);
    size_t note = has_note ? strlen(message_update) : 0;
    check(strncmp(value, message_update, note) == 0);
    check(note == 0 || strncmp(value + note, "\n\n", 2) == 0);
    check_lines(skeleton, &page, value + note + (note > 0 ? 2 : 0), arena);
}

static void compose_one(void)
{
    random_state = seed;
    struct arena *arena = arena_create(1 << 16);
    struct error error = {""};
    struct skeleton skeleton = random_skeleton();
    const char *text = template_text(&skeleton, arena);
    const struct message_template *template = message_template_create(text, arena, &error);
    if (template == NULL)
        fail_msg("%s", error.message);
    struct handoffd_handoff handoff = random_handoff(arena);
    const char *vendor = random_value(arena);
    make_sure(&handoff, &vendor, arena);
    struct handoffd_channel channel = whatsapp;
    channel.text_limit = below(3) == 0 ? 900 + below(700) : 1600; /* the longest template has 700 */
    bool has_note = below(4) == 0;
    struct handoffd_message message;
    message_compose(template, &channel, &handoff, vendor, has_note ? message_update : NULL, arena,
                    &message);
    check_message(&skeleton, &message, has_note, channel.text_limit, arena);
    arena_destroy(arena);
}

static void whatever_a_customer_says_the_message_is_the_templates(void **state)
{
    (void)state;
    const char *only = getenv("SEED");
    for (uint32_t round = 1; round <= ROUNDS; round++) {
        seed = only != NULL ? (uint32_t)strtoul(only, NULL, 10) : round * 2654435761U;
        compose_one();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whatever_a_customer_says_the_message_is_the_templates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
