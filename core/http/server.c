/* server - the listener, and the cap on what it lets in; connection.c has the rest. */
#include "http/server.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/language.h"
#include "base/log.h"
#include "base/memory.h"
#include "http/connection.h"
#include "http/inherited.h"
#include "http/unix_socket.h"

#define BACKLOG          4096
#define SPARE_FILES      64 /* descriptors for everything that is neither client nor provider */
#define MAX_HOST_BYTES   64
#define MAX_ADDRESS_TEXT 128
#define UNIX_SCHEME      "unix:"
#define SAY_FULL_MS      (60 * 1000)

struct http_server {
    union stream listener;
    struct unix_socket file; /* of a UNIX socket */
    struct connection_group group;
    size_t cap;
    bool is_listener_closed;
    int64_t said_full_ms; /* in the log, last */
    struct turn stopped;
    void (*on_stopped)(void *context);
    void *stop_context;
    char address[MAX_ADDRESS_TEXT];
};

static void on_never_listened(uv_handle_t *handle);
static void on_connection(uv_stream_t *listener, int status);
static void on_left(struct connection_group *group);
static void on_listener_closed(uv_handle_t *handle);
static void on_stopped_turn(struct turn *turn);

/* ---- start */

/* The path of "unix:/run/handoffd.sock"; NULL: it is not one of these. */
static const char *path_of(const char *listen)
{
    size_t length = strlen(UNIX_SCHEME);
    return strncmp(listen, UNIX_SCHEME, length) == 0 ? listen + length : NULL;
}

/* "127.0.0.1:8000" or "[::1]:8000". */
static bool parse_listen(const char *listen, struct sockaddr_storage *address, struct error *error)
{
    char host[MAX_HOST_BYTES] = "";
    const char *colon = strrchr(listen, ':');
    size_t length = colon ? (size_t)(colon - listen) : 0;
    bool is_v6 = length > 2 && listen[0] == '[' && listen[length - 1] == ']';
    char *end = NULL;
    long port = colon && colon[1] >= '0' && colon[1] <= '9' ? strtol(colon + 1, &end, 10) : -1;
    if (port >= 0 && port <= 65535 && *end == '\0' && length < sizeof host) {
        memcpy(host, listen + is_v6, length - (is_v6 ? 2 : 0));
        if (is_v6 && uv_ip6_addr(host, (int)port, (struct sockaddr_in6 *)address) == 0)
            return true;
        if (!is_v6 && uv_ip4_addr(host, (int)port, (struct sockaddr_in *)address) == 0)
            return true;
    }
    return error_set(error,
                     in_language("\"%s\" is not an address to listen at, such as 127.0.0.1:8000, "
                                 "[::1]:8000 or unix:/run/handoffd.sock",
                                 "«%s» no es una dirección donde escuchar, como 127.0.0.1:8000, "
                                 "[::1]:8000 o unix:/run/handoffd.sock"),
                     listen);
}

bool http_listen_is_valid(const char *listen, struct error *error)
{
    struct sockaddr_storage address = {0};
    struct sockaddr_un file = {0};
    const char *path = path_of(listen);
    return path != NULL ? unix_socket_address(path, &file, error)
                        : parse_listen(listen, &address, error);
}

bool http_listen_is_exposed(const char *listen)
{
    static const char *const unreachable[] = {"127.", "[::1]:"};
    struct error error;
    for (size_t i = 0; i < COUNT_OF(unreachable); i++) {
        if (strncmp(listen, unreachable[i], strlen(unreachable[i])) == 0)
            return false;
    }
    return path_of(listen) == NULL && http_listen_is_valid(listen, &error);
}

/* How many descriptors this process may open, raised as far as it goes. */
static size_t raise_file_limit(void)
{
    struct rlimit limit = {0};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return 0;
    rlim_t allowed = limit.rlim_cur;
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) == 0)
        allowed = limit.rlim_max;
    return (size_t)allowed;
}

static size_t cap_within_files(int64_t wanted)
{
    size_t files = raise_file_limit();
    size_t room =
        files > 2 * SPARE_FILES ? files / 2 : files / 4 + 1; /* calls of ours need some too */
    if ((size_t)wanted <= room)
        return (size_t)wanted;
    log_warning("fewer connections than configured, for want of file descriptors connections=%zu "
                "configured=%lld limit_nofile=%zu",
                room, (long long)wanted, files);
    return room;
}

/* libuv writes with write(2), which raises it when the client is gone. */
static void ignore_broken_pipes(void)
{
    struct sigaction ignore = {0};
    ignore.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &ignore, NULL);
}

static void remember_address(struct http_server *server)
{
    if (server->group.is_unix) {
        snprintf(server->address, sizeof server->address, UNIX_SCHEME "%s",
                 server->file.address.sun_path);
        return;
    }
    struct sockaddr_storage bound = {0};
    int length = sizeof bound;
    char host[MAX_HOST_BYTES] = "";
    uv_tcp_getsockname(&server->listener.tcp, (struct sockaddr *)&bound, &length);
    uv_ip_name((struct sockaddr *)&bound, host, sizeof host);
    bool is_v6 = bound.ss_family == AF_INET6;
    in_port_t port = is_v6 ? ((struct sockaddr_in6 *)&bound)->sin6_port
                           : ((struct sockaddr_in *)&bound)->sin_port;
    snprintf(server->address, sizeof server->address, is_v6 ? "[%s]:%u" : "%s:%u", host,
             (unsigned)ntohs(port));
}

