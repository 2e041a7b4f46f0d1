/* test_http_client_life - many calls at once, calls made, cancelled and closed from anywhere, and
 * when answers come. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <unistd.h>
/* cmocka.h comes last: it needs the headers above. */
#include <cmocka.h>

#include "base/memory.h"
#include "http_client_fixture.h"

static void has_three_hundred_calls_in_flight(void **state)
{
    struct fixture *fixture = *state;
    peer_answer(fixture->peer, PEER_CREATED(2, "{}"));
    peer_hold(fixture->peer, 300);
    struct handoffd_http_request request = post_to(peer_url(fixture->peer));
    for (int i = 0; i < 300; i++)
        http_client_send(fixture->client, &request, on_fixture_answer, fixture);
    wait_for(fixture, 300);
    assert_int_equal(peer_connections(fixture->peer), 300);
    assert_int_equal(peer_requests(fixture->peer), 300);
    for (int i = 0; i < 300; i++)
        http_client_send(fixture->client, &request, on_fixture_answer, fixture);
    wait_for(fixture, 300);
    /* The same ones, but for those that grow too old where valgrind is slow. */
    assert_in_range(peer_connections(fixture->peer), 300, 450);
}

/* ---- from inside on_answer */

struct chain {
    struct fixture *fixture;
    size_t left;
};

static void on_chain_answer(void *context, const struct handoffd_http_answer *answer)
{
    struct chain *chain = context;
    assert_int_equal(answer->result, HANDOFFD_HTTP_ANSWERED);
    struct handoffd_http_request request = post_to(peer_url(chain->fixture->peer));
    if (--chain->left > 0)
        http_client_send(chain->fixture->client, &request, on_chain_answer, chain);
    else
        loop_stop(chain->fixture->loop);
    assert_string_equal(answer->body, "{}"); /* still whole */
}

static void calls_again_from_inside_an_answer(void **state)
{
    struct fixture *fixture = *state;
    peer_answer(fixture->peer, PEER_CREATED(2, "{}"));
    struct chain chain = {.fixture = fixture, .left = 20};
    struct handoffd_http_request request = post_to(peer_url(fixture->peer));
    http_client_send(fixture->client, &request, on_chain_answer, &chain);
    loop_run(fixture->loop);
    assert_int_equal(chain.left, 0);
    assert_int_equal(peer_requests(fixture->peer), 20);
}

struct rival {
    struct fixture *fixture;
    struct http_call *other;
    size_t *answers;
};

static void on_rival_answer(void *context, const struct handoffd_http_answer *answer)
{
    (void)answer;
    struct rival *rival = context;
    ++*rival->answers;
    http_call_cancel(rival->other);
}

static void cancels_another_call_from_inside_an_answer(void **state)
{
    struct fixture *fixture = *state;
    peer_answer(fixture->peer, PEER_CREATED(2, "{}"));
    peer_hold(fixture->peer, 2); /* both are answered in one go */
    size_t answers = 0;
    struct rival rivals[2] = {{fixture, NULL, &answers}, {fixture, NULL, &answers}};
    struct handoffd_http_request request = post_to(peer_url(fixture->peer));
    rivals[1].other = http_client_send(fixture->client, &request, on_rival_answer, &rivals[0]);
    rivals[0].other = http_client_send(fixture->client, &request, on_rival_answer, &rivals[1]);
    assert_int_equal(ask(fixture, &request), HANDOFFD_HTTP_ANSWERED);
    turns_in(fixture, 20);
    assert_int_equal(answers, 1);
}

static void must_not_answer(void *context, const struct handoffd_http_answer *answer)
{
    (void)context;
    fail_msg("was answered: %s", answer->error ? answer->error : answer->body);
}

/* ---- cancelling and closing */

