/* environment - one pass over the text, copying what stands between the references. */
#include "config/environment.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/language.h"
#include "base/memory.h"
#include "base/require.h"
#include "base/utf8.h"
#include "config/dotenv.h"
#include "config/file.h"

enum { VALUE_LIMIT_BYTES = 1024 * 1024, SECRET_LEAST_BYTES = 6 };

struct environment {
    const char *file; /* the .env, for messages */
    const struct variable *first;
    struct arena *arena;
};

struct environment *environment_read(const char *beside, struct arena *arena,
                                     struct diagnostics *diagnostics)
{
    struct environment *environment = arena_zeroed(arena, 1, sizeof *environment);
    environment->arena = arena;
    environment->file = file_beside(arena, beside, ".env");
    environment->first = dotenv_read(environment->file, arena, diagnostics);
    return environment;
}

/* Docker's --env-file and shells leave the CR of a CR LF file at the end of a value. */
static size_t length_without_line_end(const char *value)
{
    size_t length = strlen(value);
    while (length > 0 && (value[length - 1] == '\r' || value[length - 1] == '\n'))
        length--;
    return length;
}

static const char *without_line_end(struct arena *arena, const char *value)
{
    return arena_bytes(arena, value, length_without_line_end(value));
}

/* ---------------------------------------------------------------- secrets */

/* What was taken out of the environment; as long as the process, as that is. */
struct withdrawn {
    const char *place; /* empty now */
    char *value;
    struct withdrawn *next;
};

static struct withdrawn *withdrawn;

/* What stood at a place of the environment. */
static const char *find_withdrawn(const char *place)
{
    for (const struct withdrawn *each = withdrawn; each != NULL; each = each->next)
        if (each->place == place)
            return each->value;
    return place;
}

static void withdraw(char *value)
{
    struct withdrawn *taken = memory_zeroed(1, sizeof *taken);
    taken->place = value;
    taken->value = memory_text(value);
    taken->next = withdrawn;
    withdrawn = taken;
    explicit_bzero(value, strlen(value));
}

void environment_withdraw(const char *secret)
{
    size_t length = strlen(secret);
    for (char **entry = environ; *entry != NULL; entry++) {
        char *equals = strchr(*entry, '=');
        size_t value = equals != NULL ? length_without_line_end(equals + 1) : 0;
        if (value >= SECRET_LEAST_BYTES && memmem(secret, length, equals + 1, value) != NULL)
            withdraw(equals + 1);
    }
}

/* ---------------------------------------------------------------- one variable */

static const char *find_credential(const struct environment *environment, const char *name)
{
    const char *folder = getenv("CREDENTIALS_DIRECTORY");
    if (folder == NULL)
        return NULL;
    CLEANUP(buffer_deinit) struct buffer bytes;
    struct error error;
    buffer_init(&bytes, VALUE_LIMIT_BYTES);
    const char *path = arena_format(environment->arena, "%s/%s", folder, name);
    return file_read(path, &bytes, NULL, &error) == FILE_READ
               ? without_line_end(environment->arena, bytes.bytes)
               : NULL;
}

const char *environment_get(const struct environment *environment, const char *name)
{
    const char *value = getenv(name);
    if (value != NULL)
        return without_line_end(environment->arena, find_withdrawn(value));
    value = find_credential(environment, name);
    if (value != NULL)
        return value;
    for (const struct variable *each = environment->first; each != NULL; each = each->next)
        if (strcmp(each->name, name) == 0)
            value = each->value;
    return value;
}

/* ---------------------------------------------------------------- ${NAME} in a text */

struct expansion {
    const struct environment *environment;
    struct mark mark;
    struct arena *arena;
    struct diagnostics *diagnostics;
    struct buffer result;
};

