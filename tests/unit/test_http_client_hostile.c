/* test_http_client_hostile - providers, networks and resolvers that fail: what is known about the
 * request afterwards. */
#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
/* cmocka.h comes last: it needs the headers above. */
#include <cmocka.h>
#include <dlfcn.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/require.h"
#include "http_client_fixture.h"

/* ---- a resolver of our own: libcurl finds this getaddrinfo before the C library's */

static struct {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    bool is_hanging; /* for hang.invalid */
    int inside;
} resolver = {.mutex = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

static void hang(void)
{
    pthread_mutex_lock(&resolver.mutex);
    resolver.inside++;
    while (resolver.is_hanging)
        pthread_cond_wait(&resolver.changed, &resolver.mutex);
    resolver.inside--;
    pthread_cond_broadcast(&resolver.changed);
    pthread_mutex_unlock(&resolver.mutex);
}

static void resolver_start_hanging(void)
{
    resolver.is_hanging = true;
}

static void resolver_stop_hanging(void)
{
    pthread_mutex_lock(&resolver.mutex);
    resolver.is_hanging = false;
    pthread_cond_broadcast(&resolver.changed);
    while (resolver.inside > 0)
        pthread_cond_wait(&resolver.changed, &resolver.mutex);
    pthread_mutex_unlock(&resolver.mutex);
}

typedef int resolve(const char *, const char *, const struct addrinfo *, struct addrinfo **);

/* The names ending in .invalid never reach a real resolver. */
__attribute__((visibility("default"))) int getaddrinfo(const char *name, const char *service,
                                                       const struct addrinfo *hints,
                                                       struct addrinfo **found)
{
    static const char suffix[] = ".invalid";
    size_t length = name != NULL ? strlen(name) : 0;
    if (length >= sizeof suffix && strcmp(name + length - sizeof suffix + 1, suffix) == 0) {
        if (strcmp(name, "hang.invalid") == 0)
            hang();
        return EAI_NONAME;
    }
    resolve *real = NULL;
    *(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
    return real(name, service, hints, found);
}

/* ---- an answer that is not one */

static void script(struct fixture *fixture, const char *reply, enum peer_then then)
{
    peer_script(fixture->peer, &(struct peer_step){reply, then}, 1);
}

/* A line that begins with a blank belongs to the header before it; the first has none. libcurl 7.88
 * took the last header of another answer for that, which was freed: see keep_or_destroy. */
static void takes_nothing_over_from_the_answer_before(void **state)
{
    struct fixture *fixture = *state;
    struct handoffd_http_request request = post_to(peer_url(fixture->peer));
    for (size_t i = 0; i < 3; i++) {
        script(fixture, PEER_CREATED(2, "{}"), PEER_CLOSE);
        assert_int_equal(ask(fixture, &request), HANDOFFD_HTTP_ANSWERED);
        script(fixture, "HTTP/1.1 201 Created\r\n folded: x\r\nContent-Length: 2\r\n\r\n{}",
               PEER_CLOSE);
        ask(fixture, &request);
        assert_int_not_equal(fixture->result, HANDOFFD_HTTP_NOT_SENT);
    }
}

static void takes_nothing_but_a_whole_answer_for_an_answer(void **state)
{
    static const struct {
        const char *what;
        const char *reply;
        enum peer_then then;
        int32_t status; /* -1: any */
    } cases[] = {
        {"a close", NULL, PEER_CLOSE, 0},
        {"a reset", NULL, PEER_RESET, 0},
        {"a cut status line", "HTTP/1.1 20", PEER_CLOSE, 0},
        {"a cut header", "HTTP/1.1 201 Created\r\nContent-Le", PEER_CLOSE, -1},
        {"a cut body", "HTTP/1.1 201 Created\r\nContent-Length: 99\r\n\r\n{\"sid\":", PEER_CLOSE,
         201},
        {"a reset body", "HTTP/1.1 201 Created\r\nContent-Length: 99\r\n\r\n{", PEER_RESET, -1},
        {"cut chunks", "HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
         PEER_CLOSE, 201},
        {"a missing last chunk",
         "HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n", PEER_CLOSE, 201},
        {"a chunk of no size",
         "HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nab\r\n", PEER_KEEP, 201},
        {"garbage", "\x16\x03\x01 what is this\r\n\r\n", PEER_CLOSE, 0},
        {"HTTP/0.9", "<html>sent</html>", PEER_CLOSE, 0},
        {"another protocol", "SSH-2.0-OpenSSH_9.2\r\n", PEER_CLOSE, 0},
        {"only a 100", "HTTP/1.1 100 Continue\r\n\r\n", PEER_CLOSE, 0},
        {"a length that is no number", "HTTP/1.1 201 Created\r\nContent-Length: x\r\n\r\n{}",
         PEER_CLOSE, -1},
    };
    struct fixture *fixture = *state;
    struct handoffd_http_request request = post_to(peer_url(fixture->peer));
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        script(fixture, cases[i].reply, cases[i].then);
        if (ask(fixture, &request) != HANDOFFD_HTTP_NO_ANSWER)
            fail_msg("%s gave %u: %s", cases[i].what, fixture->result, fixture->error.bytes);
        if (cases[i].status >= 0 && fixture->status != cases[i].status)
            fail_msg("%s gave status %d", cases[i].what, fixture->status);
        assert_int_equal(fixture->body.length, 0);
        assert_int_not_equal(fixture->error.length, 0);
    }
    assert_int_equal(peer_requests(fixture->peer), COUNT_OF(cases));
}

/* Whatever becomes of the connection afterwards. */
static void reads_an_answer_that_lies_before_a_reset(void **state)
{
    struct fixture *fixture = *state;
    script(fixture, PEER_CREATED(13, "{\"sid\":\"SM1\"}"), PEER_RESET);
    struct handoffd_http_request request = post_to(peer_url(fixture->peer));
    for (int i = 0; i < 20; i++) {
        if (ask(fixture, &request) != HANDOFFD_HTTP_ANSWERED)
            fail_msg("call %d gave %u: %s", i, fixture->result, fixture->error.bytes);
        assert_string_equal(fixture->body.bytes, "{\"sid\":\"SM1\"}");
    }
}

/* ---- a POST is sent once */

static struct handoffd_http_request empty_post(const char *url)
{
    struct handoffd_http_request request = post_to(url);
    request.body = NULL;
    request.body_length = 0;
    return request;
}

static void sends_nothing_twice_when_a_kept_connection_dies(void **state)
{
    struct handoffd_http_request (*const kinds[])(const char *) = {post_to, empty_post, get_from};
    const enum peer_then ends[] = {PEER_CLOSE, PEER_RESET};
    struct fixture *fixture = *state;
    size_t requests = 0;
    for (size_t i = 0; i < 200 * COUNT_OF(kinds) * COUNT_OF(ends); i++) {
        struct handoffd_http_request request = kinds[i % COUNT_OF(kinds)](peer_url(fixture->peer));
        const struct peer_step steps[] = {{PEER_CREATED(2, "{}"), PEER_KEEP},
                                          {NULL, ends[i / COUNT_OF(kinds) % COUNT_OF(ends)]}};
        peer_script(fixture->peer, steps, COUNT_OF(steps));
        if (ask(fixture, &request) != HANDOFFD_HTTP_ANSWERED)
            fail_msg("round %zu: %s", i, fixture->error.bytes);
        assert_int_equal(ask(fixture, &request), HANDOFFD_HTTP_NO_ANSWER);
        assert_int_not_equal(fixture->error.length, 0);
        requests += 2;
        assert_int_equal(peer_requests(fixture->peer), requests);
    }
}

/* What a provider says without being asked is no answer to the next request. */
static void takes_no_answer_from_before_its_request(void **state)
{
    static const char rogue[] = "HTTP/1.1 201 Created\r\nContent-Length: 5\r\n\r\nrogue";
    struct fixture *fixture = *state;
    struct handoffd_http_request request = post_to(peer_url(fixture->peer));
    script(fixture, PEER_CREATED(2, "{}") "HTTP/1.1 201 Created\r\nContent-Length: 5\r\n\r\nrogue",
           PEER_KEEP);
    assert_int_equal(ask(fixture, &request), HANDOFFD_HTTP_ANSWERED);
    script(fixture, PEER_CREATED(2, "{}"), PEER_KEEP);
    for (int i = 0; i < 3; i++) {
        ask(fixture, &request);
        assert_string_not_equal(fixture->body.bytes, "rogue");
        peer_push(fixture->peer, rogue);
        turns_in(fixture, 20);
    }
}

/* ---- too much */

static char *repeated(const char *head, const char *part, size_t count)
{
    size_t length = strlen(head);
    char *text = memory_zeroed(length + count * strlen(part) + 1, 1);
    memcpy(text, head, length);
    for (size_t i = 0; i < count; i++, length += strlen(part))
        memcpy(text + length, part, strlen(part));
    return text;
}

static void stops_at_answers_that_are_too_long(void **state)
{
    static const struct {
        const char *head;
        const char *part;
        size_t count;
        uint32_t result;
        const char *error;
    } cases[] = {
        {"HTTP/1.1 201 Created\r\nContent-Length: 1048576\r\n\r\n", "x", 1048576,
         HANDOFFD_HTTP_ANSWERED, ""},
        {"HTTP/1.1 201 Created\r\nContent-Length: 1048577\r\n\r\n", "x", 1048577,
         HANDOFFD_HTTP_NO_ANSWER, "the answer is longer than 1 MB"},
        {"HTTP/1.1 201 Created\r\n\r\n", "x", 3000000, HANDOFFD_HTTP_NO_ANSWER,
         "the answer is longer than 1 MB"},
        {"HTTP/1.1 201 Created\r\n", "X-Long: 0123456789\r\n", 10000, HANDOFFD_HTTP_NO_ANSWER,
         "the headers of the answer are longer than 64 KB"},
        {"HTTP/1.1 201 Created\r\nX-Long: ", "x", 200000, HANDOFFD_HTTP_NO_ANSWER, NULL},
        {"", "HTTP/1.1 100 Continue\r\n\r\n", 10000, HANDOFFD_HTTP_NO_ANSWER, NULL},
    };
    struct fixture *fixture = *state;
    struct handoffd_http_request request = post_to(peer_url(fixture->peer));
    request.timeout_ms = 2000;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char *reply = repeated(cases[i].head, cases[i].part, cases[i].count);
        script(fixture, reply, PEER_KEEP);
        assert_int_equal(ask(fixture, &request), cases[i].result);
        if (cases[i].error != NULL)
            assert_string_equal(fixture->error.bytes, cases[i].error);
        if (cases[i].result == HANDOFFD_HTTP_ANSWERED)
            assert_int_equal(fixture->body.length, cases[i].count);
        free(reply);
    }
}

