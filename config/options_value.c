/* options_value - a parser for each type, the sentence for what does not parse, and secrets in
 * files. */
#include "config/options_value.h"

#include <inttypes.h>
#include <string.h>

#include "base/language.h"
#include "base/memory.h"
#include "base/require.h"
#include "base/utf8.h"
#include "config/encoding.h"
#include "config/file.h"
#include "config/scalar.h"

enum { EXCERPT_LETTERS = 40, TOKEN_LETTERS = 20, SECRET_LIMIT_BYTES = 16 * 1024 };

size_t options_member_size(uint32_t type)
{
    switch (type) {
    case HANDOFFD_TEXT:
        return sizeof(const char *);
    case HANDOFFD_INTEGER:
    case HANDOFFD_DURATION:
        return sizeof(int64_t);
    case HANDOFFD_BOOLEAN:
        return sizeof(bool);
    case HANDOFFD_LIST:
        return sizeof(struct handoffd_list);
    case HANDOFFD_MAP:
        return sizeof(struct handoffd_fields);
    default:
        return 0;
    }
}

bool options_is_nothing(const struct value *value)
{
    return value == NULL || (value->kind == VALUE_TEXT && value->is_blank);
}

const char *options_file_key(struct arena *arena, const struct handoffd_option *row)
{
    bool is_one_text = row->secret && row->type != HANDOFFD_MAP;
    return is_one_text ? arena_format(arena, "%s_file", row->name) : NULL;
}

static bool is_in_range(const struct handoffd_option *row, int64_t number)
{
    bool has_range = row->least != 0 || row->most != 0;
    return !has_range || (number >= row->least && number <= row->most);
}

static bool parse_number(const struct handoffd_option *row, const char *text, int64_t *number)
{
    return row->type == HANDOFFD_DURATION ? options_parse_duration(text, number)
                                          : scalar_parse_integer(text, number);
}

static enum options_result wrong(const struct options_context *context,
                                 const struct handoffd_option *row, const struct value *value,
                                 const char *wanted);
static enum options_result wrong_range(const struct options_context *context,
                                       const struct handoffd_option *row,
                                       const struct value *value);
static const char *excerpt(struct arena *arena, const char *text);

/* ---------------------------------------------------------------- one function for each type */

static enum options_result store_text(const struct options_context *context,
                                      const struct handoffd_option *row, const struct value *value,
                                      const char **member)
{
    if (value->kind != VALUE_TEXT)
        return wrong(context, row, value, in_language("a text", "un texto"));
    *member = arena_text(context->arena, value->text);
    return OPTIONS_FINE;
}

static enum options_result store_number(const struct options_context *context,
                                        const struct handoffd_option *row,
                                        const struct value *value, int64_t *member)
{
    int64_t number = 0;
    if (value->kind != VALUE_TEXT || !parse_number(row, value->text, &number))
        return wrong(context, row, value,
                     row->type == HANDOFFD_DURATION
                         ? in_language("a duration such as 500ms, 8s, 10m, 24h or 3d",
                                       "una duración como 500ms, 8s, 10m, 24h o 3d")
                         : in_language("a whole number", "un número entero"));
    if (!is_in_range(row, number))
        return wrong_range(context, row, value);
    *member = number;
    return OPTIONS_FINE;
}

static enum options_result store_boolean(const struct options_context *context,
                                         const struct handoffd_option *row,
                                         const struct value *value, bool *member)
{
    if (value->kind == VALUE_TEXT && scalar_parse_boolean(value->text, member))
        return OPTIONS_FINE;
    return wrong(
        context, row, value,
        in_language("yes or no (or true, false, on, off)", "sí o no (o true, false, on, off)"));
}

