/* metrics - GET /metrics: figures of this process as Prometheus reads them.
 *
 * Source: the text format 0.0.4 of Prometheus. No names, numbers or reasons: only channels' names,
 * states and codes. */
#ifndef API_METRICS_H
#define API_METRICS_H

#include "api/api.h"

void metrics_request(struct api *api, struct http_exchange *exchange,
                     const struct http_request *request);

#endif
