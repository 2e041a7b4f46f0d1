/* test_http_server - what clients send, and what a server makes of it, on real sockets. */
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/memory.h"
#include "http_server_fixture.h"

/* ---- what is sent, and what comes back */

enum afterwards { STAYS, CLOSES };

struct talk {
    const char *name;
    const char *bytes;
    size_t length;
    const char *statuses;
    enum afterwards afterwards;
};

static void hold_talk(struct fixture *fixture, const struct talk *talk)
{
    struct client *client = open_client(fixture);
    client_send(client, talk->bytes, talk->length);
    if (talk->afterwards == CLOSES) {
        wait_for_end(fixture, client);
        expect_statuses(client, talk->statuses, talk->name);
        client_close(client);
        return;
    }
    wait_for_answers(fixture, client, strlen(talk->statuses) / 4);
    expect_statuses(client, talk->statuses, talk->name);
    client_send_text(client, GET("/once-more"));
    wait_for_answers(fixture, client, strlen(talk->statuses) / 4 + 1);
    assert_false(client->has_ended);
    client_close(client);
}

static void hold_talks(struct fixture *fixture, const struct talk talks[], size_t count)
{
    for (size_t i = 0; i < count; i++)
        hold_talk(fixture, &talks[i]);
    wait_for_connections(fixture, 0);
}

static void serves_well_formed_requests(void **state)
{
    struct fixture *fixture = *state;
    static const struct talk talks[] = {
        {"GET", TEXT(GET("/")), "200 ", STAYS},
        {"a body", TEXT(POST "Content-Length: 5\r\n\r\nhello"), "200 ", STAYS},
        {"chunks", TEXT(POST "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX: 1\r\n\r\n"),
         "200 ", STAYS},
        {"three at once", TEXT(GET("/1") POST "Content-Length: 5\r\n\r\nhello" GET("/3")),
         "200 200 200 ", STAYS},
        {"close", TEXT("GET / HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n"), "200 ", CLOSES},
        {"close, and more behind",
         TEXT("GET / HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n" GET("/2")), "200 ", CLOSES},
        {"HTTP/1.0", TEXT("GET / HTTP/1.0\r\n\r\n"), "200 ", CLOSES},
        {"HTTP/1.0 that stays", TEXT("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"), "200 ",
         STAYS},
        {"HTTP/1.0 with another expectation", TEXT("GET / HTTP/1.0\r\nExpect: x\r\n\r\n"), "417 ",
         CLOSES},
        {"an upgrade",
         TEXT("GET / HTTP/1.1\r\n" HOST "Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n"),
         "200 ", STAYS},
        {"no content", TEXT(GET("/nothing") GET("/")), "204 200 ", STAYS},
        {"an unusual method", TEXT("PATCH / HTTP/1.1\r\n" HOST "\r\n"), "200 ", STAYS},
    };
    start(fixture);
    hold_talks(fixture, talks, COUNT_OF(talks));
}

