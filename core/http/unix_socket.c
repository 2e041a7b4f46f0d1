/* unix_socket - whether a file has a listener is what connect(2) says of it; nobody gets in between
 * bind and chmod, as nothing listens there yet. */
#include "http/unix_socket.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/language.h"

#define USER_AND_GROUP (S_IRUSR | S_IWUSR | S_IRGRP | S_IWGRP)

static bool clear_way(const struct sockaddr_un *address, struct error *error);
static bool make_file(int descriptor, struct unix_socket *file, struct error *error);

bool unix_socket_address(const char *path, struct sockaddr_un *address, struct error *error)
{
    size_t length = strlen(path);
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    if (length == 0)
        return error_set(error, "%s",
                         in_language("unix: wants a path, such as unix:/run/handoffd.sock",
                                     "unix: lleva una ruta, como unix:/run/handoffd.sock"));
    if (length >= sizeof address->sun_path)
        return error_set(error,
                         in_language("the path of a UNIX socket has at most %zu bytes, this one "
                                     "has %zu: %s",
                                     "la ruta de un socket UNIX tiene como mucho %zu bytes, esta "
                                     "tiene %zu: %s"),
                         sizeof address->sun_path - 1, length, path);
    memcpy(address->sun_path, path, length + 1);
    return true;
}

static int open_socket(void)
{
    return socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

int unix_socket_try(const struct sockaddr_un *address)
{
    int descriptor = open_socket();
    if (descriptor < 0)
        return errno;
    int result =
        connect(descriptor, (const struct sockaddr *)address, sizeof *address) == 0 ? 0 : errno;
    close(descriptor);
    return result == EAGAIN ? 0 : result; /* EAGAIN: it listens, and many wait */
}

static bool fail(struct error *error, const char *path, int number)
{
    return error_set(
        error, in_language("cannot listen at unix:%s: %s", "no se puede escuchar en unix:%s: %s"),
        path, strerror(number));
}

int unix_socket_bind(struct unix_socket *socket, const char *path, struct error *error)
{
    if (!unix_socket_address(path, &socket->address, error) || !clear_way(&socket->address, error))
        return -1;
    int descriptor = open_socket();
    if (descriptor >= 0 && make_file(descriptor, socket, error))
        return descriptor;
    if (descriptor < 0)
        fail(error, path, errno);
    else
        close(descriptor);
    return -1;
}

/* Takes a dead daemon's file away, and nothing else. */
static bool clear_way(const struct sockaddr_un *address, struct error *error)
{
    const char *path = address->sun_path;
    struct stat status = {0};
    if (lstat(path, &status) != 0)
        return errno == ENOENT || fail(error, path, errno);
    if (!S_ISSOCK(status.st_mode))
        return error_set(error,
                         in_language("cannot listen at unix:%s: a file is there that is no socket",
                                     "no se puede escuchar en unix:%s: ahí hay un archivo que no "
                                     "es un socket"),
                         path);
    int result = unix_socket_try(address);
    if (result == 0)
        return error_set(error,
                         in_language("cannot listen at unix:%s: somebody answers there, perhaps "
                                     "another handoffd: stop that one first",
                                     "no se puede escuchar en unix:%s: alguien responde ahí, quizá "
                                     "otro handoffd: detén ese primero"),
                         path);
    if (result == ECONNREFUSED)
        result = unlink(path) == 0 ? 0 : errno;
    return result == 0 || result == ENOENT || fail(error, path, result);
}

/* chmod, as the mode must not hang on the umask, nor the umask of other threads on the mode. */
static bool make_file(int descriptor, struct unix_socket *file, struct error *error)
{
    const char *path = file->address.sun_path;
    struct stat status = {0};
    if (bind(descriptor, (struct sockaddr *)&file->address, sizeof file->address) != 0)
        return fail(error, path, errno);
    if (chmod(path, USER_AND_GROUP) != 0 || lstat(path, &status) != 0) {
        fail(error, path, errno);
        unlink(path);
        return false;
    }
    file->device = status.st_dev;
    file->number = status.st_ino;
    return true;
}

void unix_socket_remove(const struct unix_socket *socket)
{
    struct stat status = {0};
    const char *path = socket->address.sun_path;
    if (lstat(path, &status) == 0 && status.st_dev == socket->device &&
        status.st_ino == socket->number)
        unlink(path);
}
