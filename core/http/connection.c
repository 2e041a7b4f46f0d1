/* connection - the flow of one client; see the states in connection.h. */
#include "http/connection.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <utlist.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/require.h"
#include "http/response.h"
#include "http/writer.h"

#define LINGER_MS      1000
#define NEWCOMER_MS    1000 /* to say what it wants, when the server stops */
#define HELD_MOST      (24 * 1024 * 1024)
#define LINGER_BYTES   (1024 * 1024)
#define MAX_HEAD_BYTES 65536
#define MAX_ERROR_BODY 4096
#define NEVER_MS       INT64_MAX
#define UNIX_PEER      "unix"

enum connection_state { IDLE, READING, HANDLING, WRITING, LINGERING, CLOSED };

struct connection {
    union stream socket;
    struct connection_group *group;
    struct connection *next; /* this and the following: in one of the group's lists */
    struct connection *previous;
    struct connection **list;
    enum connection_state state;
    struct http_exchange *exchange; /* READING, HANDLING */
    struct timer timer;             /* due at the deadline or before; never later */
    int64_t deadline_ms;
    struct buffer waiting; /* bytes behind a request under way; reading has stopped */
    size_t waiting_taken;
    size_t held_bytes; /* memory of what has come: counted in the group's */
    struct turn turn;  /* to go on with what waits */
    size_t dropped_bytes;
    bool has_ended;  /* the client will send no more */
    bool is_fresh;   /* no request was answered yet */
    bool is_last;    /* the answer under way is the last one */
    bool is_skipped; /* the request is answered by its head, and its body is here to be passed by */
    bool is_released; /* by libuv */
    char peer[INET6_ADDRSTRLEN];
};

/* The steps, in the order in which they run. */
static void on_bytes(struct connection *connection, const char *bytes, size_t length);
static size_t feed(struct connection *connection, const char *bytes, size_t length);
static size_t feed_request(struct connection *connection, const char *bytes, size_t length);
static bool is_let_in(struct connection *connection, size_t rest);
static void on_head_read(struct connection *connection, bool body_is_here);
static void hand_over(struct connection *connection);
static void refuse(struct connection *connection, int status, const char *reason);
static void answer(struct connection *connection, struct response *response, const char *body);
static void on_answer_written(uv_stream_t *stream, int status);
static void on_answered(struct connection *connection);
static void go_on(struct connection *connection);
static void on_waiting_turn(struct turn *turn);
static void on_input_end(struct connection *connection);
static void on_due(struct timer *timer);
static void linger(struct connection *connection);
static void connection_close(struct connection *connection);
static void on_closed(uv_handle_t *handle);
static void free_when_released(struct connection *connection);

/* ---- the group */

void stream_init(union stream *stream, struct loop *loop, bool is_unix)
{
    require(is_unix ? uv_pipe_init(loop_uv(loop), &stream->pipe, 0) == 0
                    : uv_tcp_init(loop_uv(loop), &stream->tcp) == 0);
}

static bool has_waiting(const struct connection *connection)
{
    return connection->waiting.length > connection->waiting_taken;
}

void connection_group_init(struct connection_group *group)
{
    buffer_init(&group->head, MAX_HEAD_BYTES);
    group->read_bytes = memory_zeroed(1, CONNECTION_READ_BYTES);
}

void connection_group_deinit(struct connection_group *group)
{
    exchange_pool_deinit(&group->pool);
    buffer_deinit(&group->head);
    free(group->read_bytes);
}

bool connection_group_is_empty(const struct connection_group *group)
{
    return group->count == 0 && group->pool.in_use == 0;
}

void connection_group_make_room(struct connection_group *group)
{
    if (group->awaited != NULL)
        connection_close(group->awaited->previous); /* utlist: the first one's is the last */
}

static void enlist(struct connection *connection, struct connection **list)
{
    DL_PREPEND2(*list, connection, previous, next);
    connection->list = list;
}

/* To the front of a list. */
static void move_to(struct connection *connection, struct connection **list)
{
    DL_DELETE2(*connection->list, connection, previous, next);
    enlist(connection, list);
}

