/* fuzz_dotenv - any bytes as `.env`, and any text with ${NAME} in it: what is read can be written
 * and read again, and a fault never quotes what may be a secret. The text stands first, as a part.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/require.h"
#include "base/utf8.h"
#include "config/dotenv.h"
#include "config/environment.h"
#include "files_in_memory.h"
#include "input.h"

enum { MOST_BYTES = 8192, MOST_WRITTEN = 64 * 1024, EXPANDED_MOST = 1024 * 1024 };

static char *no_environment[] = {NULL};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_variable(const struct variable *variable)
{
    require(variable->name[0] != '\0' && variable->line > 0);
    require(variable_name_length(variable->name) == strlen(variable->name));
    require(utf8_is_valid(variable->value, strlen(variable->value)));
    require(variable->next == NULL || variable->next->line > variable->line);
}

/* As "…", which can hold everything. */
static void write_variable(const struct variable *variable, struct buffer *file)
{
    buffer_format(file, "export %s=\"", variable->name);
    for (const char *at = variable->value; *at != '\0'; at++) {
        if (*at == '\n') {
            buffer_append_text(file, "\\n");
            continue;
        }
        if (*at == '"' || *at == '\\')
            buffer_append_char(file, '\\');
        buffer_append_char(file, *at);
    }
    buffer_append_text(file, "\"\n");
}

static void check_round_trip(const struct variable *first, struct arena *arena)
{
    struct diagnostics *diagnostics = diagnostics_create();
    CLEANUP(buffer_deinit) struct buffer file;
    buffer_init(&file, MOST_WRITTEN);
    for (const struct variable *each = first; each != NULL; each = each->next)
        write_variable(each, &file);
    files_put("again.env", file.bytes, file.length, false);
    const struct variable *again = dotenv_read("again.env", arena, diagnostics);
    require(diagnostics_errors(diagnostics) == 0);
    for (; first != NULL; first = first->next, again = again->next)
        require(strcmp(first->name, again->name) == 0 && strcmp(first->value, again->value) == 0);
    require(again == NULL);
    diagnostics_destroy(diagnostics);
}

/* With every ${ as $${ it is itself again. */
static void check_literal(const struct environment *environment, const char *text,
                          struct arena *arena, struct diagnostics *diagnostics)
{
    bool is_replaced = true;
    CLEANUP(buffer_deinit) struct buffer literal;
    buffer_init(&literal, 2 * strlen(text) + 1);
    for (const char *at = text; *at != '\0'; at++) {
        if (strncmp(at, "${", 2) == 0)
            buffer_append_char(&literal, '$');
        buffer_append_char(&literal, *at);
    }
    const char *expanded =
        environment_expand(environment, literal.bytes, (struct mark){"vendors.yaml", 1, 1},
                           &is_replaced, arena, diagnostics);
    require(!is_replaced && strcmp(expanded, text) == 0);
}

static void check_expansion(const struct environment *environment, const char *text,
                            struct arena *arena, struct diagnostics *diagnostics)
{
    bool is_replaced = false;
    size_t before = diagnostics_errors(diagnostics);
    check_literal(environment, text, arena, diagnostics);
    require(diagnostics_errors(diagnostics) == before);
    const char *expanded = environment_expand(
        environment, text, (struct mark){"vendors.yaml", 1, 1}, &is_replaced, arena, diagnostics);
    require(strlen(expanded) <= EXPANDED_MOST);
    require(is_replaced || strstr(text, "${") != NULL || strcmp(expanded, text) == 0);
    require(!utf8_is_valid(text, strlen(text)) || utf8_is_valid(expanded, strlen(expanded)));
}

/* Names may be said. */
static bool has_secret_name(const struct variable *first)
{
    for (; first != NULL; first = first->next) {
        if (strstr(first->name, "s3cret") != NULL)
            return true;
    }
    return false;
}

static void check_printed(const struct diagnostics *diagnostics, const struct variable *first)
{
    char *text = NULL;
    size_t length = 0;
    FILE *memory = open_memstream(&text, &length);
    require(memory != NULL);
    diagnostics_print(diagnostics, memory);
    require(fclose(memory) == 0);
    size_t lines = 0;
    for (size_t i = 0; i < length; i++)
        lines += text[i] == '\n';
    require(lines == diagnostics_errors(diagnostics) + diagnostics_warnings(diagnostics));
    require(has_secret_name(first) || strstr(text, "s3cret") == NULL);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {data, size};
    size_t length = 0;
    if (size > MOST_BYTES)
        return 0;
    CLEANUP(memory_free) char *text = input_until(&input, INPUT_PART, NULL);
    CLEANUP(memory_free) char *file = input_rest(&input, &length);
    struct arena *arena = arena_create(2048);
    struct diagnostics *diagnostics = diagnostics_create();
    environ = no_environment;
    files_put(".env", file, length, false);
    const struct variable *first = dotenv_read("/etc/.env", arena, diagnostics);
    for (const struct variable *each = first; each != NULL; each = each->next)
        check_variable(each);
    check_round_trip(first, arena);
    const struct environment *environment =
        environment_read("/etc/vendors.yaml", arena, diagnostics);
    for (const struct variable *each = first; each != NULL; each = each->next)
        require(environment_get(environment, each->name) != NULL);
    if (strstr(text, "s3cret") == NULL) /* names in it may be said */
        check_expansion(environment, text, arena, diagnostics);
    check_printed(diagnostics, first);
    files_forget();
    diagnostics_destroy(diagnostics);
    arena_destroy(arena);
    return 0;
}
