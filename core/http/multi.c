/* multi - libcurl says which sockets to watch and when to wake it; we tell it what happened, then
 * take what has finished.
 *
 * libcurl lets go of a socket (CURL_POLL_REMOVE) after every call, also when it keeps the
 * connection. A socket that was opened here is kept registered until libcurl closes it, which saves
 * two epoll_ctl a call. */
#include "http/multi.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/require.h"

/* Connections kept, at least as many as calls in flight: fewer, and busy hours close and open them
 * all the time. */
#define CONNECTIONS_KEPT 4096L

struct watch {
    uv_poll_t poll;
    struct multi *multi;
    curl_socket_t socket;
    int wanted;   /* UV_READABLE, UV_WRITABLE: what libcurl asked for */
    int watched;  /* what the loop watches */
    bool is_ours; /* opened and closed here; others, as the resolver's, are known only while wanted
                   */
    bool is_idle; /* of a connection that waits for its next call */
};

struct multi {
    struct loop *loop;
    CURLM *handle;
    struct timer timer;
    struct watch **watches; /* by descriptor */
    size_t watch_count;
    size_t holds; /* uv handles not yet closed, and the turn that closing takes */
    bool is_closing;
    struct turn closing;
    multi_on_finished *on_finished;
    void (*on_closed)(void *context);
    void *context;
};

static int on_timer_wanted(CURLM *handle, long delay_ms, void *context);
static int on_watch_wanted(CURL *easy, curl_socket_t socket, int what, void *context, void *unused);
static void on_due(struct timer *timer);
static void on_ready(uv_poll_t *poll, int status, int events);
static void act(struct multi *multi, curl_socket_t socket, int events);
static void hand_over_finished(struct multi *multi);

struct multi *multi_create(struct loop *loop, multi_on_finished *on_finished, void *context)
{
    struct multi *multi = memory_zeroed(1, sizeof *multi);
    multi->loop = loop;
    multi->timer.on_due = on_due;
    multi->on_finished = on_finished;
    multi->context = context;
    return multi;
}

/* A quarter of what may be open: clients need the rest. Calls beyond wait, within their time. */
static long most_connections(void)
{
    struct rlimit limit = {0};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur / 4 > CONNECTIONS_KEPT)
        return CONNECTIONS_KEPT;
    return limit.rlim_cur >= 8 ? (long)(limit.rlim_cur / 4) : 1;
}

void multi_open(struct multi *multi)
{
    if (multi->handle != NULL)
        return;
    require(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK);
    multi->handle = curl_multi_init();
    require(multi->handle != NULL);
    curl_multi_setopt(multi->handle, CURLMOPT_SOCKETFUNCTION, on_watch_wanted);
    curl_multi_setopt(multi->handle, CURLMOPT_SOCKETDATA, multi);
    curl_multi_setopt(multi->handle, CURLMOPT_TIMERFUNCTION, on_timer_wanted);
    curl_multi_setopt(multi->handle, CURLMOPT_TIMERDATA, multi);
    curl_multi_setopt(multi->handle, CURLMOPT_PIPELINING, CURLPIPE_NOTHING);
    curl_multi_setopt(multi->handle, CURLMOPT_MAXCONNECTS, CONNECTIONS_KEPT);
    curl_multi_setopt(multi->handle, CURLMOPT_MAX_TOTAL_CONNECTIONS, most_connections());
    curl_multi_setopt(multi->handle, CURLMOPT_MAX_HOST_CONNECTIONS, 0L);
}

void multi_add(struct multi *multi, CURL *easy)
{
    require(curl_multi_add_handle(multi->handle, easy) == CURLM_OK);
}

void multi_remove(struct multi *multi, CURL *easy)
{
    require(curl_multi_remove_handle(multi->handle, easy) == CURLM_OK);
}

/* ---- the sockets */

static struct watch *watch_find(const struct multi *multi, curl_socket_t socket)
{
    return (size_t)socket < multi->watch_count ? multi->watches[socket] : NULL;
}

static void make_room(struct multi *multi, size_t count)
{
    if (count <= multi->watch_count)
        return;
    size_t grown = multi->watch_count * 2 > count ? multi->watch_count * 2 : count;
    multi->watches = memory_resized(multi->watches, grown * sizeof(struct watch *));
    memset(multi->watches + multi->watch_count, 0,
           (grown - multi->watch_count) * sizeof(struct watch *));
    multi->watch_count = grown;
}

/* NULL where the loop cannot watch it. */
static struct watch *watch_open(struct multi *multi, curl_socket_t socket)
{
    struct watch *watch = memory_zeroed(1, sizeof *watch);
    int status = uv_poll_init_socket(loop_uv(multi->loop), &watch->poll, socket);
    if (status != 0) {
        log_error("cannot watch a socket of a provider: %s", uv_strerror(status));
        free(watch);
        return NULL;
    }
    watch->multi = multi;
    watch->socket = socket;
    make_room(multi, (size_t)socket + 1);
    multi->watches[socket] = watch;
    multi->holds++;
    return watch;
}

/* The last hold of a multi that is closing lets go of it. */
static void let_go(struct multi *multi)
{
    if (--multi->holds > 0 || !multi->is_closing)
        return;
    void (*on_closed)(void *context) = multi->on_closed;
    void *context = multi->context;
    free(multi->watches);
    free(multi);
    curl_global_cleanup();
    if (on_closed != NULL)
        on_closed(context);
}

static void on_poll_closed(uv_handle_t *handle)
{
    struct watch *watch = container_of((uv_poll_t *)handle, struct watch, poll);
    struct multi *multi = watch->multi;
    free(watch);
    let_go(multi);
}

