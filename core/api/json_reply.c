/* json_reply - printed without blanks. */
#include "api/json_reply.h"

#include <string.h>

#include "base/require.h"

void json_reply(struct http_exchange *exchange, int status, cJSON *object)
{
    char *text = cJSON_PrintUnformatted(object);
    require(text != NULL);
    http_respond(exchange, status, NULL, 0, text, strlen(text));
    cJSON_free(text);
    cJSON_Delete(object);
}

void json_reply_text(struct http_exchange *exchange, int status, const char *name, const char *text)
{
    cJSON *object = cJSON_CreateObject();
    require(object != NULL && cJSON_AddStringToObject(object, name, text) != NULL);
    json_reply(exchange, status, object);
}
