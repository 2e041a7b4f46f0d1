/* dotenv - line by line; a line that is wrong is named and skipped, never quoted: it may hold a
 * secret. */
#include "config/dotenv.h"

#include <stdbool.h>
#include <string.h>

#include "base/language.h"
#include "base/memory.h"
#include "base/utf8.h"
#include "config/encoding.h"

enum { FILE_LIMIT_BYTES = 64 * 1024 };

struct reader {
    const char *file;
    struct arena *arena;
    struct diagnostics *diagnostics;
    struct variable *first;
    struct variable *last;
    const char *line;     /* NUL-terminated, without its end */
    unsigned line_number; /* from 1 */
};

static void read_line(struct reader *reader);
static bool read_value(struct reader *reader, const char *at, const char **value);
static bool read_single_quoted(struct reader *reader, const char *at, const char **value);
static bool read_double_quoted(struct reader *reader, const char *at, const char **value);

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static const char *skip_blanks(const char *at)
{
    return at + strspn(at, " \t");
}

static struct mark mark_at(const struct reader *reader, const char *at)
{
    size_t before = utf8_count(reader->line, (size_t)(at - reader->line));
    return (struct mark){reader->file, reader->line_number, (unsigned)before + 1};
}

size_t variable_name_length(const char *text)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789";
    return *text >= '0' && *text <= '9' ? 0 : strspn(text, letters);
}

static void read_lines(struct reader *reader, const char *bytes, size_t length)
{
    char *at = arena_bytes(reader->arena, bytes, length);
    while (*at != '\0') {
        size_t line_length = strcspn(at, "\n");
        char *next = at[line_length] == '\n' ? at + line_length + 1 : at + line_length;
        at[line_length] = '\0';
        if (line_length > 0 && at[line_length - 1] == '\r')
            at[line_length - 1] = '\0';
        reader->line = at;
        reader->line_number++;
        read_line(reader);
        at = next;
    }
}

const struct variable *dotenv_read(const char *file, struct arena *arena,
                                   struct diagnostics *diagnostics)
{
    CLEANUP(buffer_deinit) struct buffer bytes;
    buffer_init(&bytes, FILE_LIMIT_BYTES);
    struct error error;
    enum file_result result = file_read_secret(file, &bytes, &error);
    if (result == FILE_WRONG)
        diagnostics_error(diagnostics, (struct mark){file, 0, 0}, "%s", error.message);
    struct source source = {.file = file, .bytes = bytes.bytes, .length = bytes.length};
    if (result != FILE_READ || !encoding_check(&source, diagnostics))
        return NULL;
    struct reader reader = {.file = file, .arena = arena, .diagnostics = diagnostics};
    read_lines(&reader, source.bytes, source.length);
    return reader.first;
}

static void warn_of_second(struct reader *reader, const char *name, const char *at)
{
    for (const struct variable *each = reader->first; each != NULL; each = each->next)
        if (strcmp(each->name, name) == 0) {
            diagnostics_warning(reader->diagnostics, mark_at(reader, at),
                                in_language("%s is here a second time (the first is on line %u); "
                                            "this one counts",
                                            "%s está aquí por segunda vez (la primera, en la línea "
                                            "%u); vale esta"),
                                name, each->line);
            return;
        }
}

static void add(struct reader *reader, const char *name, const char *value)
{
    struct variable *added = arena_zeroed(reader->arena, 1, sizeof *added);
    *added = (struct variable){.name = name, .value = value, .line = reader->line_number};
    if (reader->last != NULL)
        reader->last->next = added;
    else
        reader->first = added;
    reader->last = added;
}

static const char *skip_export(const char *at)
{
    static const char word[] = "export";
    size_t length = sizeof word - 1;
    return strncmp(at, word, length) == 0 && is_blank(at[length]) ? skip_blanks(at + length) : at;
}

static void read_line(struct reader *reader)
{
    const char *start = skip_blanks(reader->line);
    if (*start == '\0' || *start == '#')
        return;
    const char *name_at = skip_export(start);
    size_t name_length = variable_name_length(name_at);
    const char *equals = skip_blanks(name_at + name_length);
    if (name_length == 0 || *equals != '=') {
        diagnostics_error(reader->diagnostics, mark_at(reader, start), "%s",
                          in_language("this line is not NAME=VALUE (a name has letters without "
                                      "accents, digits and _); begin a comment with #",
                                      "esta línea no es NOMBRE=VALOR (un nombre lleva letras sin "
                                      "acento, dígitos y _); un comentario empieza con #"));
        return;
    }
    const char *name = arena_bytes(reader->arena, name_at, name_length);
    const char *value = NULL;
    if (!read_value(reader, equals + 1, &value))
        return;
    warn_of_second(reader, name, name_at);
    add(reader, name, value);
}

/* `NAME= # comment` is empty; `NAME=#1` is not. */
static size_t plain_length(const char *at)
{
    size_t length = 0;
    for (size_t i = 0; at[i] != '\0'; i++) {
        if (at[i] == '#' && i > 0 && is_blank(at[i - 1]))
            break;
        if (!is_blank(at[i]))
            length = i + 1;
    }
    return length;
}

static bool read_value(struct reader *reader, const char *at, const char **value)
{
    const char *start = skip_blanks(at);
    if (*start == '\'')
        return read_single_quoted(reader, start, value);
    if (*start == '"')
        return read_double_quoted(reader, start, value);
    size_t length = plain_length(at);
    size_t skipped = (size_t)(start - at);
    *value = arena_bytes(reader->arena, start, length > skipped ? length - skipped : 0);
    return true;
}

static bool refuse_unclosed(struct reader *reader, const char *at)
{
    diagnostics_error(reader->diagnostics, mark_at(reader, at), "%s",
                      in_language("the quote that opens here is not closed on this line",
                                  "las comillas que abren aquí no se cierran en esta línea"));
    return false;
}

/* Only a comment may follow a closing quote. */
static bool check_rest(struct reader *reader, const char *at)
{
    const char *rest = skip_blanks(at);
    if (*rest == '\0' || (*rest == '#' && rest > at))
        return true;
    diagnostics_error(reader->diagnostics, mark_at(reader, rest), "%s",
                      in_language("something follows the closing quote: put the whole value "
                                  "inside the quotes",
                                  "hay algo después de las comillas que cierran: pon todo el valor "
                                  "dentro de las comillas"));
    return false;
}

static bool read_single_quoted(struct reader *reader, const char *at, const char **value)
{
    const char *end = strchr(at + 1, '\'');
    if (end == NULL)
        return refuse_unclosed(reader, at);
    *value = arena_bytes(reader->arena, at + 1, (size_t)(end - at - 1));
    return check_rest(reader, end + 1);
}

/* What follows a backslash; 0 where the two stay as they stand. */
static char escaped(char c)
{
    switch (c) {
    case '"':
    case '\\':
        return c;
    case 'n':
        return '\n';
    default:
        return '\0';
    }
}

static bool read_double_quoted(struct reader *reader, const char *at, const char **value)
{
    char *to = arena_text(reader->arena, at + 1);
    *value = to;
    const char *from = at + 1;
    while (*from != '"' && *from != '\0') {
        char special = *from == '\\' ? escaped(from[1]) : '\0';
        *to++ = special != '\0' ? special : *from;
        from += special != '\0' ? 2 : 1;
    }
    *to = '\0';
    if (*from == '\0')
        return refuse_unclosed(reader, at);
    return check_rest(reader, from + 1);
}