static void refuse_reference(struct expansion *expansion)
{
    diagnostics_error(
        expansion->diagnostics, expansion->mark, "%s",
        in_language("after ${ a name and } must follow, as in ${NAME} or "
                    "${NAME:-default}; for the two characters themselves write $${",
                    "después de ${ debe seguir un nombre y }, como en ${NOMBRE} o "
                    "${NOMBRE:-valor}; para los dos caracteres tal cual escribe $${"));
}

static void refuse_unset(struct expansion *expansion, const char *name)
{
    diagnostics_error(expansion->diagnostics, expansion->mark,
                      in_language("the variable %s is not set: set it in the environment or in "
                                  "%s, or write ${%s:-} where it may be absent",
                                  "falta la variable %s: defínela en el entorno o en %s, o escribe "
                                  "${%s:-} si puede faltar"),
                      name, expansion->environment->file, name);
}

static void refuse_bytes(struct expansion *expansion, const char *name)
{
    diagnostics_error(expansion->diagnostics, expansion->mark,
                      in_language("the value of the variable %s is not UTF-8",
                                  "el valor de la variable %s no es UTF-8"),
                      name);
}

static void append_variable(struct expansion *expansion, const char *name, const char *otherwise)
{
    const char *value = environment_get(expansion->environment, name);
    bool is_absent = value == NULL || (otherwise != NULL && value[0] == '\0');
    if (is_absent && otherwise == NULL)
        refuse_unset(expansion, name);
    else if (!is_absent && !utf8_is_valid(value, strlen(value)))
        refuse_bytes(expansion, name);
    else
        buffer_append_text(&expansion->result, is_absent ? otherwise : value);
}

/* Of what stands between ${ and }: `NAME` or `NAME:-default`. */
static void append_reference(struct expansion *expansion, const char *inside, size_t length)
{
    size_t name_length = variable_name_length(inside);
    const char *name = arena_bytes(expansion->arena, inside, name_length);
    const char *rest = arena_bytes(expansion->arena, inside + name_length, length - name_length);
    if (name_length > 0 && rest[0] == '\0')
        append_variable(expansion, name, NULL);
    else if (name_length > 0 && strncmp(rest, ":-", 2) == 0 && strstr(rest, "${") == NULL)
        append_variable(expansion, name, rest + 2);
    else
        refuse_reference(expansion);
}

/* `at` is at a ${; returns what follows its }. */
static const char *expand_one(struct expansion *expansion, const char *at)
{
    const char *inside = at + 2;
    const char *end = strchr(inside, '}');
    if (end == NULL) {
        refuse_reference(expansion);
        return at + strlen(at);
    }
    append_reference(expansion, inside, (size_t)(end - inside));
    return end + 1;
}

static bool expand(struct expansion *expansion, const char *text)
{
    bool is_replaced = false;
    while (*text != '\0') {
        if (strncmp(text, "$${", 3) == 0) {
            buffer_append_text(&expansion->result, "${");
            text += 3;
        } else if (strncmp(text, "${", 2) == 0) {
            text = expand_one(expansion, text);
            is_replaced = true;
        } else {
            buffer_append_char(&expansion->result, *text++);
        }
    }
    return is_replaced;
}

const char *environment_expand(const struct environment *environment, const char *text,
                               struct mark mark, bool *is_replaced, struct arena *arena,
                               struct diagnostics *diagnostics)
{
    *is_replaced = false;
    if (strstr(text, "${") == NULL)
        return arena_text(arena, text);
    struct expansion expansion = {
        .environment = environment, .mark = mark, .arena = arena, .diagnostics = diagnostics};
    buffer_init(&expansion.result, VALUE_LIMIT_BYTES);
    *is_replaced = expand(&expansion, text);
    if (expansion.result.is_full)
        diagnostics_error(
            diagnostics, mark, "%s",
            in_language("with its variables replaced, this text is too long",
                        "con sus variables sustituidas, este texto es demasiado largo"));
    const char *expanded = arena_bytes(arena, expansion.result.bytes, expansion.result.length);
    buffer_deinit(&expansion.result);
    return expanded;
}
