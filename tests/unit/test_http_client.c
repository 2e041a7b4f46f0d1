/* test_http_client - calls that work, and what is not fit to be sent: what leaves, and what is
 * given back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
/* cmocka.h comes last: it needs the headers above. */
#include <cmocka.h>

#include <openssl/ssl.h>

#include "base/memory.h"
#include "http_client_fixture.h"
#include "tls_peer.h"

static void assert_contains(const char *text, const char *part)
{
    if (strstr(text, part) == NULL)
        fail_msg("no \"%s\" in:\n%s", part, text);
}

static void gives_status_and_body(void **state)
{
    static const struct {
        const char *reply;
        int32_t status;
        const char *body;
    } cases[] = {
        {PEER_CREATED(13, "{\"sid\":\"SM1\"}"), 201, "{\"sid\":\"SM1\"}"},
        {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 200, ""},
        {"HTTP/1.1 204 No Content\r\n\r\n", 204, ""},
        {"HTTP/1.1 400 Bad\r\nContent-Length: 3\r\n\r\nbad", 400, "bad"},
        {"HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm=x\r\nContent-Length: 0\r\n\r\n", 401,
         ""},
        {"HTTP/1.1 500 Oops\r\nContent-Length: 2\r\n\r\n{}", 500, "{}"},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
         200, "abcde"},
        {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nok", 201,
         "ok"},
    };
    struct fixture *fixture = *state;
    struct handoffd_http_request request = post_to(peer_url(fixture->peer));
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        peer_answer(fixture->peer, cases[i].reply);
        assert_int_equal(ask(fixture, &request), HANDOFFD_HTTP_ANSWERED);
        assert_int_equal(fixture->status, cases[i].status);
        assert_string_equal(fixture->body.bytes, cases[i].body);
    }
}

static void sends_what_the_request_says(void **state)
{
    struct fixture *fixture = *state;
    peer_answer(fixture->peer, PEER_CREATED(2, "{}"));
    struct handoffd_http_request request = post_to(peer_url(fixture->peer));
    request.user = "AC1";
    request.password = "secret";
    request.headers = (struct handoffd_fields){
        .names = (const char *const[]){"X-One", "X-Empty"},
        .values = (const char *const[]){"1", ""},
        .count = 2,
    };
    assert_int_equal(ask(fixture, &request), HANDOFFD_HTTP_ANSWERED);
    const char *sent = peer_last_request(fixture->peer);
    assert_memory_equal(sent, "POST /messages HTTP/1.1\r\n", 25);
    assert_contains(sent, "\r\nAuthorization: Basic QUMxOnNlY3JldA==\r\n");
    assert_contains(sent, "\r\nContent-Type: application/x-www-form-urlencoded\r\n");
    assert_contains(sent, "\r\nContent-Length: 11\r\n");
    assert_contains(sent, "\r\nX-One: 1\r\n");
    assert_contains(sent, "\r\nX-Empty:\r\n");
    assert_contains(sent, "\r\n\r\nTo=a&Body=b");
    assert_null(strstr(sent, "Expect"));
}

static void forgets_the_last_call_when_it_makes_the_next(void **state)
{
    struct fixture *fixture = *state;
    peer_answer(fixture->peer, PEER_CREATED(2, "{}"));
    struct handoffd_http_request first = post_to(peer_url(fixture->peer));
    first.user = "AC1";
    first.password = "secret";
    assert_int_equal(ask(fixture, &first), HANDOFFD_HTTP_ANSWERED);
    struct handoffd_http_request second = get_from(peer_url(fixture->peer));
    assert_int_equal(ask(fixture, &second), HANDOFFD_HTTP_ANSWERED);
    const char *sent = peer_last_request(fixture->peer);
    assert_memory_equal(sent, "GET /messages HTTP/1.1\r\n", 24);
    assert_null(strstr(sent, "Authorization"));
    assert_null(strstr(sent, "Content-"));
    assert_non_null(strstr(sent, "\r\n\r\n"));
    assert_string_equal(strstr(sent, "\r\n\r\n"), "\r\n\r\n");
}