static void follows_no_redirect(void **state)
{
    static const int codes[] = {301, 302, 303, 307, 308};
    struct fixture *fixture = *state;
    struct handoffd_http_request request = post_to(peer_url(fixture->peer));
    for (size_t i = 0; i < COUNT_OF(codes); i++) {
        CLEANUP(buffer_deinit) struct buffer reply;
        buffer_init(&reply, 4096);
        buffer_format(&reply, "HTTP/1.1 %d Go\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n",
                      codes[i], peer_url(fixture->peer));
        script(fixture, reply.bytes, PEER_KEEP);
        assert_int_equal(ask(fixture, &request), HANDOFFD_HTTP_ANSWERED);
        assert_int_equal(fixture->status, codes[i]);
        assert_int_equal(peer_requests(fixture->peer), i + 1);
    }
}

/* ---- nobody there, nobody answering */

static void says_not_sent_where_nobody_listens(void **state)
{
    struct fixture *fixture = *state;
    static const char *const urls[] = {"http://127.0.0.1:1/",
                                       "https://127.0.0.1:1/",
                                       "http://unknown.invalid/",
                                       "https://unknown.invalid/",
                                       "http://",
                                       "https://[::1",
                                       "http://127.0.0.1:99999/"};
    for (size_t i = 0; i < COUNT_OF(urls); i++) {
        struct handoffd_http_request request = post_to(urls[i]);
        if (ask(fixture, &request) != HANDOFFD_HTTP_NOT_SENT)
            fail_msg("%s gave %u", urls[i], fixture->result);
        assert_int_equal(fixture->status, 0);
    }
}

