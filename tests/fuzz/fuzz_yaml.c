/* fuzz_yaml - any bytes as vendors.yaml: a tree or diagnostics, never a crash, and never an error
 * without a place. */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/require.h"
#include "config/options.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

struct inner {
    const char *sid;
    struct handoffd_list variables;
};

struct section {
    const char *text;
    const char *secret;
    int64_t integer;
    int64_t duration_ms;
    bool boolean;
    struct handoffd_list list;
    struct inner record;
    struct inner optional;
};

static const struct handoffd_option inner_rows[] = {
    HANDOFFD_OPTION_TEXT("sid", struct inner, sid, .required = true),
    HANDOFFD_OPTION_LIST("variables", struct inner, variables, .otherwise = "[a, b]"),
};
static const struct handoffd_options inner_table = HANDOFFD_OPTIONS(inner_rows);

static const struct handoffd_option rows[] = {
    HANDOFFD_OPTION_TEXT("text", struct section, text, .required = true, .help = "a text"),
    HANDOFFD_OPTION_TEXT("secret", struct section, secret, .secret = true),
    HANDOFFD_OPTION_INTEGER("integer", struct section, integer, .least = -5, .most = 5),
    HANDOFFD_OPTION_DURATION("duration", struct section, duration_ms, .otherwise = "8s"),
    HANDOFFD_OPTION_BOOLEAN("boolean", struct section, boolean),
    HANDOFFD_OPTION_LIST("list", struct section, list),
    HANDOFFD_OPTION_RECORD("record", struct section, record, &inner_table, .required = true),
    HANDOFFD_OPTION_RECORD("optional", struct section, optional, &inner_table),
};
static const struct handoffd_options table = HANDOFFD_OPTIONS(rows);

static void read_every_entry(const struct value *value)
{
    size_t count = 0;
    for (const struct value *entry = value->first; entry != NULL; entry = entry->next) {
        require(value->kind != VALUE_MAP || value_get(value, entry->key) == entry);
        read_every_entry(entry);
        count++;
    }
    require(count == value->count && value->mark.line > 0 && value->mark.column > 0);
    require(value->kind != VALUE_TEXT || !value->is_blank || value->text[0] == '\0');
}

static void read_options(const struct value *root, struct arena *arena,
                         struct diagnostics *diagnostics)
{
    static const char *const known[] = {"plugin"};
    struct section section = {0};
    size_t before = diagnostics_errors(diagnostics);
    enum options_result result = options_read(&table, root, NULL, "section", known, COUNT_OF(known),
                                              &section, arena, diagnostics);
    require((result == OPTIONS_WRONG) == (diagnostics_errors(diagnostics) > before));
    require(result != OPTIONS_FINE || (section.text != NULL && section.record.sid != NULL));
    require(result == OPTIONS_WRONG || section.optional.sid != NULL ||
            section.optional.variables.count == 0);
}

static void print(const struct diagnostics *diagnostics)
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
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct arena *arena = arena_create(4096);
    struct diagnostics *diagnostics = diagnostics_create();
    const struct value *root = value_read_bytes("no-such-folder/vendors.yaml", (const char *)bytes,
                                                length, arena, diagnostics);
    require(root != NULL || diagnostics_errors(diagnostics) > 0);
    if (root != NULL) {
        read_every_entry(root);
        read_options(root, arena, diagnostics);
    }
    print(diagnostics);
    diagnostics_destroy(diagnostics);
    arena_destroy(arena);
    return 0;
}