static void sends_a_large_body_whole(void **state)
{
    struct fixture *fixture = *state;
    peer_answer(fixture->peer, PEER_CREATED(2, "{}"));
    struct handoffd_http_request request = post_to(peer_url(fixture->peer));
    request.body_length = 3 * 1024 * 1024;
    char *body = memory_zeroed(request.body_length + 1, 1);
    memset(body, 'x', request.body_length);
    request.body = body;
    assert_int_equal(ask(fixture, &request), HANDOFFD_HTTP_ANSWERED);
    assert_string_equal(strstr(peer_last_request(fixture->peer), "\r\n\r\n") + 4, body);
    free(body);
}

static void keeps_its_connection(void **state)
{
    struct fixture *fixture = *state;
    peer_answer(fixture->peer, PEER_CREATED(2, "{}"));
    struct handoffd_http_request request = post_to(peer_url(fixture->peer));
    for (int i = 0; i < 50; i++)
        assert_int_equal(ask(fixture, &request), HANDOFFD_HTTP_ANSWERED);
    assert_int_equal(peer_requests(fixture->peer), 50);
    assert_int_equal(peer_connections(fixture->peer), 1);
}

static void notices_a_kept_connection_that_was_closed(void **state)
{
    struct fixture *fixture = *state;
    peer_answer(fixture->peer, PEER_CREATED(2, "{}"));
    struct handoffd_http_request request = post_to(peer_url(fixture->peer));
    assert_int_equal(ask(fixture, &request), HANDOFFD_HTTP_ANSWERED);
    peer_hang_up(fixture->peer);
    assert_in_range(turns_in(fixture, 50), 1, 10); /* and the loop does not spin over it */
    assert_int_equal(ask(fixture, &request), HANDOFFD_HTTP_ANSWERED);
    assert_int_equal(peer_connections(fixture->peer), 2);
}

static void reads_retry_after(void **state)
{
    static const struct {
        const char *value;
        int64_t least_ms;
        int64_t most_ms;
    } cases[] = {
        {"120", 120000, 120000},
        {"1", 1000, 1000},
        {"0", 0, 0},
        {"-5", 0, 0},
        {"soon", 0, 0},
        {"90000", 21600000, 86400000}, /* libcurl 8.x stops at 6 h, we at 24 h */
        {"99999999999999999999", 0, 86400000},
        {"Fri, 31 Dec 2100 23:59:59 GMT", 21600000, 86400000},
        {"Fri, 31 Dec 1999 23:59:59 GMT", 0, 0},
    };
    struct fixture *fixture = *state;
    struct handoffd_http_request request = post_to(peer_url(fixture->peer));
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        CLEANUP(buffer_deinit) struct buffer reply;
        buffer_init(&reply, 4096);
        buffer_format(&reply, "HTTP/1.1 429 Slow\r\nRetry-After: %s\r\nContent-Length: 0\r\n\r\n",
                      cases[i].value);
        peer_answer(fixture->peer, reply.bytes);
        assert_int_equal(ask(fixture, &request), HANDOFFD_HTTP_ANSWERED);
        assert_int_equal(fixture->status, 429);
        if (fixture->retry_after_ms < cases[i].least_ms ||
            fixture->retry_after_ms > cases[i].most_ms)
            fail_msg("Retry-After: %s gave %ld ms", cases[i].value, (long)fixture->retry_after_ms);
    }
    peer_answer(fixture->peer, PEER_CREATED(2, "{}"));
    ask(fixture, &request);
    assert_int_equal(fixture->retry_after_ms, 0);
}

