/* test_message - what the salesperson reads, whatever the customer wrote. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/utf8.h"
#include "handoff/clean.h"
#include "handoff/message.h"

static const struct handoffd_channel whatsapp = {
    .size = sizeof whatsapp,
    .medium = "WhatsApp",
    .text_limit = 1600,
    .text_unit = HANDOFFD_UTF16_UNITS,
    .markup = "*_~`",
    .line_markup = ">-1",
    .makes_links = true,
};

static const struct handoffd_channel plain = {.size = sizeof plain};

/* The specification's. */
static const struct handoffd_handoff example = {
    .size = sizeof example,
    .id = "ho_1",
    .user_phone = "+5215512345678",
    .reason = "Cliente desea información sobre cotizaciones",
    .user_name = "Juan Pérez",
    .conversation_id = "conv_abc123",
    .additional_context = "El cliente preguntó por robots para restaurante",
};

static int create_arena(void **state)
{
    setenv("LC_ALL", "C", 1);
    *state = arena_create(4096);
    return 0;
}

static int destroy_arena(void **state)
{
    arena_destroy(*state);
    return 0;
}

static struct handoffd_message compose(const char *text, const struct handoffd_channel *channel,
                                       const struct handoffd_handoff *handoff, struct arena *arena)
{
    struct error error = {""};
    const struct message_template *template = message_template_create(text, arena, &error);
    if (template == NULL)
        fail_msg("%s", error.message);
    struct handoffd_message message = {0};
    message_compose(template, channel, handoff, "Ana Torres", NULL, arena, &message);
    assert_int_equal(message.size, sizeof message);
    return message;
}

static void check_text(const char *template, const struct handoffd_handoff *handoff,
                       const char *expected, struct arena *arena)
{
    assert_string_equal(compose(template, &whatsapp, handoff, arena).text, expected);
}

/* What the channel gets of this reason. */
static const char *clean_reason(const char *reason, struct arena *arena)
{
    struct handoffd_handoff handoff = {.size = sizeof handoff, .reason = reason};
    return compose("{motivo}", &whatsapp, &handoff, arena).text;
}

static const char *field(const struct handoffd_message *message, const char *name)
{
    for (size_t i = 0; i < message->fields.count; i++)
        if (strcmp(message->fields.names[i], name) == 0)
            return message->fields.values[i];
    return NULL;
}

/* ------------------------------------------------------------ composing */

static struct handoffd_message
compose_noted(const char *note, const struct handoffd_channel *channel, struct arena *arena)
{
    struct error error = {""};
    struct handoffd_message message = {0};
    const struct message_template *template =
        message_template_create("👤 {cliente}\n📝 {motivo}", arena, &error);
    message_compose(template, channel, &example, "Ana Torres", note, arena, &message);
    return message;
}

/* A template with variables has no line above the text: there the reason carries it. */
static void a_note_stands_above_the_text_and_before_the_reason(void **state)
{
    struct handoffd_message plain_one = compose_noted(NULL, &whatsapp, *state);
    struct handoffd_message noted = compose_noted(message_possible_duplicate, &whatsapp, *state);
    assert_string_equal(plain_one.text,
                        "👤 Juan Pérez\n📝 Cliente desea información sobre cotizaciones");
    assert_string_equal(noted.text,
                        "⚠️ Posible duplicado: quizá otra persona ya recibió este aviso\n\n"
                        "👤 Juan Pérez\n📝 Cliente desea información sobre cotizaciones");
    assert_string_equal(field(&noted, "motivo"),
                        "⚠️ Posible duplicado: quizá otra persona ya recibió este aviso. "
                        "Cliente desea información sobre cotizaciones");
    assert_string_equal(field(&plain_one, "motivo"),
                        "Cliente desea información sobre cotizaciones");
    assert_string_equal(field(&noted, "cliente"), field(&plain_one, "cliente"));
    assert_int_equal(noted.fields.count, plain_one.fields.count);
}

static void a_noted_text_is_cut_as_a_whole(void **state)
{
    struct handoffd_channel channel = whatsapp;
    channel.text_limit = 30;
    struct handoffd_message message = compose_noted(message_possible_duplicate, &channel, *state);
    assert_string_equal(message.text, "⚠️ Posible duplicado: quizá o…");
}

