/* test_http_client_unix - the client and a server of ours, on one loop, at a UNIX socket. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/memory.h"
#include "http/client.h"
#include "http/server.h"
#include "scratch_folder.h"

#define MOST_BYTES (64 * 1024 * 1024)

struct fixture {
    struct loop *loop;
    struct http_client *client;
    struct http_server *at_file;
    struct http_server *at_port;
    char *folder;
    char path[64];
    char *big; /* MOST_BYTES and one */
    struct http_exchange *held;
    struct timer answering; /* answers what is held */
    struct buffer last;     /* what the handler saw last */
    uint32_t result;        /* of the last answer */
    int32_t status;
    size_t length;
    struct buffer body; /* its beginning */
    struct buffer error;
};

static void on_request(void *context, struct http_exchange *exchange,
                       const struct http_request *request)
{
    struct fixture *fixture = context;
    const char *host = http_request_header(request, "host");
    buffer_clear(&fixture->last);
    buffer_format(&fixture->last, "%s %s?%s %s %s %s", request->method, request->path,
                  request->query, host, request->peer, request->body);
    if (strcmp(request->path, "/hold") == 0)
        fixture->held = exchange;
    else
        http_respond(exchange, 200, NULL, 0, fixture->big,
                     (size_t)strtoul(request->query, NULL, 10));
}

static void write_error(void *context, int status, const char *reason, struct buffer *body)
{
    (void)context;
    buffer_format(body, "%d %s", status, reason);
}

static struct http_server *listen_at(struct fixture *fixture, const char *listen)
{
    static const struct http_limits limits = {.header_bytes = 16384,
                                              .headers = 64,
                                              .body_bytes = 65536,
                                              .header_timeout_ms = 5000,
                                              .body_timeout_ms = 10000,
                                              .idle_timeout_ms = 30000,
                                              .connections = 100};
    struct error error = {0};
    struct http_handler handler = {
        .context = fixture, .on_request = on_request, .write_error = write_error};
    struct http_server *server =
        http_server_start(fixture->loop, listen, &limits, &handler, &error);
    if (server == NULL)
        fail_msg("%s", error.message);
    return server;
}

static void on_answering(struct timer *timer)
{
    struct fixture *fixture = container_of(timer, struct fixture, answering);
    http_respond(fixture->held, 201, NULL, 0, "late", 4);
    fixture->held = NULL;
}

static int set_up(void **state)
{
    struct fixture *fixture = memory_zeroed(1, sizeof *fixture);
    char listen[80];
    alarm(120);
    fixture->loop = loop_create();
    fixture->answering.on_due = on_answering;
    fixture->folder = scratch_folder_create();
    fixture->big = memory_zeroed(1, MOST_BYTES + 1);
    memset(fixture->big, 'x', MOST_BYTES + 1);
    buffer_init(&fixture->last, 100000);
    buffer_init(&fixture->body, 100000);
    buffer_init(&fixture->error, 1000);
    snprintf(fixture->path, sizeof fixture->path, "%s/handoffd.sock", fixture->folder);
    snprintf(listen, sizeof listen, "unix:%s", fixture->path);
    fixture->at_file = listen_at(fixture, listen);
    fixture->at_port = listen_at(fixture, "127.0.0.1:0");
    fixture->client = http_client_create(fixture->loop);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    if (fixture->held != NULL)
        on_answering(&fixture->answering);
    http_client_close(fixture->client, NULL, NULL);
    http_server_stop(fixture->at_file, NULL, NULL);
    http_server_stop(fixture->at_port, NULL, NULL);
    loop_run(fixture->loop);
    loop_destroy(fixture->loop);
    buffer_deinit(&fixture->last);
    buffer_deinit(&fixture->body);
    buffer_deinit(&fixture->error);
    free(fixture->big);
    scratch_folder_remove(fixture->folder);
    free(fixture);
    return 0;
}

static void on_answer(void *context, const struct handoffd_http_answer *answer)
{
    struct fixture *fixture = context;
    size_t length = answer->body_length < 1000 ? answer->body_length : 1000;
    fixture->result = answer->result;
    fixture->status = answer->status;
    fixture->length = answer->body_length;
    buffer_clear(&fixture->body);
    buffer_append(&fixture->body, answer->body, length);
    buffer_clear(&fixture->error);
    buffer_append_text(&fixture->error, answer->error != NULL ? answer->error : "");
    loop_stop(fixture->loop);
}

static struct handoffd_http_request get_from(const char *url)
{
    return (struct handoffd_http_request){
        .size = sizeof(struct handoffd_http_request), .method = "GET", .url = url};
}

/* path: NULL asks as a provider is asked. */
static uint32_t ask_at(struct fixture *fixture, const char *path,
                       const struct handoffd_http_request *request)
{
    fixture->result = 0;
    if (path != NULL)
        http_client_send_unix(fixture->client, path, request, on_answer, fixture);
    else
        http_client_send(fixture->client, request, on_answer, fixture);
    while (fixture->result == 0)
        loop_run(fixture->loop);
    return fixture->result;
}

static uint32_t ask(struct fixture *fixture, const struct handoffd_http_request *request)
{
    return ask_at(fixture, fixture->path, request);
}

/* ---- requests */

static void asks_a_server_at_a_file(void **state)
{
    struct fixture *fixture = *state;
    struct handoffd_http_request request = get_from("http://localhost/list?3");
    assert_int_equal(ask(fixture, &request), HANDOFFD_HTTP_ANSWERED);
    assert_int_equal(fixture->status, 200);
    assert_string_equal(fixture->body.bytes, "xxx");
    assert_string_equal(fixture->last.bytes, "GET /list?3 localhost unix ");
    request.method = "POST";
    request.content_type = "application/json";
    request.body = "{}";
    request.body_length = 2;
    assert_int_equal(ask(fixture, &request), HANDOFFD_HTTP_ANSWERED);
    assert_string_equal(fixture->last.bytes, "POST /list?3 localhost unix {}");
}