static void does_not_answer_what_was_cancelled(void **state)
{
    struct fixture *fixture = *state;
    peer_answer(fixture->peer, PEER_CREATED(2, "{}"));
    struct handoffd_http_request good = post_to(peer_url(fixture->peer));
    struct handoffd_http_request refused = post_to("ftp://127.0.0.1/");
    for (int i = 0; i < 5; i++) {
        http_call_cancel(http_client_send(fixture->client, &good, must_not_answer, NULL));
        http_call_cancel(http_client_send(fixture->client, &refused, must_not_answer, NULL));
    }
    assert_int_equal(ask(fixture, &good), HANDOFFD_HTTP_ANSWERED);
    assert_int_equal(peer_requests(fixture->peer), 1);
}

static void cancels_a_call_whose_request_has_left(void **state)
{
    struct fixture *fixture = *state;
    peer_hold(fixture->peer, 3);
    peer_answer(fixture->peer, PEER_CREATED(2, "{}"));
    struct handoffd_http_request request = post_to(peer_url(fixture->peer));
    struct http_call *call = http_client_send(fixture->client, &request, must_not_answer, NULL);
    while (peer_requests(fixture->peer) == 0)
        uv_run(loop_uv(fixture->loop), UV_RUN_ONCE);
    http_call_cancel(call);
    peer_hold(fixture->peer, 0);
    assert_int_equal(ask(fixture, &request), HANDOFFD_HTTP_ANSWERED);
}

static void closes_with_calls_under_way(void **state)
{
    struct fixture *fixture = *state;
    peer_hold(fixture->peer, 1000);
    struct handoffd_http_request good = post_to(peer_url(fixture->peer));
    struct handoffd_http_request refused = post_to("ftp://127.0.0.1/");
    for (int i = 0; i < 20; i++)
        http_client_send(fixture->client, &good, must_not_answer, NULL);
    while (peer_requests(fixture->peer) < 10)
        uv_run(loop_uv(fixture->loop), UV_RUN_ONCE);
    http_client_send(fixture->client, &refused, must_not_answer, NULL);
    fixture_close_client(fixture);
    fixture_wait_for_close(fixture);
}

static void on_last_answer(void *context, const struct handoffd_http_answer *answer)
{
    struct fixture *fixture = context;
    fixture->answers++;
    fixture_close_client(fixture);
    assert_string_equal(answer->body, "{}"); /* still whole */
}

static void closes_from_inside_an_answer(void **state)
{
    struct fixture *fixture = *state;
    peer_answer(fixture->peer, PEER_CREATED(2, "{}"));
    peer_hold(fixture->peer, 3);
    struct handoffd_http_request request = post_to(peer_url(fixture->peer));
    for (int i = 0; i < 3; i++)
        http_client_send(fixture->client, &request, on_last_answer, fixture);
    fixture_wait_for_close(fixture);
    assert_int_equal(fixture->answers, 1);
}

/* ---- when */

struct order {
    struct fixture *fixture;
    bool has_returned;
};

static void on_ordered_answer(void *context, const struct handoffd_http_answer *answer)
{
    (void)answer;
    struct order *order = context;
    assert_true(order->has_returned);
    loop_stop(order->fixture->loop);
}

static void never_answers_before_send_has_returned(void **state)
{
    struct fixture *fixture = *state;
    peer_answer(fixture->peer, PEER_CREATED(2, "{}"));
    const char *urls[] = {peer_url(fixture->peer), "http://127.0.0.1:1/",
                          "ftp://127.0.0.1/",      "http://",
                          "https://[::1",          "http://127.0.0.1:99999/"};
    for (size_t i = 0; i < COUNT_OF(urls); i++) {
        struct order order = {.fixture = fixture};
        struct handoffd_http_request request = post_to(urls[i]);
        http_client_send(fixture->client, &request, on_ordered_answer, &order);
        order.has_returned = true;
        loop_run(fixture->loop);
    }
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

int main(void)
{
    alarm(120);
    const struct CMUnitTest tests[] = {
        CASE(has_three_hundred_calls_in_flight),
        CASE(calls_again_from_inside_an_answer),
        CASE(cancels_another_call_from_inside_an_answer),
        CASE(does_not_answer_what_was_cancelled),
        CASE(cancels_a_call_whose_request_has_left),
        CASE(closes_with_calls_under_way),
        CASE(closes_from_inside_an_answer),
        CASE(never_answers_before_send_has_returned),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
