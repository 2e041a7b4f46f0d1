/* call - one HTTP request and its answer on one libcurl easy handle, which is kept for the next. */
#ifndef HTTP_CALL_H
#define HTTP_CALL_H

#include <curl/curl.h>
#include <stdbool.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/loop.h"
#include "base/require.h"
#include "http/client.h"
#include "plugin.h"

struct http_call {
    struct http_client *client;
    struct http_call *previous;
    struct http_call *next;
    http_on_answer *on_answer;
    void *context;
    /* A request that never reaches libcurl is answered on a later turn all the same. */
    struct timer refused;
    struct error refusal;

    /* What call.c and call_request.c need; the above is the client's. */
    CURL *easy;
    struct curl_slist *headers;
    struct buffer body; /* of the request; read up to body_read */
    size_t body_read;
    struct buffer answer;
    size_t header_bytes;
    bool has_head; /* the answer's headers were read to their end */
    bool has_begun;
    bool has_repeated; /* began again, on another connection, as the first took nothing */
    long tunnel_bytes; /* what a proxy was told before the request began */
    const char *why;   /* our own words for a failure that we caused; NULL: libcurl's */
    char words[CURL_ERROR_SIZE];
};

/* What calls take from the environment; borrowed for as long as they live. */
struct call_settings {
    const char *authorities; /* file of certificates; NULL: the system's */
    const char *no_proxy;    /* hosts that are never called through a proxy */
};

/* How long an answer may be: a provider's, and a daemon's of ours. */
#define ANSWER_LIMIT_BYTES     (1024 * 1024)
#define OUR_ANSWER_LIMIT_BYTES (64 * 1024 * 1024)

#define SET_OPTION(easy, option, value) require(curl_easy_setopt(easy, option, value) == CURLE_OK)

/* CURLINFO_PRIVATE of the easy handle is the call. */
struct http_call *call_create(const struct call_settings *settings);
void call_destroy(struct http_call *call);

/* Takes a request over: copies it into the easy handle. Once for a new call, and after each
 * call_clear. `socket` is the path of a UNIX socket; NULL: the way that the URL says. */
bool call_prepare(struct http_call *call, const char *socket,
                  const struct handoffd_http_request *request, struct error *error) MUST_CHECK;
void call_clear(struct http_call *call);

/* What came of it, borrowed until call_clear; `code` is how libcurl ended. */
struct handoffd_http_answer call_answer(const struct http_call *call, CURLcode code);

#endif