static void gives_up_at_the_timeout(void **state)
{
    struct fixture *fixture = *state;
    struct handoffd_http_request request = post_to(peer_url(fixture->peer));
    request.timeout_ms = 150;
    for (int i = 0; i < 2; i++) {
        int64_t start = clock_steady_ms();
        assert_int_equal(ask(fixture, &request), HANDOFFD_HTTP_NO_ANSWER);
        assert_in_range(clock_steady_ms() - start, 100, 5000);
        peer_be_deaf(fixture->peer);
    }
}

static void says_not_sent_where_a_handshake_never_ends(void **state)
{
    struct fixture *fixture = *state;
    peer_be_deaf(fixture->peer);
    struct handoffd_http_request request = post_to(peer_tls_url(fixture->peer));
    request.timeout_ms = 150;
    assert_int_equal(ask(fixture, &request), HANDOFFD_HTTP_NOT_SENT);
}

static void is_not_blocked_by_a_resolver_that_hangs(void **state)
{
    struct fixture *fixture = *state;
    script(fixture, PEER_CREATED(2, "{}"), PEER_KEEP);
    resolver_start_hanging();
    struct handoffd_http_request stuck = post_to("http://hang.invalid/");
    stuck.timeout_ms = 500;
    int64_t start = clock_steady_ms();
    http_client_send(fixture->client, &stuck, on_fixture_answer, fixture);
    struct http_call *other = http_client_send(fixture->client, &stuck, on_fixture_answer, fixture);
    struct handoffd_http_request good = post_to(peer_url(fixture->peer));
    assert_int_equal(ask(fixture, &good), HANDOFFD_HTTP_ANSWERED);
    http_call_cancel(other);
    wait_for(fixture, 1);
    assert_int_equal(fixture->result, HANDOFFD_HTTP_NOT_SENT);
    http_client_send(fixture->client, &stuck, on_fixture_answer, fixture);
    turns_in(fixture, 20);
    fixture_close_client(fixture);
    fixture_wait_for_close(fixture);
    assert_in_range(clock_steady_ms() - start, 450, 5000);
    resolver_stop_hanging();
    fixture->descriptors = 0; /* libcurl's threads close theirs when they end, whenever that is */
}