static enum options_result refuse_entry(const struct options_context *context,
                                        const struct handoffd_option *row,
                                        const struct value *entry)
{
    if (entry->kind != VALUE_TEXT)
        diagnostics_error(context->diagnostics, entry->mark,
                          in_language("%seach entry of \"%s\" must be a text",
                                      "%scada entrada de \"%s\" debe ser un texto"),
                          context->prefix, row->name);
    else
        diagnostics_error(
            context->diagnostics, entry->mark,
            in_language("%san entry of \"%s\" is empty", "%suna entrada de \"%s\" está vacía"),
            context->prefix, row->name);
    return OPTIONS_WRONG;
}

/* An entry that ${NAME:-} left empty is not there. */
static enum options_result store_list(const struct options_context *context,
                                      const struct handoffd_option *row, const struct value *value,
                                      struct handoffd_list *member)
{
    if (value->kind == VALUE_MAP)
        return wrong(context, row, value,
                     in_language("a list such as [a, b]", "una lista como [a, b]"));
    bool is_lone = value->kind == VALUE_TEXT;
    const char **items = arena_zeroed(context->arena, is_lone ? 1 : value->count, sizeof *items);
    enum options_result result = OPTIONS_FINE;
    size_t count = 0;
    for (const struct value *entry = is_lone ? value : value->first; entry != NULL;
         entry = is_lone ? NULL : entry->next) {
        if (entry->kind == VALUE_TEXT && !entry->is_blank)
            items[count++] = arena_text(context->arena, entry->text);
        else if (entry->kind != VALUE_TEXT || !entry->is_from_environment)
            result = refuse_entry(context, row, entry);
    }
    if (result != OPTIONS_FINE)
        return result;
    if (count == 0 && value->count > 0)
        return OPTIONS_UNCONFIGURED;
    *member = (struct handoffd_list){items, count};
    return OPTIONS_FINE;
}

static enum options_result refuse_value(const struct options_context *context,
                                        const struct handoffd_option *row,
                                        const struct value *entry)
{
    bool is_text = entry->kind == VALUE_TEXT;
    diagnostics_error(context->diagnostics, is_text ? entry->key_mark : entry->mark,
                      is_text ? in_language("%s\"%s\": the value of %s is empty",
                                            "%s\"%s\": el valor de %s está vacío")
                              : in_language("%s\"%s\": the value of %s must be a text",
                                            "%s\"%s\": el valor de %s debe ser un texto"),
                      context->prefix, row->name, excerpt(context->arena, entry->key));
    return OPTIONS_WRONG;
}

/* An entry whose value ${NAME:-} left empty is not there. */
static enum options_result store_map(const struct options_context *context,
                                     const struct handoffd_option *row, const struct value *value,
                                     struct handoffd_fields *member)
{
    if (value->kind != VALUE_MAP)
        return wrong(context, row, value,
                     in_language("a group such as {name: value}", "un grupo como {nombre: valor}"));
    const char **names = arena_zeroed(context->arena, value->count, sizeof *names);
    const char **values = arena_zeroed(context->arena, value->count, sizeof *values);
    enum options_result result = OPTIONS_FINE;
    size_t count = 0;
    for (const struct value *entry = value->first; entry != NULL; entry = entry->next) {
        if (entry->kind == VALUE_TEXT && !entry->is_blank) {
            names[count] = arena_text(context->arena, entry->key);
            values[count++] = arena_text(context->arena, entry->text);
        } else if (entry->kind != VALUE_TEXT || !entry->is_from_environment) {
            result = refuse_value(context, row, entry);
        }
    }
    if (result != OPTIONS_FINE)
        return result;
    if (count == 0 && value->count > 0)
        return OPTIONS_UNCONFIGURED;
    *member = (struct handoffd_fields){names, values, count};
    return OPTIONS_FINE;
}

