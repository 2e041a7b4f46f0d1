/* value - reads vendors.yaml: bytes, then UTF-8, then variables, then YAML. */
#include "config/value.h"

#include <string.h>

#include "base/language.h"
#include "base/memory.h"
#include "config/encoding.h"
#include "config/environment.h"
#include "config/file.h"
#include "config/tree.h"

enum { FILE_LIMIT_BYTES = 1024 * 1024 };

const struct value *value_get(const struct value *map, const char *key)
{
    if (map == NULL || map->kind != VALUE_MAP)
        return NULL;
    for (const struct value *entry = map->first; entry != NULL; entry = entry->next)
        if (strcmp(entry->key, key) == 0)
            return entry;
    return NULL;
}

static const struct value *read_source(struct source *source, struct arena *arena,
                                       struct diagnostics *diagnostics)
{
    if (source->length > FILE_LIMIT_BYTES) {
        diagnostics_error(
            diagnostics, (struct mark){source->file, 0, 0},
            in_language("is too large: more than %d KB", "es demasiado grande: más de %d KB"),
            FILE_LIMIT_BYTES / 1024);
        return NULL;
    }
    if (!encoding_check(source, diagnostics))
        return NULL;
    const struct environment *environment = environment_read(source->file, arena, diagnostics);
    return tree_read(source, environment, arena, diagnostics);
}

const struct value *value_read_file(const char *path, struct arena *arena,
                                    struct diagnostics *diagnostics)
{
    CLEANUP(buffer_deinit) struct buffer bytes;
    buffer_init(&bytes, FILE_LIMIT_BYTES);
    struct error error;
    bool is_shared = false;
    if (file_read(path, &bytes, &is_shared, &error) != FILE_READ) {
        diagnostics_error(diagnostics, (struct mark){path, 0, 0}, "%s", error.message);
        return NULL;
    }
    struct source source = {arena_text(arena, path), bytes.bytes, bytes.length, is_shared};
    return read_source(&source, arena, diagnostics);
}

const struct value *value_read_bytes(const char *path, const char *bytes, size_t length,
                                     struct arena *arena, struct diagnostics *diagnostics)
{
    struct source source = {.file = arena_text(arena, path), .bytes = bytes, .length = length};
    return read_source(&source, arena, diagnostics);
}
