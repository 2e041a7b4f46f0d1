/* keys - list, make, revoke. */
#include "api/keys.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "access/keeper.h"
#include "api/history.h"
#include "api/json_reply.h"
#include "base/clock.h"
#include "base/language.h"
#include "base/memory.h"
#include "base/require.h"

const char keys_path[] = "/keys";

/* ---- list */

static void add_text(cJSON *object, const char *name, const char *text)
{
    if (text != NULL)
        require(cJSON_AddStringToObject(object, name, text) != NULL);
}

static void add_time(cJSON *object, const char *name, int64_t ms)
{
    char text[HISTORY_TIME_SIZE];
    if (ms <= 0)
        return;
    history_time(ms, text);
    add_text(object, name, text);
}

cJSON *keys_line(const struct api_key *key)
{
    cJSON *line = cJSON_CreateObject();
    require(line != NULL);
    add_text(line, "id", key->id);
    add_text(line, "name", key->name);
    add_text(line, "scope", scope_name(key->scope));
    add_time(line, "created", key->created_ms);
    add_time(line, "expires", key->expires_ms);
    add_time(line, "used", key->used_ms);
    return line;
}

static void add_line(void *context, const struct api_key *key)
{
    require(cJSON_AddItemToArray(context, keys_line(key)));
}

void keys_list_request(struct api *api, struct http_exchange *exchange,
                       const struct http_request *request)
{
    cJSON *answer = cJSON_CreateObject();
    (void)request;
    keyring_each(api->keyring, add_line, cJSON_AddArrayToObject(answer, "keys"));
    json_reply(exchange, 200, answer);
}

/* ---- make */

/* One key on its way to the disk. */
struct making {
    struct key_order order;
    struct http_exchange *exchange;
    char *name;
};

static void refuse_unkept(struct http_exchange *exchange)
{
    json_reply_text(exchange, 500, "detail",
                    in_language("the store could not keep it: see the log, and try again",
                                "no se pudo guardar: mira el registro e intenta de nuevo"));
}

static void on_made(struct key_order *order, bool is_kept)
{
    struct making *making = container_of(order, struct making, order);
    if (is_kept) {
        cJSON *answer = keys_line(&order->key);
        add_text(answer, "key", order->text);
        json_reply(making->exchange, 201, answer);
    } else {
        refuse_unkept(making->exchange);
    }
    free(making->name);
    OPENSSL_cleanse(making, sizeof *making);
    free(making);
}

static const char *fault_of(const char *name, const char *scope, const cJSON *expires)
{
    enum scope parsed;
    if (name == NULL || !api_key_is_name(name))
        return in_language("name: letters without accents, digits, _ - and ., at most 64",
                           "name: letras sin acento, cifras, _ - y ., a lo más 64");
    if (scope == NULL || !scope_parse(scope, &parsed))
        return in_language("scope: handoff, read or admin", "scope: handoff, read o admin");
    if (expires != NULL &&
        !(cJSON_IsNumber(expires) && expires->valuedouble >= 1 && expires->valuedouble < 1e14))
        return in_language("expires_in_ms: a number of milliseconds",
                           "expires_in_ms: un número de milisegundos");
    return NULL;
}

static void make(struct api *api, struct http_exchange *exchange, const char *name,
                 const char *scope, const cJSON *expires)
{
    struct making *making = memory_zeroed(1, sizeof *making);
    making->exchange = exchange;
    making->name = memory_text(name);
    making->order.key.name = making->name;
    require(scope_parse(scope, &making->order.key.scope));
    if (expires != NULL)
        making->order.key.expires_ms = clock_wall_ms() + (int64_t)expires->valuedouble;
    making->order.on_done = on_made;
    keeper_make(api->keeper, &making->order);
}

void keys_make_request(struct api *api, struct http_exchange *exchange,
                       const struct http_request *request)
{
    cJSON *body = cJSON_ParseWithLength(request->body, request->body_length);
    const char *name = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(body, "name"));
    const char *scope = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(body, "scope"));
    const cJSON *expires = cJSON_GetObjectItemCaseSensitive(body, "expires_in_ms");
    const char *fault = fault_of(name, scope, expires);
    if (fault != NULL)
        json_reply_text(exchange, 422, "detail", fault);
    else
        make(api, exchange, name, scope, expires);
    cJSON_Delete(body);
}

/* ---- revoke */

struct revoking {
    struct key_order order;
    struct http_exchange *exchange;
};

/* Which key somebody means. */
struct wanted {
    const char *word;
    char id[API_KEY_ID_SIZE];
    size_t count;
    bool is_in_file;
};

static void match(void *context, const struct api_key *key)
{
    struct wanted *wanted = context;
    bool is_id = key->id != NULL && strcmp(key->id, wanted->word) == 0;
    if (!is_id && strcmp(key->name, wanted->word) != 0)
        return;
    wanted->count++;
    wanted->is_in_file |= key->id == NULL;
    wanted->id[0] = '\0';
    if (key->id != NULL)
        strncat(wanted->id, key->id, sizeof wanted->id - 1);
}

static void on_revoked(struct key_order *order, bool is_kept)
{
    struct revoking *revoking = container_of(order, struct revoking, order);
    if (is_kept)
        json_reply_text(revoking->exchange, 200, "id", order->id);
    else
        refuse_unkept(revoking->exchange);
    free(revoking);
}

static const char *why_not(const struct wanted *wanted)
{
    if (wanted->count == 1 && !wanted->is_in_file)
        return NULL;
    if (wanted->count == 0)
        return in_language("there is no such key: handoffd key list",
                           "no existe esa clave: handoffd key list");
    if (wanted->is_in_file)
        return in_language("it stands in vendors.yaml: take it out there, then handoffd reload",
                           "está en vendors.yaml: quítala ahí y luego handoffd reload");
    return in_language(
        "several keys have this name: say which one by its id, see handoffd key list",
        "varias claves tienen ese nombre: di cuál por su id, mira handoffd key list");
}

const char *keys_find(const struct keyring *keyring, const char *word, char id[API_KEY_ID_SIZE])
{
    struct wanted wanted = {.word = word};
    keyring_each(keyring, match, &wanted);
    memcpy(id, wanted.id, sizeof wanted.id);
    return why_not(&wanted);
}

void keys_revoke_request(struct api *api, struct http_exchange *exchange, const char *word)
{
    char id[API_KEY_ID_SIZE];
    const char *problem = keys_find(api->keyring, word, id);
    if (problem != NULL) {
        json_reply_text(exchange, 404, "detail", problem);
        return;
    }
    struct revoking *revoking = memory_zeroed(1, sizeof *revoking);
    revoking->exchange = exchange;
    revoking->order.on_done = on_revoked;
    require(keeper_revoke(api->keeper, id, &revoking->order));
}
