/* message - a template is paragraphs of lines of pieces; what has no datum is left out. */
#include "handoff/message.h"

#include <string.h>

#include "base/language.h"
#include "base/memory.h"
#include "handoff/clean.h"

const char message_default_template[] = "🔔 *Nuevo cliente solicita atención humana*\n"
                                        "\n"
                                        "👤 *Cliente:* {cliente}\n"
                                        "📱 *Teléfono:* {telefono}\n"
                                        "📝 *Motivo:* {motivo}\n"
                                        "🆔 *Conversación:* {conversacion}\n"
                                        "\n"
                                        "💬 *Contexto:*\n"
                                        "{contexto}\n";

enum field { CLIENTE, TELEFONO, MOTIVO, CONVERSACION, CONTEXTO, VENDEDOR, ID, FIELD_COUNT };

struct field_name {
    const char *name;
    const char *accented; /* as people write it; NULL: likewise */
    bool is_always_there;
};

static const struct field_name field_names[FIELD_COUNT] = {
    [CLIENTE] = {.name = "cliente"},
    [TELEFONO] = {.name = "telefono", .accented = "teléfono", .is_always_there = true},
    [MOTIVO] = {.name = "motivo", .is_always_there = true},
    [CONVERSACION] = {.name = "conversacion", .accented = "conversación"},
    [CONTEXTO] = {.name = "contexto"},
    [VENDEDOR] = {.name = "vendedor", .is_always_there = true},
    [ID] = {.name = "id", .is_always_there = true},
};

/* A stretch of text, or a datum. */
struct piece {
    struct piece *next;
    const char *text; /* NULL: a datum */
    enum field field;
};

struct line {
    struct line *next;
    struct piece *pieces;
};

struct paragraph {
    struct paragraph *next;
    struct line *lines;
    size_t blank_lines_before;
};

struct message_template {
    struct paragraph *paragraphs;
};

bool message_is_field(const char *name)
{
    for (size_t i = 0; i < FIELD_COUNT; i++)
        if (strcmp(field_names[i].name, name) == 0)
            return true;
    return false;
}

/* ------------------------------------------------------------ the template */

struct parser {
    const char *at; /* in a copy of the line */
    size_t line;    /* from 1 */
    size_t blank_lines;
    struct paragraph **next_paragraph;
    struct line **next_line; /* in the paragraph that goes on; NULL between two */
    struct arena *arena;
    struct error *error;
};

static struct line *add_line(struct parser *parser);
static bool parse_line(struct parser *parser, struct line *line);
static bool parse_piece(struct parser *parser, struct piece *piece);
static bool parse_datum(struct parser *parser, struct piece *piece);
static bool check_never_empty(const struct message_template *template, struct error *error);

static bool is_blank(const char *line)
{
    return line[strspn(line, " \t")] == '\0';
}

/* A copy of the next line, without its end; NULL behind the last. */
static const char *copy_line(const char **text, struct arena *arena)
{
    if (**text == '\0')
        return NULL;
    size_t length = strcspn(*text, "\n");
    bool has_return = length > 0 && (*text)[length - 1] == '\r';
    const char *line = arena_bytes(arena, *text, length - has_return);
    *text += length + ((*text)[length] == '\n');
    return line;
}

const struct message_template *message_template_create(const char *text, struct arena *arena,
                                                       struct error *error)
{
    struct message_template *template = arena_zeroed(arena, 1, sizeof *template);
    struct parser parser = {
        .next_paragraph = &template->paragraphs, .arena = arena, .error = error};
    while ((parser.at = copy_line(&text, arena)) != NULL) {
        parser.line++;
        if (is_blank(parser.at)) {
            parser.blank_lines++;
            parser.next_line = NULL;
        } else if (!parse_line(&parser, add_line(&parser))) {
            return NULL;
        }
    }
    return check_never_empty(template, error) ? template : NULL;
}

