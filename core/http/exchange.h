/* exchange - one request and its answer to come: read by a connection, lent to the handler, and
 * used again for another when answered. */
#ifndef HTTP_EXCHANGE_H
#define HTTP_EXCHANGE_H

#include <netinet/in.h>

#include "http/request.h"

struct connection;
struct connection_group;

struct http_exchange {
    struct connection *connection; /* NULL: the client is gone */
    struct connection_group *group;
    struct http_exchange *next; /* among the spare ones */
    struct request_reader reader;
    char peer[INET6_ADDRSTRLEN];
};

/* Those in use, and a few spare ones with the memory of their last request. */
struct exchange_pool {
    struct http_exchange *spare;
    size_t spare_count;
    size_t in_use;
};

/* `limits` are borrowed as long as the exchange. */
struct http_exchange *exchange_take(struct exchange_pool *pool, const struct http_limits *limits);
void exchange_give_back(struct exchange_pool *pool, struct http_exchange *exchange);

/* None may be in use. */
void exchange_pool_deinit(struct exchange_pool *pool);

#endif
