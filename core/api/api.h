/* api - what HTTP clients see: the table of routes, and the answers that every route shares. */
#ifndef API_API_H
#define API_API_H

#include "api/sentences.h"
#include "handoff/dispatcher.h"
#include "http/server.h"

struct alerts;
struct door;
struct keeper;
struct keyring;
struct tally;

/* What the routes work with. Borrowed; lives as long as the server. */
struct api {
    struct dispatcher *dispatcher;
    const struct sentences *say; /* this and the following may be other ones at the next request */
    int64_t reply_within_ms;
    const char *public_url; /* or NULL */
    struct instance *const *channels;
    size_t channel_count;

    struct door *door;
    struct keeper *keeper;
    const struct keyring *keyring;
    struct loop *loop;
    struct store *store;
    struct alerts *alerts;
    const struct tally *tally;
    const struct http_server *server;

    /* Reads the configuration anew; says what came of it in `verdict`. False: nothing changed. */
    bool (*reload)(void *daemon, struct buffer *verdict);
    void *daemon;
};

/* The handler for http_server_start; `api` is its context. */
struct http_handler api_handler(struct api *api);

#endif