static void begin_paragraph(struct parser *parser)
{
    struct paragraph *paragraph = arena_zeroed(parser->arena, 1, sizeof *paragraph);
    paragraph->blank_lines_before = parser->blank_lines;
    parser->blank_lines = 0;
    *parser->next_paragraph = paragraph;
    parser->next_paragraph = &paragraph->next;
    parser->next_line = &paragraph->lines;
}

static struct line *add_line(struct parser *parser)
{
    if (parser->next_line == NULL)
        begin_paragraph(parser);
    struct line *line = arena_zeroed(parser->arena, 1, sizeof *line);
    *parser->next_line = line;
    parser->next_line = &line->next;
    return line;
}

static bool parse_line(struct parser *parser, struct line *line)
{
    struct piece **next_place = &line->pieces;
    while (*parser->at != '\0') {
        struct piece *piece = arena_zeroed(parser->arena, 1, sizeof *piece);
        *next_place = piece;
        next_place = &piece->next;
        if (!parse_piece(parser, piece))
            return false;
    }
    return true;
}

static bool parse_piece(struct parser *parser, struct piece *piece)
{
    const char *at = parser->at;
    if ((at[0] == '{' || at[0] == '}') && at[1] == at[0]) {
        piece->text = at[0] == '{' ? "{" : "}";
        parser->at += 2;
        return true;
    }
    if (at[0] == '{')
        return parse_datum(parser, piece);
    if (at[0] == '}')
        return error_set(parser->error,
                         in_language("line %zu: \"}\" without \"{\"; write }} for a brace",
                                     "línea %zu: \"}\" sin \"{\"; escribe }} para una llave"),
                         parser->line);
    size_t length = strcspn(at, "{}");
    piece->text = arena_bytes(parser->arena, at, length);
    parser->at += length;
    return true;
}

static bool find_field(const char *word, enum field *field)
{
    for (size_t i = 0; i < FIELD_COUNT; i++) {
        const char *accented = field_names[i].accented;
        *field = (enum field)i;
        if (strcmp(field_names[i].name, word) == 0)
            return true;
        if (accented != NULL && strcmp(accented, word) == 0)
            return true;
    }
    return false;
}

static bool unknown_word(struct parser *parser, const char *word)
{
    const char *known = "";
    for (size_t i = 0; i < FIELD_COUNT; i++)
        known =
            arena_format(parser->arena, "%s%s{%s}", known, i > 0 ? ", " : "", field_names[i].name);
    return error_set(parser->error,
                     in_language("line %zu: {%s} is unknown; there are %s",
                                 "línea %zu: {%s} no se conoce; existen %s"),
                     parser->line, clean_cut(word, HANDOFFD_CODE_POINTS, 40, parser->arena), known);
}

/* At its opening brace. */
static bool parse_datum(struct parser *parser, struct piece *piece)
{
    const char *begin = parser->at + 1;
    size_t length = strcspn(begin, "{}");
    if (begin[length] != '}')
        return error_set(parser->error,
                         in_language("line %zu: \"{\" without \"}\"; write {{ for a brace",
                                     "línea %zu: \"{\" sin \"}\"; escribe {{ para una llave"),
                         parser->line);
    const char *word = arena_bytes(parser->arena, begin, length);
    if (!find_field(word, &piece->field))
        return unknown_word(parser, word);
    parser->at = begin + length + 1;
    return true;
}

/* ------------------------------------------------------------ leaving out */

/* The data of a handoff, clean; NULL where one is missing. */
struct data {
    const char *values[FIELD_COUNT];
};

struct tally {
    size_t data;
    size_t missing;
};

static struct tally tally_line(const struct line *line, const struct data *data)
{
    struct tally tally = {0};
    for (const struct piece *piece = line->pieces; piece != NULL; piece = piece->next) {
        tally.data += piece->text == NULL;
        tally.missing += piece->text == NULL && data->values[piece->field] == NULL;
    }
    return tally;
}