static void the_example_of_the_specification_comes_out_byte_for_byte(void **state)
{
    check_text(message_default_template, &example,
               "🔔 *Nuevo cliente solicita atención humana*\n"
               "\n"
               "👤 *Cliente:* Juan Pérez\n"
               "📱 *Teléfono:* +5215512345678\n"
               "📝 *Motivo:* Cliente desea información sobre cotizaciones\n"
               "🆔 *Conversación:* conv_abc123\n"
               "\n"
               "💬 *Contexto:*\n"
               "El cliente preguntó por robots para restaurante",
               *state);
}

static void a_line_whose_datum_is_missing_is_left_out(void **state)
{
    struct handoffd_handoff handoff = example;
    handoff.user_name = NULL;
    handoff.conversation_id = NULL;
    check_text(message_default_template, &handoff,
               "🔔 *Nuevo cliente solicita atención humana*\n"
               "\n"
               "📱 *Teléfono:* +5215512345678\n"
               "📝 *Motivo:* Cliente desea información sobre cotizaciones\n"
               "\n"
               "💬 *Contexto:*\n"
               "El cliente preguntó por robots para restaurante",
               *state);
}

static void a_paragraph_whose_data_are_missing_is_left_out_with_its_title(void **state)
{
    struct handoffd_handoff handoff = example;
    handoff.additional_context = NULL;
    const char *without = "🔔 *Nuevo cliente solicita atención humana*\n"
                          "\n"
                          "👤 *Cliente:* Juan Pérez\n"
                          "📱 *Teléfono:* +5215512345678\n"
                          "📝 *Motivo:* Cliente desea información sobre cotizaciones\n"
                          "🆔 *Conversación:* conv_abc123";
    check_text(message_default_template, &handoff, without, *state);
    handoff.additional_context = "\u200b \n";
    check_text(message_default_template, &handoff, without, *state);
}

static void blank_lines_stand_only_between_what_is_there(void **state)
{
    struct handoffd_handoff handoff = example;
    handoff.user_name = NULL;
    check_text("\n{cliente}\n\n{telefono}\n\n\n{motivo}\n\n", &handoff,
               "+5215512345678\n\n\nCliente desea información sobre cotizaciones", *state);
    check_text("{telefono}\n \t\nCliente\n{cliente}\n\n\nfin", &handoff, "+5215512345678\n\n\nfin",
               *state);
}

static void a_line_is_kept_for_the_sake_of_one_of_its_data(void **state)
{
    struct handoffd_handoff handoff = example;
    handoff.user_name = NULL;
    handoff.conversation_id = NULL;
    check_text("De {cliente}{telefono}\n{cliente}{conversacion}", &handoff, "De +5215512345678",
               *state);
}

static void every_word_stands_for_its_datum(void **state)
{
    check_text("{vendedor}|{id}|{cliente}|{telefono}|{teléfono}|{motivo}|{conversacion}|"
               "{conversación}|{contexto}",
               &example,
               "Ana Torres|ho_1|Juan Pérez|+5215512345678|+5215512345678|Cliente desea "
               "información sobre cotizaciones|conv_abc123|conv_abc123|El cliente preguntó por "
               "robots para restaurante",
               *state);
}

static void doubled_braces_are_braces_and_windows_line_ends_are_fine(void **state)
{
    check_text("{{{telefono}}}\r\n{{cliente}}\r\n\r\nfin\r\n", &example,
               "{+5215512345678}\n{cliente}\n\nfin", *state);
}

static void customer_text_is_no_template(void **state)
{
    struct handoffd_handoff handoff = example;
    handoff.reason = "{telefono} {{cliente}} %s";
    check_text("{motivo}", &handoff, "{telefono} {{cliente}} %s", *state);
}

static void fields_hold_the_clean_values_that_are_there(void **state)
{
    struct handoffd_handoff handoff = example;
    handoff.user_name = NULL;
    handoff.additional_context = "uno\n*dos*";
    struct handoffd_message message =
        compose(message_default_template, &whatsapp, &handoff, *state);
    assert_int_equal(message.fields.count, 6);
    assert_null(field(&message, "cliente"));
    assert_string_equal(field(&message, "telefono"), "+5215512345678");
    assert_string_equal(field(&message, "contexto"), "uno ∗dos∗");
    assert_string_equal(field(&message, "conversacion"), "conv_abc123");
    assert_string_equal(field(&message, "vendedor"), "Ana Torres");
    assert_string_equal(field(&message, "id"), "ho_1");
}

