/* http_peer - a few lines of HTTP/1.1 over uv_tcp: enough to count requests and to answer as
 * scripted. */
#include "http_peer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/require.h"

#define REQUEST_LIMIT_BYTES (4 * 1024 * 1024)

struct connection {
    uv_tcp_t tcp;
    struct peer *peer;
    struct connection *next;
    struct buffer read;
    size_t requests;
    size_t held; /* requests that wait for their answer */
};

struct peer {
    uv_tcp_t tcp;
    struct loop *loop;
    struct connection *connections;
    struct peer_step steps[4];
    size_t step_count;
    size_t hold;
    bool is_deaf;
    size_t accepted;
    size_t requests;
    struct buffer last;
    char url[64];
    char tls_url[64];
};

struct reply {
    uv_write_t write;
    enum peer_then then;
    char bytes[];
};

static void on_connection(uv_stream_t *server, int status);

struct peer *peer_start(struct loop *loop)
{
    struct peer *peer = memory_zeroed(1, sizeof *peer);
    peer->loop = loop;
    buffer_init(&peer->last, REQUEST_LIMIT_BYTES);
    struct sockaddr_in address;
    require(uv_ip4_addr("127.0.0.1", 0, &address) == 0);
    require(uv_tcp_init(loop_uv(loop), &peer->tcp) == 0);
    require(uv_tcp_bind(&peer->tcp, (const struct sockaddr *)&address, 0) == 0);
    require(uv_listen((uv_stream_t *)&peer->tcp, 512, on_connection) == 0);
    int length = sizeof address;
    require(uv_tcp_getsockname(&peer->tcp, (struct sockaddr *)&address, &length) == 0);
    int port = ntohs(address.sin_port);
    snprintf(peer->url, sizeof peer->url, "http://127.0.0.1:%d/messages", port);
    snprintf(peer->tls_url, sizeof peer->tls_url, "https://127.0.0.1:%d/messages", port);
    return peer;
}

static void on_connection_closed(uv_handle_t *handle)
{
    struct connection *connection = container_of((uv_tcp_t *)handle, struct connection, tcp);
    buffer_deinit(&connection->read);
    free(connection);
}

static void connection_forget(struct connection *connection)
{
    struct connection **place = &connection->peer->connections;
    while (*place != connection)
        place = &(*place)->next;
    *place = connection->next;
}

static void connection_close(struct connection *connection, enum peer_then then)
{
    if (uv_is_closing((uv_handle_t *)&connection->tcp))
        return;
    connection_forget(connection);
    if (then != PEER_RESET || uv_tcp_close_reset(&connection->tcp, on_connection_closed) != 0)
        uv_close((uv_handle_t *)&connection->tcp, on_connection_closed);
}

void peer_hang_up(struct peer *peer)
{
    while (peer->connections != NULL)
        connection_close(peer->connections, PEER_CLOSE);
}

static void on_peer_closed(uv_handle_t *handle)
{
    struct peer *peer = container_of((uv_tcp_t *)handle, struct peer, tcp);
    buffer_deinit(&peer->last);
    free(peer);
}

void peer_stop(struct peer *peer)
{
    peer_hang_up(peer);
    uv_close((uv_handle_t *)&peer->tcp, on_peer_closed);
}

/* ---- what it does */

static void on_written(uv_write_t *write, int status)
{
    (void)status;
    struct reply *reply = container_of(write, struct reply, write);
    struct connection *connection = write->data;
    if (reply->then != PEER_KEEP)
        connection_close(connection, reply->then);
    free(reply);
}

static void say(struct connection *connection, const char *bytes, enum peer_then then)
{
    size_t length = strlen(bytes);
    struct reply *reply = memory_zeroed(1, sizeof *reply + length);
    memcpy(reply->bytes, bytes, length);
    reply->then = then;
    reply->write.data = connection;
    uv_buf_t part = uv_buf_init(reply->bytes, (unsigned)length);
    if (uv_write(&reply->write, (uv_stream_t *)&connection->tcp, &part, 1, on_written) != 0)
        free(reply);
}

void peer_push(struct peer *peer, const char *bytes)
{
    for (struct connection *each = peer->connections; each != NULL; each = each->next)
        say(each, bytes, PEER_KEEP);
}

