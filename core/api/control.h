/* control - what operators' commands ask the daemon, on its UNIX socket: lists, stories, orders,
 * reload, backup. JSON over HTTP; whoever may write to the socket may do all of it.
 *
 *   GET  /handoffs?state=held&vendor=ana&unfinished=1&before=ho_…&limit=50
 *   GET  /handoffs/ho_…           one, with its story
 *   POST /handoffs/ho_…/retry     also cancel, close
 *   GET  /alerts    GET /metrics
 *   POST /reload
 *   POST /backup    {"file": "/where/to.db"}
 *
 * Errors are {"detail": "…"} in the daemon's language. */
#ifndef API_CONTROL_H
#define API_CONTROL_H

#include "api/api.h"

/* So many handoffs in one list. */
enum { CONTROL_LIMIT_MOST = 10000 };

/* The handler for http_server_start; `api` is its context. */
struct http_handler control_handler(struct api *api);

#endif
