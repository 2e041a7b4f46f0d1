/* file - one blocking read of an ordinary file, bounded by the buffer. */
#include "config/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/language.h"
#include "base/memory.h"

static void close_descriptor(const int *descriptor)
{
    if (*descriptor >= 0)
        close(*descriptor);
}

static const char *reason(int code)
{
    switch (code) {
    case ENOENT:
    case ENOTDIR:
        return in_language("there is no such file", "no existe");
    case EACCES:
    case EPERM:
        return in_language("no permission to read it", "no hay permiso para leerlo");
    default:
        return strerror(code);
    }
}

static enum file_result wrong(struct error *error, int code)
{
    error_set(error, in_language("cannot be read: %s", "no se puede leer: %s"), reason(code));
    return code == ENOENT || code == ENOTDIR ? FILE_MISSING : FILE_WRONG;
}

static enum file_result read_to_end(int descriptor, struct buffer *bytes, struct error *error)
{
    char block[16384];
    for (;;) {
        ssize_t got = read(descriptor, block, sizeof block);
        if (got == 0)
            return FILE_READ;
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return wrong(error, errno);
        if (!buffer_append(bytes, block, (size_t)got)) {
            error_set(
                error,
                in_language("is too large: more than %zu KB", "es demasiado grande: más de %zu KB"),
                bytes->limit_bytes / 1024);
            return FILE_WRONG;
        }
    }
}

static bool is_shared_by(const struct stat *status)
{
    mode_t allowed = status->st_uid == 0 ? S_IRWXU | S_IRGRP : S_IRWXU;
    return (status->st_mode & (S_IRWXU | S_IRWXG | S_IRWXO) & ~allowed) != 0;
}

/* O_NONBLOCK: opening a pipe by mistake must not wait for somebody to write. */
enum file_result file_read(const char *path, struct buffer *bytes, bool *is_shared,
                           struct error *error)
{
    CLEANUP(close_descriptor)
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (descriptor < 0)
        return wrong(error, errno);
    struct stat status;
    if (fstat(descriptor, &status) != 0)
        return wrong(error, errno);
    if (!S_ISREG(status.st_mode)) {
        error_set(error, "%s",
                  in_language("cannot be read: it is not an ordinary file",
                              "no se puede leer: no es un archivo normal"));
        return FILE_WRONG;
    }
    if (is_shared != NULL)
        *is_shared = is_shared_by(&status);
    return read_to_end(descriptor, bytes, error);
}

enum file_result file_read_secret(const char *path, struct buffer *bytes, struct error *error)
{
    bool is_shared = false;
    enum file_result result = file_read(path, bytes, &is_shared, error);
    if (result != FILE_READ || !is_shared)
        return result;
    error_set(error,
              in_language("can be read by others on this machine, and holds secrets: chmod 600 %s",
                          "lo pueden leer otros en esta máquina, y guarda secretos: chmod 600 %s"),
              path);
    return FILE_WRONG;
}

const char *file_beside(struct arena *arena, const char *beside, const char *name)
{
    const char *slash = strrchr(beside, '/');
    if (name[0] == '/' || slash == NULL)
        return arena_text(arena, name);
    return arena_format(arena, "%.*s%s", (int)(slash - beside + 1), beside, name);
}
