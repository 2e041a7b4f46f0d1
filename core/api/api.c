/* api - finds the route of a request; 404 and 405 are answers like the others. */
#include "api/api.h"

#include <string.h>

#include "access/door.h"
#include "api/control.h"
#include "api/entrance.h"
#include "api/hooks.h"
#include "api/intake.h"
#include "api/metrics.h"
#include "api/reply.h"
#include "base/memory.h"

/* `caller`: whose key or signature let the request in; NULL: none was needed. */
typedef void route_handler(struct api *api, struct http_exchange *exchange,
                           const struct http_request *request, const char *caller);

static route_handler health_request;
static route_handler ready_request;
static route_handler figures_request;

static const struct route {
    const char *method;
    const char *path;
    const char *allow;
    enum scope scope;
    route_handler *handle;
} routes[] = {
    {"POST", "/api/elevenlabs/handoff", "POST", SCOPE_HANDOFF, intake_request},
    {"GET", "/healthz", "GET, HEAD", SCOPE_NONE, health_request},
    {"GET", "/readyz", "GET, HEAD", SCOPE_NONE, ready_request},
    {"GET", "/metrics", "GET, HEAD", SCOPE_READ, figures_request},
};

/* "I run, and I answer." */
static void health_request(struct api *api, struct http_exchange *exchange,
                           const struct http_request *request, const char *caller)
{
    static const char body[] = "{\"status\":\"ok\"}";
    (void)api;
    (void)request;
    (void)caller;
    http_respond(exchange, 200, NULL, 0, body, sizeof body - 1);
}

/* "I take handoffs, and somebody can be told." */
static void ready_request(struct api *api, struct http_exchange *exchange,
                          const struct http_request *request, const char *caller)
{
    static const char ready[] = "{\"status\":\"ready\"}";
    static const char not_ready[] = "{\"status\":\"not ready\"}";
    bool is_ready = dispatcher_is_ready(api->dispatcher);
    (void)request;
    (void)caller;
    if (is_ready)
        http_respond(exchange, 200, NULL, 0, ready, sizeof ready - 1);
    else
        http_respond(exchange, 503, NULL, 0, not_ready, sizeof not_ready - 1);
}

static void figures_request(struct api *api, struct http_exchange *exchange,
                            const struct http_request *request, const char *caller)
{
    (void)caller;
    metrics_request(api, exchange, request);
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

static void refuse_unknown(struct api *api, struct http_exchange *exchange)
{
    refuse(api, exchange, 404, "No existe; el aviso se envía a POST /api/elevenlabs/handoff", NULL);
}

static bool is_method(const struct route *route, const char *method)
{
    bool is_head_of_get = strcmp(method, "HEAD") == 0 && strcmp(route->method, "GET") == 0;
    return is_head_of_get || strcmp(method, route->method) == 0;
}

static bool is_hook(const struct http_request *request)
{
    return strncmp(request->path, hooks_path, strlen(hooks_path)) == 0;
}

static const struct route *find_route(const struct http_request *request)
{
    for (size_t i = 0; i < COUNT_OF(routes); i++) {
        if (strcmp(request->path, routes[i].path) == 0)
            return &routes[i];
    }
    return NULL;
}

/* What operators ask at the control socket: where there are keys, whoever has the right one may. */
static enum scope operators_scope(const struct api *api, const struct http_request *request)
{
    return keyring_count(api->keyring) > 0 ? control_scope(request) : SCOPE_NONE;
}

static bool is_let_in(struct api *api, struct http_exchange *exchange,
                      const struct http_request *request, enum scope scope)
{
    struct visitor visitor = door_look(api->door, request, scope);
    if (visitor.answer != DOOR_OPEN)
        entrance_refuse(api, exchange, &visitor);
    return visitor.answer == DOOR_OPEN;
}

/* Who comes to a place that is not there, or may not come in, is told before anything of the body
 * is read. Providers prove at their hooks who they are. */
static bool on_head(void *context, struct http_exchange *exchange,
                    const struct http_request *request)
{
    struct api *api = context;
    const struct route *route = find_route(request);
    enum scope operators = operators_scope(api, request);
    if (route != NULL && is_method(route, request->method))
        return is_let_in(api, exchange, request, route->scope);
    if (operators != SCOPE_NONE)
        return is_let_in(api, exchange, request, operators);
    if (is_hook(request))
        return true;
    if (route != NULL)
        refuse(api, exchange, 405, "Este recurso no admite ese método", route->allow);
    else
        refuse_unknown(api, exchange);
    return false;
}

static void on_request(void *context, struct http_exchange *exchange,
                       const struct http_request *request)
{
    struct api *api = context;
    const struct route *route = find_route(request);
    enum scope scope = route != NULL ? route->scope : operators_scope(api, request);
    struct visitor visitor = door_enter(api->door, request, scope);
    if (visitor.answer != DOOR_OPEN)
        entrance_refuse(api, exchange, &visitor);
    else if (route != NULL)
        route->handle(api, exchange, request, visitor.name);
    else if (is_hook(request))
        hooks_request(api, exchange, request);
    else if (scope != SCOPE_NONE)
        control_request(api, exchange, request);
    else /* the last key was revoked just now */
        refuse_unknown(api, exchange);
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
        .on_head = on_head,
        .on_request = on_request,
        .write_error = write_error,
    };
}
