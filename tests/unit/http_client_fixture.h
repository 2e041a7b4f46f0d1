/* http_client_fixture - a loop, a client, a peer, and what the last answer was. */
#ifndef TESTS_HTTP_CLIENT_FIXTURE_H
#define TESTS_HTTP_CLIENT_FIXTURE_H

#include "base/buffer.h"
#include "base/loop.h"
#include "http/client.h"
#include "http_peer.h"

struct fixture {
    struct loop *loop;
    struct http_client *client;
    struct peer *peer;
    size_t descriptors; /* open before the test; 0: not compared */
    size_t answers;     /* so far; the loop stops when there are `wanted` */
    size_t wanted;
    uint32_t result; /* of the last answer */
    int32_t status;
    int64_t retry_after_ms;
    int64_t date_ms;
    struct buffer body;
    struct buffer error;
    bool is_closed;
};

/* cmocka's setup and teardown; *state is the fixture. Teardown fails the test where a descriptor
 * stays open. */
int fixture_setup(void **state);
int fixture_teardown(void **state);

/* Closes the client, also from inside an answer; and waits until that is done. */
void fixture_close_client(struct fixture *fixture);
void fixture_wait_for_close(struct fixture *fixture);

struct handoffd_http_request post_to(const char *url);
struct handoffd_http_request get_from(const char *url);

/* For http_client_send: notes the answer in the fixture. */
void on_fixture_answer(void *context, const struct handoffd_http_answer *answer);

/* Sends, waits for the answer, and gives its result. */
uint32_t ask(struct fixture *fixture, const struct handoffd_http_request *request);

/* Runs the loop until so many more answers have come. */
void wait_for(struct fixture *fixture, size_t answers);

/* Runs the loop for a while and gives the number of its turns. */
size_t turns_in(struct fixture *fixture, int64_t delay_ms);

#endif
