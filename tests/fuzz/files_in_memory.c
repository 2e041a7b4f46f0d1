/* files_in_memory - the functions of config/file.h; the linker then has no need of the library's.
 */
#include "files_in_memory.h"

#include <string.h>

#include "base/require.h"
#include "config/file.h"

enum { MOST_FILES = 4 };

static struct {
    const char *name;
    const char *bytes;
    size_t length;
    bool is_shared;
} files[MOST_FILES];

static size_t file_count;

void files_put(const char *name, const char *bytes, size_t length, bool is_shared)
{
    require(file_count < MOST_FILES);
    files[file_count].name = name;
    files[file_count].bytes = bytes;
    files[file_count].length = length;
    files[file_count++].is_shared = is_shared;
}

void files_forget(void)
{
    file_count = 0;
}

enum file_result file_read(const char *path, struct buffer *bytes, bool *is_shared,
                           struct error *error)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash != NULL ? slash + 1 : path;
    for (size_t i = 0; i < file_count; i++) {
        if (strcmp(files[i].name, name) != 0)
            continue;
        if (is_shared != NULL)
            *is_shared = files[i].is_shared;
        if (buffer_append(bytes, files[i].bytes, files[i].length))
            return FILE_READ;
        error_set(error, "is too large");
        return FILE_WRONG;
    }
    error_set(error, "there is no such file");
    return FILE_MISSING;
}

enum file_result file_read_secret(const char *path, struct buffer *bytes, struct error *error)
{
    bool is_shared = false;
    enum file_result result = file_read(path, bytes, &is_shared, error);
    if (result != FILE_READ || !is_shared)
        return result;
    error_set(error, "can be read by others");
    return FILE_WRONG;
}

const char *file_beside(struct arena *arena, const char *beside, const char *name)
{
    const char *slash = strrchr(beside, '/');
    if (name[0] == '/' || slash == NULL)
        return arena_text(arena, name);
    return arena_format(arena, "%.*s%s", (int)(slash - beside + 1), beside, name);
}
