/* control - what operators' commands ask the daemon, on its UNIX socket: lists, stories, orders,
 * reload, backup. JSON over HTTP; whoever may write to the socket may do all of it. Lists, stories
 * and alerts are served to clients with a key of scope read, too; orders and reload to those with
 * one of scope admin.
 *
 *   GET  /handoffs?state=held&vendor=ana&unfinished=1&before=ho_…&limit=50
 *   GET  /handoffs/ho_…           one, with its story
 *   POST /handoffs/ho_…/retry     also cancel, close
 *   GET  /alerts    GET /metrics
 *   POST /reload
 *   POST /backup    {"file": "/where/to.db"}
 *   GET  /keys      POST /keys      POST /keys/ID/revoke: see keys.h
 *
 * Errors are {"detail": "…"} in the daemon's language. */
#ifndef API_CONTROL_H
#define API_CONTROL_H

#include "access/api_key.h"
#include "api/api.h"

/* So many handoffs in one list. */
enum { CONTROL_LIMIT_MOST = 10000 };

/* The scope of the key with which a request may be asked by clients, too; SCOPE_NONE: it may not.
 */
enum scope control_scope(const struct http_request *request);

void control_request(struct api *api, struct http_exchange *exchange,
                     const struct http_request *request);

/* The handler for http_server_start; `api` is its context. */
struct http_handler control_handler(struct api *api);

#endif
