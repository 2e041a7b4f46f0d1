/* raw_client - a client on loopback, or at a UNIX socket, that sends any bytes at all and keeps
 * what comes back, on the test's own loop. */
#ifndef TESTS_RAW_CLIENT_H
#define TESTS_RAW_CLIENT_H

#include <stdbool.h>

#include "base/buffer.h"
#include "base/loop.h"

struct client {
    union {
        uv_handle_t handle;
        uv_stream_t stream;
        uv_tcp_t tcp;
        uv_pipe_t pipe;
    } socket;
    uv_connect_t connect;
    struct loop *loop;
    struct buffer received;
    struct buffer statuses; /* of the whole answers so far, as "100 200 " */
    size_t parsed;          /* of what was received: the whole answers */
    size_t awaited;         /* the end of the next answer, once its head is there */
    bool is_connected;
    bool has_ended;  /* the server sent all it had to */
    bool is_broken;  /* reset, or never connected */
    bool sees_heads; /* answers have no bodies: they are to HEAD */
};

/* Connects to "127.0.0.1:PORT", "[::1]:PORT" or "unix:PATH"; may send at once. */
struct client *client_open(struct loop *loop, const char *address);

void client_send(struct client *client, const char *bytes, size_t length);
void client_send_text(struct client *client, const char *text);

/* Sends no more, reads on. */
void client_finish(struct client *client);

/* Bytes that the kernel has not taken. */
size_t client_unsent(const struct client *client);

void client_read_no_more(struct client *client);
void client_read_on(struct client *client);

/* Hangs up, in order or with a reset (of TCP); freed when the loop has turned. */
void client_close(struct client *client);
void client_reset(struct client *client);

size_t client_answers(const struct client *client);

#endif
