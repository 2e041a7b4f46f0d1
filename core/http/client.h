/* client - HTTP calls to providers over libcurl's multi interface on our loop.
 *
 * Invariants: on_answer runs exactly once, on a later turn than http_client_send; TLS is verified,
 * and nothing turns that off; a request that may have left this host is never repeated by itself;
 * connections are kept. */
#ifndef HTTP_CLIENT_H
#define HTTP_CLIENT_H

#include "base/loop.h"
#include "plugin.h"

struct http_client;
struct http_call; /* one request under way */

/* From the environment: CURL_CA_BUNDLE or SSL_CERT_FILE names the file of certificate authorities,
 * in place of the system's; HTTPS_PROXY, ALL_PROXY and NO_PROXY (and their small forms, http_proxy
 * only small) name a proxy, through which this host itself (localhost, 127.0.0.0/8, ::1) is never
 * called. The process must ignore SIGPIPE: OpenSSL writes without asking. */
struct http_client *http_client_create(struct loop *loop);

/* Cancels every call under way without an answer, closes connections; on_closed (may be NULL) runs
 * when the loop has let go of everything. */
void http_client_close(struct http_client *client, void (*on_closed)(void *context), void *context);

typedef void http_on_answer(void *context, const struct handoffd_http_answer *answer);

/* The request is copied, as much of it as its size says. What cannot be sent (another method than
 * GET and POST, a header with a line break or one that says where the request ends) is NOT_SENT. An
 * answer without a length, ended by a close, counts as whole: nobody can tell. The call is valid
 * until on_answer, or http_call_cancel. */
struct http_call *http_client_send(struct http_client *client,
                                   const struct handoffd_http_request *request,
                                   http_on_answer *on_answer, void *context);

/* The same to a daemon of ours that listens at the UNIX socket `path`, whatever the URL's host (say
 * http://localhost/…) and the proxies are: the answer may have 64 MB, and timeout_ms 0 is no limit.
 */
struct http_call *http_client_send_unix(struct http_client *client, const char *path,
                                        const struct handoffd_http_request *request,
                                        http_on_answer *on_answer, void *context);

/* on_answer will not run. */
void http_call_cancel(struct http_call *call);

#endif