static void knows_its_fields(void **state)
{
    (void)state;
    assert_true(message_is_field("cliente"));
    assert_true(message_is_field("vendedor"));
    assert_false(message_is_field("Cliente"));
    assert_false(message_is_field("teléfono"));
    assert_false(message_is_field(""));
}

/* ------------------------------------------------------------ templates */

static void check_refused(const char *text, const char *message, struct arena *arena)
{
    struct error error = {""};
    assert_null(message_template_create(text, arena, &error));
    assert_string_equal(error.message, message);
}

static void names_the_line_and_the_unknown_word(void **state)
{
    check_refused("{telefono}\n\n{nombre}",
                  "line 3: {nombre} is unknown; there are {cliente}, {telefono}, {motivo}, "
                  "{conversacion}, {contexto}, {vendedor}, {id}",
                  *state);
    setenv("LC_ALL", "es_MX.UTF-8", 1);
    check_refused("{}",
                  "línea 1: {} no se conoce; existen {cliente}, {telefono}, {motivo}, "
                  "{conversacion}, {contexto}, {vendedor}, {id}",
                  *state);
}

static void refuses_lone_braces(void **state)
{
    check_refused("a\n{telefono", "line 2: \"{\" without \"}\"; write {{ for a brace", *state);
    check_refused("{telefono{motivo}", "line 1: \"{\" without \"}\"; write {{ for a brace", *state);
    check_refused("{telefono\n}", "line 1: \"{\" without \"}\"; write {{ for a brace", *state);
    check_refused("telefono}", "line 1: \"}\" without \"{\"; write }} for a brace", *state);
}

static void refuses_a_message_that_could_be_empty(void **state)
{
    static const char message[] = "the message would be empty where its data are missing; "
                                  "{telefono} and {motivo} never are";
    check_refused("", "the message is empty", *state);
    check_refused(" \n\n\t\n", "the message is empty", *state);
    check_refused("{contexto}", message, *state);
    check_refused("Cliente\n{cliente}\n\n{contexto}", message, *state);
}

/* ------------------------------------------------------------ cleaning */

struct pair {
    const char *given;
    const char *expected;
};

static void check_pairs(const struct pair *pairs, size_t count, struct arena *arena)
{
    for (size_t i = 0; i < count; i++)
        assert_string_equal(clean_reason(pairs[i].given, arena), pairs[i].expected);
}

static void customer_text_is_one_line(void **state)
{
    static const struct pair pairs[] = {
        {"uno\ndos", "uno dos"},
        {" \tuno \r\n\r\n dos ", "uno dos"},
        {"a\u2028b\u2029c\xc2\x85 d", "a b c d"},
        {"a\vb\fc\x1b[31md\x7f", "a b c [31md"},
        {"a\u00a0\u3000b\u2003c", "a b c"},
        {"ok\n*Motivo:* otro\n📱 *Teléfono:* +1", "ok ∗Motivo:∗ otro 📱 ∗Teléfono:∗ +1"},
    };
    check_pairs(pairs, COUNT_OF(pairs), *state);
}

static void invisible_characters_are_gone(void **state)
{
    static const struct pair pairs[] = {
        {"a\u202eb\u202cc", "abc"},
        {"\u2066a\u2069\u200e\u200f\u061c", "a"},
        {"c\u200bo\u200cm\u200dp\u2060r\ufeffa\u00ad", "compra"},
        {"a\U000e0041\U000e0042b", "ab"},
        {"a\u2065\ufff0\U000e00fc\U000e0fffb", "ab"},
        {"a\u115f\u3164\uffa0b\u2800c", "ab c"},
        {"a\ufe00\U000e0100\ufe0f\ufe0f\ufe0eb\ufffe\U0001ffff", "a\ufe0fb"},
        {"\u0301\ufe0fÁna", "Ána"},
        {"a \u0301b", "a b"},
    };
    check_pairs(pairs, COUNT_OF(pairs), *state);
}

