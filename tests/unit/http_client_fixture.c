/* http_client_fixture - set-up shared by the programs that test the client. */
#include "http_client_fixture.h"

#include <dirent.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
/* cmocka.h comes last: it needs the headers above. */
#include <cmocka.h>

#include "base/memory.h"
#include "base/require.h"

static size_t open_descriptors(void)
{
    DIR *folder = opendir("/proc/self/fd");
    require(folder != NULL);
    size_t count = 0;
    while (readdir(folder) != NULL)
        count++;
    closedir(folder);
    return count;
}

/* What a developer's machine says of proxies and certificates is no part of a test. */
static void clear_environment(void)
{
    static const char *const names[] = {"CURL_CA_BUNDLE", "SSL_CERT_FILE", "http_proxy",
                                        "https_proxy",    "HTTPS_PROXY",   "all_proxy",
                                        "ALL_PROXY",      "no_proxy",      "NO_PROXY"};
    for (size_t i = 0; i < COUNT_OF(names); i++)
        unsetenv(names[i]);
}

int fixture_setup(void **state)
{
    clear_environment();
    /* As the daemon does. */
    signal(SIGPIPE, SIG_IGN);
    /* Some descriptors libuv opens once, for good. */
    loop_destroy(loop_create());
    struct fixture *fixture = memory_zeroed(1, sizeof *fixture);
    fixture->descriptors = open_descriptors();
    fixture->loop = loop_create();
    fixture->client = http_client_create(fixture->loop);
    fixture->peer = peer_start(fixture->loop);
    buffer_init(&fixture->body, 1024 * 1024);
    buffer_init(&fixture->error, 4096);
    *state = fixture;
    return 0;
}

static void on_closed(void *context)
{
    struct fixture *fixture = context;
    fixture->is_closed = true;
    loop_stop(fixture->loop);
}

void fixture_close_client(struct fixture *fixture)
{
    http_client_close(fixture->client, on_closed, fixture);
    assert_false(fixture->is_closed); /* not yet */
    fixture->client = NULL;
}

void fixture_wait_for_close(struct fixture *fixture)
{
    while (!fixture->is_closed)
        loop_run(fixture->loop);
}

int fixture_teardown(void **state)
{
    struct fixture *fixture = *state;
    if (fixture->client != NULL)
        fixture_close_client(fixture);
    fixture_wait_for_close(fixture);
    peer_stop(fixture->peer);
    loop_run(fixture->loop);
    loop_destroy(fixture->loop);
    buffer_deinit(&fixture->body);
    buffer_deinit(&fixture->error);
    size_t descriptors = fixture->descriptors;
    free(fixture);
    if (descriptors > 0)
        assert_int_equal(open_descriptors(), descriptors);
    return 0;
}

struct handoffd_http_request post_to(const char *url)
{
    return (struct handoffd_http_request){
        .size = sizeof(struct handoffd_http_request),
        .method = "POST",
        .url = url,
        .content_type = "application/x-www-form-urlencoded",
        .body = "To=a&Body=b",
        .body_length = 11,
        .timeout_ms = 5000,
    };
}

struct handoffd_http_request get_from(const char *url)
{
    return (struct handoffd_http_request){.size = sizeof(struct handoffd_http_request),
                                          .method = "GET",
                                          .url = url,
                                          .timeout_ms = 5000};
}

void on_fixture_answer(void *context, const struct handoffd_http_answer *answer)
{
    struct fixture *fixture = context;
    assert_int_equal(answer->size, sizeof *answer);
    assert_non_null(answer->body);
    assert_int_equal(answer->body[answer->body_length], '\0');
    assert_int_equal(answer->error == NULL, answer->result == HANDOFFD_HTTP_ANSWERED);
    fixture->result = answer->result;
    fixture->status = answer->status;
    fixture->retry_after_ms = answer->retry_after_ms;
    fixture->date_ms = answer->date_ms;
    buffer_clear(&fixture->body);
    buffer_append(&fixture->body, answer->body, answer->body_length);
    buffer_clear(&fixture->error);
    buffer_append_text(&fixture->error, answer->error ? answer->error : "");
    if (++fixture->answers == fixture->wanted)
        loop_stop(fixture->loop);
}

void wait_for(struct fixture *fixture, size_t answers)
{
    fixture->wanted = fixture->answers + answers;
    loop_run(fixture->loop);
    assert_int_equal(fixture->answers, fixture->wanted);
}

uint32_t ask(struct fixture *fixture, const struct handoffd_http_request *request)
{
    http_client_send(fixture->client, request, on_fixture_answer, fixture);
    wait_for(fixture, 1);
    return fixture->result;
}

struct span {
    struct timer timer;
    bool is_over;
};

static void on_over(struct timer *timer)
{
    container_of(timer, struct span, timer)->is_over = true;
}

size_t turns_in(struct fixture *fixture, int64_t delay_ms)
{
    struct span span = {.timer.on_due = on_over};
    loop_timer_start(fixture->loop, &span.timer, delay_ms);
    size_t turns = 0;
    for (; !span.is_over; turns++)
        uv_run(loop_uv(fixture->loop), UV_RUN_ONCE);
    return turns;
}
