/* raw_client - libuv's sockets, and just enough HTTP to tell one answer from the next. */
#include "raw_client.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/require.h"

#define MAX_RECEIVED (64 * 1024 * 1024)

struct sending {
    uv_write_t write;
    struct client *client;
    char bytes[];
};

static void on_alloc(uv_handle_t *handle, size_t wanted, uv_buf_t *buf)
{
    (void)handle;
    *buf = uv_buf_init(memory_zeroed(1, wanted), (unsigned)wanted);
}

static size_t body_length(const char *head, const char *head_end)
{
    const char *header = strstr(head, "\r\nContent-Length: ");
    if (header == NULL || header >= head_end)
        return 0;
    return strtoul(header + strlen("\r\nContent-Length: "), NULL, 10);
}

static void parse_answers(struct client *client)
{
    const char *head_end = NULL;
    const char *head = client->received.bytes + client->parsed;
    while ((head_end = strstr(head, "\r\n\r\n")) != NULL) {
        require(strncmp(head, "HTTP/1.1 ", 9) == 0);
        size_t length = (size_t)(head_end - head) + 4;
        length += client->sees_heads ? 0 : body_length(head, head_end);
        client->awaited = client->parsed + length;
        if (client->awaited > client->received.length)
            return;
        buffer_append(&client->statuses, head + 9, 3);
        buffer_append_char(&client->statuses, ' ');
        client->parsed += length;
        head += length;
    }
}

static void keep(struct client *client, const char *bytes, size_t length)
{
    require(buffer_append(&client->received, bytes, length));
    if (client->received.length >= client->awaited)
        parse_answers(client);
}

static void on_read(uv_stream_t *stream, ssize_t length, const uv_buf_t *buf)
{
    struct client *client = stream->data;
    if (length > 0)
        keep(client, buf->base, (size_t)length);
    else if (length == UV_EOF)
        client->has_ended = true;
    else if (length < 0)
        client->is_broken = true;
    free(buf->base);
}

static void on_connected(uv_connect_t *connect, int status)
{
    struct client *client = connect->data;
    if (status == UV_ECANCELED)
        return;
    client->is_connected = status == 0;
    client->is_broken = status != 0;
    if (status == 0)
        client_read_on(client);
}

static void parse_address(const char *address, struct sockaddr_storage *to)
{
    const char *colon = strrchr(address, ':');
    CLEANUP(buffer_deinit) struct buffer host;
    buffer_init(&host, 100);
    int port = (int)strtol(colon + 1, NULL, 10);
    if (address[0] == '[') {
        buffer_append(&host, address + 1, (size_t)(colon - address - 2));
        require(uv_ip6_addr(host.bytes, port, (struct sockaddr_in6 *)to) == 0);
    } else {
        buffer_append(&host, address, (size_t)(colon - address));
        require(uv_ip4_addr(host.bytes, port, (struct sockaddr_in *)to) == 0);
    }
}

static void connect_to_port(struct client *client, const char *address)
{
    struct sockaddr_storage to = {0};
    parse_address(address, &to);
    require(uv_tcp_init(loop_uv(client->loop), &client->socket.tcp) == 0);
    require(uv_tcp_connect(&client->connect, &client->socket.tcp, (struct sockaddr *)&to,
                           on_connected) == 0);
}

static void connect_to_file(struct client *client, const char *path)
{
    require(uv_pipe_init(loop_uv(client->loop), &client->socket.pipe, 0) == 0);
    uv_pipe_connect(&client->connect, &client->socket.pipe, path, on_connected);
}

struct client *client_open(struct loop *loop, const char *address)
{
    struct client *client = memory_zeroed(1, sizeof *client);
    client->loop = loop;
    client->connect.data = client;
    buffer_init(&client->received, MAX_RECEIVED);
    buffer_init(&client->statuses, MAX_RECEIVED);
    if (strncmp(address, "unix:", 5) == 0)
        connect_to_file(client, address + 5);
    else
        connect_to_port(client, address);
    client->socket.handle.data = client;
    return client;
}

static void on_sent(uv_write_t *write, int status)
{
    struct sending *sending = container_of(write, struct sending, write);
    if (status < 0)
        sending->client->is_broken = true;
    free(sending);
}

void client_send(struct client *client, const char *bytes, size_t length)
{
    struct sending *sending = memory_zeroed(1, sizeof *sending + length);
    memcpy(sending->bytes, bytes, length);
    sending->client = client;
    uv_buf_t piece = uv_buf_init(sending->bytes, (unsigned)length);
    require(uv_write(&sending->write, &client->socket.stream, &piece, 1, on_sent) == 0);
}

void client_send_text(struct client *client, const char *text)
{
    client_send(client, text, strlen(text));
}

static void on_finished(uv_shutdown_t *shutdown, int status)
{
    (void)status;
    free(shutdown);
}

void client_finish(struct client *client)
{
    uv_shutdown_t *shutdown = memory_zeroed(1, sizeof *shutdown);
    require(uv_shutdown(shutdown, &client->socket.stream, on_finished) == 0);
}

size_t client_unsent(const struct client *client)
{
    return uv_stream_get_write_queue_size(&client->socket.stream);
}

void client_read_no_more(struct client *client)
{
    uv_read_stop(&client->socket.stream);
}

void client_read_on(struct client *client)
{
    uv_read_start(&client->socket.stream, on_alloc, on_read);
}

static void on_closed(uv_handle_t *handle)
{
    struct client *client = handle->data;
    buffer_deinit(&client->received);
    buffer_deinit(&client->statuses);
    free(client);
}

void client_close(struct client *client)
{
    uv_close(&client->socket.handle, on_closed);
}

void client_reset(struct client *client)
{
    require(uv_tcp_close_reset(&client->socket.tcp, on_closed) == 0);
}

size_t client_answers(const struct client *client)
{
    return client->statuses.length / strlen("200 ");
}
