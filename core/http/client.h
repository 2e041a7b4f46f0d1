/* client - HTTP calls to providers over libcurl's multi interface on our loop.
 *
 * Invariants: on_answer runs exactly once, on a later turn than http_client_send; TLS is verified, and nothing turns that
 * off; a request that may have left this host is never repeated by itself; connections are kept. */
#ifndef HTTP_CLIENT_H
#define HTTP_CLIENT_H

#include "base/loop.h"
#include "plugin.h"

struct http_client;
struct http_call; /* one request under way */

struct http_client *http_client_create(struct loop *loop);

/* Cancels every call under way without an answer, closes connections; on_closed (may be NULL) runs when the loop has let go of
 * everything. */
void http_client_close(struct http_client *client, void (*on_closed)(void *context), void *context);

typedef void http_on_answer(void *context, const struct handoffd_http_answer *answer);

/* The request is copied. The call is valid until on_answer, or http_call_cancel. */
struct http_call *http_client_send(struct http_client *client,
                                   const struct handoffd_http_request *request,
                                   http_on_answer *on_answer, void *context);

/* on_answer will not run. */
void http_call_cancel(struct http_call *call);

/* Calls under way. */
size_t http_client_pending(const struct http_client *client);

#endif
