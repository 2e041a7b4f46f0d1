/* hooks - one call of a provider, one flow:
 *
 *   find      the channel that the path names, and the attempt that its token names
 *   receive   the channel checks who calls, and reports
 *   answer    when what it reported is on disk
 */
#include "api/hooks.h"

#include <stdlib.h>
#include <string.h>

#include "api/reply.h"
#include "base/memory.h"

const char hooks_path[] = "/hooks/";

enum { BODY_BYTES = 64 * 1024 };

/* One call on its way. */
struct hook {
    struct receipt receipt;
    struct http_exchange *exchange;
    struct handoffd_answer answer; /* its texts in the arena */
    struct arena *arena;
};

static void receive(struct api *api, struct http_exchange *exchange,
                    const struct http_request *http, struct instance *channel, const char *path);
static void on_settled(struct receipt *receipt, bool is_kept);

/* ---- find */

static struct instance *find_channel(const struct api *api, const char *name, size_t length)
{
    for (size_t i = 0; i < api->channel_count; i++) {
        struct instance *channel = api->channels[i];
        if (strlen(channel->name) == length && memcmp(channel->name, name, length) == 0)
            return channel;
    }
    return NULL;
}

static void refuse(struct api *api, struct http_exchange *exchange)
{
    struct buffer body;
    buffer_init(&body, BODY_BYTES);
    reply_error(&body, "No hay ningún canal que reciba avisos en esta dirección", api->say->failed);
    http_respond(exchange, 404, NULL, 0, body.bytes, body.length);
    buffer_deinit(&body);
}

void hooks_request(struct api *api, struct http_exchange *exchange,
                   const struct http_request *request)
{
    const char *name = request->path + strlen(hooks_path);
    size_t length = strcspn(name, "/");
    struct instance *channel = find_channel(api, name, length);
    const char *path = name[length] == '/' ? name + length + 1 : name + length;
    if (channel == NULL || !channel->is_running || api->public_url == NULL ||
        channel->plugin->contract.channel->receive == NULL)
        refuse(api, exchange);
    else
        receive(api, exchange, request, channel, path);
}

/* ---- receive */

static struct handoffd_fields headers_of(const struct http_request *http, struct arena *arena)
{
    const char **names = arena_zeroed(arena, http->header_count, sizeof *names);
    const char **values = arena_zeroed(arena, http->header_count, sizeof *values);
    for (size_t i = 0; i < http->header_count; i++) {
        names[i] = http->headers[i].name;
        values[i] = http->headers[i].value;
    }
    return (struct handoffd_fields){names, values, http->header_count};
}

static void receive(struct api *api, struct http_exchange *exchange,
                    const struct http_request *http, struct instance *channel, const char *path)
{
    struct arena *arena = arena_create(2048);
    struct hook *hook = arena_zeroed(arena, 1, sizeof *hook);
    bool has_query = http->query[0] != '\0';
    struct handoffd_request request = {
        .size = sizeof request,
        .attempt_id = dispatcher_attempt_of(api->dispatcher, path),
        .method = http->method,
        .url = arena_format(arena, "%s%s%s%s", api->public_url, http->path, has_query ? "?" : "",
                            http->query),
        .path = path,
        .headers = headers_of(http, arena),
        .body = http->body,
        .body_length = http->body_length,
    };
    hook->receipt.on_settled = on_settled;
    hook->exchange = exchange;
    hook->arena = arena;
    receipt_expect(&hook->receipt); /* the answer, which is kept first */
    instance_receive(channel, &request, &hook->answer, &hook->receipt);
    hook->answer.content_type = arena_text(arena, hook->answer.content_type);
    hook->answer.body = arena_text(arena, hook->answer.body);
    receipt_settle(&hook->receipt, true);
}

/* ---- answer */

/* What could not be kept is asked for again: providers repeat after a 503, or we ask them. */
static void on_settled(struct receipt *receipt, bool is_kept)
{
    struct hook *hook = container_of(receipt, struct hook, receipt);
    const struct handoffd_answer *answer = &hook->answer;
    bool is_sane = answer->status >= 200 && answer->status <= 599;
    const char *body = is_kept && answer->body != NULL ? answer->body : "";
    struct http_header type = {"Content-Type", answer->content_type != NULL
                                                   ? answer->content_type
                                                   : "text/plain; charset=utf-8"};
    int status = !is_kept ? 503 : is_sane ? (int)answer->status : 500;
    http_respond(hook->exchange, status, &type, 1, body, strlen(body));
    arena_destroy(hook->arena);
}
