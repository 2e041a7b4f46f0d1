/* api - finds the route of a request; 404 and 405 are answers like the others. */
#include "api/api.h"

#include <string.h>

#include "api/hooks.h"
#include "api/intake.h"
#include "api/metrics.h"
#include "api/reply.h"
#include "base/memory.h"

typedef void route_handler(struct api *api, struct http_exchange *exchange,
                           const struct http_request *request);

static void health_request(struct api *api, struct http_exchange *exchange,
                           const struct http_request *request);
static void ready_request(struct api *api, struct http_exchange *exchange,
                          const struct http_request *request);

static const struct route {
    const char *method;
    const char *path;
    const char *allow;
    route_handler *handle;
} routes[] = {
    {"POST", "/api/elevenlabs/handoff", "POST", intake_request},
    {"GET", "/healthz", "GET, HEAD", health_request},
    {"GET", "/readyz", "GET, HEAD", ready_request},
    {"GET", "/metrics", "GET, HEAD", metrics_request},
};

/* "I run, and I answer." */
static void health_request(struct api *api, struct http_exchange *exchange,
                           const struct http_request *request)
{
    static const char body[] = "{\"status\":\"ok\"}";
    (void)api;
    (void)request;
    http_respond(exchange, 200, NULL, 0, body, sizeof body - 1);
}

/* "I take handoffs, and somebody can be told." */
static void ready_request(struct api *api, struct http_exchange *exchange,
                          const struct http_request *request)
{
    static const char ready[] = "{\"status\":\"ready\"}";
    static const char not_ready[] = "{\"status\":\"not ready\"}";
    bool is_ready = dispatcher_is_ready(api->dispatcher);
    (void)request;
    if (is_ready)
        http_respond(exchange, 200, NULL, 0, ready, sizeof ready - 1);
    else
        http_respond(exchange, 503, NULL, 0, not_ready, sizeof not_ready - 1);
}

static void refuse(struct api *api, struct http_exchange *exchange, int status, const char *detail,
                   const char *allow)
{
    struct http_header header = {"Allow", allow};
    struct buffer body;
    buffer_init(&body, REPLY_BYTES);
    reply_error(&body, detail, api->say->failed);
    http_respond(exchange, status, &header, allow != NULL ? 1 : 0, body.bytes, body.length);
    buffer_deinit(&body);
}

static bool is_method(const struct route *route, const char *method)
{
    bool is_head_of_get = strcmp(method, "HEAD") == 0 && strcmp(route->method, "GET") == 0;
    return is_head_of_get || strcmp(method, route->method) == 0;
}

static void on_request(void *context, struct http_exchange *exchange,
                       const struct http_request *request)
{
    struct api *api = context;
    if (strncmp(request->path, hooks_path, strlen(hooks_path)) == 0) {
        hooks_request(api, exchange, request);
        return;
    }
    for (size_t i = 0; i < COUNT_OF(routes); i++) {
        const struct route *route = &routes[i];
        if (strcmp(request->path, route->path) != 0)
            continue;
        if (is_method(route, request->method))
            route->handle(api, exchange, request);
        else
            refuse(api, exchange, 405, "Este recurso no admite ese método", route->allow);
        return;
    }
    refuse(api, exchange, 404, "No existe; el aviso se envía a POST /api/elevenlabs/handoff", NULL);
}

static void write_error(void *context, int status, const char *reason, struct buffer *body)
{
    const struct api *api = context;
    (void)status;
    reply_error(body, reason, api->say->failed);
}

/* A client that hangs up changes nothing: the answer is written to nobody. */
struct http_handler api_handler(struct api *api)
{
    return (struct http_handler){
        .context = api,
        .on_request = on_request,
        .write_error = write_error,
    };
}