static void watch_close(struct multi *multi, curl_socket_t socket)
{
    struct watch *watch = watch_find(multi, socket);
    if (watch == NULL)
        return;
    multi->watches[socket] = NULL;
    uv_close((uv_handle_t *)&watch->poll, on_poll_closed);
}

static void watch_start(struct watch *watch)
{
    if (watch->watched == watch->wanted)
        return;
    watch->watched = watch->wanted;
    require(uv_poll_start(&watch->poll, watch->wanted, on_ready) == 0);
}

static curl_socket_t on_open(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
    (void)purpose;
    struct multi *multi = context;
    curl_socket_t opened =
        socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
    if (opened < 0)
        return CURL_SOCKET_BAD;
    watch_close(multi, opened); /* of one that libcurl closed without a word */
    struct watch *watch = watch_open(multi, opened);
    if (watch == NULL) {
        close(opened);
        return CURL_SOCKET_BAD;
    }
    watch->is_ours = true;
    return opened;
}

static int on_close(void *context, curl_socket_t closed)
{
    watch_close(context, closed);
    return close(closed);
}

void multi_adopt(struct multi *multi, CURL *easy)
{
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_open);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, multi);
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, on_close);
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, multi);
}

/* ---- what libcurl wants */

static int on_timer_wanted(CURLM *handle, long delay_ms, void *context)
{
    (void)handle;
    struct multi *multi = context;
    if (delay_ms < 0)
        loop_timer_stop(multi->loop, &multi->timer);
    else
        loop_timer_start(multi->loop, &multi->timer, delay_ms);
    return 0;
}

/* An idle connection is only listened to, and alone does not keep the loop running. */
static void watch_rest(struct watch *watch)
{
    if (!watch->is_ours) {
        watch_close(watch->multi, watch->socket);
        return;
    }
    watch->is_idle = true;
    watch->wanted = UV_READABLE;
    watch_start(watch);
    uv_unref((uv_handle_t *)&watch->poll);
}

/* Never -1: libcurl would give up every transfer of the multi. A socket that cannot be watched ends
 * in its call's timeout. */
static int on_watch_wanted(CURL *easy, curl_socket_t socket, int what, void *context, void *unused)
{
    (void)easy;
    (void)unused;
    struct multi *multi = context;
    struct watch *watch = watch_find(multi, socket);
    if (what == CURL_POLL_REMOVE) {
        if (watch != NULL)
            watch_rest(watch);
        return 0;
    }
    if (watch == NULL)
        watch = watch_open(multi, socket);
    if (watch == NULL)
        return 0;
    watch->is_idle = false;
    uv_ref((uv_handle_t *)&watch->poll);
    watch->wanted =
        (what & CURL_POLL_IN ? UV_READABLE : 0) | (what & CURL_POLL_OUT ? UV_WRITABLE : 0);
    watch_start(watch);
    return 0;
}

/* ---- what happened */

static void on_due(struct timer *timer)
{
    struct multi *multi = container_of(timer, struct multi, timer);
    act(multi, CURL_SOCKET_TIMEOUT, 0);
}

/* An idle connection has something to say: that the provider closed it, or what nobody asked for,
 * which libcurl would take for the answer to the next request. Shut down and read to its end, it is
 * found dead before that (libcurl 7.88 looks only whether it reads 0 bytes). */
static void condemn(const struct watch *watch)
{
    char scrap[4096];
    shutdown(watch->socket, SHUT_RDWR);
    while (recv(watch->socket, scrap, sizeof scrap, MSG_DONTWAIT) > 0)
        continue;
}

static void on_ready(uv_poll_t *poll, int status, int events)
{
    struct watch *watch = container_of(poll, struct watch, poll);
    if (watch->is_idle) {
        watch->watched = 0;
        uv_poll_stop(poll);
        condemn(watch);
        return;
    }
    int flags = (events & UV_READABLE ? CURL_CSELECT_IN : 0) |
                (events & UV_WRITABLE ? CURL_CSELECT_OUT : 0);
    if (status < 0) { /* libuv has stopped watching; an answer may still lie before the error */
        watch->watched = 0;
        flags = CURL_CSELECT_ERR | CURL_CSELECT_IN;
    }
    act(watch->multi, watch->socket, flags);
    if (!watch->is_idle && !uv_is_closing((uv_handle_t *)poll))
        watch_start(watch);
}

static void act(struct multi *multi, curl_socket_t socket, int events)
{
    int running = 0;
    require(curl_multi_socket_action(multi->handle, socket, events, &running) == CURLM_OK);
    hand_over_finished(multi);
}

/* After every act, whatever came of it: a transfer may end in any of them. */
static void hand_over_finished(struct multi *multi)
{
    while (!multi->is_closing) {
        int left = 0;
        CURLMsg *message = curl_multi_info_read(multi->handle, &left);
        if (message == NULL)
            return;
        CURL *easy = message->easy_handle;
        CURLcode code = message->data.result;
        if (message->msg != CURLMSG_DONE)
            continue;
        multi_remove(multi, easy);
        multi->on_finished(multi->context, easy, code);
    }
}

/* ---- the end */

static void on_closing(struct turn *turn)
{
    let_go(container_of(turn, struct multi, closing));
}

void multi_close(struct multi *multi, void (*on_closed)(void *context), void *context)
{
    multi->is_closing = true;
    multi->on_closed = on_closed;
    multi->context = context;
    multi->holds++;
    curl_multi_cleanup(multi->handle);
    loop_timer_stop(multi->loop, &multi->timer);
    for (size_t i = 0; i < multi->watch_count; i++)
        watch_close(multi, (curl_socket_t)i);
    multi->closing.run = on_closing;
    loop_next_turn(multi->loop, &multi->closing);
}