static struct tally tally_paragraph(const struct paragraph *paragraph, const struct data *data)
{
    struct tally tally = {0};
    for (const struct line *line = paragraph->lines; line != NULL; line = line->next) {
        struct tally of_line = tally_line(line, data);
        tally.data += of_line.data;
        tally.missing += of_line.missing;
    }
    return tally;
}

/* A line with two data is kept for the sake of the one that is there. */
static bool is_left_out(struct tally tally)
{
    return tally.data > 0 && tally.missing == tally.data;
}

/* A message that could come out empty would be refused by every provider. */
static bool check_never_empty(const struct message_template *template, struct error *error)
{
    struct data least = {0};
    for (size_t i = 0; i < FIELD_COUNT; i++)
        least.values[i] = field_names[i].is_always_there ? "there" : NULL;
    const struct paragraph *paragraph = template->paragraphs;
    while (paragraph != NULL && is_left_out(tally_paragraph(paragraph, &least)))
        paragraph = paragraph->next;
    if (paragraph != NULL)
        return true;
    if (template->paragraphs == NULL)
        return error_set(error, "%s", in_language("the message is empty", "el mensaje está vacío"));
    return error_set(error, "%s",
                     in_language("the message would be empty where its data are missing; "
                                 "{telefono} and {motivo} never are",
                                 "el mensaje quedaría vacío cuando faltan sus datos; "
                                 "{telefono} y {motivo} nunca faltan"));
}

/* ------------------------------------------------------------ composing */

/* Counts, and writes where there is somewhere to. */
struct writer {
    char *to;
    size_t length;
    size_t uses[FIELD_COUNT]; /* how often each datum stands in it */
};

static void write_bytes(struct writer *writer, const char *bytes, size_t length)
{
    if (writer->to != NULL)
        memcpy(writer->to + writer->length, bytes, length);
    writer->length += length;
}

static void write_line(struct writer *writer, const struct line *line, const struct data *data)
{
    for (const struct piece *piece = line->pieces; piece != NULL; piece = piece->next) {
        const char *text = piece->text ? piece->text : data->values[piece->field];
        if (text != NULL)
            write_bytes(writer, text, strlen(text));
        if (piece->text == NULL)
            writer->uses[piece->field]++;
    }
}

static void write_paragraph(struct writer *writer, const struct paragraph *paragraph,
                            const struct data *data)
{
    size_t line_ends = writer->length > 0 ? paragraph->blank_lines_before + 1 : 0;
    for (const struct line *line = paragraph->lines; line != NULL; line = line->next) {
        if (is_left_out(tally_line(line, data)))
            continue;
        for (; line_ends > 0; line_ends--)
            write_bytes(writer, "\n", 1);
        write_line(writer, line, data);
        line_ends = 1;
    }
}

static void write_message(struct writer *writer, const struct message_template *template,
                          const struct data *data)
{
    const struct paragraph *paragraph = template->paragraphs;
    for (; paragraph != NULL; paragraph = paragraph->next)
        if (!is_left_out(tally_paragraph(paragraph, data)))
            write_paragraph(writer, paragraph, data);
}

/* Once to know the length, once to write. */
static const char *write_text(const struct message_template *template, const struct data *data,
                              const char *note, struct arena *arena)
{
    struct writer count = {0};
    write_message(&count, template, data);
    struct writer writer = {.to = arena_zeroed(arena, count.length + 1, 1)};
    write_message(&writer, template, data);
    return note != NULL ? arena_format(arena, "%s\n\n%s", note, writer.to) : writer.to;
}

/* ------------------------------------------------------------ the channel's limit */

/* The most units that a datum may have, so that a text of `total` comes down to the limit: the
 * longest give way, the others stay whole. At least 1. */
