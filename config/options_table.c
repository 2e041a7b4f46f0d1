/* options_table - the table itself: rows of any age, and a plugin author's mistakes. */
#include <string.h>

#include "base/language.h"
#include "base/memory.h"
#include "config/options.h"
#include "config/options_value.h"

enum { MOST_LEVELS = 8, SCRATCH_BYTES = 512 };

struct handoffd_option options_row(const struct handoffd_options *options, size_t index)
{
    struct handoffd_option row = {0};
    size_t size = options->item_size < sizeof row ? options->item_size : sizeof row;
    memcpy(&row, (const char *)options->items + index * options->item_size, size);
    return row;
}

static bool check_table(const struct handoffd_options *options, size_t target_size, int level,
                        struct error *error);

static bool has_earlier(const struct handoffd_options *options, size_t index, const char *name)
{
    for (size_t i = 0; i < index; i++)
        if (strcmp(options_row(options, i).name, name) == 0)
            return true;
    return false;
}

/* `unless` names another row; rows behind may not have been checked yet. */
static bool names_another(const struct handoffd_options *options, const struct handoffd_option *row)
{
    for (size_t i = 0; i < options->count; i++) {
        const char *name = options_row(options, i).name;
        if (name != NULL && strcmp(name, row->unless) == 0)
            return strcmp(name, row->name) != 0;
    }
    return false;
}

static void destroy_arena(struct arena **arena)
{
    arena_destroy(*arena);
}

static bool default_parses(const struct handoffd_option *row)
{
    union {
        const char *text;
        int64_t number;
        bool is_true;
        struct handoffd_list list;
    } member = {0};
    CLEANUP(destroy_arena) struct arena *arena = arena_create(SCRATCH_BYTES);
    return options_store_default(row, arena, &member);
}

static bool check_record(const struct handoffd_option *row, size_t target_size, int level,
                         struct error *error)
{
    if (row->record == NULL || row->otherwise != NULL || row->secret)
        return error_set(error,
                         in_language("option \"%s\": a record needs a table, and has neither a "
                                     "default nor a secret of its own",
                                     "opción \"%s\": un registro necesita una tabla, y no tiene "
                                     "valor por omisión ni secreto propios"),
                         row->name);
    if (level == MOST_LEVELS)
        return error_set(error,
                         in_language("option \"%s\": more than %d records inside one another",
                                     "opción \"%s\": más de %d registros uno dentro de otro"),
                         row->name, MOST_LEVELS);
    return check_table(row->record, target_size - row->offset, level + 1, error);
}

/* A number cannot be taken out of a log: it stands in too many lines that mean something else. */
static bool can_be_secret(uint32_t type)
{
    return type == HANDOFFD_TEXT || type == HANDOFFD_LIST || type == HANDOFFD_MAP;
}

static bool check_value(const struct handoffd_option *row, struct error *error)
{
    if (row->type == HANDOFFD_MAP && row->otherwise != NULL)
        return error_set(
            error,
            in_language("option \"%s\": a map has no default, it is empty where nothing stands",
                        "opción \"%s\": un mapa no tiene valor por omisión, queda vacío donde no "
                        "hay nada"),
            row->name);
    if (row->secret && !can_be_secret(row->type))
        return error_set(error,
                         in_language("option \"%s\": only a text, a list or a map can be a secret",
                                     "opción \"%s\": solo un texto, una lista o un mapa puede ser "
                                     "secreto"),
                         row->name);
    if (row->least > row->most)
        return error_set(error,
                         in_language("option \"%s\": its least value is above its most",
                                     "opción \"%s\": su mínimo supera a su máximo"),
                         row->name);
    if (row->otherwise != NULL && !default_parses(row))
        return error_set(error,
                         in_language("option \"%s\": its default \"%s\" is not valid",
                                     "opción \"%s\": su valor por omisión \"%s\" no es válido"),
                         row->name, row->otherwise);
    return true;
}

static bool check_row(const struct handoffd_options *options, size_t index, size_t target_size,
                      int level, struct error *error)
{
    struct handoffd_option row = options_row(options, index);
    if (row.name == NULL || row.name[0] == '\0')
        return error_set(
            error,
            in_language("option row %zu has no name", "la opción número %zu no tiene nombre"),
            index + 1);
    if (has_earlier(options, index, row.name))
        return error_set(error,
                         in_language("option \"%s\" is declared twice",
                                     "la opción \"%s\" está declarada dos veces"),
                         row.name);
    if (row.unless != NULL && !names_another(options, &row))
        return error_set(error,
                         in_language("option \"%s\": unless \"%s\", which is no other row",
                                     "opción \"%s\": unless \"%s\", que no es otra fila"),
                         row.name, row.unless);
    size_t size = options_member_size(row.type);
    if (size == 0 && row.type != HANDOFFD_RECORD)
        return error_set(
            error,
            in_language("option \"%s\": unknown type %u", "opción \"%s\": tipo desconocido %u"),
            row.name, (unsigned)row.type);
    if (row.offset > target_size || size > target_size - row.offset)
        return error_set(error,
                         in_language("option \"%s\": its member is outside the struct of %zu bytes",
                                     "opción \"%s\": su miembro queda fuera de la estructura de "
                                     "%zu bytes"),
                         row.name, target_size);
    return row.type == HANDOFFD_RECORD ? check_record(&row, target_size, level, error)
                                       : check_value(&row, error);
}

static bool check_table(const struct handoffd_options *options, size_t target_size, int level,
                        struct error *error)
{
    size_t least_size = offsetof(struct handoffd_option, offset) + sizeof(uint32_t);
    if (options->count > 0 && (options->items == NULL || options->item_size < least_size))
        return error_set(
            error, "%s",
            in_language("the option table has no rows, or rows that are too small",
                        "la tabla de opciones no tiene filas, o son demasiado cortas"));
    for (size_t i = 0; i < options->count; i++)
        if (!check_row(options, i, target_size, level, error))
            return false;
    return true;
}

bool options_check_table(const struct handoffd_options *options, size_t target_size,
                         struct error *error)
{
    return check_table(options, target_size, 1, error);
}