static void reads_the_date(void **state)
{
    static const struct {
        const char *header;
        int64_t date_ms;
    } cases[] = {
        {"Date: Fri, 24 May 2019 17:44:46 GMT\r\n", INT64_C(1558719886000)},
        {"date: Thu, 31 Dec 2099 23:59:59 GMT\r\n", INT64_C(4102444799000)},
        {"", 0},
        {"Date:\r\n", 0},
        {"Date: now\r\n", 0},
        {"Date: 24 May 2019\r\n", 0},
        {"Date: 1558719886\r\n", 0},
        {"Date: Fri, 24 May 2019 17:44:46 CET\r\n", 0},
        {"Date: Fri, 24 Foo 2019 17:44:46 GMT\r\n", 0},
        {"Date: xxxxxxxxxxxxxxxxxxxxxxxxx GMT\r\n", 0},
        {"Date: Fri, 24 May 2019 17:44:46 GMT\r\nDate: Fri, 24 May 2019 18:44:46 GMT\r\n", 0},
    };
    struct fixture *fixture = *state;
    struct handoffd_http_request request = post_to(peer_url(fixture->peer));
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        CLEANUP(buffer_deinit) struct buffer reply;
        buffer_init(&reply, 4096);
        buffer_format(&reply, "HTTP/1.1 201 Created\r\n%sContent-Length: 2\r\n\r\n{}",
                      cases[i].header);
        peer_answer(fixture->peer, reply.bytes);
        assert_int_equal(ask(fixture, &request), HANDOFFD_HTTP_ANSWERED);
        if (fixture->date_ms != cases[i].date_ms)
            fail_msg("%sgave %ld ms", cases[i].header, (long)fixture->date_ms);
    }
}

/* ---- what is not sent at all */

