/* test_http_server_pipelining - one client that sends thousands of requests at once does not delay
 * the others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "http_server_fixture.h"

#define GREEDY     50
#define REQUESTS   20000
#define PER_CLIENT 8 /* requests of each greedy client while one other is answered */
#define SMALL_ANSWER                                                                               \
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 0\r\n\r\n"

/* Sends so many requests at once; what the kernel does not take follows. */
static struct client *open_greedy(struct fixture *fixture, size_t requests)
{
    struct client *client = open_client(fixture);
    CLEANUP(buffer_deinit) struct buffer all;
    buffer_init(&all, requests * sizeof GET("/"));
    for (size_t i = 0; i < requests; i++)
        buffer_append(&all, TEXT(GET("/")));
    client_send(client, all.bytes, all.length);
    return client;
}

/* In requests, not in time: what a machine makes of them is its own affair. */
static void answers_others_while_many_clients_pipeline(void **state)
{
    struct fixture *fixture = *state;
    struct client *greedy[GREEDY];
    start(fixture);
    struct client *other = open_and_send(fixture, GET("/"));
    wait_for_answers(fixture, other, 1);
    for (size_t i = 0; i < GREEDY; i++)
        greedy[i] = open_greedy(fixture, REQUESTS);
    while (fixture->requests < GREEDY * 2)
        turn(fixture);
    for (size_t answers = 2; answers < 100; answers++) {
        size_t before = fixture->requests;
        client_send_text(other, GET("/other"));
        wait_for_answers(fixture, other, answers);
        assert_in_range(fixture->requests - before, 1, GREEDY * PER_CLIENT);
    }
    client_close(other);
    for (size_t i = 0; i < GREEDY; i++)
        client_close(greedy[i]);
}

static void answers_all_that_was_pipelined_in_order(void **state)
{
    struct fixture *fixture = *state;
    start(fixture);
    struct client *client = open_greedy(fixture, REQUESTS);
    client_send_text(client, GET("/nothing"));
    client_finish(client);
    wait_for_end(fixture, client);
    assert_int_equal(client_answers(client), REQUESTS + 1);
    assert_int_equal(fixture->requests, REQUESTS + 1);
    const char *last = client->statuses.bytes + client->statuses.length - strlen("200 204 ");
    assert_string_equal(last, "200 204 ");
    client_close(client);
}

/* The answers fill what the kernel holds for the client, and then its requests are left where they
 * are. */
static void stops_reading_from_a_client_that_does_not_read(void **state)
{
    struct fixture *fixture = *state;
    start(fixture);
    struct client *client = open_client(fixture);
    while (!client->is_connected)
        turn(fixture);
    client_read_no_more(client);
    CLEANUP(buffer_deinit) struct buffer all;
    buffer_init(&all, BIG_BYTES);
    for (size_t i = 0; i < 100; i++)
        buffer_append(&all, TEXT(GET("/big")));
    client_send(client, all.bytes, all.length);
    struct client *other = open_client(fixture);
    for (size_t answers = 1; answers <= 200; answers++) {
        client_send_text(other, GET("/"));
        wait_for_answers(fixture, other, answers);
    }
    assert_int_equal(fixture->requests, 201); /* one of the hundred */
    client_close(other);
    client_close(client);
}

static void takes_one_request_in_a_turn_from_those_it_has_read(void **state)
{
    struct fixture *fixture = *state;
    start(fixture);
    struct client *client = open_and_send(fixture, GET("/1") GET("/2") GET("/3") GET("/4"));
    for (size_t seen = 0; seen < 4; seen = fixture->requests) {
        turn(fixture);
        assert_in_range(fixture->requests - seen, 0, 2); /* what came, and one that waited */
    }
    wait_for_answers(fixture, client, 4);
    assert_int_equal(client->received.length, 4 * strlen(SMALL_ANSWER));
    client_close(client);
}

static void stops_with_what_is_pipelined_unanswered(void **state)
{
    struct fixture *fixture = *state;
    start(fixture);
    struct client *client = open_greedy(fixture, 1000);
    while (fixture->requests < 10)
        turn(fixture);
    stop(fixture);
    wait_for_end(fixture, client);
    assert_in_range(fixture->requests, 10, 20);
    assert_int_equal(client_answers(client), fixture->requests);
    client_close(client);
    while (fixture->stopped == 0)
        turn(fixture);
}

static void forgets_what_is_pipelined_when_the_client_resets(void **state)
{
    struct fixture *fixture = *state;
    start(fixture);
    struct client *clients[GREEDY];
    for (size_t i = 0; i < GREEDY; i++)
        clients[i] = open_greedy(fixture, 1000);
    while (fixture->requests < GREEDY * 2)
        turn(fixture);
    for (size_t i = 0; i < GREEDY; i++)
        client_reset(clients[i]);
    wait_for_connections(fixture, 0);
    assert_true(fixture->requests < GREEDY * 1000);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(answers_others_while_many_clients_pipeline),
        TEST(answers_all_that_was_pipelined_in_order),
        TEST(stops_reading_from_a_client_that_does_not_read),
        TEST(takes_one_request_in_a_turn_from_those_it_has_read),
        TEST(stops_with_what_is_pipelined_unanswered),
        TEST(forgets_what_is_pipelined_when_the_client_resets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
