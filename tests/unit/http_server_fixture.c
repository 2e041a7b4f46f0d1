/* http_server_fixture - set-up shared by the programs that test the server. */
#include "http_server_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka.h comes last: it needs the headers above. */
#include <cmocka.h>

#include "base/memory.h"
#include "base/require.h"
#include "scratch_folder.h"

#define PATIENCE_MS 10000

/* ---- the handler */

static void respond_with_headers(struct http_exchange *exchange)
{
    static const struct http_header headers[] = {
        {"Allow", "POST"}, {"content-type", "text/plain"}, {"X-Broken", "a\r\nX-Injected: b"}};
    http_respond(exchange, 405, headers, COUNT_OF(headers), "no", 2);
}

static void on_request(void *context, struct http_exchange *exchange,
                       const struct http_request *request)
{
    struct fixture *fixture = context;
    fixture->requests++;
    buffer_clear(&fixture->last);
    buffer_format(&fixture->last, "%s %s %s %s", request->method, request->path, request->peer,
                  request->body);
    if (strcmp(request->path, "/hold") == 0) {
        require(fixture->held_count < MAX_HELD);
        fixture->held[fixture->held_count++] = (struct held){exchange, request};
    } else if (strcmp(request->path, "/big") == 0)
        http_respond(exchange, 200, NULL, 0, fixture->big, BIG_BYTES);
    else if (strcmp(request->path, "/headers") == 0)
        respond_with_headers(exchange);
    else if (strcmp(request->path, "/nothing") == 0)
        http_respond(exchange, 204, NULL, 0, NULL, 0);
    else
        http_respond(exchange, 200, NULL, 0, request->body, request->body_length);
}

static void write_error(void *context, int status, const char *reason, struct buffer *body)
{
    (void)context;
    buffer_format(body, "{\"detail\":\"%d %s\"}", status, reason);
}

struct http_handler handler_of(struct fixture *fixture)
{
    return (struct http_handler){
        .context = fixture, .on_request = on_request, .write_error = write_error};
}

void answer_held(struct fixture *fixture, const char *text)
{
    require(fixture->held_count > 0);
    struct http_exchange *exchange = fixture->held[0].exchange;
    fixture->held_count--;
    for (size_t i = 0; i < fixture->held_count; i++)
        fixture->held[i] = fixture->held[i + 1];
    http_respond(exchange, 200, NULL, 0, text, strlen(text));
}

/* ---- waiting */

static void on_impatience(struct timer *timer)
{
    (void)timer;
    fail_msg("nothing happened for %d ms", PATIENCE_MS);
}

void turn(struct fixture *fixture)
{
    loop_timer_start(fixture->loop, &fixture->watchdog, PATIENCE_MS);
    uv_run(loop_uv(fixture->loop), UV_RUN_ONCE);
    loop_timer_stop(fixture->loop, &fixture->watchdog);
}

void wait_for_answers(struct fixture *fixture, struct client *client, size_t count)
{
    while (client_answers(client) < count && !client->has_ended && !client->is_broken)
        turn(fixture);
    assert_true(client_answers(client) >= count);
}

void wait_for_end(struct fixture *fixture, struct client *client)
{
    while (!client->has_ended && !client->is_broken)
        turn(fixture);
    assert_false(client->is_broken);
}

void wait_for_held(struct fixture *fixture, size_t count)
{
    while (fixture->held_count < count)
        turn(fixture);
}

void wait_for_connections(struct fixture *fixture, size_t count)
{
    while (http_server_connections(fixture->server) != count)
        turn(fixture);
}

void expect_statuses(const struct client *client, const char *expected, const char *name)
{
    if (strcmp(client->statuses.bytes, expected) != 0 || client->parsed < client->received.length)
        fail_msg("%s: \"%s\" instead of \"%s\":\n%s", name, client->statuses.bytes, expected,
                 client->received.bytes);
}

/* ---- the server and its clients */

static void on_stopped(void *context)
{
    struct fixture *fixture = context;
    fixture->stopped++;
}

void start_at(struct fixture *fixture, const char *listen)
{
    struct error error = {0};
    struct http_handler handler = handler_of(fixture);
    fixture->server = http_server_start(fixture->loop, listen, &fixture->limits, &handler, &error);
    if (fixture->server == NULL)
        fail_msg("%s", error.message);
}

void start(struct fixture *fixture)
{
    start_at(fixture, "127.0.0.1:0");
}

void stop(struct fixture *fixture)
{
    fixture->is_stopping = true;
    http_server_stop(fixture->server, on_stopped, fixture);
    assert_int_equal(fixture->stopped, 0);
}

struct client *open_client(struct fixture *fixture)
{
    return client_open(fixture->loop, http_server_address(fixture->server));
}

struct client *open_and_send(struct fixture *fixture, const char *text)
{
    struct client *client = open_client(fixture);
    client_send_text(client, text);
    return client;
}

int set_up(void **state)
{
    struct fixture *fixture = memory_zeroed(1, sizeof *fixture);
    fixture->loop = loop_create();
    fixture->watchdog.on_due = on_impatience;
    fixture->limits = (struct http_limits){.header_bytes = 16384,
                                           .headers = 64,
                                           .body_bytes = 65536,
                                           .header_timeout_ms = 5000,
                                           .body_timeout_ms = 10000,
                                           .idle_timeout_ms = 30000,
                                           .connections = 100};
    fixture->big = memory_zeroed(1, BIG_BYTES);
    memset(fixture->big, 'x', BIG_BYTES);
    buffer_init(&fixture->last, 100000);
    fixture->folder = scratch_folder_create();
    *state = fixture;
    return 0;
}

int tear_down(void **state)
{
    struct fixture *fixture = *state;
    if (fixture->server != NULL && !fixture->is_stopping)
        stop(fixture);
    while (fixture->held_count > 0)
        answer_held(fixture, "");
    loop_run(fixture->loop);
    assert_true(fixture->server == NULL || fixture->stopped == 1);
    loop_destroy(fixture->loop);
    buffer_deinit(&fixture->last);
    free(fixture->big);
    scratch_folder_remove(fixture->folder);
    free(fixture);
    return 0;
}
