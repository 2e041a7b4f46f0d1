/* options - one section: first its keys, then row by row its values; a record is a section inside.
 */
#include "config/options.h"

#include <string.h>

#include "base/buffer.h"
#include "base/language.h"
#include "base/memory.h"
#include "base/require.h"
#include "config/environment.h"
#include "config/options_value.h"

enum { NAMES_LIMIT_BYTES = 300 };

struct section {
    struct options_context context;
    const struct handoffd_options *options;
    const struct value *map; /* NULL: nothing stands there */
    struct mark mark;        /* where what is missing is told */
    const char *const *known;
    size_t known_count;
    char *target;
};

static enum options_result read_section(const struct section *section);
static enum options_result check_keys(const struct section *section);
/* A secret, or one of several, as it stands in a file that others may read. */
static const struct value *find_shared(const struct value *value)
{
    if (value->kind == VALUE_TEXT)
        return value->is_shared && !value->is_from_environment && !value->is_blank ? value : NULL;
    const struct value *shared = NULL;
    for (const struct value *entry = value->first; entry && shared == NULL; entry = entry->next)
        shared = find_shared(entry);
    return shared;
}

static void withdraw_all(const struct value *value)
{
    if (value->kind == VALUE_TEXT && value->is_from_environment)
        environment_withdraw(value->text);
    for (const struct value *entry = value->first; entry != NULL; entry = entry->next)
        withdraw_all(entry);
}

static bool is_kept_secret(const struct section *section, const struct handoffd_option *row,
                           const struct value *value)
{
    const struct value *shared = find_shared(value);
    withdraw_all(value);
    if (shared == NULL)
        return true;
    diagnostics_error(
        section->context.diagnostics, shared->mark,
        in_language(
            "%s\"%s\" is a secret, and others on this machine can read this file: put it "
            "into .env and write ${NAME} here, or chmod 600 %s",
            "%s\"%s\" es un secreto, y otros en esta máquina pueden leer este archivo: ponlo "
            "en .env y escribe aquí ${NOMBRE}, o chmod 600 %s"),
        section->context.prefix, row->name, shared->mark.file);
    return false;
}

static enum options_result read_option(const struct section *section,
                                       const struct handoffd_option *row);
static enum options_result read_record(const struct section *section,
                                       const struct handoffd_option *row);

static enum options_result worse(enum options_result a, enum options_result b)
{
    return a > b ? a : b;
}

static struct mark mark_of(const struct value *value)
{
    return value->key != NULL ? value->key_mark : value->mark;
}

static enum options_result refuse_no_map(const struct options_context *context,
                                         const struct value *value)
{
    diagnostics_error(context->diagnostics, value->mark,
                      in_language("%sa group of \"name: value\" lines must stand here",
                                  "%saquí debe ir un grupo de líneas \"nombre: valor\""),
                      context->prefix);
    return OPTIONS_WRONG;
}

static const char *prefix_of(struct arena *arena, const char *what)
{
    return what != NULL && what[0] != '\0' ? arena_format(arena, "%s: ", what) : "";
}

enum options_result options_read(const struct handoffd_options *options, const struct value *map,
                                 const struct mark *owner_mark, const char *what,
                                 const char *const *known, size_t known_count, void *target,
                                 struct arena *arena, struct diagnostics *diagnostics)
{
    struct section section = {
        .context = {prefix_of(arena, what), arena, diagnostics},
        .options = options,
        .map = options_is_nothing(map) ? NULL : map,
        .known = known,
        .known_count = known_count,
        .target = target,
    };
    if (owner_mark != NULL)
        section.mark = *owner_mark;
    else if (map != NULL)
        section.mark = mark_of(map);
    if (section.map != NULL && section.map->kind != VALUE_MAP)
        return refuse_no_map(&section.context, section.map);
    return read_section(&section);
}

static enum options_result read_section(const struct section *section)
{
    enum options_result result = check_keys(section);
    for (size_t i = 0; i < section->options->count; i++) {
        struct handoffd_option row = options_row(section->options, i);
        result = worse(result, row.type == HANDOFFD_RECORD ? read_record(section, &row)
                                                           : read_option(section, &row));
    }
    return result;
}

/* ---------------------------------------------------------------- keys */

/* Every key that may stand in the section; NULL where a row has no second one. */
static const char **all_keys(const struct section *section, size_t *count)
{
    size_t rows = section->options->count;
    *count = 2 * rows + section->known_count;
    const char **keys = arena_zeroed(section->context.arena, *count, sizeof *keys);
    for (size_t i = 0; i < rows; i++) {
        struct handoffd_option row = options_row(section->options, i);
        keys[i] = row.name;
        keys[rows + section->known_count + i] = options_file_key(section->context.arena, &row);
    }
    for (size_t i = 0; i < section->known_count; i++)
        keys[rows + i] = section->known[i];
    return keys;
}