/* ---- memory: many clients may send much, and no whole request */

static void weigh(struct connection *connection)
{
    const struct http_exchange *exchange = connection->exchange;
    size_t held = connection->waiting.capacity;
    if (exchange != NULL)
        held += exchange->reader.text.capacity + exchange->reader.body.capacity;
    connection->group->held_bytes += held - connection->held_bytes;
    connection->held_bytes = held;
}

/* Those who have kept us waiting for longest go. */
static void hold_less(struct connection_group *group)
{
    while (group->held_bytes > HELD_MOST && group->awaited != NULL)
        connection_group_make_room(group);
}

/* ---- deadlines: moving one later touches nothing but a number */

static void set_deadline(struct connection *connection, int64_t delay_ms)
{
    int64_t now = clock_steady_ms();
    if (connection->group->is_stopping && delay_ms > NEWCOMER_MS)
        delay_ms = NEWCOMER_MS;
    connection->deadline_ms = now + delay_ms;
    if (!timer_is_started(&connection->timer) || connection->timer.due_ms > connection->deadline_ms)
        loop_timer_start(connection->group->loop, &connection->timer, delay_ms);
}

static void on_due(struct timer *timer)
{
    struct connection *connection = container_of(timer, struct connection, timer);
    if (connection->deadline_ms == NEVER_MS)
        return;
    int64_t left_ms = connection->deadline_ms - clock_steady_ms();
    if (left_ms > 0)
        loop_timer_start(connection->group->loop, timer, left_ms);
    else if (connection->state != READING || request_is_blank(&connection->exchange->reader))
        connection_close(connection);
    else if (connection->exchange->reader.state == REQUEST_HEAD)
        refuse(connection, 408, "los encabezados tardaron demasiado");
    else
        refuse(connection, 408, "el cuerpo tardó demasiado");
}

/* ---- reading */

static void on_alloc(uv_handle_t *handle, size_t wanted, uv_buf_t *buf)
{
    struct connection *connection = handle->data;
    (void)wanted;
    *buf = uv_buf_init(connection->group->read_bytes, CONNECTION_READ_BYTES);
}

static void on_read(uv_stream_t *stream, ssize_t length, const uv_buf_t *buf)
{
    struct connection *connection = stream->data;
    if (length > 0)
        on_bytes(connection, buf->base, (size_t)length);
    else if (length == UV_EOF)
        on_input_end(connection);
    else if (length < 0)
        connection_close(connection);
}

static void read_on(struct connection *connection)
{
    if (!connection->has_ended && connection->state != CLOSED)
        uv_read_start(&connection->socket.stream, on_alloc, on_read);
}

/* False of a client that has reset the connection already: what it sent could still be read, but
 * nobody knows whose it is. */
static bool remember_peer(struct connection *connection)
{
    struct sockaddr_storage address = {0};
    int length = sizeof address;
    if (connection->group->is_unix) {
        memcpy(connection->peer, UNIX_PEER, sizeof UNIX_PEER);
        return true;
    }
    return uv_tcp_getpeername(&connection->socket.tcp, (struct sockaddr *)&address, &length) == 0 &&
           uv_ip_name((struct sockaddr *)&address, connection->peer, sizeof connection->peer) == 0;
}

void connection_accept(struct connection_group *group, uv_stream_t *listener)
{
    struct connection *connection = memory_zeroed(1, sizeof *connection);
    connection->group = group;
    connection->timer.on_due = on_due;
    connection->turn.run = on_waiting_turn;
    buffer_init(&connection->waiting, CONNECTION_READ_BYTES);
    connection->is_fresh = true;
    enlist(connection, &group->awaited);
    group->count++;
    stream_init(&connection->socket, group->loop, group->is_unix);
    connection->socket.handle.data = connection;
    if (uv_accept(listener, &connection->socket.stream) != 0 || !remember_peer(connection)) {
        connection_close(connection);
        return;
    }
    set_deadline(connection, group->limits.header_timeout_ms);
    read_on(connection);
}

