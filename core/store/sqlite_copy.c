/* sqlite_copy - VACUUM INTO a name of its own, fsync, rename without replacing, fsync. */
#include "store/sqlite_copy.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/language.h"
#include "base/memory.h"
#include "store/sqlite.h"

static bool refuse(const char *path, struct error *error)
{
    return error_set(error, in_language("\"%s\" is there already", "«%s» ya existe"), path);
}

static bool fail(const char *doing, const char *path, struct error *error)
{
    return error_set(error, in_language("cannot %s \"%s\": %s", "no se puede %s «%s»: %s"), doing,
                     path, error_reason(errno));
}

static char *partial_name(const char *path)
{
    size_t size = strlen(path) + sizeof ".partial";
    char *name = memory_zeroed(size, 1);
    snprintf(name, size, "%s.partial", path);
    return name;
}

/* What a crash left is ours to remove: under the lock of the store there is one copy at a time.
 * VACUUM INTO takes an empty file as a new one, and keeps its mode. */
static int create(const char *partial, struct error *error)
{
    unlink(partial);
    int file = open(partial, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0)
        fail(in_language("create", "crear"), partial, error);
    return file;
}

static bool fill(sqlite3 *db, const char *partial, struct error *error)
{
    CLEANUP(sqlite_finalize)
    sqlite3_stmt *statement = sqlite_prepare(db, "VACUUM INTO ?", error);
    if (statement == NULL)
        return false;
    sqlite_bind_text(statement, 1, partial);
    if (sqlite3_step(statement) == SQLITE_DONE)
        return true;
    char reason[SQLITE_REASON_BYTES];
    return error_set(error, in_language("cannot write \"%s\": %s", "no se puede escribir «%s»: %s"),
                     partial, sqlite_reason(db, reason));
}

/* Two daemons may have been told to write to the same name. */
static bool is_still(int file, const char *partial)
{
    struct stat opened;
    struct stat named;
    return fstat(file, &opened) == 0 && stat(partial, &named) == 0 &&
           opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
}

/* Some file systems cannot rename without replacing, but have links. */
static bool rename_to_new(const char *partial, const char *path)
{
    if (renameat2(AT_FDCWD, partial, AT_FDCWD, path, RENAME_NOREPLACE) == 0)
        return true;
    return (errno == EINVAL || errno == ENOSYS) && link(partial, path) == 0 && unlink(partial) == 0;
}

static bool publish(int file, const char *partial, const char *path, struct error *error)
{
    if (fsync(file) != 0)
        return fail(in_language("write", "escribir"), partial, error);
    if (!is_still(file, partial))
        return error_set(error,
                         in_language("\"%s\" was replaced while it was written",
                                     "«%s» fue reemplazado mientras se escribía"),
                         partial);
    if (!rename_to_new(partial, path))
        return errno == EEXIST ? refuse(path, error)
                               : fail(in_language("create", "crear"), path, error);
    if (sqlite_sync_folder(path, error))
        return true;
    unlink(path);
    return false;
}

bool sqlite_copy(sqlite3 *db, const char *path, struct error *error)
{
    if (access(path, F_OK) == 0)
        return refuse(path, error);
    CLEANUP(memory_free) char *partial = partial_name(path);
    int file = create(partial, error);
    if (file < 0)
        return false;
    bool is_copied = fill(db, partial, error) && publish(file, partial, path, error);
    if (!is_copied && is_still(file, partial))
        unlink(partial);
    close(file);
    return is_copied;
}

/* EINVAL: this file system has nothing to sync of a folder. */
bool sqlite_sync_folder(const char *path, struct error *error)
{
    CLEANUP(memory_free) char *folder = memory_text(path);
    char *slash = strrchr(folder, '/');
    if (slash != NULL)
        slash[slash == folder] = '\0';
    const char *name = slash != NULL ? folder : ".";
    int descriptor = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool is_synced = descriptor >= 0 && (fsync(descriptor) == 0 || errno == EINVAL);
    if (!is_synced)
        fail(in_language("write the folder", "escribir la carpeta"), name, error);
    if (descriptor >= 0)
        close(descriptor);
    return is_synced;
}