static void never_makes_two_requests_out_of_one(void **state)
{
    struct fixture *fixture = *state;
    static const struct talk talks[] = {
        {"both lengths",
         TEXT(POST "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" GET("/x")),
         "400 ", CLOSES},
        {"two lengths", TEXT(POST "Content-Length: 0\r\nContent-Length: 44\r\n\r\n" GET("/x")),
         "400 ", CLOSES},
        {"two equal lengths", TEXT(POST "Content-Length: 0\r\nContent-Length: 0\r\n\r\n" GET("/x")),
         "400 ", CLOSES},
        {"a line that starts with a blank", TEXT(POST " Content-Length: 44\r\n\r\n" GET("/x")),
         "400 ", CLOSES},
        {"a folded header", TEXT(POST "X: 1\r\n Content-Length: 44\r\n\r\n" GET("/x")), "400 ",
         CLOSES},
        {"a blank before the colon", TEXT(POST "Content-Length : 44\r\n\r\n" GET("/x")), "400 ",
         CLOSES},
        {"LF alone", TEXT(POST "X: 1\nContent-Length: 44\r\n\r\n" GET("/x")), "400 ", CLOSES},
        {"CR alone", TEXT(POST "X: 1\rContent-Length: 44\r\n\r\n" GET("/x")), "400 ", CLOSES},
        {"NUL", TEXT(POST "X: 1\0\r\n\r\n" GET("/x")), "400 ", CLOSES},
        {"another coding", TEXT(POST "Transfer-Encoding: xchunked\r\n\r\n" GET("/x")), "400 ",
         CLOSES},
        {"chunked on HTTP/1.0",
         TEXT("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" GET("/x")), "400 ",
         CLOSES},
        {"a chunk extension",
         TEXT(POST "Transfer-Encoding: chunked\r\n\r\n1;x=y\r\na\r\n0\r\n\r\n" GET("/x")), "400 ",
         CLOSES},
        {"a chunk size that ends with LF",
         TEXT(POST "Transfer-Encoding: chunked\r\n\r\n1\na\r\n0\r\n\r\n" GET("/x")), "400 ",
         CLOSES},
        {"no host", TEXT("GET / HTTP/1.1\r\n\r\n" GET("/x")), "400 ", CLOSES},
        {"two hosts", TEXT("GET / HTTP/1.1\r\n" HOST HOST "\r\n" GET("/x")), "400 ", CLOSES},
        {"HTTP/0.9", TEXT("GET /\r\n" GET("/x")), "400 ", CLOSES},
        {"HTTP/2", TEXT("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), "505 ", CLOSES},
        {"CONNECT", TEXT("CONNECT a:1 HTTP/1.1\r\n" HOST "\r\n" GET("/x")), "501 ", CLOSES},
        {"TLS", TEXT("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"), "400 ", CLOSES},
    };
    start(fixture);
    hold_talks(fixture, talks, COUNT_OF(talks));
    assert_int_equal(fixture->requests, 0);
}

/* Linux still accepts such a connection and hands out what it sent, but no longer says whose it
 * was. */
static void serves_nobody_whose_address_is_not_known(void **state)
{
    struct fixture *fixture = *state;
    static const char request[] = GET("/");
    struct linger at_once = {.l_onoff = 1};
    struct sockaddr_in address = {.sin_family = AF_INET};
    start(fixture);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port =
        htons((uint16_t)atoi(strrchr(http_server_address(fixture->server), ':') + 1));
    int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(descriptor, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(send(descriptor, request, sizeof request - 1, 0), sizeof request - 1);
    setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close(descriptor);
    struct client *client = open_and_send(fixture, GET("/"));
    wait_for_answers(fixture, client, 1);
    assert_int_equal(fixture->requests, 1);
    client_close(client);
    wait_for_connections(fixture, 0);
}

static void reads_what_comes_byte_by_byte(void **state)
{
    struct fixture *fixture = *state;
    static const char bytes[] = POST "Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n" POST
                                     "Content-Length: 3\r\n\r\nyou";
    start(fixture);
    struct client *client = open_client(fixture);
    for (size_t i = 0; i + 1 < sizeof bytes; i++) {
        client_send(client, bytes + i, 1);
        turn(fixture);
    }
    wait_for_answers(fixture, client, 2);
    expect_statuses(client, "200 200 ", "byte by byte");
    assert_string_equal(fixture->last.bytes, "POST /echo 127.0.0.1 you");
    client_close(client);
}

/* ---- answers */

static void says_what_the_body_is_and_nothing_superfluous(void **state)
{
    struct fixture *fixture = *state;
    start(fixture);
    struct client *client = open_and_send(fixture, POST "Content-Length: 2\r\n\r\n{}");
    wait_for_answers(fixture, client, 1);
    assert_string_equal(client->received.bytes,
                        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                        "Content-Length: 2\r\n\r\n{}");
    client_close(client);
}

static void adds_the_handlers_headers_on_lines_of_their_own(void **state)
{
    struct fixture *fixture = *state;
    start(fixture);
    struct client *client = open_and_send(fixture, GET("/headers"));
    wait_for_answers(fixture, client, 1);
    assert_string_equal(client->received.bytes,
                        "HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 2\r\nAllow: POST\r\n"
                        "content-type: text/plain\r\nX-Broken: a  X-Injected: b\r\n\r\nno");
    client_close(client);
}

static void answers_head_without_a_body_but_with_its_length(void **state)
{
    struct fixture *fixture = *state;
    start(fixture);
    struct client *client = open_and_send(fixture, "HEAD /big HTTP/1.1\r\n" HOST "\r\n"
                                                   "HEAD / HTTP/1.1\r\n" HOST "\r\n");
    client->sees_heads = true;
    wait_for_answers(fixture, client, 2);
    expect_statuses(client, "200 200 ", "HEAD");
    assert_non_null(strstr(client->received.bytes, "Content-Length: 16777216\r\n"));
    client_close(client);
}

static void says_keep_alive_to_http_1_0_and_close_where_it_closes(void **state)
{
    struct fixture *fixture = *state;
    start(fixture);
    struct client *client =
        open_and_send(fixture, "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    wait_for_answers(fixture, client, 1);
    assert_non_null(strstr(client->received.bytes, "\r\nConnection: keep-alive\r\n"));
    client_send_text(client, "GET / HTTP/1.0\r\n\r\n");
    wait_for_end(fixture, client);
    assert_non_null(strstr(client->received.bytes, "\r\nConnection: close\r\n"));
    client_close(client);
}

static void gives_the_reason_of_an_error_in_the_handlers_words(void **state)
{
    struct fixture *fixture = *state;
    start(fixture);
    struct client *client = open_and_send(fixture, "GET / HTTP/1.1\r\n\r\n");
    wait_for_end(fixture, client);
    assert_non_null(strstr(client->received.bytes, "\r\nConnection: close\r\n"));
    assert_non_null(
        strstr(client->received.bytes, "{\"detail\":\"400 falta el encabezado Host\"}"));
    client_close(client);
}

static void sends_an_answer_larger_than_the_sockets_take(void **state)
{
    struct fixture *fixture = *state;
    start(fixture);
    struct client *client = open_and_send(fixture, GET("/big") GET("/2"));
    wait_for_answers(fixture, client, 2);
    expect_statuses(client, "200 200 ", "big");
    assert_true(client->received.length > BIG_BYTES);
    client_close(client);
}

static void gives_up_on_a_client_that_does_not_read(void **state)
{
    struct fixture *fixture = *state;
    fixture->limits.idle_timeout_ms = 50;
    start(fixture);
    struct client *client = open_client(fixture);
    while (!client->is_connected)
        turn(fixture);
    client_read_no_more(client);
    client_send_text(client, GET("/big"));
    wait_for_connections(fixture, 1);
    wait_for_connections(fixture, 0);
    assert_int_equal(fixture->requests, 1);
    client_close(client);
}

/* ---- order */

static void answers_in_order_and_one_at_a_time(void **state)
{
    struct fixture *fixture = *state;
    start(fixture);
    struct client *client = open_and_send(fixture, GET("/hold") GET("/2") GET("/hold") GET("/4"));
    wait_for_held(fixture, 1);
    assert_int_equal(fixture->requests, 1);
    answer_held(fixture, "first");
    assert_int_equal(fixture->requests, 1);
    wait_for_held(fixture, 1);
    assert_int_equal(fixture->requests, 3);
    answer_held(fixture, "third");
    wait_for_answers(fixture, client, 4);
    const char *first = strstr(client->received.bytes, "first");
    const char *third = strstr(client->received.bytes, "third");
    assert_true(first != NULL && third > first);
    client_close(client);
}

/* The kernel takes some of it; the rest stays with the client for as long as the first is not
 * answered. */
static void stops_reading_while_a_next_request_waits(void **state)
{
    struct fixture *fixture = *state;
    start(fixture);
    struct client *client = open_and_send(fixture, GET("/hold"));
    wait_for_held(fixture, 1);
    client_send(client, fixture->big, BIG_BYTES);
    struct client *other = open_client(fixture);
    for (size_t i = 1; i <= 500; i++) {
        client_send_text(other, GET("/"));
        wait_for_answers(fixture, other, i);
    }
    assert_true(client_unsent(client) > 0);
    client_close(other);
    client_close(client);
}

static void reads_on_after_what_waited(void **state)
{
    struct fixture *fixture = *state;
    start(fixture);
    struct client *client = open_and_send(fixture, GET("/hold"));
    wait_for_held(fixture, 1);
    client_send_text(client, POST "Content-Length: 5\r\n\r\nhe");
    struct client *other = open_and_send(fixture, GET("/"));
    wait_for_answers(fixture, other, 1);
    answer_held(fixture, "");
    wait_for_answers(fixture, client, 1);
    client_send_text(client, "llo" GET("/hold"));
    wait_for_answers(fixture, client, 2);
    wait_for_held(fixture, 1);
    answer_held(fixture, "");
    wait_for_answers(fixture, client, 3);
    client_close(other);
    client_close(client);
}

/* ---- expectations */

static void says_continue_before_a_body_that_it_will_take(void **state)
{
    struct fixture *fixture = *state;
    start(fixture);
    struct client *client =
        open_and_send(fixture, POST "Expect: 100-continue\r\nContent-Length: 5\r\n\r\n");
    wait_for_answers(fixture, client, 1);
    assert_string_equal(client->received.bytes, "HTTP/1.1 100 Continue\r\n\r\n");
    client_send_text(client, "hello");
    wait_for_answers(fixture, client, 2);
    expect_statuses(client, "100 200 ", "continue");
    client_send_text(client, POST "Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n");
    wait_for_answers(fixture, client, 3);
    client_send_text(client, "0\r\n\r\n");
    wait_for_answers(fixture, client, 4);
    expect_statuses(client, "100 200 100 200 ", "continue with chunks");
    client_close(client);
}

static void says_continue_only_to_who_waits_for_it(void **state)
{
    struct fixture *fixture = *state;
    static const struct talk talks[] = {
        {"no body", TEXT("GET / HTTP/1.1\r\n" HOST "Expect: 100-continue\r\n\r\n"), "200 ", STAYS},
        {"an empty body", TEXT(POST "Expect: 100-continue\r\nContent-Length: 0\r\n\r\n"), "200 ",
         STAYS},
        {"a body already here", TEXT(POST "Expect: 100-continue\r\nContent-Length: 5\r\n\r\nhello"),
         "200 ", STAYS},
        {"HTTP/1.0", TEXT("POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nhi"),
         "200 ", CLOSES},
        {"too large", TEXT(POST "Expect: 100-continue\r\nContent-Length: 65537\r\n\r\n"), "413 ",
         CLOSES},
        {"another expectation", TEXT(POST "Expect: tea\r\nContent-Length: 5\r\n\r\n"), "417 ",
         CLOSES},
    };
    start(fixture);
    hold_talks(fixture, talks, COUNT_OF(talks));
}

/* ---- limits */

static void expect_filled(struct fixture *fixture, const char *front, size_t count,
                          const char *back, const char *statuses)
{
    struct client *client = open_and_send(fixture, front);
    client_send(client, fixture->big, count);
    client_send_text(client, back);
    wait_for_answers(fixture, client, 1);
    expect_statuses(client, statuses, front);
    client_close(client);
}

static void keeps_to_its_limits(void **state)
{
    struct fixture *fixture = *state;
    start(fixture);
    expect_filled(fixture, "GET / HTTP/1.1\r\n" HOST "X: ", 16000, "\r\n\r\n", "200 ");
    expect_filled(fixture, "GET / HTTP/1.1\r\n" HOST "X: ", 17000, "\r\n\r\n", "431 ");
    expect_filled(fixture, "GET /", 17000, " HTTP/1.1\r\n" HOST "\r\n", "414 ");
    expect_filled(fixture, POST "Content-Length: 65536\r\n\r\n", 65536, "", "200 ");
    expect_filled(fixture, POST "Content-Length: 65537\r\n\r\n", 65537, "", "413 ");
    expect_filled(fixture, POST "Transfer-Encoding: chunked\r\n\r\n10000\r\n", 65536,
                  "\r\n0\r\n\r\n", "200 ");
    expect_filled(fixture, POST "Transfer-Encoding: chunked\r\n\r\n10000\r\n", 65536,
                  "\r\n1\r\nx\r\n0\r\n\r\n", "413 ");
}

static void takes_64_headers_and_no_more(void **state)
{
    struct fixture *fixture = *state;
    CLEANUP(buffer_deinit) struct buffer request;
    start(fixture);
    for (size_t headers = 64; headers <= 65; headers++) {
        buffer_init(&request, 10000);
        buffer_append_text(&request, "GET / HTTP/1.1\r\n" HOST);
        for (size_t i = 1; i < headers; i++)
            buffer_append_text(&request, "X: 1\r\n");
        buffer_append_text(&request, "\r\n");
        struct client *client = open_and_send(fixture, request.bytes);
        wait_for_answers(fixture, client, 1);
        expect_statuses(client, headers == 64 ? "200 " : "431 ", "headers");
        client_close(client);
        buffer_deinit(&request);
    }
}

/* Without lingering, the unread part of the body would turn the answer into a reset. */
static void lets_the_client_read_the_error_that_came_too_early(void **state)
{
    struct fixture *fixture = *state;
    start(fixture);
    struct client *client = open_and_send(fixture, POST "Content-Length: 800000\r\n\r\n");
    client_send(client, fixture->big, 800000);
    wait_for_end(fixture, client);
    expect_statuses(client, "413 ", "early");
    client_close(client);
    wait_for_connections(fixture, 0);
}

static void does_not_linger_for_ever(void **state)
{
    struct fixture *fixture = *state;
    start(fixture);
    struct client *client = open_and_send(fixture, POST "Content-Length: 800000\r\n\r\n");
    wait_for_end(fixture, client);
    assert_int_equal(http_server_connections(fixture->server), 1);
    wait_for_connections(fixture, 0);
    client_close(client);
    client = open_and_send(fixture, POST "Content-Length: 16777216\r\n\r\n");
    client_send(client, fixture->big, BIG_BYTES);
    wait_for_connections(fixture, 1);
    wait_for_connections(fixture, 0);
    client_close(client);
}

static void answers_408_to_headers_that_take_too_long(void **state)
{
    struct fixture *fixture = *state;
    fixture->limits.header_timeout_ms = 300;
    start(fixture);
    struct client *first = open_and_send(fixture, "GET / HTTP/1.1\r\nHos");
    struct client *second = open_and_send(fixture, GET("/") "G");
    wait_for_end(fixture, first);
    expect_statuses(first, "408 ", "first");
    wait_for_end(fixture, second);
    expect_statuses(second, "200 408 ", "second");
    client_close(first);
    client_close(second);
}

static void answers_408_to_a_body_that_takes_too_long(void **state)
{
    struct fixture *fixture = *state;
    fixture->limits.body_timeout_ms = 40;
    start(fixture);
    struct client *client = open_and_send(fixture, POST "Content-Length: 5\r\n\r\nhell");
    wait_for_end(fixture, client);
    expect_statuses(client, "408 ", "body");
    assert_int_equal(fixture->requests, 0);
    client_close(client);
}

static void closes_silently_who_never_sent_a_byte(void **state)
{
    struct fixture *fixture = *state;
    fixture->limits.header_timeout_ms = 40;
    start(fixture);
    struct client *client = open_client(fixture);
    wait_for_end(fixture, client);
    assert_int_equal(client->received.length, 0);
    client_close(client);
}

static void closes_silently_who_is_idle_between_requests(void **state)
{
    struct fixture *fixture = *state;
    fixture->limits.idle_timeout_ms = 40;
    start(fixture);
    struct client *client = open_and_send(fixture, GET("/"));
    wait_for_end(fixture, client);
    expect_statuses(client, "200 ", "idle");
    client_close(client);
}

static void has_no_hurry_with_what_the_handler_holds(void **state)
{
    struct fixture *fixture = *state;
    fixture->limits.header_timeout_ms = 500;
    fixture->limits.body_timeout_ms = 200;
    fixture->limits.idle_timeout_ms = 200;
    start(fixture);
    struct client *held = open_and_send(fixture, GET("/hold"));
    wait_for_held(fixture, 1);
    for (int i = 0; i < 3; i++) {
        struct client *idle = open_and_send(fixture, GET("/"));
        wait_for_end(fixture, idle);
        client_close(idle);
    }
    answer_held(fixture, "");
    wait_for_answers(fixture, held, 1);
    expect_statuses(held, "200 ", "held");
    client_close(held);
}

/* Every client there is has asked, and nobody is sent away for another. */
static void leaves_connections_beyond_the_cap_waiting(void **state)
{
    struct fixture *fixture = *state;
    fixture->limits.connections = 2;
    start(fixture);
    struct client *clients[3] = {0};
    for (size_t i = 0; i < 2; i++)
        clients[i] = open_and_send(fixture, GET("/hold"));
    wait_for_held(fixture, 2);
    clients[2] = open_and_send(fixture, GET("/"));
    while (!clients[2]->is_connected)
        turn(fixture);
    assert_int_equal(http_server_connections(fixture->server), 2);
    assert_int_equal(fixture->requests, 2);
    answer_held(fixture, "");
    wait_for_answers(fixture, clients[0], 1);
    client_close(clients[0]);
    wait_for_answers(fixture, clients[2], 1);
    answer_held(fixture, "");
    wait_for_answers(fixture, clients[1], 1);
    client_close(clients[1]);
    client_close(clients[2]);
}

/* Those that say nothing, or half a request, or nothing any more; the longest silent first. */
static void makes_room_for_a_newcomer(void **state)
{
    struct fixture *fixture = *state;
    fixture->limits.connections = 4;
    start(fixture);
    struct client *held = open_and_send(fixture, GET("/hold"));
    wait_for_held(fixture, 1);
    struct client *silent = open_client(fixture);
    wait_for_connections(fixture, 2);
    struct client *slow = open_and_send(fixture, "POST / HTTP/1.1\r\n" HOST);
    wait_for_connections(fixture, 3);
    struct client *known = open_and_send(fixture, GET("/"));
    wait_for_answers(fixture, known, 1);
    struct client *first = open_and_send(fixture, GET("/"));
    wait_for_answers(fixture, first, 1);
    wait_for_end(fixture, silent);
    client_send_text(known, GET("/"));
    wait_for_answers(fixture, known, 2);
    struct client *second = open_and_send(fixture, GET("/"));
    wait_for_answers(fixture, second, 1);
    wait_for_end(fixture, slow);
    struct client *third = open_and_send(fixture, GET("/"));
    wait_for_answers(fixture, third, 1);
    wait_for_end(fixture, first);
    answer_held(fixture, "");
    wait_for_answers(fixture, held, 1);
    assert_int_equal(client_answers(silent) + client_answers(slow), 0);
    struct client *all[] = {held, silent, slow, known, first, second, third};
    for (size_t i = 0; i < COUNT_OF(all); i++)
        client_close(all[i]);
}

/* All were with the handler when one more came. */
static void makes_room_as_soon_as_one_is_answered(void **state)
{
    struct fixture *fixture = *state;
    fixture->limits.connections = 1;
    start(fixture);
    struct client *held = open_and_send(fixture, GET("/hold"));
    wait_for_held(fixture, 1);
    struct client *newcomer = open_and_send(fixture, GET("/"));
    while (!newcomer->is_connected)
        turn(fixture);
    answer_held(fixture, "");
    wait_for_end(fixture, held);
    wait_for_answers(fixture, newcomer, 1);
    client_close(held);
    client_close(newcomer);
}

/* The memory of what clients have sent has a bound: 24 MB, however many they are. */
static void holds_no_more_than_so_much(void **state)
{
    enum { CLIENTS = 450 };
    struct fixture *fixture = *state;
    CLEANUP(buffer_deinit) struct buffer body;
    struct client *clients[CLIENTS];
    fixture->limits.connections = 2 * CLIENTS;
    start(fixture);
    buffer_init(&body, 100000);
    buffer_append_text(&body, POST "Content-Length: 65536\r\n\r\n");
    for (size_t i = 0; i < 65000; i++)
        buffer_append_char(&body, 'x');
    for (size_t i = 0; i < CLIENTS; i++)
        clients[i] = open_and_send(fixture, body.bytes);
    wait_for_end(fixture, clients[0]);
    struct client *good = open_and_send(fixture, GET("/"));
    wait_for_answers(fixture, good, 1);
    assert_in_range(http_server_connections(fixture->server), CLIENTS / 4, CLIENTS - CLIENTS / 8);
    for (size_t i = 0; i < CLIENTS; i++)
        client_close(clients[i]);
    client_close(good);
}

/* ---- hang-ups */

static void answers_who_has_sent_all_it_had_to(void **state)
{
    struct fixture *fixture = *state;
    start(fixture);
    struct client *client = open_and_send(fixture, GET("/1") GET("/2"));
    client_finish(client);
    wait_for_end(fixture, client);
    expect_statuses(client, "200 200 ", "finished");
    client_close(client);
    client = open_and_send(fixture, GET("/hold") GET("/hold") GET("/3"));
    client_finish(client);
    wait_for_held(fixture, 1);
    answer_held(fixture, "");
    wait_for_held(fixture, 1);
    answer_held(fixture, "");
    wait_for_end(fixture, client);
    expect_statuses(client, "200 200 200 ", "held and finished");
    client_close(client);
}

static void answers_400_to_half_a_request(void **state)
{
    struct fixture *fixture = *state;
    start(fixture);
    struct client *client = open_and_send(fixture, POST "Content-Length: 5\r\n\r\nhell");
    client_finish(client);
    wait_for_end(fixture, client);
    expect_statuses(client, "400 ", "half");
    client_close(client);
    client = open_and_send(fixture, GET("/") "\r\n");
    client_finish(client);
    wait_for_end(fixture, client);
    expect_statuses(client, "200 ", "an empty line");
    assert_int_equal(fixture->requests, 1);
    client_close(client);
}

static void keeps_the_request_of_a_client_that_is_gone(void **state)
{
    struct fixture *fixture = *state;
    start(fixture);
    struct client *client = open_and_send(fixture, POST "Content-Length: 0\r\n\r\n" GET("/hold"));
    wait_for_held(fixture, 1);
    client_reset(client);
    wait_for_connections(fixture, 0);
    const struct http_request *request = fixture->held[0].request;
    assert_string_equal(request->path, "/hold");
    assert_string_equal(request->peer, "127.0.0.1");
    assert_string_equal(http_request_header(request, "host"), "a");
    answer_held(fixture, "nobody reads this");
}

/* What waits unread hides the break; the answer then finds it, and no signal ends the process. */
static void survives_writing_to_a_client_that_is_gone(void **state)
{
    struct fixture *fixture = *state;
    start(fixture);
    struct client *client = open_and_send(fixture, GET("/hold"));
    wait_for_held(fixture, 1);
    client_send_text(client, GET("/hold"));
    struct client *other = open_and_send(fixture, GET("/"));
    wait_for_answers(fixture, other, 1);
    client_reset(client);
    client_send_text(other, GET("/"));
    wait_for_answers(fixture, other, 2);
    answer_held(fixture, "nobody reads this");
    wait_for_connections(fixture, 1);
    assert_int_equal(fixture->held_count, 0);
    client_close(other);
}

/* ---- start and stop */

static void listens_where_it_is_told(void **state)
{
    struct fixture *fixture = *state;
    start_at(fixture, "[::1]:0");
    assert_int_equal(strncmp(http_server_address(fixture->server), "[::1]:", 6), 0);
    struct client *client = open_and_send(fixture, GET("/six"));
    wait_for_answers(fixture, client, 1);
    assert_string_equal(fixture->last.bytes, "GET /six ::1 ");
    client_close(client);
}

static void refuses_to_listen_where_it_cannot(void **state)
{
    struct fixture *fixture = *state;
    static const char *const wrong[] = {"",
                                        "8000",
                                        "127.0.0.1",
                                        "localhost:80",
                                        "127.0.0.1:",
                                        "127.0.0.1:x",
                                        "127.0.0.1:65536",
                                        "127.0.0.1:-1",
                                        "127.0.0.1:80x",
                                        "::1:80",
                                        "[::1]",
                                        "[]:80",
                                        "[127.0.0.1]:80",
                                        "1.2.3.4.5:80",
                                        "127.0.0.1: 80"};
    struct http_handler handler = handler_of(fixture);
    struct error error = {0};
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        assert_null(http_server_start(fixture->loop, wrong[i], &fixture->limits, &handler, &error));
        assert_non_null(strstr(error.message, "127.0.0.1:8000"));
    }
    start(fixture);
    const char *taken = http_server_address(fixture->server);
    assert_null(http_server_start(fixture->loop, taken, &fixture->limits, &handler, &error));
    assert_non_null(strstr(error.message, taken));
}

static void opens_as_many_files_as_it_may(void **state)
{
    struct fixture *fixture = *state;
    struct rlimit limit = {0};
    start(fixture);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    assert_true(limit.rlim_cur == limit.rlim_max);
}

/* Whatever their deadlines were. */
static void stops_without_those_who_dawdle(void **state)
{
    struct fixture *fixture = *state;
    start(fixture);
    struct client *half = open_and_send(fixture, "POST / HTTP/1.1\r\n" HOST);
    struct client *bodiless = open_and_send(fixture, POST "Content-Length: 5\r\n\r\n");
    struct client *deaf = open_client(fixture);
    while (!deaf->is_connected)
        turn(fixture);
    client_read_no_more(deaf);
    client_send_text(deaf, GET("/big"));
    wait_for_connections(fixture, 3);
    while (fixture->requests == 0)
        turn(fixture);
    int64_t began_ms = clock_steady_ms();
    stop(fixture);
    wait_for_end(fixture, half);
    wait_for_end(fixture, bodiless);
    expect_statuses(half, "408 ", "half");
    expect_statuses(bodiless, "408 ", "bodiless");
    while (fixture->stopped == 0)
        turn(fixture);
    assert_in_range(clock_steady_ms() - began_ms, 0, 4000);
    client_close(half);
    client_close(bodiless);
    client_close(deaf);
}

static void stops_when_who_waited_is_answered(void **state)
{
    struct fixture *fixture = *state;
    start(fixture);
    struct client *idle = open_and_send(fixture, GET("/"));
    struct client *fresh = open_client(fixture);
    struct client *held = open_and_send(fixture, GET("/hold"));
    struct client *reading =
        open_and_send(fixture, POST "Expect: 100-continue\r\nContent-Length: 5\r\n\r\n");
    wait_for_answers(fixture, idle, 1);
    wait_for_answers(fixture, reading, 1);
    wait_for_held(fixture, 1);
    wait_for_connections(fixture, 4);
    stop(fixture);
    wait_for_end(fixture, idle);
    client_send_text(reading, "hello");
    wait_for_end(fixture, reading);
    expect_statuses(reading, "100 200 ", "reading");
    wait_for_end(fixture, fresh);
    assert_int_equal(fixture->stopped, 0);
    answer_held(fixture, "");
    wait_for_end(fixture, held);
    assert_non_null(strstr(held->received.bytes, "Connection: close\r\n"));
    client_close(idle);
    client_close(fresh);
    client_close(held);
    client_close(reading);
    while (fixture->stopped == 0)
        turn(fixture);
}

static void stops_at_once_when_nobody_is_there(void **state)
{
    struct fixture *fixture = *state;
    start(fixture);
    stop(fixture);
    while (fixture->stopped == 0)
        turn(fixture);
}

static void accepts_nobody_when_stopping(void **state)
{
    struct fixture *fixture = *state;
    CLEANUP(buffer_deinit) struct buffer address;
    start(fixture);
    buffer_init(&address, 100);
    buffer_append_text(&address, http_server_address(fixture->server));
    struct client *held = open_and_send(fixture, GET("/hold"));
    wait_for_held(fixture, 1);
    stop(fixture);
    struct client *late = client_open(fixture->loop, address.bytes);
    while (!late->is_broken)
        turn(fixture);
    client_close(late);
    client_close(held);
}

/* The server must outlive an exchange whose client is gone, for it is where the exchange goes back
 * to. */
static void waits_for_the_answer_to_a_client_that_is_gone(void **state)
{
    struct fixture *fixture = *state;
    start(fixture);
    struct client *client = open_and_send(fixture, GET("/hold"));
    wait_for_held(fixture, 1);
    stop(fixture);
    client_reset(client);
    wait_for_connections(fixture, 0);
    assert_int_equal(fixture->stopped, 0);
    answer_held(fixture, "");
    assert_int_equal(fixture->stopped, 0);
    while (fixture->stopped == 0)
        turn(fixture);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

static void knows_where_others_can_reach_it(void **state)
{
    static const char *const here[] = {"127.0.0.1:8000",          "127.3.2.1:0", "[::1]:8000",
                                       "unix:/run/handoffd.sock", "nowhere",     ""};
    static const char *const exposed[] = {"0.0.0.0:8000", "[::]:8000", "192.168.1.4:80",
                                          "[2001:db8::1]:443", "[::ffff:127.0.0.1]:80"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(here); i++)
        assert_false(http_listen_is_exposed(here[i]));
    for (size_t i = 0; i < COUNT_OF(exposed); i++)
        assert_true(http_listen_is_exposed(exposed[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(serves_well_formed_requests),
        TEST(never_makes_two_requests_out_of_one),
        TEST(serves_nobody_whose_address_is_not_known),
        TEST(reads_what_comes_byte_by_byte),
        TEST(says_what_the_body_is_and_nothing_superfluous),
        TEST(adds_the_handlers_headers_on_lines_of_their_own),
        TEST(answers_head_without_a_body_but_with_its_length),
        TEST(says_keep_alive_to_http_1_0_and_close_where_it_closes),
        TEST(gives_the_reason_of_an_error_in_the_handlers_words),
        TEST(sends_an_answer_larger_than_the_sockets_take),
        TEST(gives_up_on_a_client_that_does_not_read),
        TEST(answers_in_order_and_one_at_a_time),
        TEST(stops_reading_while_a_next_request_waits),
        TEST(reads_on_after_what_waited),
        TEST(says_continue_before_a_body_that_it_will_take),
        TEST(says_continue_only_to_who_waits_for_it),
        TEST(keeps_to_its_limits),
        TEST(takes_64_headers_and_no_more),
        TEST(lets_the_client_read_the_error_that_came_too_early),
        TEST(does_not_linger_for_ever),
        TEST(answers_408_to_headers_that_take_too_long),
        TEST(answers_408_to_a_body_that_takes_too_long),
        TEST(closes_silently_who_never_sent_a_byte),
        TEST(closes_silently_who_is_idle_between_requests),
        TEST(has_no_hurry_with_what_the_handler_holds),
        TEST(leaves_connections_beyond_the_cap_waiting),
        TEST(makes_room_for_a_newcomer),
        TEST(makes_room_as_soon_as_one_is_answered),
        TEST(holds_no_more_than_so_much),
        TEST(answers_who_has_sent_all_it_had_to),
        TEST(answers_400_to_half_a_request),
        TEST(keeps_the_request_of_a_client_that_is_gone),
        TEST(survives_writing_to_a_client_that_is_gone),
        TEST(listens_where_it_is_told),
        TEST(refuses_to_listen_where_it_cannot),
        TEST(opens_as_many_files_as_it_may),
        TEST(stops_without_those_who_dawdle),
        TEST(stops_when_who_waited_is_answered),
        TEST(stops_at_once_when_nobody_is_there),
        TEST(accepts_nobody_when_stopping),
        TEST(waits_for_the_answer_to_a_client_that_is_gone),
        cmocka_unit_test(knows_where_others_can_reach_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