static void forget_waiting(struct connection *connection)
{
    buffer_deinit(&connection->waiting);
    connection->waiting_taken = 0;
    weigh(connection);
}

/* What comes behind a request waits, and nothing more is read until it is taken: a later turn gives
 * others theirs first, and a client that never reads soon finds that nobody reads it either. */
static void keep_waiting(struct connection *connection, const char *bytes, size_t length)
{
    uv_read_stop(&connection->socket.stream);
    require(buffer_append(&connection->waiting, bytes, length));
}

static void on_bytes(struct connection *connection, const char *bytes, size_t length)
{
    if (connection->state == LINGERING) {
        connection->dropped_bytes += length;
        if (connection->dropped_bytes > LINGER_BYTES)
            connection_close(connection);
        return;
    }
    size_t taken = feed(connection, bytes, length);
    if (taken < length && connection->state != LINGERING && connection->state != CLOSED) {
        keep_waiting(connection, bytes + taken, length - taken);
        go_on(connection);
    }
    weigh(connection);
    hold_less(connection->group);
}

/* Up to the end of one request. */
static size_t feed(struct connection *connection, const char *bytes, size_t length)
{
    size_t taken = 0;
    if (connection->state != IDLE && connection->state != READING)
        return 0;
    do
        taken += feed_request(connection, bytes + taken, length - taken);
    while (taken < length && connection->state == READING);
    return taken;
}

static void begin_request(struct connection *connection)
{
    struct http_exchange *exchange =
        exchange_take(&connection->group->pool, &connection->group->limits);
    exchange->connection = connection;
    exchange->group = connection->group;
    memcpy(exchange->peer, connection->peer, sizeof exchange->peer);
    exchange->reader.request.peer = exchange->peer;
    connection->exchange = exchange;
    connection->state = READING;
    if (!connection->is_fresh)
        set_deadline(connection, connection->group->limits.header_timeout_ms);
}

static size_t feed_request(struct connection *connection, const char *bytes, size_t length)
{
    if (connection->exchange == NULL)
        begin_request(connection);
    struct request_reader *reader = &connection->exchange->reader;
    bool was_head = reader->state == REQUEST_HEAD;
    size_t taken = request_feed(reader, bytes, length);
    bool is_head = was_head && (reader->state == REQUEST_BODY || reader->state == REQUEST_COMPLETE);
    size_t body = reader->state == REQUEST_BODY ? (size_t)reader->head.content_length : 0;
    if (is_head && !is_let_in(connection, length - taken))
        return connection->is_skipped ? taken + body : length;
    if (reader->state == REQUEST_COMPLETE)
        hand_over(connection);
    else if (reader->state == REQUEST_REFUSED)
        refuse(connection, reader->refusal.status, reader->refusal.reason);
    else if (reader->state == REQUEST_BODY && was_head)
        on_head_read(connection, taken < length);
    return taken;
}

/* By what its head says; an answer is on its way where it is not. */
static bool is_let_in(struct connection *connection, size_t rest)
{
    const struct http_handler *handler = &connection->group->handler;
    struct http_exchange *exchange = connection->exchange;
    const struct request_reader *reader = &exchange->reader;
    bool has_length = !reader->head.is_chunked && reader->head.content_length > 0;
    if (handler->on_head == NULL)
        return true;
    connection->is_skipped = reader->state == REQUEST_COMPLETE ||
                             (has_length && (size_t)reader->head.content_length <= rest);
    connection->state = HANDLING;
    if (!handler->on_head(handler->context, exchange, &reader->request))
        return false;
    connection->state = READING;
    return true;
}

/* A client that has begun to send the body is not waiting (RFC 9110 section 10.1.1). */
static void on_head_read(struct connection *connection, bool body_is_here)
{
    static const char proceed[] = "HTTP/1.1 100 Continue\r\n\r\n";
    set_deadline(connection, connection->group->limits.body_timeout_ms);
    if (!connection->exchange->reader.head.expects_continue || body_is_here)
        return;
    uv_buf_t piece = uv_buf_init((char *)proceed, sizeof proceed - 1);
    if (writer_send(&connection->socket.stream, &piece, 1, NULL) == WRITER_FAILED)
        connection_close(connection);
}