static void accents_and_emoji_stay(void **state)
{
    static const struct pair pairs[] = {
        {"cotización ¿cuánto? ¡ñandú! €", "cotización ¿cuánto? ¡ñandú! €"},
        {"cafe\u0301", "cafe\u0301"},
        {"☎️ 👍🏽 🇲🇽 1️⃣", "☎️ 👍🏽 🇲🇽 1️⃣"},
        {"👨‍👩‍👧", "👨👩👧"},
        {"日本語 русский العربية", "日本語 русский العربية"},
        {"a\xff\xc3", "a\ufffd\ufffd"},
    };
    check_pairs(pairs, COUNT_OF(pairs), *state);
}

static void markup_formats_nothing(void **state)
{
    static const struct pair pairs[] = {
        {"*urgente*", "∗urgente∗"},
        {"_ya_ ~no~ `x` ```y```", "ˍyaˍ ∼no∼ ’x’ ’’’y’’’"},
        {"conv_abc123", "conv_abc123"},
        {"a_b_c 2*3 a`b", "a_b_c 2*3 a`b"},
        {"año_ñu café_1 cafe\u0301_x", "añoˍñu caféˍ1 cafe\u0301ˍx"}, /* they may end "_…_" */
        {"conv__abc _abc abc_", "convˍˍabc ˍabc abcˍ"},
        {"(*a*) *\u200ba\u200b*", "(∗a∗) ∗a∗"},
        {"2 * 3", "2 ∗ 3"},
        {"*", "∗"},
        {"> cita", "› cita"},
        {"- lista - y > más", "– lista - y > más"},
        {"\n\n-5 grados", "–5 grados"},
        {"1. lista 2. más", "1) lista 2. más"},
        {"12.", "12)"},
        {"1.sí", "1) sí"},
        {"1.- uno", "1.- uno"},
        {"1.5 kg", "1.5 kg"},
        {"1 .", "1 ."},
    };
    check_pairs(pairs, COUNT_OF(pairs), *state);
}

static void web_addresses_open_nothing(void **state)
{
    static const struct pair pairs[] = {
        {"robot.mx", "robot. mx"},
        {"https://www.evil.com/x?a=b", "https: //www. evil. com/x?a=b"},
        {"wa.me/5215512345678", "wa. me/5215512345678"},
        {"http://localhost/ ftp:\\x", "http: //localhost/ ftp: \\x"},
        {"evil\uff0ecom evil\u3002com evil\uff61com evil\u2024com",
         "evil\uff0e com evil\u3002 com evil\uff61 com evil\u2024 com"},
        {"evil.\u200bcom e\u00advil.com", "evil. com evil. com"},
        {"http\uff1a\uff0f\uff0fevil", "http\uff1a \uff0f\uff0fevil"},
        {"a 163.com 3com.mx españa.cat россия.рф", "a 163. com 3com. mx españa. cat россия. рф"},
        {"http://192.0.2.1/", "http: //192.0.2. 1/"},
    };
    check_pairs(pairs, COUNT_OF(pairs), *state);
}

static void what_only_looks_like_a_web_address_stays(void **state)
{
    static const struct pair pairs[] = {
        {"Hola. ¿Cuánto? $1.500.000 o 3.5 kg... v1.2.3", NULL},
        {"a las 10:30, c/u 24/7", NULL},
        {"mi correo es juan.perez+1@empresa.com.mx, gracias", NULL},
        {"(eva_l@x.mx) +52 55.1234.5678", NULL},
        {".NET y .5", NULL},
        {"S.A. de C.V.", "S. A. de C. V."},
        {"No prende.Quiero ayuda", "No prende. Quiero ayuda"},
        {"eva@x.mx/y.z eva@@x.mx http://eva@x.mx", "eva@x. mx/y. z eva@@x. mx http: //eva@x. mx"},
    };
    for (size_t i = 0; i < COUNT_OF(pairs); i++)
        assert_string_equal(clean_reason(pairs[i].given, *state),
                            pairs[i].expected ? pairs[i].expected : pairs[i].given);
}

static void a_channel_without_markup_keeps_every_character(void **state)
{
    struct handoffd_handoff handoff = {.size = sizeof handoff, .reason = "- *a* `b` x.mx"};
    assert_string_equal(compose("{motivo}", &plain, &handoff, *state).text, "- *a* `b` x.mx");
}

static void markup_without_a_look_alike_becomes_wide(void **state)
{
    static const struct handoffd_channel channel = {.size = sizeof channel, .markup = "<>#"};
    assert_string_equal(clean_line("<b> #1 a#b", &channel, *state), "＜b› ＃1 a#b");
}