enum options_result options_store(const struct options_context *context,
                                  const struct handoffd_option *row, const struct value *value,
                                  void *member)
{
    switch (row->type) {
    case HANDOFFD_TEXT:
        return store_text(context, row, value, member);
    case HANDOFFD_INTEGER:
    case HANDOFFD_DURATION:
        return store_number(context, row, value, member);
    case HANDOFFD_BOOLEAN:
        return store_boolean(context, row, value, member);
    case HANDOFFD_MAP:
        return store_map(context, row, value, member);
    default:
        require(row->type == HANDOFFD_LIST);
        return store_list(context, row, value, member);
    }
}

/* ---------------------------------------------------------------- defaults */

/* `[a, b]`, `a, b` or `a`. */
static void store_default_list(const char *text, struct arena *arena, struct handoffd_list *member)
{
    size_t length = strlen(text);
    if (length >= 2 && text[0] == '[' && text[length - 1] == ']')
        text = arena_bytes(arena, text + 1, length - 2);
    const char **items = arena_zeroed(arena, strlen(text) / 2 + 1, sizeof *items);
    size_t count = 0;
    while (*text != '\0') {
        text += strspn(text, " ,");
        size_t item_length = strcspn(text, ",");
        const char *next = text + item_length;
        while (item_length > 0 && text[item_length - 1] == ' ')
            item_length--;
        if (item_length > 0)
            items[count++] = arena_bytes(arena, text, item_length);
        text = next;
    }
    *member = (struct handoffd_list){items, count};
}

bool options_store_default(const struct handoffd_option *row, struct arena *arena, void *member)
{
    int64_t number = 0;
    switch (row->type) {
    case HANDOFFD_TEXT:
        *(const char **)member = arena_text(arena, row->otherwise);
        return row->otherwise[0] != '\0';
    case HANDOFFD_INTEGER:
    case HANDOFFD_DURATION:
        if (!parse_number(row, row->otherwise, &number) || !is_in_range(row, number))
            return false;
        *(int64_t *)member = number;
        return true;
    case HANDOFFD_BOOLEAN:
        return scalar_parse_boolean(row->otherwise, member);
    default:
        require(row->type == HANDOFFD_LIST);
        store_default_list(row->otherwise, arena, member);
        return true;
    }
}

/* ---------------------------------------------------------------- what is wrong */

static const char *kind_name(const struct value *value)
{
    switch (value->kind) {
    case VALUE_LIST:
        return in_language("a list", "una lista");
    case VALUE_MAP:
        return in_language("a group of \"name: value\"", "un grupo de \"nombre: valor\"");
    default:
        return in_language("a text", "un texto");
    }
}

static const char *excerpt(struct arena *arena, const char *text)
{
    const char *end = text;
    for (int letters = 0; letters < EXCERPT_LETTERS && *end != '\0'; letters++)
        utf8_next(&end);
    return arena_format(arena, "\"%.*s%s\"", (int)(end - text), text, *end != '\0' ? "…" : "");
}

/* As long as a token, without a blank and no number: it may be one, in the wrong place. */
static bool may_be_secret(const char *text)
{
    for (; *text != '\0'; text += *text != '\0') {
        size_t length = strcspn(text, " \t\n");
        if (length >= TOKEN_LETTERS && strspn(text, "0123456789") < length)
            return true;
        text += length;
    }
    return false;
}

/* `, not "80a"`; nothing of a secret, nor of what came out of the environment: it may be one. */
static const char *but_is(const struct options_context *context, const struct handoffd_option *row,
                          const struct value *value)
{
    bool is_text = value->kind == VALUE_TEXT;
    if (is_text && (row->secret || value->is_from_environment || may_be_secret(value->text)))
        return "";
    return arena_format(context->arena, in_language(", not %s", ", no %s"),
                        is_text ? excerpt(context->arena, value->text) : kind_name(value));
}

static enum options_result wrong(const struct options_context *context,
                                 const struct handoffd_option *row, const struct value *value,
                                 const char *wanted)
{
    diagnostics_error(context->diagnostics, value->mark,
                      in_language("%s\"%s\" must be %s%s", "%s\"%s\" debe ser %s%s"),
                      context->prefix, row->name, wanted, but_is(context, row, value));
    return OPTIONS_WRONG;
}

