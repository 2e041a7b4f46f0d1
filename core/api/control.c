/* control - a table of routes; each answers at once, or when the store has. */
#include "api/control.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "alert/alerts.h"
#include "api/history.h"
#include "api/json_reply.h"
#include "api/keys.h"
#include "api/metrics.h"
#include "api/reply.h"
#include "base/language.h"
#include "base/memory.h"
#include "base/require.h"

enum { LIMIT_USUAL = 50, BODY_BYTES = 64 * 1024 * 1024 };

static const char handoffs_path[] = "/handoffs";

/* ---- answers */

static void refuse(struct http_exchange *exchange, int status, const char *why)
{
    json_reply_text(exchange, status, "detail", why);
}

static const char *no_such_handoff(void)
{
    return in_language("there is no such handoff", "no existe esa solicitud");
}

/* ---- lists and stories */

/* One question to the store on its way. */
struct question {
    struct store_query query;
    struct http_exchange *exchange;
    struct api *api;
    struct arena *arena;
    const char *before;
};

static void question_end(struct question *question)
{
    store_query_finish(&question->query);
    arena_destroy(question->arena);
}

static void on_listed(struct store_query *query)
{
    struct question *question = container_of(query, struct question, query);
    if (query->is_failed) {
        refuse(question->exchange, 500, query->error.message);
    } else {
        cJSON *answer = cJSON_CreateObject();
        cJSON *list = cJSON_AddArrayToObject(answer, "handoffs");
        for (size_t i = 0; i < query->count; i++)
            require(cJSON_AddItemToArray(
                list, history_line(&query->found[i], dispatcher_ids(question->api->dispatcher))));
        json_reply(question->exchange, 200, answer);
    }
    question_end(question);
}

static void on_story(struct store_query *query)
{
    struct question *question = container_of(query, struct question, query);
    if (query->is_failed)
        refuse(question->exchange, 500, query->error.message);
    else if (query->count == 0)
        refuse(question->exchange, 404, no_such_handoff());
    else
        json_reply(question->exchange, 200,
                   history_story(&query->found[0], dispatcher_ids(question->api->dispatcher)));
    question_end(question);
}

static struct question *question_create(struct api *api, struct http_exchange *exchange)
{
    struct arena *arena = arena_create(512);
    struct question *question = arena_zeroed(arena, 1, sizeof *question);
    question->api = api;
    question->exchange = exchange;
    question->arena = arena;
    return question;
}

/* The value of `name` in a query string, or NULL; names and values here need no escapes. */
static const char *parameter(const char *query, const char *name, struct arena *arena)
{
    size_t length = strlen(name);
    for (const char *at = query; *at != '\0'; at += strcspn(at, "&"), at += *at == '&') {
        if (strncmp(at, name, length) == 0 && at[length] == '=')
            return arena_bytes(arena, at + length + 1, strcspn(at + length + 1, "&"));
    }
    return NULL;
}

static void list_request(struct api *api, struct http_exchange *exchange,
                         const struct http_request *request)
{
    struct question *question = question_create(api, exchange);
    struct store_query *query = &question->query;
    const char *limit = parameter(request->query, "limit", question->arena);
    const char *before = parameter(request->query, "before", question->arena);
    long count = limit != NULL ? strtol(limit, NULL, 10) : LIMIT_USUAL;
    query->question = STORE_LATEST;
    query->state = parameter(request->query, "state", question->arena);
    query->vendor = parameter(request->query, "vendor", question->arena);
    query->is_unfinished = parameter(request->query, "unfinished", question->arena) != NULL;
    query->limit = count > 0 && count <= CONTROL_LIMIT_MOST ? (size_t)count : LIMIT_USUAL;
    query->on_done = on_listed;
    if (before != NULL && !dispatcher_number(api->dispatcher, before, &query->number)) {
        refuse(exchange, 404, no_such_handoff());
        question_end(question);
        return;
    }
    store_ask(api->store, query);
}