static void take_step(struct connection *connection)
{
    const struct peer *peer = connection->peer;
    size_t at = connection->requests - connection->held;
    connection->held--;
    const struct peer_step *step = &peer->steps[at < peer->step_count ? at : peer->step_count - 1];
    if (step->reply != NULL)
        say(connection, step->reply, step->then);
    else if (step->then != PEER_KEEP)
        connection_close(connection, step->then);
}

static void answer_held(struct peer *peer)
{
    struct connection *next = NULL;
    for (struct connection *each = peer->connections; each != NULL; each = next) {
        next = each->next;
        while (each->held > 0 && !uv_is_closing((uv_handle_t *)&each->tcp))
            take_step(each);
    }
}

/* ---- what it reads */

/* The length of the first request in `read`, 0 where it is not all there. */
static size_t whole_request(const struct buffer *read)
{
    const char *end = strstr(read->bytes, "\r\n\r\n");
    if (end == NULL)
        return 0;
    size_t head = (size_t)(end - read->bytes) + 4;
    const char *field = strcasestr(read->bytes, "\r\nContent-Length:");
    size_t body = field != NULL && field < end ? strtoul(field + 17, NULL, 10) : 0;
    return read->length >= head + body ? head + body : 0;
}

static void take_requests(struct connection *connection)
{
    struct peer *peer = connection->peer;
    struct buffer *read = &connection->read;
    for (size_t length = whole_request(read); length > 0; length = whole_request(read)) {
        buffer_clear(&peer->last);
        buffer_append(&peer->last, read->bytes, length);
        memmove(read->bytes, read->bytes + length, read->length - length + 1);
        read->length -= length;
        connection->requests++;
        connection->held++;
        peer->requests++;
    }
    if (peer->requests >= peer->hold && peer->step_count > 0)
        answer_held(peer);
}

static void on_room(uv_handle_t *handle, size_t suggested, uv_buf_t *room)
{
    (void)handle;
    *room = uv_buf_init(memory_zeroed(1, suggested), (unsigned)suggested);
}

static void on_read(uv_stream_t *stream, ssize_t length, const uv_buf_t *part)
{
    struct connection *connection = container_of((uv_tcp_t *)stream, struct connection, tcp);
    if (length > 0) {
        require(buffer_append(&connection->read, part->base, (size_t)length));
        take_requests(connection);
    }
    free(part->base);
    if (length < 0)
        connection_close(connection, PEER_CLOSE);
}

static void on_connection(uv_stream_t *server, int status)
{
    require(status == 0);
    struct peer *peer = container_of((uv_tcp_t *)server, struct peer, tcp);
    struct connection *connection = memory_zeroed(1, sizeof *connection);
    connection->peer = peer;
    connection->next = peer->connections;
    peer->connections = connection;
    buffer_init(&connection->read, REQUEST_LIMIT_BYTES);
    require(uv_tcp_init(loop_uv(peer->loop), &connection->tcp) == 0);
    require(uv_accept(server, (uv_stream_t *)&connection->tcp) == 0);
    peer->accepted++;
    if (!peer->is_deaf)
        require(uv_read_start((uv_stream_t *)&connection->tcp, on_room, on_read) == 0);
}

/* ---- what a test sets and sees */

void peer_script(struct peer *peer, const struct peer_step *steps, size_t count)
{
    require(count <= COUNT_OF(peer->steps));
    for (size_t i = 0; i < count; i++)
        peer->steps[i] = steps[i];
    peer->step_count = count;
}

void peer_answer(struct peer *peer, const char *reply)
{
    peer_script(peer, &(struct peer_step){.reply = reply}, 1);
}

void peer_hold(struct peer *peer, size_t requests)
{
    peer->hold = requests;
}

void peer_be_deaf(struct peer *peer)
{
    peer->is_deaf = true;
}

const char *peer_url(const struct peer *peer)
{
    return peer->url;
}

const char *peer_tls_url(const struct peer *peer)
{
    return peer->tls_url;
}

size_t peer_connections(const struct peer *peer)
{
    return peer->accepted;
}

size_t peer_requests(const struct peer *peer)
{
    return peer->requests;
}

const char *peer_last_request(const struct peer *peer)
{
    return peer->last.bytes;
}
