/* intake - POST /api/elevenlabs/handoff: a request becomes a handoff, and what became of it the
 * answer. */
#ifndef API_INTAKE_H
#define API_INTAKE_H

#include "api/api.h"

/* `caller`: whose key or signature let it in, or NULL. */
void intake_request(struct api *api, struct http_exchange *exchange,
                    const struct http_request *request, const char *caller);

#endif