static bool is_among(const char *word, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (words[i] != NULL && strcmp(words[i], word) == 0)
            return true;
    return false;
}

static const char *names_in_a_row(struct arena *arena, const char *const *keys, size_t count)
{
    CLEANUP(buffer_deinit) struct buffer names;
    buffer_init(&names, NAMES_LIMIT_BYTES);
    for (size_t i = 0; i < count; i++)
        if (keys[i] != NULL)
            buffer_format(&names, "%s%s", names.length > 0 ? ", " : "", keys[i]);
    return arena_format(arena, "%s%s", names.bytes, names.is_full ? ", …" : "");
}

static void refuse_key(const struct section *section, const struct value *entry,
                       const char *const *keys, size_t count)
{
    const struct options_context *context = &section->context;
    const char *meant = closest_word(entry->key, keys, count);
    if (meant != NULL)
        diagnostics_error(context->diagnostics, entry->key_mark,
                          in_language("%sunknown key \"%s\"; did you mean \"%s\"?",
                                      "%sclave desconocida \"%s\"; ¿quisiste decir \"%s\"?"),
                          context->prefix, entry->key, meant);
    else if (count > 0)
        diagnostics_error(context->diagnostics, entry->key_mark,
                          in_language("%sunknown key \"%s\"; here may stand: %s",
                                      "%sclave desconocida \"%s\"; aquí puede ir: %s"),
                          context->prefix, entry->key, names_in_a_row(context->arena, keys, count));
    else
        diagnostics_error(context->diagnostics, entry->key_mark,
                          in_language("%sunknown key \"%s\"; there are no options here",
                                      "%sclave desconocida \"%s\"; aquí no hay opciones"),
                          context->prefix, entry->key);
}

static enum options_result check_keys(const struct section *section)
{
    if (section->map == NULL)
        return OPTIONS_FINE;
    enum options_result result = OPTIONS_FINE;
    size_t count = 0;
    const char **keys = all_keys(section, &count);
    for (const struct value *entry = section->map->first; entry != NULL; entry = entry->next)
        if (!is_among(entry->key, keys, count)) {
            refuse_key(section, entry, keys, count);
            result = OPTIONS_WRONG;
        }
    return result;
}

/* ---------------------------------------------------------------- what is not there */

/* Whether an unknown key, told already, was probably meant to be this option. */
static bool is_misspelt(const struct section *section, const struct handoffd_option *row)
{
    size_t count = 0;
    const char **keys = all_keys(section, &count);
    const struct value *entry = section->map != NULL ? section->map->first : NULL;
    for (; entry != NULL; entry = entry->next)
        if (!is_among(entry->key, keys, count) &&
            closest_word(entry->key, keys, count) == row->name)
            return true;
    return false;
}

/* ` (or "api_key")`; nothing where there is no other name. */
static const char *or_name(struct arena *arena, const char *name)
{
    return name != NULL ? arena_format(arena, in_language(" (or \"%s\")", " (o \"%s\")"), name)
                        : "";
}

/* What would do as well, and what it is: ` (or "auth_token_file"): the account's password` */
static const char *hint_of(const struct section *section, const struct handoffd_option *row)
{
    struct arena *arena = section->context.arena;
    const char *help = language_is_spanish() && row->help_es != NULL ? row->help_es : row->help;
    return arena_format(arena, "%s%s%s%s", or_name(arena, options_file_key(arena, row)),
                        or_name(arena, row->unless), help != NULL ? ": " : "",
                        help != NULL ? help : "");
}

static enum options_result refuse_missing(const struct section *section,
                                          const struct handoffd_option *row)
{
    if (is_misspelt(section, row))
        return OPTIONS_WRONG;
    diagnostics_error(section->context.diagnostics, section->mark,
                      in_language("%soption \"%s\" is missing%s", "%sfalta la opción \"%s\"%s"),
                      section->context.prefix, row->name, hint_of(section, row));
    return OPTIONS_WRONG;
}

static enum options_result refuse_blank(const struct section *section,
                                        const struct handoffd_option *row,
                                        const struct value *value)
{
    diagnostics_error(section->context.diagnostics, mark_of(value),
                      in_language("%soption \"%s\" is empty%s", "%sla opción \"%s\" está vacía%s"),
                      section->context.prefix, row->name, hint_of(section, row));
    return OPTIONS_WRONG;
}