static void refuses_requests_that_are_not_fit_to_send(void **state)
{
    struct fixture *fixture = *state;
    const char *url = peer_url(fixture->peer);
    const struct {
        const char *method;
        const char *url;
        const char *content_type;
        const char *name;
        const char *value;
        const char *error;
    } cases[] = {
        {"PUT", url, NULL, NULL, NULL, "the method \"PUT\" is neither GET nor POST"},
        {NULL, url, NULL, NULL, NULL, "the method \"\" is neither GET nor POST"},
        {"POST", NULL, NULL, NULL, NULL, "neither http:// nor https://"},
        {"POST", "file:///etc/passwd", NULL, NULL, NULL, "neither http:// nor https://"},
        {"POST", "api.example.com", NULL, NULL, NULL, "neither http:// nor https://"},
        {"POST", url, "text/plain\r\nX: y", NULL, NULL, "header \"Content-Type\" has a control"},
        {"POST", url, NULL, "X", "a\nb: c", "header \"X\" has a control character"},
        {"POST", url, NULL, "X: y\r\nZ", "a", "is not for a caller to set"},
        {"POST", url, NULL, "", "a", "is not for a caller to set"},
        {"POST", url, NULL, "content-length", "1", "is not for a caller to set"},
        {"POST", url, NULL, "Transfer-Encoding", "chunked", "is not for a caller to set"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct handoffd_http_request request = post_to(cases[i].url);
        request.method = cases[i].method;
        request.content_type = cases[i].content_type;
        request.headers = (struct handoffd_fields){
            .names = &cases[i].name, .values = &cases[i].value, .count = cases[i].name != NULL};
        assert_int_equal(ask(fixture, &request), HANDOFFD_HTTP_NOT_SENT);
        assert_contains(fixture->error.bytes, cases[i].error);
        assert_int_equal(fixture->status, 0);
    }
    assert_int_equal(peer_connections(fixture->peer), 0);
}

static void reads_no_more_of_a_request_than_its_size(void **state)
{
    struct fixture *fixture = *state;
    peer_answer(fixture->peer, PEER_CREATED(2, "{}"));
    struct handoffd_http_request request = get_from(peer_url(fixture->peer));
    request.size = offsetof(struct handoffd_http_request, user);
    request.user = (const char *)1; /* not there, for a caller that does not know it */
    request.headers.count = 1000;
    assert_int_equal(ask(fixture, &request), HANDOFFD_HTTP_ANSWERED);
    request.size = 0;
    assert_int_equal(ask(fixture, &request), HANDOFFD_HTTP_NOT_SENT);
}

/* ---- TLS */

/* The certificate authorities are read from the environment when a client is made. */
static void use_client_with_authority(struct fixture *fixture, const char *file)
{
    if (file != NULL)
        setenv("SSL_CERT_FILE", file, 1);
    else
        unsetenv("SSL_CERT_FILE");
    fixture_close_client(fixture);
    fixture_wait_for_close(fixture);
    fixture->is_closed = false;
    fixture->client = http_client_create(fixture->loop);
}

static void trusts_only_certificates_that_it_was_told_of(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        const char *name;
        int most;
        bool is_known;
        uint32_t result;
        const char *error;
    } cases[] = {
        {"IP:127.0.0.1", 0, true, HANDOFFD_HTTP_ANSWERED, ""},
        {"IP:127.0.0.1", TLS1_2_VERSION, true, HANDOFFD_HTTP_ANSWERED, ""},
        {"IP:127.0.0.1", 0, false, HANDOFFD_HTTP_NOT_SENT, "certificate"},
        {"DNS:other.invalid", 0, true, HANDOFFD_HTTP_NOT_SENT, "127.0.0.1"},
        {"IP:127.0.0.1", TLS1_1_VERSION, true, HANDOFFD_HTTP_NOT_SENT, "protocol version"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct tls_peer *peer = tls_peer_start(cases[i].name, cases[i].most);
        use_client_with_authority(fixture, cases[i].is_known ? tls_peer_certificate(peer) : NULL);
        struct handoffd_http_request request = post_to(tls_peer_url(peer));
        if (ask(fixture, &request) != cases[i].result)
            fail_msg("case %zu: %s", i, fixture->error.bytes);
        assert_contains(fixture->error.bytes, cases[i].error);
        if (cases[i].result == HANDOFFD_HTTP_ANSWERED)
            assert_int_equal(ask(fixture, &request), HANDOFFD_HTTP_ANSWERED);
        use_client_with_authority(fixture, NULL);
        tls_peer_stop(peer);
    }
}

/* A peer of another thread: nothing else is left in the loop. */
static void does_not_keep_the_loop_running_for_idle_connections(void **state)
{
    struct fixture *fixture = *state;
    struct tls_peer *peer = tls_peer_start("IP:127.0.0.1", 0);
    use_client_with_authority(fixture, tls_peer_certificate(peer));
    struct handoffd_http_request request = post_to(tls_peer_url(peer));
    assert_int_equal(ask(fixture, &request), HANDOFFD_HTTP_ANSWERED);
    peer_stop(fixture->peer);
    loop_run(fixture->loop); /* returns */
    assert_int_equal(ask(fixture, &request), HANDOFFD_HTTP_ANSWERED);
    use_client_with_authority(fixture, NULL);
    tls_peer_stop(peer);
    fixture->peer = peer_start(fixture->loop);
}

static void says_which_certificate_file_is_missing(void **state)
{
    struct fixture *fixture = *state;
    use_client_with_authority(fixture, "/nowhere/certificates.pem");
    struct tls_peer *peer = tls_peer_start("IP:127.0.0.1", 0);
    struct handoffd_http_request request = post_to(tls_peer_url(peer));
    assert_int_equal(ask(fixture, &request), HANDOFFD_HTTP_NOT_SENT);
    assert_contains(fixture->error.bytes, "/nowhere/certificates.pem");
    use_client_with_authority(fixture, NULL);
    tls_peer_stop(peer);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

int main(void)
{
    alarm(120);
    const struct CMUnitTest tests[] = {
        CASE(gives_status_and_body),
        CASE(sends_what_the_request_says),
        CASE(forgets_the_last_call_when_it_makes_the_next),
        CASE(sends_a_large_body_whole),
        CASE(keeps_its_connection),
        CASE(notices_a_kept_connection_that_was_closed),
        CASE(reads_retry_after),
        CASE(reads_the_date),
        CASE(refuses_requests_that_are_not_fit_to_send),
        CASE(reads_no_more_of_a_request_than_its_size),
        CASE(trusts_only_certificates_that_it_was_told_of),
        CASE(does_not_keep_the_loop_running_for_idle_connections),
        CASE(says_which_certificate_file_is_missing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