/* One spare call serves both, and neither way keeps anything of the other. */
static void turns_between_files_and_ports(void **state)
{
    struct fixture *fixture = *state;
    char url[100];
    snprintf(url, sizeof url, "http://%s/?3000000", http_server_address(fixture->at_port));
    struct handoffd_http_request at_port = get_from(url);
    struct handoffd_http_request at_file = get_from("http://localhost/?3000000");
    for (int i = 0; i < 3; i++) {
        assert_int_equal(ask(fixture, &at_file), HANDOFFD_HTTP_ANSWERED);
        assert_int_equal(fixture->length, 3000000);
        assert_non_null(strstr(fixture->last.bytes, " unix "));
        assert_int_equal(ask_at(fixture, NULL, &at_port), HANDOFFD_HTTP_NO_ANSWER);
        assert_string_equal(fixture->error.bytes, "the answer is longer than 1 MB");
        assert_non_null(strstr(fixture->last.bytes, " 127.0.0.1 "));
    }
    assert_int_equal(http_server_connections(fixture->at_file), 1);
}

/* Whoever asked for the URL's own host by the same URL would not be told from this one. */
static void keeps_connections_to_files_and_ports_apart(void **state)
{
    struct fixture *fixture = *state;
    char url[100];
    snprintf(url, sizeof url, "http://%s/", http_server_address(fixture->at_port));
    struct handoffd_http_request request = get_from(url);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(ask(fixture, &request), HANDOFFD_HTTP_ANSWERED);
        assert_non_null(strstr(fixture->last.bytes, " unix "));
        assert_int_equal(ask_at(fixture, NULL, &request), HANDOFFD_HTTP_ANSWERED);
        assert_non_null(strstr(fixture->last.bytes, " 127.0.0.1 "));
    }
}

static void passes_no_proxy(void **state)
{
    struct fixture *fixture = *state;
    setenv("http_proxy", "http://127.0.0.1:1", 1);
    struct handoffd_http_request request = get_from("http://handoffd.example/?2");
    assert_int_equal(ask(fixture, &request), HANDOFFD_HTTP_ANSWERED);
    assert_string_equal(fixture->last.bytes, "GET /?2 handoffd.example unix ");
    unsetenv("http_proxy");
}

/* ---- limits */

static void takes_an_answer_of_64_mb_and_no_longer_one(void **state)
{
    struct fixture *fixture = *state;
    struct handoffd_http_request most = get_from("http://localhost/?67108864");
    struct handoffd_http_request more = get_from("http://localhost/?67108865");
    assert_int_equal(ask(fixture, &most), HANDOFFD_HTTP_ANSWERED);
    assert_int_equal(fixture->length, MOST_BYTES);
    assert_int_equal(ask(fixture, &more), HANDOFFD_HTTP_NO_ANSWER);
    assert_string_equal(fixture->error.bytes, "the answer is longer than 64 MB");
}

static void gives_up_after_the_time_that_the_request_has(void **state)
{
    struct fixture *fixture = *state;
    struct handoffd_http_request request = get_from("http://localhost/hold");
    request.timeout_ms = 50;
    assert_int_equal(ask(fixture, &request), HANDOFFD_HTTP_NO_ANSWER);
    assert_non_null(fixture->held);
}

/* A call that had a limit leaves none to the next. */
static void waits_as_long_as_it_takes_where_the_request_has_no_time(void **state)
{
    struct fixture *fixture = *state;
    struct handoffd_http_request quick = get_from("http://localhost/?1");
    struct handoffd_http_request slow = get_from("http://localhost/hold");
    quick.timeout_ms = 100;
    assert_int_equal(ask(fixture, &quick), HANDOFFD_HTTP_ANSWERED);
    loop_timer_start(fixture->loop, &fixture->answering, 300);
    assert_int_equal(ask(fixture, &slow), HANDOFFD_HTTP_ANSWERED);
    assert_int_equal(fixture->status, 201);
    assert_string_equal(fixture->body.bytes, "late");
}

/* ---- what does not work */

static void has_sent_nothing_where_nobody_listens(void **state)
{
    struct fixture *fixture = *state;
    char path[200];
    struct handoffd_http_request request = get_from("http://localhost/?1");
    assert_int_equal(ask_at(fixture, "/nowhere/at/all.sock", &request), HANDOFFD_HTTP_NOT_SENT);
    assert_string_not_equal(fixture->error.bytes, "");
    memset(path, 'p', sizeof path - 1);
    path[sizeof path - 1] = '\0';
    assert_int_equal(ask_at(fixture, path, &request), HANDOFFD_HTTP_NOT_SENT);
    assert_non_null(strstr(fixture->error.bytes, "at most 107 bytes, this one has 199"));
    assert_int_equal(ask_at(fixture, "", &request), HANDOFFD_HTTP_NOT_SENT);
    assert_int_equal(ask(fixture, &request), HANDOFFD_HTTP_ANSWERED);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(asks_a_server_at_a_file),
        TEST(turns_between_files_and_ports),
        TEST(keeps_connections_to_files_and_ports_apart),
        TEST(passes_no_proxy),
        TEST(takes_an_answer_of_64_mb_and_no_longer_one),
        TEST(gives_up_after_the_time_that_the_request_has),
        TEST(waits_as_long_as_it_takes_where_the_request_has_no_time),
        TEST(has_sent_nothing_where_nobody_listens),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