/* Bold letters, letters that are struck out, a tower of accents. */
static void letters_are_plain(void **state)
{
    static const struct pair pairs[] = {
        {"\U0001d5e7\U0001d5f2\U0001d5f9:", "Tel:"},
        {"\u210b\U0001d4be \u2115\U0001d7d7", "Hi N9"},
        {"\U0001d7cf. a", "1) a"},
        {"\U0001d486\U0001d497.\U0001d484\U0001d490", "ev. co"},
        {"n\u0336o\u0338 a\u20d2", "no a"},
        {"e\u0301\u0301\u0301\u0301\u0301\u0301x", "e\u0301\u0301\u0301\u0301x"},
        {"Vi\u1ec7t n\u0303 \u2116 5 \u00bd \u2122 7\u20e3",
         "Vi\u1ec7t n\u0303 \u2116 5 \u00bd \u2122 7\u20e3"},
    };
    check_pairs(pairs, COUNT_OF(pairs), *state);
}

static void trimming_leaves_the_inside_alone(void **state)
{
    assert_string_equal(clean_trimmed(" \n\u200b a\n\u200b b \u2069\t", *state), "a\n\u200b b");
    assert_string_equal(clean_trimmed("*a*", *state), "*a*");
    assert_null(clean_trimmed(NULL, *state));
    assert_null(clean_trimmed("", *state));
    assert_null(clean_trimmed(" \u0301\u200d\ufe0f", *state));
}

/* ------------------------------------------------------------ cutting */