static void hand_over(struct connection *connection)
{
    const struct http_handler *handler = &connection->group->handler;
    struct http_exchange *exchange = connection->exchange;
    connection->state = HANDLING;
    connection->deadline_ms = NEVER_MS;
    move_to(connection, &connection->group->served);
    handler->on_request(handler->context, exchange, &exchange->reader.request);
}

/* The end of what the client sends. */
static void on_input_end(struct connection *connection)
{
    connection->has_ended = true;
    uv_read_stop(&connection->socket.stream);
    if (connection->state == READING && !request_is_blank(&connection->exchange->reader))
        refuse(connection, 400, "la solicitud llegó incompleta");
    else if (connection->state != HANDLING && connection->state != WRITING)
        connection_close(connection);
}

/* ---- answering */

static void give_back(struct connection *connection)
{
    struct http_exchange *exchange = connection->exchange;
    connection->exchange = NULL;
    if (exchange != NULL)
        exchange_give_back(&connection->group->pool, exchange);
    weigh(connection);
}

/* The server's own answer to what it does not hand over; nothing behind it is read. */
static void refuse(struct connection *connection, int status, const char *reason)
{
    const struct http_handler *handler = &connection->group->handler;
    CLEANUP(buffer_deinit) struct buffer body;
    buffer_init(&body, MAX_ERROR_BODY);
    handler->write_error(handler->context, status, reason, &body);
    struct response response = {.status = status, .body_length = body.length};
    connection->is_last = true;
    answer(connection, &response, body.bytes);
}

void http_respond(struct http_exchange *exchange, int status, const struct http_header *headers,
                  size_t header_count, const char *body, size_t body_length)
{
    struct connection *connection = exchange->connection;
    struct connection_group *group = exchange->group;
    if (connection == NULL) {
        exchange_give_back(&group->pool, exchange);
        group->on_left(group);
        return;
    }
    require(connection->state == HANDLING);
    struct response response = {.status = status,
                                .headers = headers,
                                .header_count = header_count,
                                .body_length = body_length};
    bool is_read = exchange->reader.state == REQUEST_COMPLETE || connection->is_skipped;
    connection->is_last = group->is_stopping || group->is_crowded || connection->has_ended ||
                          !exchange->reader.keeps_alive || !is_read;
    answer(connection, &response, body);
}

/* Head and body leave in one write. */
static void answer(struct connection *connection, struct response *response, const char *body)
{
    struct request_reader *reader = &connection->exchange->reader;
    struct buffer *head = &connection->group->head;
    bool has_body = !reader->is_head_method && response_status_has_body(response->status);
    if (connection->is_last)
        response->connection = RESPONSE_SAYS_CLOSES;
    else if (reader->head.is_http10)
        response->connection = RESPONSE_SAYS_KEEPS;
    buffer_clear(head);
    response_write_head(head, response);
    require(!head->is_full);
    uv_buf_t pieces[] = {
        uv_buf_init(head->bytes, (unsigned)head->length),
        uv_buf_init((char *)body, has_body ? (unsigned)response->body_length : 0),
    };
    connection->state = WRITING;
    move_to(connection, &connection->group->awaited);
    enum writer_result result =
        writer_send(&connection->socket.stream, pieces, has_body ? 2 : 1, on_answer_written);
    give_back(connection);
    if (result == WRITER_DONE)
        on_answered(connection);
    else if (result == WRITER_PENDING)
        set_deadline(connection, connection->group->limits.idle_timeout_ms);
    else
        connection_close(connection);
}

static void on_answer_written(uv_stream_t *stream, int status)
{
    struct connection *connection = stream->data;
    if (status == 0)
        on_answered(connection);
    else
        connection_close(connection);
}