/* What stands where the row that makes this one unnecessary has its value; NULL: nothing, or there
 * is no such row. */
static const struct value *value_of_unless(const struct section *section,
                                           const struct handoffd_option *row)
{
    if (row->unless == NULL)
        return NULL;
    const struct value *value = value_get(section->map, row->unless);
    const char *file = arena_format(section->context.arena, "%s_file", row->unless);
    const struct value *in_file = value_get(section->map, file);
    return options_is_nothing(value) && in_file != NULL ? in_file : value;
}

/* `value` is blank, or NULL. */
static enum options_result read_nothing(const struct section *section,
                                        const struct handoffd_option *row,
                                        const struct value *value)
{
    if (row->otherwise != NULL)
        require(options_store_default(row, section->context.arena, section->target + row->offset));
    if (row->otherwise != NULL || !row->required)
        return OPTIONS_FINE;
    const struct value *instead = value_of_unless(section, row);
    if (!options_is_nothing(instead))
        return OPTIONS_FINE;
    if (instead != NULL && instead->is_from_environment)
        return OPTIONS_UNCONFIGURED;
    if (value == NULL)
        return refuse_missing(section, row);
    return value->is_from_environment ? OPTIONS_UNCONFIGURED : refuse_blank(section, row, value);
}

/* ---------------------------------------------------------------- values */

/* [] where a list belongs, {} where a map does. */
static bool has_no_entries(const struct handoffd_option *row, const struct value *value)
{
    bool is_its_kind = row->type == HANDOFFD_LIST  ? value->kind == VALUE_LIST
                       : row->type == HANDOFFD_MAP ? value->kind == VALUE_MAP
                                                   : false;
    return is_its_kind && value->count == 0;
}

static enum options_result read_option(const struct section *section,
                                       const struct handoffd_option *row)
{
    static const struct value left_empty = {.is_blank = true, .is_from_environment = true};
    const struct value *value = value_get(section->map, row->name);
    if (row->secret && !options_find_secret(&section->context, row, section->map, &value))
        return OPTIONS_WRONG;
    if (options_is_nothing(value))
        return read_nothing(section, row, value);
    if (row->required && has_no_entries(row, value))
        return refuse_blank(section, row, value);
    if (row->secret && !is_kept_secret(section, row, value))
        return OPTIONS_WRONG;
    enum options_result result =
        options_store(&section->context, row, value, section->target + row->offset);
    return result == OPTIONS_UNCONFIGURED ? read_nothing(section, row, &left_empty) : result;
}

/* ---------------------------------------------------------------- records */

static bool has_required(const struct handoffd_options *options)
{
    for (size_t i = 0; i < options->count; i++) {
        struct handoffd_option row = options_row(options, i);
        if (row.required && row.otherwise == NULL)
            return true;
    }
    return false;
}

static void clear_record(const struct handoffd_options *options, char *target)
{
    for (size_t i = 0; i < options->count; i++) {
        struct handoffd_option row = options_row(options, i);
        if (row.type == HANDOFFD_RECORD)
            clear_record(row.record, target + row.offset);
        else
            memset(target + row.offset, 0, options_member_size(row.type));
    }
}

static struct section inner_section(const struct section *section,
                                    const struct handoffd_option *row, const struct value *map)
{
    struct section inner = {.context = section->context,
                            .options = row->record,
                            .map = map,
                            .mark = map != NULL ? mark_of(map) : section->mark,
                            .target = section->target + row->offset};
    inner.context.prefix =
        arena_format(section->context.arena, "%s%s: ", section->context.prefix, row->name);
    return inner;
}

/* What is left of a record that is not there: zeros, or its defaults where it could be used so. */
static enum options_result read_no_record(const struct section *section,
                                          const struct handoffd_option *row,
                                          const struct value *value)
{
    if (row->required)
        return read_nothing(section, row, value);
    if (has_required(row->record))
        return OPTIONS_FINE;
    struct section inner = inner_section(section, row, NULL);
    return read_section(&inner);
}

static enum options_result read_record(const struct section *section,
                                       const struct handoffd_option *row)
{
    const struct value *value = value_get(section->map, row->name);
    if (options_is_nothing(value))
        return read_no_record(section, row, value);
    struct section inner = inner_section(section, row, value);
    if (value->kind != VALUE_MAP)
        return refuse_no_map(&inner.context, value);
    enum options_result result = read_section(&inner);
    if (result != OPTIONS_UNCONFIGURED)
        return result;
    clear_record(row->record, inner.target);
    return row->required ? OPTIONS_UNCONFIGURED : OPTIONS_FINE;
}
