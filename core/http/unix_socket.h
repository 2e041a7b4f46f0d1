/* unix_socket - a listener that is a file: open to its user and group alone, in the place of a dead
 * daemon's, and removed at the end. Source: unix(7). */
#ifndef HTTP_UNIX_SOCKET_H
#define HTTP_UNIX_SOCKET_H

#include <stdbool.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "base/error.h"

/* The file, and how to know whether it is still the one that was made here. */
struct unix_socket {
    struct sockaddr_un address;
    dev_t device;
    ino_t number;
};

/* The address that a path makes; an error where it is empty or longer than an address holds. */
bool unix_socket_address(const char *path, struct sockaddr_un *address,
                         struct error *error) MUST_CHECK;

/* Whether somebody listens there: 0, or the error number of connect(2): ECONNREFUSED for a file
 * that a dead process left, ENOENT, EACCES and so on. Never waits. */
int unix_socket_try(const struct sockaddr_un *address);

/* Makes the file, mode 0660, in the place of a dead daemon's. The descriptor, not listening yet; -1
 * with an error, above all where somebody answers there, or where a file is that is no socket. */
int unix_socket_bind(struct unix_socket *socket, const char *path, struct error *error) MUST_CHECK;

/* Removes the file, unless another one has taken its place. */
void unix_socket_remove(const struct unix_socket *socket);

#endif
