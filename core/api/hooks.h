/* hooks - /hooks/CHANNEL/…: where a provider says what became of a message. */
#ifndef API_HOOKS_H
#define API_HOOKS_H

#include "api/api.h"

extern const char hooks_path[]; /* what such paths begin with */

void hooks_request(struct api *api, struct http_exchange *exchange,
                   const struct http_request *request);

#endif
