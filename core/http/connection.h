/* connection - one client on one socket: requests in, answers out, in order, one at a time and at
 * most one in a turn of the loop, however many a client has sent.
 *
 * What each state waits for, and what its end leads to:
 *   IDLE       the first byte of a request: READING. Idle too long: CLOSED, silently
 *   READING    the rest of it: HANDLING. Refused or too slow: WRITING, an error
 *   HANDLING   http_respond, and the turn of a next request: WRITING
 *   WRITING    the client to take the answer: IDLE, or LINGERING where it is the last one
 *   LINGERING  the client to hang up; what it sends is dropped: CLOSED
 *   CLOSED     libuv to let go of the socket: freed
 *
 * LINGERING is there because closing a socket with unread bytes resets it, and the client may then
 * lose the answer (RFC 9112 section 9.6).
 *
 * A client that has shut down its sending side still gets the answers to what it sent: that end may
 * be all that it had to say (nc), and cannot be told from a hang-up. And where a next request
 * already waits unread, a break is only found when the answer is written. */
#ifndef HTTP_CONNECTION_H
#define HTTP_CONNECTION_H

#include "http/exchange.h"
#include "http/server.h"

#define CONNECTION_READ_BYTES 65536

/* A socket of either kind, a listener's or a client's. */
union stream {
    uv_handle_t handle;
    uv_stream_t stream;
    uv_tcp_t tcp;
    uv_pipe_t pipe;
};

void stream_init(union stream *stream, struct loop *loop, bool is_unix);

/* What the connections of a server share. */
struct connection_group {
    struct loop *loop;
    struct http_limits limits;
    struct http_handler handler;
    void (*on_left)(struct connection_group *group); /* a connection is closed, or the exchange of
                                                        one that was is answered */
    bool is_unix;
    bool is_stopping;
    bool is_crowded; /* one who comes is held by libuv, others by the kernel: each answer is
                        the last of its connection */

    struct connection *awaited; /* the client's turn; in front whose turn it became last */
    struct connection *served;  /* the handler's turn */
    struct connection *closing; /* libuv's */
    size_t count;
    size_t held_bytes; /* of what clients have sent */
    struct exchange_pool pool;
    struct buffer head; /* of the answer being written */
    char *read_bytes;   /* of the read being handled */
};

/* The caller has set the members above the gap; the rest is zeroed. */
void connection_group_init(struct connection_group *group);
void connection_group_deinit(struct connection_group *group);

/* Takes the next connection from the listener. */
void connection_accept(struct connection_group *group, uv_stream_t *listener);

/* Closes those that are idle, and the others with their next answer; see http_server_stop. */
int64_t connection_group_stop(struct connection_group *group);

/* Closes the one whose client we have waited for longest: all may be such that never send a whole
 * request. Nothing where every request is with the handler. */
void connection_group_make_room(struct connection_group *group);

/* No connection, and no exchange of one, is left. */
bool connection_group_is_empty(const struct connection_group *group);

#endif