static void story_request(struct api *api, struct http_exchange *exchange, const char *id)
{
    struct question *question = question_create(api, exchange);
    question->query.question = STORE_ONE;
    question->query.has_story = true;
    question->query.on_done = on_story;
    if (dispatcher_number(api->dispatcher, id, &question->query.number)) {
        store_ask(api->store, &question->query);
        return;
    }
    refuse(exchange, 404, no_such_handoff());
    question_end(question);
}

/* ---- orders */

struct spoken {
    struct order order;
    struct http_exchange *exchange;
};

static void on_ordered(struct order *order, const char *problem)
{
    struct spoken *spoken = container_of(order, struct spoken, order);
    if (problem != NULL)
        refuse(spoken->exchange, 409, problem);
    else
        json_reply_text(spoken->exchange, 200, "status", "ok");
    free(spoken);
}

static void order_request(struct api *api, struct http_exchange *exchange, const char *id,
                          enum operator_order word)
{
    struct spoken *spoken = memory_zeroed(1, sizeof *spoken);
    spoken->order.on_done = on_ordered;
    spoken->order.word = word;
    spoken->exchange = exchange;
    if (dispatcher_order(api->dispatcher, id, &spoken->order))
        return;
    refuse(exchange, 404, no_such_handoff());
    free(spoken);
}

/* ---- the daemon itself */

static void reload_request(struct api *api, struct http_exchange *exchange,
                           const struct http_request *request)
{
    struct buffer verdict;
    (void)request;
    buffer_init(&verdict, BODY_BYTES);
    bool is_taken = api->reload(api->daemon, &verdict);
    json_reply_text(exchange, is_taken ? 200 : 422, is_taken ? "verdict" : "detail", verdict.bytes);
    buffer_deinit(&verdict);
}

static void on_backed_up(void *context, const struct error *error)
{
    struct http_exchange *exchange = context;
    if (error != NULL)
        refuse(exchange, 500, error->message);
    else
        json_reply_text(exchange, 200, "status", "ok");
}

static void backup_request(struct api *api, struct http_exchange *exchange,
                           const struct http_request *request)
{
    cJSON *body = cJSON_ParseWithLength(request->body, request->body_length);
    const char *file = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(body, "file"));
    if (file == NULL || file[0] != '/')
        refuse(exchange, 422,
               in_language("file: the whole path of the new file",
                           "file: la ruta completa del archivo nuevo"));
    else
        store_backup(api->store, file, on_backed_up, exchange);
    cJSON_Delete(body);
}

static void add_alert(void *context, const struct store_alert *alert)
{
    char since[HISTORY_TIME_SIZE];
    cJSON *entry = cJSON_CreateObject();
    history_time(alert->since_ms, since);
    require(entry != NULL && cJSON_AddStringToObject(entry, "cause", alert->cause) != NULL &&
            cJSON_AddStringToObject(entry, "text", alert->text) != NULL &&
            cJSON_AddStringToObject(entry, "since", since) != NULL &&
            cJSON_AddItemToArray(context, entry));
}

static void alerts_request(struct api *api, struct http_exchange *exchange,
                           const struct http_request *request)
{
    cJSON *answer = cJSON_CreateObject();
    (void)request;
    alerts_each(api->alerts, add_alert, cJSON_AddArrayToObject(answer, "alerts"));
    json_reply(exchange, 200, answer);
}

/* ---- routes */

static const struct route {
    const char *method;
    const char *path;
    enum scope scope; /* of the key with which it is served to clients, too; NONE: it is not */
    void (*handle)(struct api *api, struct http_exchange *exchange,
                   const struct http_request *request);
} routes[] = {
    {"GET", handoffs_path, SCOPE_READ, list_request},
    {"GET", "/alerts", SCOPE_READ, alerts_request},
    {"GET", "/metrics", SCOPE_NONE, metrics_request},
    {"POST", "/reload", SCOPE_ADMIN, reload_request},
    {"POST", "/backup", SCOPE_NONE, backup_request},
    {"GET", keys_path, SCOPE_NONE, keys_list_request},
    {"POST", keys_path, SCOPE_NONE, keys_make_request},
};