/* ---- proxies and secrets */

static void use_client_with(struct fixture *fixture, const char *name, const char *value)
{
    setenv(name, value, 1);
    fixture_close_client(fixture);
    fixture_wait_for_close(fixture);
    fixture->is_closed = false;
    fixture->client = http_client_create(fixture->loop);
}

static void calls_through_a_proxy_but_never_to_this_host(void **state)
{
    struct fixture *fixture = *state;
    script(fixture, PEER_CREATED(2, "{}"), PEER_KEEP);
    use_client_with(fixture, "no_proxy", "inside.invalid");
    setenv("http_proxy", "http://127.0.0.1:1", 1);
    struct handoffd_http_request near = post_to(peer_url(fixture->peer));
    assert_int_equal(ask(fixture, &near), HANDOFFD_HTTP_ANSWERED);
    setenv("http_proxy", peer_url(fixture->peer), 1);
    struct handoffd_http_request inside = post_to("http://inside.invalid/");
    assert_int_equal(ask(fixture, &inside), HANDOFFD_HTTP_NOT_SENT);
    struct handoffd_http_request far = post_to("http://far.invalid/");
    assert_int_equal(ask(fixture, &far), HANDOFFD_HTTP_ANSWERED);
}

/* The tunnel's own request is not the caller's: it was not sent. */
static void says_not_sent_where_a_proxy_refuses_the_tunnel(void **state)
{
    struct fixture *fixture = *state;
    script(fixture, "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", PEER_CLOSE);
    setenv("https_proxy", peer_url(fixture->peer), 1);
    struct handoffd_http_request request = post_to("https://far.invalid/");
    request.user = "AC1";
    request.password = "secret";
    assert_int_equal(ask(fixture, &request), HANDOFFD_HTTP_NOT_SENT);
    assert_int_equal(fixture->status, 0);
    assert_memory_equal(peer_last_request(fixture->peer), "CONNECT far.invalid:443", 23);
    assert_null(strstr(peer_last_request(fixture->peer), "Authorization"));
}

static void keeps_secrets_out_of_its_errors(void **state)
{
    struct fixture *fixture = *state;
    static const char *const urls[] = {"http://me:hunter2@127.0.0.1:1/",
                                       "http://me:hunter2@unknown.invalid/",
                                       "http://me:hunter2@127.0.0.1:port/", "http://me:hunter2@@/"};
    for (size_t i = 0; i < COUNT_OF(urls); i++) {
        struct handoffd_http_request request = post_to(urls[i]);
        assert_int_equal(ask(fixture, &request), HANDOFFD_HTTP_NOT_SENT);
        assert_null(strstr(fixture->error.bytes, "hunter2"));
    }
    setenv("http_proxy", "gopher://me:hunter2@127.0.0.1:1", 1);
    struct handoffd_http_request request = post_to("http://far.invalid/");
    assert_int_equal(ask(fixture, &request), HANDOFFD_HTTP_NOT_SENT);
    assert_null(strstr(fixture->error.bytes, "hunter2"));
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

int main(void)
{
    alarm(120);
    const struct CMUnitTest tests[] = {
        CASE(takes_nothing_over_from_the_answer_before),
        CASE(takes_nothing_but_a_whole_answer_for_an_answer),
        CASE(reads_an_answer_that_lies_before_a_reset),
        CASE(sends_nothing_twice_when_a_kept_connection_dies),
        CASE(takes_no_answer_from_before_its_request),
        CASE(stops_at_answers_that_are_too_long),
        CASE(follows_no_redirect),
        CASE(says_not_sent_where_nobody_listens),
        CASE(gives_up_at_the_timeout),
        CASE(says_not_sent_where_a_handshake_never_ends),
        CASE(calls_through_a_proxy_but_never_to_this_host),
        CASE(says_not_sent_where_a_proxy_refuses_the_tunnel),
        CASE(keeps_secrets_out_of_its_errors),
        CASE(is_not_blocked_by_a_resolver_that_hangs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
