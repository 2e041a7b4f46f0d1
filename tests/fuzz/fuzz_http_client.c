/* fuzz_http_client - whatever bytes a provider, or a daemon of ours, answers with: there is one
 * answer, the same in any cuts, and its parts keep to what plugin.h says. The first byte chooses
 * the method and the cut. */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/require.h"
#include "http/client.h"
#include "input.h"
#include "scratch_folder.h"

enum { MOST_BYTES = 8192, DAY_MS = 24 * 60 * 60 * 1000, PATH_SIZE = 100 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The other end: it says its bytes to whoever asks anything, and hangs up. */
struct provider {
    struct loop *loop;
    struct http_client *client;
    char *folder;
    char path[PATH_SIZE];
    uv_pipe_t listener;
    const char *bytes;
    size_t length;
    size_t first; /* so many at first, the rest on a later turn */
    size_t answers;
    struct handoffd_http_answer answer; /* this and its body are copies */
    char *body;
};

static struct provider provider;

struct line {
    uv_pipe_t pipe;
    struct turn turn;
    bool is_said;
};

/* ---- the clock: libcurl wants many timers of no length, and each would take a millisecond */

int64_t clock_steady_ms(void)
{
    static int64_t now_ms;
    return ++now_ms;
}

int64_t clock_wall_ms(void)
{
    return clock_steady_ms();
}

typedef int start_timer(uv_timer_t *, uv_timer_cb, uint64_t, uint64_t);

__attribute__((visibility("default"))) int uv_timer_start(uv_timer_t *timer, uv_timer_cb on_due,
                                                          uint64_t timeout_ms, uint64_t repeat_ms)
{
    static start_timer *real;
    if (real == NULL)
        *(void **)&real = dlsym(RTLD_NEXT, "uv_timer_start");
    return real(timer, on_due, timeout_ms > 1 ? timeout_ms : 0, repeat_ms);
}

/* ---- the provider */

static void on_line_closed(uv_handle_t *handle)
{
    free(handle->data);
}

static void say(struct line *line, const char *bytes, size_t length)
{
    uv_buf_t piece = uv_buf_init((char *)bytes, (unsigned)length);
    if (length > 0)
        uv_try_write((uv_stream_t *)&line->pipe, &piece, 1); /* the client may be gone */
}

static void say_the_rest(struct turn *turn)
{
    struct line *line = container_of(turn, struct line, turn);
    say(line, provider.bytes + provider.first, provider.length - provider.first);
    uv_close((uv_handle_t *)&line->pipe, on_line_closed);
}

static void on_alloc(uv_handle_t *handle, size_t wanted, uv_buf_t *buf)
{
    static char bytes[4096];
    (void)handle;
    (void)wanted;
    *buf = uv_buf_init(bytes, sizeof bytes);
}

static void on_asked(uv_stream_t *stream, ssize_t length, const uv_buf_t *buf)
{
    struct line *line = stream->data;
    (void)buf;
    if (line->is_said || length == 0)
        return;
    line->is_said = true;
    uv_read_stop(stream);
    say(line, provider.bytes, provider.first);
    line->turn.run = say_the_rest;
    loop_next_turn(provider.loop, &line->turn);
}

static void on_connection(uv_stream_t *listener, int status)
{
    struct line *line = memory_zeroed(1, sizeof *line);
    require(status == 0 && uv_pipe_init(loop_uv(provider.loop), &line->pipe, 0) == 0);
    line->pipe.data = line;
    require(uv_accept(listener, (uv_stream_t *)&line->pipe) == 0);
    require(uv_read_start((uv_stream_t *)&line->pipe, on_alloc, on_asked) == 0);
}

static void remove_folder(void)
{
    scratch_folder_remove(provider.folder);
}

static void open_provider(void)
{
    provider.loop = loop_create();
    provider.client = http_client_create(provider.loop);
    provider.folder = scratch_folder_create();
    atexit(remove_folder);
    snprintf(provider.path, sizeof provider.path, "%s/socket", provider.folder);
    require(uv_pipe_init(loop_uv(provider.loop), &provider.listener, 0) == 0);
    require(uv_pipe_bind(&provider.listener, provider.path) == 0);
    require(uv_listen((uv_stream_t *)&provider.listener, 16, on_connection) == 0);
}

/* ---- the client */

static void check_answer(const struct handoffd_http_answer *answer)
{
    bool is_answered = answer->result == HANDOFFD_HTTP_ANSWERED;
    require(answer->size == sizeof *answer && answer->body != NULL);
    require(is_answered || answer->result == HANDOFFD_HTTP_NO_ANSWER);
    require(is_answered == (answer->error == NULL));
    require(!is_answered || (answer->status >= 200 && answer->status <= 999));
    require(is_answered || answer->body_length == 0);
    require(answer->body[answer->body_length] == '\0' && answer->body_length <= provider.length);
    require(answer->retry_after_ms >= 0 && answer->retry_after_ms <= DAY_MS);
    require(answer->date_ms >= 0 && answer->date_ms % 1000 == 0);
}

static void on_answer(void *context, const struct handoffd_http_answer *answer)
{
    (void)context;
    check_answer(answer);
    provider.answers++;
    provider.answer = *answer;
    provider.body = memory_zeroed(1, answer->body_length + 1);
    memcpy(provider.body, answer->body, answer->body_length);
    loop_stop(provider.loop);
}

/* The caller frees the body. */
static struct handoffd_http_answer ask(bool is_post, size_t first)
{
    const struct handoffd_http_request request = {
        .size = sizeof request,
        .method = is_post ? "POST" : "GET",
        .url = "http://localhost/alerts",
        .body = is_post ? "{}" : NULL,
        .body_length = is_post ? 2 : 0,
        .timeout_ms = 5000,
    };
    provider.first = first;
    provider.answers = 0;
    http_client_send_unix(provider.client, provider.path, &request, on_answer, NULL);
    loop_run(provider.loop);
    require(provider.answers == 1);
    provider.answer.body = provider.body;
    return provider.answer;
}

static void compare(const struct handoffd_http_answer *one,
                    const struct handoffd_http_answer *other)
{
    require(one->result == other->result && one->body_length == other->body_length);
    if (one->result != HANDOFFD_HTTP_ANSWERED)
        return;
    require(one->status == other->status && one->retry_after_ms == other->retry_after_ms);
    require(one->date_ms == other->date_ms);
    require(memcmp(one->body, other->body, one->body_length) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {data, size};
    if (size > MOST_BYTES)
        return 0;
    if (provider.loop == NULL)
        open_provider();
    unsigned choice = input_byte(&input);
    CLEANUP(memory_free) char *bytes = input_rest(&input, &provider.length);
    provider.bytes = bytes;
    struct handoffd_http_answer whole = ask(choice % 2 == 1, provider.length);
    struct handoffd_http_answer cut = ask(choice % 2 == 1, provider.length * choice / 256);
    compare(&whole, &cut);
    free((char *)whole.body);
    free((char *)cut.body);
    return 0;
}
