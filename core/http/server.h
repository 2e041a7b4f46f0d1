/* server - HTTP/1.1 and 1.0 over libuv and llhttp: bytes to requests, strictly, and answers to
 * bytes.
 *
 * Invariant: what is not exactly one well-formed request is answered with an error and a close;
 * never two requests out of one. Source: RFC 9110, RFC 9112. */
#ifndef HTTP_SERVER_H
#define HTTP_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/loop.h"

struct http_server;
struct http_exchange; /* one request and its answer */

struct http_header {
    const char *name;  /* lower case */
    const char *value; /* without surrounding blanks */
};

/* Borrowed from the exchange until http_respond. */
struct http_request {
    const char *method; /* "POST" */
    const char *path;   /* as sent, without the query */
    const char *query;  /* behind the ?; "" where there is none */
    const struct http_header *headers;
    size_t header_count;
    const char *body; /* NUL behind; NULL in on_head */
    size_t body_length;
    const char *peer; /* address of the other end, "127.0.0.1"; "unix" behind a UNIX socket */
};

/* What the server asks of the room above. */
struct http_handler {
    void *context;

    /* The head of a request is read, and nothing of its body: false where it was answered (by
     * http_respond, from inside this call), and that is all that becomes of the request. The
     * connection is then closed, unless the whole body has come with the head. NULL: all are let
     * in. */
    bool (*on_head)(void *context, struct http_exchange *exchange,
                    const struct http_request *request);

    /* One call for each request, body read; the next one of a connection follows when this one is
     * answered, on a later turn. Leads to exactly one http_respond, now or later, also where the
     * connection breaks before that (nobody is told: the answer then goes nowhere). */
    void (*on_request)(void *context, struct http_exchange *exchange,
                       const struct http_request *request);

    /* Writes the JSON body of an answer that the server gives by itself (400, 408, 413, 414, 417,
     * 431, 501, 505), after which it closes; `reason` is in Spanish. */
    void (*write_error)(void *context, int status, const char *reason, struct buffer *body);
};

/* Option rows of `server:`, see options; durations in ms. */
struct http_limits {
    int64_t header_bytes;      /* 16 KB: request line and headers */
    int64_t headers;           /* 64 */
    int64_t body_bytes;        /* 64 KB */
    int64_t header_timeout_ms; /* 5 s: from the accept or the first byte to the headers' end */
    int64_t body_timeout_ms;   /* 10 s: from there to the end of the body */
    int64_t idle_timeout_ms;   /* 30 s: between requests, and for the client to take an answer */
    int64_t connections;       /* the cap: for a further one, the one goes whose client we have
                                  waited for longest; where all are served, it waits */
};

/* Could http_server_start listen there, as far as its form tells? */
bool http_listen_is_valid(const char *listen, struct error *error) MUST_CHECK;

/* Could another machine reach it there? An address that is not valid: no. */
bool http_listen_is_exposed(const char *listen);

/* Listens at "127.0.0.1:8000" or "[::1]:8000", where port 0 lets the kernel choose; or at
 * "unix:/run/handoffd.sock", a file of mode 0660 (see unix_socket.h). Takes over the listener of an
 * address where one was inherited, and then none but that (see inherited.h). Raises RLIMIT_NOFILE
 * as far as it goes (and lowers the cap to what it allows), and ignores SIGPIPE. `limits` and
 * `handler` are copied. A loop may have several servers. */
struct http_server *http_server_start(struct loop *loop, const char *listen,
                                      const struct http_limits *limits,
                                      const struct http_handler *handler,
                                      struct error *error) MUST_CHECK;

/* "127.0.0.1:43211" or "unix:/run/handoffd.sock": where it really listens. */
const char *http_server_address(const struct http_server *server);

/* Stops accepting, removes the file of a UNIX socket, and closes idle connections; requests under
 * way, and those that have come and were not read yet, are answered with `Connection: close`. A
 * client that has connected and not said anything, or not all, may still do so for a second:
 * returns for how many ms such a request may come; 0 where there is no such client. When the last
 * has gone, and http_respond was called for every exchange, on_stopped (may be NULL) runs once on a
 * later turn, and the server is freed. */
int64_t http_server_stop(struct http_server *server, void (*on_stopped)(void *context),
                         void *context);

/* Answers an exchange and forgets it; from inside on_request too. The body is copied. `headers`
 * (may be NULL) are further ones; Content-Type is application/json unless given there. HEAD gets
 * the headers alone. */
void http_respond(struct http_exchange *exchange, int status, const struct http_header *headers,
                  size_t header_count, const char *body, size_t body_length);

/* Open connections, for metrics and tests. */
size_t http_server_connections(const struct http_server *server);

/* The value of a header (name in lower case), or NULL. */
const char *http_request_header(const struct http_request *request, const char *name);

#endif
