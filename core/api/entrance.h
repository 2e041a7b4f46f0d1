/* entrance - what the door says of a request, as an answer of HTTP. */
#ifndef API_ENTRANCE_H
#define API_ENTRANCE_H

#include "access/door.h"
#include "api/api.h"

/* The answer to one who is not let in: 400, 401, 403 or 429. */
void entrance_refuse(struct api *api, struct http_exchange *exchange,
                     const struct visitor *visitor);

/* 429, with the whole seconds of Retry-After. */
void entrance_refuse_for_now(struct api *api, struct http_exchange *exchange, const char *detail,
                             int64_t retry_after_ms);

#endif