const char *options_number_text(const struct handoffd_option *row, int64_t number,
                                struct arena *arena)
{
    return row->type == HANDOFFD_DURATION ? scalar_duration_text(arena, number)
                                          : arena_format(arena, "%" PRId64, number);
}

static enum options_result wrong_range(const struct options_context *context,
                                       const struct handoffd_option *row, const struct value *value)
{
    const char *wanted =
        arena_format(context->arena, in_language("between %s and %s", "entre %s y %s"),
                     options_number_text(row, row->least, context->arena),
                     options_number_text(row, row->most, context->arena));
    diagnostics_error(context->diagnostics, value->mark,
                      in_language("%s\"%s\" must be %s%s", "%s\"%s\" debe estar %s%s"),
                      context->prefix, row->name, wanted, but_is(context, row, value));
    return OPTIONS_WRONG;
}

/* ---------------------------------------------------------------- secrets in files */

static bool refuse_file(const struct options_context *context, const struct value *file,
                        const char *words)
{
    diagnostics_error(context->diagnostics, file->mark,
                      in_language("%sthe file of \"%s\" %s", "%sel archivo de \"%s\" %s"),
                      context->prefix, file->key, words);
    return false;
}

static void cut_line_end(struct buffer *bytes)
{
    if (bytes->length > 0 && bytes->bytes[bytes->length - 1] == '\n')
        bytes->length--;
    if (bytes->length > 0 && bytes->bytes[bytes->length - 1] == '\r')
        bytes->length--;
}

static void destroy_diagnostics(struct diagnostics **diagnostics)
{
    diagnostics_destroy(*diagnostics);
}

/* Without the words of the check: they quote a letter. */
static bool is_plain_text(struct source *source)
{
    CLEANUP(destroy_diagnostics) struct diagnostics *unsaid = diagnostics_create();
    return encoding_check(source, unsaid);
}

/* A text value that holds what the file holds. */
static bool read_secret(const struct options_context *context, const struct value *file,
                        const struct value **value)
{
    struct arena *arena = context->arena;
    const char *path = file_beside(arena, file->mark.file, file->text);
    CLEANUP(buffer_deinit) struct buffer bytes;
    buffer_init(&bytes, SECRET_LIMIT_BYTES);
    struct error error;
    if (file_read_secret(path, &bytes, &error) != FILE_READ)
        return refuse_file(context, file, error.message);
    cut_line_end(&bytes);
    if (bytes.length == 0)
        return refuse_file(context, file, in_language("is empty", "está vacío"));
    struct source source = {.file = path, .bytes = bytes.bytes, .length = bytes.length};
    if (!is_plain_text(&source))
        return refuse_file(context, file, in_language("is not UTF-8 text", "no es texto en UTF-8"));
    struct value *secret = arena_zeroed(arena, 1, sizeof *secret);
    *secret = *file;
    secret->is_shared = false;
    secret->text = arena_bytes(arena, source.bytes, source.length);
    *value = secret;
    return true;
}

bool options_find_secret(const struct options_context *context, const struct handoffd_option *row,
                         const struct value *map, const struct value **value)
{
    const char *key = options_file_key(context->arena, row);
    const struct value *file = key != NULL ? value_get(map, key) : NULL;
    if (file == NULL)
        return true;
    if (file->kind != VALUE_TEXT)
        return refuse_file(context, file, in_language("must be a path", "debe ser una ruta"));
    if (options_is_nothing(file)) {
        *value = *value != NULL ? *value : file;
        return true;
    }
    if (options_is_nothing(*value))
        return read_secret(context, file, value);
    diagnostics_error(
        context->diagnostics, file->key_mark,
        in_language("%seither \"%s\" or \"%s\", not both", "%so \"%s\" o \"%s\", no las dos"),
        context->prefix, row->name, file->key);
    return false;
}
