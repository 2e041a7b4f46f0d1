/* client - the calls under way and the spare ones: sent, answered or cancelled, kept for the next.
 *
 * A spare call keeps its easy handle with the options that all calls share. */
#include "http/client.h"

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/require.h"
#include "http/call.h"
#include "http/multi.h"

#define SPARE_CALLS          128
#define NO_PROXY_LIMIT_BYTES (64 * 1024)
#define SOUND_LIBCURL        0x080200 /* 8.2.0 */

struct http_client {
    struct loop *loop;
    struct multi *multi;
    struct call_settings settings;
    char *authorities;
    char *no_proxy;
    struct http_call *under_way;
    struct http_call *spare; /* linked by next */
    size_t spares;
    bool is_closed;
    void (*on_closed)(void *context);
    void *context;
};

static void on_finished(void *context, CURL *easy, CURLcode code);
static void on_refused(struct timer *timer);
static void on_multi_closed(void *context);

/* ---- the client */

/* The first of the two that is set and not empty. */
static const char *environment(const char *name, const char *other)
{
    const char *value = getenv(name);
    if (value == NULL || value[0] == '\0')
        value = getenv(other);
    return value != NULL && value[0] != '\0' ? value : NULL;
}

/* Providers on this host are never called through a proxy, whatever the environment says of others.
 */
static char *no_proxy_list(void)
{
    const char *given = environment("no_proxy", "NO_PROXY");
    if (given != NULL && strcmp(given, "*") == 0)
        return memory_text(given);
    CLEANUP(buffer_deinit) struct buffer list;
    buffer_init(&list, NO_PROXY_LIMIT_BYTES);
    buffer_append_text(&list, "localhost,127.0.0.0/8,::1");
    if (given != NULL)
        buffer_format(&list, ",%s", given);
    return memory_text(list.bytes);
}

struct http_client *http_client_create(struct loop *loop)
{
    struct http_client *client = memory_zeroed(1, sizeof *client);
    client->loop = loop;
    client->multi = multi_create(loop, on_finished, client);
    client->no_proxy = no_proxy_list();
    client->authorities = memory_text(environment("CURL_CA_BUNDLE", "SSL_CERT_FILE"));
    client->settings = (struct call_settings){client->authorities, client->no_proxy};
    return client;
}

void http_client_close(struct http_client *client, void (*on_closed)(void *context), void *context)
{
    client->is_closed = true;
    client->on_closed = on_closed;
    client->context = context;
    while (client->under_way != NULL)
        http_call_cancel(client->under_way);
    while (client->spare != NULL) {
        struct http_call *call = client->spare;
        client->spare = call->next;
        call_destroy(call);
    }
    multi_close(client->multi, on_multi_closed, client);
}

static void on_multi_closed(void *context)
{
    struct http_client *client = context;
    void (*on_closed)(void *context) = client->on_closed;
    void *owner = client->context;
    free(client->authorities);
    free(client->no_proxy);
    free(client);
    if (on_closed != NULL)
        on_closed(owner);
}

/* ---- where calls are: under way, spare, or, while they are being answered, neither */

static void link_under_way(struct http_client *client, struct http_call *call)
{
    call->previous = NULL;
    call->next = client->under_way;
    if (call->next != NULL)
        call->next->previous = call;
    client->under_way = call;
}

static void unlink_under_way(struct http_client *client, struct http_call *call)
{
    if (call->previous != NULL)
        call->previous->next = call->next;
    else
        client->under_way = call->next;
    if (call->next != NULL)
        call->next->previous = call->previous;
}

static struct http_call *take_call(struct http_client *client)
{
    struct http_call *call = client->spare;
    if (call != NULL) {
        client->spare = call->next;
        client->spares--;
        return call;
    }
    multi_open(client->multi);
    call = call_create(&client->settings);
    call->client = client;
    call->refused.on_due = on_refused;
    multi_adopt(client->multi, call->easy);
    return call;
}

/* An easy handle of an older libcurl keeps a pointer to the last header that it read, and frees
 * what it points at: a next answer that begins with a folded line would write there (curl's
 * #11101). */
static bool is_libcurl_sound(void)
{
    return curl_version_info(CURLVERSION_NOW)->version_num >= SOUND_LIBCURL;
}

/* Only after a plain success: libcurl 8.14 takes a failed repeat over into the next call, and 7.88
 * counts repeats over the whole life of an easy handle. */
static void keep_or_destroy(struct http_call *call, uint32_t result)
{
    struct http_client *client = call->client;
    if (result != HANDOFFD_HTTP_ANSWERED || call->has_repeated || client->is_closed ||
        client->spares == SPARE_CALLS || !is_libcurl_sound()) {
        call_destroy(call);
        return;
    }
    call_clear(call);
    call->next = client->spare;
    client->spare = call;
    client->spares++;
}

/* ---- the way of a call */

/* `path` is a UNIX socket's; NULL: the way that the URL says. */
static struct http_call *send_by(struct http_client *client, const char *path,
                                 const struct handoffd_http_request *request,
                                 http_on_answer *on_answer, void *context)
{
    require(!client->is_closed);
    struct handoffd_http_request known = {0}; /* the caller may know fewer members, or more */
    memcpy(&known, request, request->size < sizeof known ? request->size : sizeof known);
    struct http_call *call = take_call(client);
    call->on_answer = on_answer;
    call->context = context;
    link_under_way(client, call);
    if (call_prepare(call, path, &known, &call->refusal))
        multi_add(client->multi, call->easy);
    else
        loop_timer_start(client->loop, &call->refused, 0);
    return call;
}

struct http_call *http_client_send(struct http_client *client,
                                   const struct handoffd_http_request *request,
                                   http_on_answer *on_answer, void *context)
{
    return send_by(client, NULL, request, on_answer, context);
}

struct http_call *http_client_send_unix(struct http_client *client, const char *path,
                                        const struct handoffd_http_request *request,
                                        http_on_answer *on_answer, void *context)
{
    require(path != NULL);
    return send_by(client, path, request, on_answer, context);
}

void http_call_cancel(struct http_call *call)
{
    struct http_client *client = call->client;
    if (timer_is_started(&call->refused))
        loop_timer_stop(client->loop, &call->refused);
    else
        multi_remove(client->multi, call->easy);
    unlink_under_way(client, call);
    call_destroy(call);
}

/* The client may be closed from inside on_answer; it is still there when that returns. */
static void answer(struct http_call *call, const struct handoffd_http_answer *given)
{
    unlink_under_way(call->client, call);
    call->on_answer(call->context, given);
    keep_or_destroy(call, given->result);
}

static void on_finished(void *context, CURL *easy, CURLcode code)
{
    (void)context;
    struct http_call *call = NULL;
    require(curl_easy_getinfo(easy, CURLINFO_PRIVATE, &call) == CURLE_OK);
    struct handoffd_http_answer given = call_answer(call, code);
    answer(call, &given);
}

static void on_refused(struct timer *timer)
{
    struct http_call *call = container_of(timer, struct http_call, refused);
    answer(call, &(struct handoffd_http_answer){
                     .size = sizeof(struct handoffd_http_answer),
                     .result = HANDOFFD_HTTP_NOT_SENT,
                     .body = "",
                     .error = call->refusal.message,
                 });
}
