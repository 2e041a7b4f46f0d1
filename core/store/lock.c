/* lock - flock(2) on a file beside the database; the file stays, the lock goes with the process. */
#include "store/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/language.h"
#include "base/memory.h"

static bool refuse(int descriptor, const char *path, struct error *error)
{
    char holder[32] = "";
    ssize_t length = pread(descriptor, holder, sizeof holder - 1, 0);
    holder[length > 0 ? strcspn(holder, "\n") : 0] = '\0';
    return error_set(error,
                     in_language("store: \"%s\" is in use by another handoffd (process %s): stop "
                                 "that one first, or give this one a store of its own",
                                 "almacén: «%s» lo usa otro handoffd (proceso %s): detén ese "
                                 "primero, o dale a este un almacén propio"),
                     path, holder[0] != '\0' ? holder : "?");
}

/* The folder that holds the store is made where it is missing (one level: data/). */
static bool make_folder(const char *path, struct error *error)
{
    CLEANUP(memory_free) char *folder = memory_text(path);
    char *slash = strrchr(folder, '/');
    if (slash == NULL || slash == folder)
        return true;
    *slash = '\0';
    if (mkdir(folder, 0700) == 0 || errno == EEXIST)
        return true;
    return error_set(error,
                     in_language("store: cannot create the folder \"%s\": %s",
                                 "almacén: no se puede crear la carpeta «%s»: %s"),
                     folder, error_reason(errno));
}

static bool fail_to_create(const char *path, struct error *error)
{
    return error_set(
        error,
        in_language("store: cannot create \"%s\": %s", "almacén: no se puede crear «%s»: %s"), path,
        error_reason(errno));
}

/* A database that has two names has one lock. A new one is made, empty: where its name is a link,
 * it will have another one from then on. */
static bool find_real(const char *path, char real[static PATH_MAX], struct error *error)
{
    if (realpath(path, real) != NULL)
        return true;
    int database = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (database >= 0)
        close(database);
    return (database >= 0 && realpath(path, real) != NULL) || fail_to_create(path, error);
}

int lock_take(const char *path, struct error *error)
{
    char real[PATH_MAX];
    char file[PATH_MAX + sizeof ".lock"];
    if (!make_folder(path, error) || !find_real(path, real, error))
        return -1;
    snprintf(file, sizeof file, "%s.lock", real);
    int descriptor = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor < 0) {
        fail_to_create(file, error);
        return -1;
    }
    if (flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
        refuse(descriptor, path, error);
        close(descriptor);
        return -1;
    }
    char id[32];
    int length = snprintf(id, sizeof id, "%ld\n", (long)getpid());
    if (ftruncate(descriptor, 0) != 0 || pwrite(descriptor, id, (size_t)length, 0) != length) {
        error_set(
            error,
            in_language("store: cannot write \"%s\": %s", "almacén: no se puede escribir «%s»: %s"),
            file, error_reason(errno));
        close(descriptor);
        return -1;
    }
    return descriptor;
}

void lock_release(int descriptor)
{
    close(descriptor);
}