static bool has_begun(int result, const char *listen, struct error *error)
{
    return result == 0 ||
           error_set(error,
                     in_language("cannot listen at %s: %s", "no se puede escuchar en %s: %s"),
                     listen, uv_strerror(result));
}

/* Connections inherit TCP_NODELAY from the listener. */
static bool listen_at_port(struct http_server *server, const char *listen, struct error *error)
{
    struct sockaddr_storage address = {0};
    if (!parse_listen(listen, &address, error))
        return false;
    int descriptor = inherited_any() ? inherited_take((struct sockaddr *)&address, error) : -1;
    if (descriptor < 0 && inherited_any())
        return false;
    int result = descriptor >= 0
                     ? uv_tcp_open(&server->listener.tcp, descriptor)
                     : uv_tcp_bind(&server->listener.tcp, (struct sockaddr *)&address, 0);
    if (result == 0)
        result = uv_tcp_nodelay(&server->listener.tcp, 1);
    if (result == 0)
        result = uv_listen(&server->listener.stream, BACKLOG, on_connection);
    return has_begun(result, listen, error);
}

static bool listen_at_file(struct http_server *server, const char *listen, struct error *error)
{
    int descriptor = unix_socket_bind(&server->file, path_of(listen), error);
    if (descriptor < 0)
        return false;
    int result = uv_pipe_open(&server->listener.pipe, descriptor);
    if (result != 0)
        close(descriptor);
    else
        result = uv_listen(&server->listener.stream, BACKLOG, on_connection);
    if (result != 0)
        unix_socket_remove(&server->file);
    return has_begun(result, listen, error);
}

static bool listen_at(struct http_server *server, const char *listen, struct error *error)
{
    return server->group.is_unix ? listen_at_file(server, listen, error)
                                 : listen_at_port(server, listen, error);
}

struct http_server *http_server_start(struct loop *loop, const char *listen,
                                      const struct http_limits *limits,
                                      const struct http_handler *handler, struct error *error)
{
    struct http_server *server = memory_zeroed(1, sizeof *server);
    server->group = (struct connection_group){.loop = loop,
                                              .limits = *limits,
                                              .handler = *handler,
                                              .on_left = on_left,
                                              .is_unix = path_of(listen) != NULL};
    server->stopped.run = on_stopped_turn;
    connection_group_init(&server->group);
    stream_init(&server->listener, loop, server->group.is_unix);
    server->listener.handle.data = server;
    if (!listen_at(server, listen, error)) {
        uv_close(&server->listener.handle, on_never_listened);
        return NULL;
    }
    ignore_broken_pipes();
    server->cap = cap_within_files(limits->connections);
    remember_address(server);
    return server;
}

static void destroy(struct http_server *server)
{
    connection_group_deinit(&server->group);
    free(server);
}

static void on_never_listened(uv_handle_t *handle)
{
    destroy(handle->data);
}

const char *http_server_address(const struct http_server *server)
{
    return server->address;
}

size_t http_server_connections(const struct http_server *server)
{
    return server->group.count;
}

/* ---- connections */

/* The newcomer is taken when the one that is closed for it has gone. */
static void make_room(struct http_server *server)
{
    int64_t now_ms = clock_steady_ms();
    server->group.is_crowded = true;
    connection_group_make_room(&server->group);
    if (server->said_full_ms > 0 && now_ms - server->said_full_ms < SAY_FULL_MS)
        return;
    server->said_full_ms = now_ms;
    log_warning("as many connections as may be are open: for each new one the one is closed that "
                "waits longest for its client connections=%zu",
                server->cap);
}

/* One that is not taken is held by libuv, which then stops accepting until it is. */
static void on_connection(uv_stream_t *listener, int status)
{
    struct http_server *server = listener->data;
    if (status < 0)
        log_warning("a connection could not be accepted error=\"%s\"", uv_strerror(status));
    else if (server->group.count >= server->cap)
        make_room(server);
    else
        connection_accept(&server->group, listener);
}

static void on_left(struct connection_group *group)
{
    struct http_server *server = container_of(group, struct http_server, group);
    if (group->is_stopping) {
        if (server->is_listener_closed && connection_group_is_empty(group))
            loop_next_turn(group->loop, &server->stopped);
        return;
    }
    if (server->group.is_crowded && group->count < server->cap) {
        server->group.is_crowded = false;
        connection_accept(group, &server->listener.stream);
    }
}

/* ---- stop */

int64_t http_server_stop(struct http_server *server, void (*on_stopped)(void *context),
                         void *context)
{
    server->on_stopped = on_stopped;
    server->stop_context = context;
    int64_t newcomers_ms = connection_group_stop(&server->group);
    if (server->group.is_unix)
        unix_socket_remove(&server->file);
    uv_close(&server->listener.handle, on_listener_closed);
    return newcomers_ms;
}

static void on_listener_closed(uv_handle_t *handle)
{
    struct http_server *server = handle->data;
    server->is_listener_closed = true;
    on_left(&server->group);
}

static void on_stopped_turn(struct turn *turn)
{
    struct http_server *server = container_of(turn, struct http_server, stopped);
    void (*on_stopped)(void *) = server->on_stopped;
    void *context = server->stop_context;
    destroy(server);
    if (on_stopped != NULL)
        on_stopped(context);
}