static uint32_t share_of(const size_t units[], const size_t uses[], size_t total, uint32_t limit)
{
    uint32_t share = limit;
    for (; share > 1 && total > limit; share--)
        for (size_t i = 0; i < FIELD_COUNT; i++)
            total -= units[i] >= share ? uses[i] : 0;
    return share;
}

static struct data shorten(const struct message_template *template, const struct data *data,
                           const char *text, const struct handoffd_channel *channel,
                           struct arena *arena)
{
    struct writer count = {0};
    write_message(&count, template, data);
    size_t units[FIELD_COUNT] = {0};
    size_t cut = 0;
    for (size_t i = 0; i < FIELD_COUNT; i++) {
        if (data->values[i] == NULL)
            continue;
        units[i] = clean_units(data->values[i], channel->text_unit);
        cut +=
            units[i] > channel->text_limit ? (units[i] - channel->text_limit) * count.uses[i] : 0;
    }
    size_t total = clean_units(text, channel->text_unit) - cut;
    uint32_t share = share_of(units, count.uses, total, channel->text_limit);
    struct data shortened = {0};
    for (size_t i = 0; i < FIELD_COUNT; i++)
        if (data->values[i] != NULL)
            shortened.values[i] = clean_cut(data->values[i], channel->text_unit, share, arena);
    return shortened;
}

/* No line is lost to a long one: data give way before the template does. */
static const char *compose_text(const struct message_template *template, const struct data *data,
                                const char *note, const struct handoffd_channel *channel,
                                struct arena *arena)
{
    uint32_t limit = channel->text_limit;
    const char *text = write_text(template, data, note, arena);
    if (limit == 0 || clean_units(text, channel->text_unit) <= limit)
        return text;
    struct data shortened = shorten(template, data, text, channel, arena);
    text = write_text(template, &shortened, note, arena);
    return clean_cut(text, channel->text_unit, limit, arena);
}

/* ------------------------------------------------------------ the message */

static struct data clean_data(const struct handoffd_channel *channel,
                              const struct handoffd_handoff *handoff, const char *vendor_name,
                              struct arena *arena)
{
    struct data data = {{
        [CLIENTE] = handoff->user_name,
        [TELEFONO] = handoff->user_phone,
        [MOTIVO] = handoff->reason,
        [CONVERSACION] = handoff->conversation_id,
        [CONTEXTO] = handoff->additional_context,
        [VENDEDOR] = vendor_name,
        [ID] = handoff->id,
    }};
    for (size_t i = 0; i < FIELD_COUNT; i++)
        data.values[i] = clean_line(data.values[i], channel, arena);
    return data;
}

/* Those that are there. */
static struct handoffd_fields fields_of(const struct data *data, struct arena *arena)
{
    const char **names = arena_zeroed(arena, FIELD_COUNT, sizeof *names);
    const char **values = arena_zeroed(arena, FIELD_COUNT, sizeof *values);
    size_t count = 0;
    for (size_t i = 0; i < FIELD_COUNT; i++) {
        if (data->values[i] == NULL)
            continue;
        names[count] = field_names[i].name;
        values[count++] = data->values[i];
    }
    return (struct handoffd_fields){names, values, count};
}

const char message_possible_duplicate[] =
    "⚠️ Posible duplicado: quizá otra persona ya recibió este aviso";
const char message_update[] = "🔄 Actualización: el mismo cliente dijo algo más";

void message_compose(const struct message_template *template,
                     const struct handoffd_channel *channel, const struct handoffd_handoff *handoff,
                     const char *vendor_name, const char *note, struct arena *arena,
                     struct handoffd_message *message)
{
    struct data data = clean_data(channel, handoff, vendor_name, arena);
    const char *text = compose_text(template, &data, note, channel, arena);
    if (note != NULL)
        data.values[MOTIVO] = arena_format(arena, "%s. %s", note, data.values[MOTIVO]);
    *message = (struct handoffd_message){
        .size = sizeof *message,
        .text = text,
        .fields = fields_of(&data, arena),
    };
}