static const struct order_route {
    const char *name;
    enum operator_order word;
} order_routes[] = {{"retry", ORDER_RETRY}, {"cancel", ORDER_CANCEL}, {"close", ORDER_CLOSE}};

/* "/handoffs/ho_…" or "/handoffs/ho_…/retry". */
static bool handle_one(struct api *api, struct http_exchange *exchange,
                       const struct http_request *request)
{
    size_t prefix = sizeof handoffs_path - 1;
    if (strncmp(request->path, handoffs_path, prefix) != 0 || request->path[prefix] != '/')
        return false;
    const char *id = request->path + prefix + 1;
    size_t length = strcspn(id, "/");
    char text[PUBLIC_ID_SIZE] = "";
    if (length == 0)
        return false;
    if (length < sizeof text)
        memcpy(text, id, length);
    if (id[length] == '\0' && strcmp(request->method, "GET") == 0) {
        story_request(api, exchange, text);
        return true;
    }
    for (size_t i = 0; id[length] == '/' && i < COUNT_OF(order_routes); i++) {
        if (strcmp(id + length + 1, order_routes[i].name) == 0 &&
            strcmp(request->method, "POST") == 0) {
            order_request(api, exchange, text, order_routes[i].word);
            return true;
        }
    }
    return false;
}

/* "/keys/ID/revoke" */
static bool revoke_one(struct api *api, struct http_exchange *exchange,
                       const struct http_request *request)
{
    enum { WORD_SIZE = 80 };
    char word[WORD_SIZE] = "";
    size_t prefix = strlen(keys_path) + 1;
    if (strncmp(request->path, keys_path, prefix - 1) != 0 || request->path[prefix - 1] != '/' ||
        strcmp(request->method, "POST") != 0)
        return false;
    const char *begin = request->path + prefix;
    size_t length = strcspn(begin, "/");
    if (strcmp(begin + length, "/revoke") != 0 || length >= sizeof word)
        return false;
    memcpy(word, begin, length);
    keys_revoke_request(api, exchange, word);
    return true;
}

static const struct route *find_route(const struct http_request *request)
{
    for (size_t i = 0; i < COUNT_OF(routes); i++) {
        if (strcmp(routes[i].path, request->path) == 0 &&
            strcmp(routes[i].method, request->method) == 0)
            return &routes[i];
    }
    return NULL;
}

void control_request(struct api *api, struct http_exchange *exchange,
                     const struct http_request *request)
{
    const struct route *route = find_route(request);
    if (route != NULL)
        route->handle(api, exchange, request);
    else if (!handle_one(api, exchange, request) && !revoke_one(api, exchange, request))
        refuse(exchange, 404, in_language("no such command", "no existe esa orden"));
}

enum scope control_scope(const struct http_request *request)
{
    const struct route *route = find_route(request);
    size_t length = sizeof handoffs_path - 1;
    if (route != NULL)
        return route->scope;
    if (strncmp(request->path, handoffs_path, length) != 0 || request->path[length] != '/')
        return SCOPE_NONE;
    return strcmp(request->method, "GET") == 0 ? SCOPE_READ : SCOPE_ADMIN;
}

static void on_request(void *context, struct http_exchange *exchange,
                       const struct http_request *request)
{
    control_request(context, exchange, request);
}

static void write_error(void *context, int status, const char *reason, struct buffer *body)
{
    (void)context;
    (void)status;
    reply_error(body, reason, "");
}

struct http_handler control_handler(struct api *api)
{
    return (struct http_handler){
        .context = api,
        .on_request = on_request,
        .write_error = write_error,
    };
}
