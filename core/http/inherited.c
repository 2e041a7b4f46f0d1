/* inherited - descriptors from 3 on, as many as LISTEN_FDS says, where LISTEN_PID is us. */
#include "http/inherited.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

#include "base/language.h"

enum { FIRST_DESCRIPTOR = 3, DESCRIPTORS_MOST = 64, HOST_BYTES = 64 };

static long number_in(const char *name)
{
    const char *text = getenv(name);
    return text != NULL ? strtol(text, NULL, 10) : 0;
}

static int count(void)
{
    long descriptors = number_in("LISTEN_FDS");
    bool is_ours = number_in("LISTEN_PID") == (long)getpid();
    return is_ours && descriptors > 0 && descriptors <= DESCRIPTORS_MOST ? (int)descriptors : 0;
}

bool inherited_any(void)
{
    return count() > 0;
}

/* A TCP listener; its address. */
static bool is_listener(int descriptor, struct sockaddr_storage *address)
{
    int is_listening = 0;
    socklen_t size = sizeof is_listening;
    socklen_t length = sizeof *address;
    return getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &is_listening, &size) == 0 &&
           is_listening != 0 && getsockname(descriptor, (struct sockaddr *)address, &length) == 0 &&
           (address->ss_family == AF_INET || address->ss_family == AF_INET6);
}

static bool is_same_v4(const struct sockaddr_in *found, const struct sockaddr_in *wanted)
{
    return found->sin_addr.s_addr == wanted->sin_addr.s_addr &&
           (wanted->sin_port == 0 || found->sin_port == wanted->sin_port);
}

static bool is_same_v6(const struct sockaddr_in6 *found, const struct sockaddr_in6 *wanted)
{
    return memcmp(&found->sin6_addr, &wanted->sin6_addr, sizeof found->sin6_addr) == 0 &&
           (wanted->sin6_port == 0 || found->sin6_port == wanted->sin6_port);
}

static bool is_same(const struct sockaddr_storage *found, const struct sockaddr *wanted)
{
    if (found->ss_family != wanted->sa_family)
        return false;
    return found->ss_family == AF_INET
               ? is_same_v4((const struct sockaddr_in *)found, (const struct sockaddr_in *)wanted)
               : is_same_v6((const struct sockaddr_in6 *)found,
                            (const struct sockaddr_in6 *)wanted);
}

static int refuse(const struct sockaddr_storage *found, struct error *error)
{
    char host[HOST_BYTES] = "?";
    in_port_t port = found->ss_family == AF_INET6 ? ((const struct sockaddr_in6 *)found)->sin6_port
                                                  : ((const struct sockaddr_in *)found)->sin_port;
    if (found->ss_family != AF_UNSPEC)
        uv_ip_name((const struct sockaddr *)found, host, sizeof host);
    error_set(error,
              in_language("the service manager listens at %s, port %u: server.listen in "
                          "vendors.yaml and ListenStream of the socket unit must be the same",
                          "el administrador de servicios escucha en %s, puerto %u: server.listen "
                          "de vendors.yaml y ListenStream de la unidad .socket deben ser iguales"),
              host, (unsigned)ntohs(port));
    return -1;
}

int inherited_take(const struct sockaddr *address, struct error *error)
{
    struct sockaddr_storage found = {0};
    for (int i = 0; i < count(); i++) {
        int descriptor = FIRST_DESCRIPTOR + i;
        if (is_listener(descriptor, &found) && is_same(&found, address)) {
            fcntl(descriptor, F_SETFD, FD_CLOEXEC);
            return descriptor;
        }
    }
    return refuse(&found, error);
}