static void on_answered(struct connection *connection)
{
    connection->is_fresh = false;
    if (connection->is_last || connection->has_ended || connection->group->is_stopping) {
        linger(connection);
        return;
    }
    connection->state = IDLE;
    set_deadline(connection, connection->group->limits.idle_timeout_ms);
    go_on(connection);
}

static void go_on(struct connection *connection)
{
    if (connection->state == IDLE && has_waiting(connection))
        loop_next_turn(connection->group->loop, &connection->turn);
}

/* Reading goes on when nothing waits any more; only then can the end of the input be seen. */
static void on_waiting_turn(struct turn *turn)
{
    struct connection *connection = container_of(turn, struct connection, turn);
    if (connection->state == CLOSED) {
        free_when_released(connection);
        return;
    }
    if (!has_waiting(connection))
        return; /* the last of it was taken as this turn was asked for */
    const char *rest = connection->waiting.bytes + connection->waiting_taken;
    size_t left = connection->waiting.length - connection->waiting_taken;
    size_t taken = feed(connection, rest, left); /* it may have forgotten them all */
    connection->waiting_taken += taken;
    if (has_waiting(connection))
        return;
    forget_waiting(connection);
    read_on(connection);
}

/* ---- stopping */

/* What has come, and was not read yet. */
static void read_now(struct connection *connection)
{
    uv_os_fd_t descriptor = -1;
    char *bytes = connection->group->read_bytes;
    ssize_t length = uv_fileno(&connection->socket.handle, &descriptor) == 0
                         ? recv(descriptor, bytes, CONNECTION_READ_BYTES, MSG_DONTWAIT)
                         : 0;
    if (length > 0)
        on_bytes(connection, bytes, (size_t)length);
}

/* Closes it where nothing was begun; for how long a request of it may still come. */
static int64_t stop_one(struct connection *connection)
{
    if (connection->state == IDLE && !has_waiting(connection))
        read_now(connection);
    bool is_idle = connection->state == IDLE && !has_waiting(connection);
    if (is_idle && !connection->is_fresh)
        connection_close(connection);
    else if (connection->state != CLOSED)
        set_deadline(connection, NEWCOMER_MS);
    return connection->state == IDLE || connection->state == READING ? NEWCOMER_MS : 0;
}

int64_t connection_group_stop(struct connection_group *group)
{
    struct connection *next = NULL;
    int64_t longest_ms = 0;
    group->is_stopping = true;
    for (struct connection *connection = group->awaited; connection != NULL; connection = next) {
        next = connection->next;
        int64_t newcomer_ms = stop_one(connection);
        longest_ms = newcomer_ms > longest_ms ? newcomer_ms : longest_ms;
    }
    return longest_ms;
}

/* ---- leaving */

static void linger(struct connection *connection)
{
    uv_os_fd_t descriptor = -1;
    if (connection->has_ended) {
        connection_close(connection);
        return;
    }
    if (uv_fileno(&connection->socket.handle, &descriptor) == 0)
        shutdown(descriptor, SHUT_WR);
    connection->state = LINGERING;
    forget_waiting(connection);
    set_deadline(connection, LINGER_MS);
    read_on(connection);
}

/* What the handler still has, it gives back by its answer. */
static void connection_close(struct connection *connection)
{
    if (connection->state == CLOSED)
        return;
    if (connection->state == HANDLING) {
        require(connection->exchange != NULL);
        connection->exchange->connection = NULL;
        connection->exchange = NULL;
    }
    connection->state = CLOSED;
    move_to(connection, &connection->group->closing);
    loop_timer_stop(connection->group->loop, &connection->timer);
    forget_waiting(connection);
    uv_close(&connection->socket.handle, on_closed);
    give_back(connection);
}

static void on_closed(uv_handle_t *handle)
{
    struct connection *connection = handle->data;
    struct connection_group *group = connection->group;
    DL_DELETE2(*connection->list, connection, previous, next);
    group->count--;
    connection->is_released = true;
    free_when_released(connection);
    group->on_left(group);
}

static void free_when_released(struct connection *connection)
{
    if (connection->is_released && !connection->turn.is_waiting)
        free(connection);
}
