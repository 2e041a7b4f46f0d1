/* json_reply - answers of the control socket: a tree of cJSON, or one text. */
#ifndef API_JSON_REPLY_H
#define API_JSON_REPLY_H

#include <cjson/cJSON.h>

#include "http/server.h"

/* Takes the tree. */
void json_reply(struct http_exchange *exchange, int status, cJSON *object);

/* {"NAME": "TEXT"} */
void json_reply_text(struct http_exchange *exchange, int status, const char *name,
                     const char *text);

#endif