static void cuts_to_the_limit_in_the_channels_unit(void **state)
{
    static const struct {
        const char *text;
        uint32_t unit, limit;
        const char *expected;
    } cases[] = {
        {"abcdef", HANDOFFD_CODE_POINTS, 6, "abcdef"},
        {"abcdef", HANDOFFD_CODE_POINTS, 5, "abcd…"},
        {"abcdef", HANDOFFD_CODE_POINTS, 0, "abcdef"},
        {"ñandú", HANDOFFD_BYTES, 7, "ñandú"},
        {"ñandú", HANDOFFD_BYTES, 6, "ña…"},
        {"abcdef", HANDOFFD_BYTES, 3, "abc"},
        {"😀😀😀", HANDOFFD_UTF16_UNITS, 6, "😀😀😀"},
        {"😀😀😀", HANDOFFD_UTF16_UNITS, 5, "😀😀…"},
        {"😀😀😀", HANDOFFD_UTF16_UNITS, 4, "😀…"},
        {"😀😀😀", HANDOFFD_CODE_POINTS, 2, "😀…"},
        {"uno dos tres", HANDOFFD_CODE_POINTS, 9, "uno dos…"},
        {"uno\n\ndos", HANDOFFD_CODE_POINTS, 6, "uno…"},
        {"😀😀", HANDOFFD_UTF16_UNITS, 1, ""},
        {"", HANDOFFD_BYTES, 1, ""},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_string_equal(clean_cut(cases[i].text, cases[i].unit, cases[i].limit, *state),
                            cases[i].expected);
}

static void never_cuts_inside_a_grapheme(void **state)
{
    static const struct pair pairs[] = {
        {"abcde\u0301x", "abcd…"},
        {"abcd👍🏽x", "abcd…"},
        {"ab🇲🇽🇺🇸x", "ab🇲🇽…"},
        {"abcd☎️x", "abcd…"},
        {"a👨‍👩‍👧x", "a…"},
        {"\u1100\u1161\u11a8abcdef", "\u1100\u1161\u11a8ab…"},
        {"e\u0301\u0301\u0301\u0301\u0301\u0301\u0301", "…"},
    };
    for (size_t i = 0; i < COUNT_OF(pairs); i++)
        assert_string_equal(clean_cut(pairs[i].given, HANDOFFD_CODE_POINTS, 6, *state),
                            pairs[i].expected);
}

/* Nobody could call a customer whose name has pushed the number out. */
static void the_longest_give_way_and_no_line_is_lost(void **state)
{
    char name[2001] = "";
    char reason[901] = "";
    memset(name, 'n', sizeof name - 1);
    memset(reason, 'r', sizeof reason - 1);
    struct handoffd_handoff handoff = example;
    handoff.user_name = name;
    handoff.reason = reason;
    const char *text = compose(message_default_template, &whatsapp, &handoff, *state).text;
    assert_true(utf8_count(text, strlen(text)) <= 1600);
    assert_non_null(strstr(text, "nnn…\n📱 *Teléfono:* +5215512345678\n📝 *Motivo:* rrr"));
    assert_non_null(strstr(text, "rrr…\n🆔 *Conversación:* conv_abc123\n\n💬 *Contexto:*\nEl "
                                 "cliente preguntó por robots para restaurante"));
}

static void half_an_address_is_none(void **state)
{
    const char *text = "a juan.pe@x.mx b";
    assert_string_equal(clean_cut(text, HANDOFFD_CODE_POINTS, 10, *state), "a…");
    assert_string_equal(clean_cut(text, HANDOFFD_CODE_POINTS, 15, *state), "a juan.pe@x.mx…");
    assert_string_equal(clean_cut("juan.pe@x.mx", HANDOFFD_CODE_POINTS, 10, *state), "…");
}

static void what_is_cut_ends_in_no_markup(void **state)
{
    assert_string_equal(clean_cut("a conv_abc", HANDOFFD_CODE_POINTS, 8, *state), "a conv…");
    assert_string_equal(clean_cut("a conv_abc", HANDOFFD_CODE_POINTS, 9, *state), "a conv_a…");
}

static void a_long_context_is_cut_to_whatsapps_limit(void **state)
{
    char context[8001] = "";
    memset(context, 'a', sizeof context - 1);
    struct handoffd_handoff handoff = example;
    handoff.additional_context = context;
    struct handoffd_message message =
        compose(message_default_template, &whatsapp, &handoff, *state);
    /* five of its emoji take two UTF-16 units */
    assert_int_equal(utf8_count(message.text, strlen(message.text)), 1600 - 6);
    assert_string_equal(message.text + strlen(message.text) - strlen("a…"), "a…");
    assert_int_equal(strlen(field(&message, "contexto")), 8000);
}

/* ------------------------------------------------------------ anything */

static uint32_t next_random(uint32_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    *seed ^= *seed << 5;
    return *seed;
}

static uint32_t random_character(uint32_t *seed)
{
    static const uint32_t trouble[] = {
        '\n',   '\r',   '\t',   ' ',    '*',    '_',    '~',    '`',     '>',     '-',     '{',
        '}',    'a',    '7',    0x1b,   0x85,   0xa0,   0x2028, 0x2029,  0x200b,  0x200d,  0x202e,
        0x2066, 0xfeff, 0xfe0f, 0x0301, 0x20e3, 0x1100, 0x1161, 0x1f468, 0x1f3fd, 0x1f1f2, 0xe0041,
    };
    if (next_random(seed) % 4 != 0)
        return trouble[next_random(seed) % COUNT_OF(trouble)];
    uint32_t character = 1 + next_random(seed) % 0x10ffff;
    return character >= 0xd800 && character < 0xe000 ? 0xd7ff : character;
}

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

/* An x, so that it is never missing, and up to 40 characters. */
static const char *random_text(uint32_t *seed, struct arena *arena)
{
    char text[1 + 40 * 4 + 1] = "x";
    size_t length = 1;
    for (size_t count = next_random(seed) % 40; count > 0; count--)
        length += encode(random_character(seed), text + length);
    return arena_bytes(arena, text, length);
}

static struct handoffd_handoff random_handoff(uint32_t *seed, struct arena *arena)
{
    return (struct handoffd_handoff){
        .size = sizeof(struct handoffd_handoff),
        .id = random_text(seed, arena),
        .user_phone = random_text(seed, arena),
        .reason = random_text(seed, arena),
        .user_name = random_text(seed, arena),
        .conversation_id = random_text(seed, arena),
        .additional_context = random_text(seed, arena),
    };
}

/* A blank but the space, a control character, or one that orders directions. */
static bool is_trouble(uint32_t character)
{
    return character < ' ' || (character >= 0x7f && character <= 0xa0) ||
           (character >= 0x2000 && character <= 0x200f) ||
           (character >= 0x2028 && character <= 0x202f) ||
           (character >= 0x2060 && character <= 0x206f) || character == 0xfeff;
}

static void check_value(const char *value)
{
    assert_true(utf8_is_valid(value, strlen(value)));
    for (const char *at = value; *at != '\0';)
        assert_false(is_trouble(utf8_next(&at)));
    assert_null(strstr(value, "  "));
    for (const char *at = strpbrk(value, "*_~`"); at != NULL; at = strpbrk(at + 1, "*_~`")) {
        assert_true(at > value && at[1] != '\0');
        assert_null(strchr(" *_~`>-{}", at[-1]));
        assert_null(strchr(" *_~`>-{}", at[1]));
    }
}

static void whatever_is_written_has_exactly_the_templates_lines(void **state)
{
    static const char *const names[] = {"telefono", "motivo",   "cliente", "conversacion",
                                        "contexto", "vendedor", "id"};
    uint32_t seed = 20240607;
    for (size_t round = 0; round < 2000; round++) {
        struct handoffd_handoff handoff = random_handoff(&seed, *state);
        struct handoffd_channel channel = whatsapp;
        channel.text_limit = 0;
        struct handoffd_message message =
            compose("A:{telefono}\nA:{motivo}\n\nA:{cliente}\nA:{conversacion}\nA:{contexto}\n"
                    "A:{vendedor}\nA:{id}\n\nfin\n",
                    &channel, &handoff, *state);
        const char *expected = "";
        for (size_t i = 0; i < COUNT_OF(names); i++) {
            check_value(field(&message, names[i]));
            expected = arena_format(*state, "%sA:%s\n%s", expected, field(&message, names[i]),
                                    i == 1 ? "\n" : "");
        }
        assert_string_equal(message.text, arena_format(*state, "%s\nfin", expected));
    }
}

static size_t utf16_units(const char *text)
{
    size_t units = 0;
    while (*text != '\0')
        units += utf8_next(&text) > 0xffff ? 2 : 1;
    return units;
}

static void whatever_is_written_is_cut_to_any_limit(void **state)
{
    uint32_t seed = 7;
    for (size_t round = 0; round < 2000; round++) {
        struct handoffd_handoff handoff = random_handoff(&seed, *state);
        struct handoffd_channel channel = whatsapp;
        channel.text_limit = 2 + next_random(&seed) % 300;
        const char *cut = compose(message_default_template, &channel, &handoff, *state).text;
        assert_true(utf8_is_valid(cut, strlen(cut)));
        assert_true(utf16_units(cut) <= channel.text_limit);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, create_arena, destroy_arena)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_example_of_the_specification_comes_out_byte_for_byte),
        TEST(a_note_stands_above_the_text_and_before_the_reason),
        TEST(a_noted_text_is_cut_as_a_whole),
        TEST(a_line_whose_datum_is_missing_is_left_out),
        TEST(a_paragraph_whose_data_are_missing_is_left_out_with_its_title),
        TEST(blank_lines_stand_only_between_what_is_there),
        TEST(a_line_is_kept_for_the_sake_of_one_of_its_data),
        TEST(every_word_stands_for_its_datum),
        TEST(doubled_braces_are_braces_and_windows_line_ends_are_fine),
        TEST(customer_text_is_no_template),
        TEST(fields_hold_the_clean_values_that_are_there),
        TEST(knows_its_fields),
        TEST(names_the_line_and_the_unknown_word),
        TEST(refuses_lone_braces),
        TEST(refuses_a_message_that_could_be_empty),
        TEST(customer_text_is_one_line),
        TEST(invisible_characters_are_gone),
        TEST(accents_and_emoji_stay),
        TEST(markup_formats_nothing),
        TEST(web_addresses_open_nothing),
        TEST(what_only_looks_like_a_web_address_stays),
        TEST(a_channel_without_markup_keeps_every_character),
        TEST(markup_without_a_look_alike_becomes_wide),
        TEST(letters_are_plain),
        TEST(trimming_leaves_the_inside_alone),
        TEST(cuts_to_the_limit_in_the_channels_unit),
        TEST(never_cuts_inside_a_grapheme),
        TEST(the_longest_give_way_and_no_line_is_lost),
        TEST(half_an_address_is_none),
        TEST(what_is_cut_ends_in_no_markup),
        TEST(a_long_context_is_cut_to_whatsapps_limit),
        TEST(whatever_is_written_has_exactly_the_templates_lines),
        TEST(whatever_is_written_is_cut_to_any_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
