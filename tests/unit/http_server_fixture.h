/* http_server_fixture - real sockets on one loop: a server, a handler that does what the path says,
 * and clients. */
#ifndef TESTS_HTTP_SERVER_FIXTURE_H
#define TESTS_HTTP_SERVER_FIXTURE_H

#include "base/buffer.h"
#include "base/loop.h"
#include "http/server.h"
#include "raw_client.h"

#define BIG_BYTES   (16 * 1024 * 1024)
#define MAX_HELD    8
#define HOST        "Host: a\r\n"
#define GET(path)   "GET " path " HTTP/1.1\r\n" HOST "\r\n"
#define POST        "POST /echo HTTP/1.1\r\n" HOST
#define TEXT(bytes) bytes, sizeof(bytes) - 1

/* A request to /hold that is not answered yet. */
struct held {
    struct http_exchange *exchange;
    const struct http_request *request;
};

struct fixture {
    struct loop *loop;
    struct http_server *server;
    struct http_limits limits;
    struct timer watchdog;
    struct held held[MAX_HELD];
    size_t held_count;
    size_t requests;
    bool is_stopping;
    size_t stopped;
    char *big;
    struct buffer last; /* what the handler saw last: "GET /path PEER BODY" */
    char *folder;       /* for sockets that are files */
};

/* cmocka's setup and teardown; *state is the fixture, without a server yet. */
int set_up(void **state);
int tear_down(void **state);

/* The handler: /hold is not answered until answer_held, the oldest first; /big, /headers and
 * /nothing are answered with what they say, all others with their own body. */
struct http_handler handler_of(struct fixture *fixture);
void answer_held(struct fixture *fixture, const char *text);

void start(struct fixture *fixture);
void start_at(struct fixture *fixture, const char *listen);
void stop(struct fixture *fixture);

struct client *open_client(struct fixture *fixture);
struct client *open_and_send(struct fixture *fixture, const char *text);

/* Waiting, for events alone. */
void turn(struct fixture *fixture);
void wait_for_answers(struct fixture *fixture, struct client *client, size_t count);
void wait_for_end(struct fixture *fixture, struct client *client);
void wait_for_held(struct fixture *fixture, size_t count);
void wait_for_connections(struct fixture *fixture, size_t count);

/* These, as "200 404 ", and nothing else. */
void expect_statuses(const struct client *client, const char *expected, const char *name);

#endif
