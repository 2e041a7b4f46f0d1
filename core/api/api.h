/* api - what HTTP clients see: the table of routes, and the answers that every route shares. */
#ifndef API_API_H
#define API_API_H

#include "api/sentences.h"
#include "handoff/dispatcher.h"
#include "http/server.h"

/* What the routes work with. Borrowed; lives as long as the server. */
struct api {
    struct dispatcher *dispatcher;
    const struct sentences *say;
    int64_t reply_within_ms;
};

/* The handler for http_server_start; `api` is its context. */
struct http_handler api_handler(struct api *api);

#endif
