/* exchange - the pool, and what the room above may ask of an exchange. */
#include "http/exchange.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/require.h"

#define MAX_SPARE 64

struct http_exchange *exchange_take(struct exchange_pool *pool, const struct http_limits *limits)
{
    struct http_exchange *exchange = pool->spare;
    pool->in_use++;
    if (exchange == NULL) {
        exchange = memory_zeroed(1, sizeof *exchange);
        request_init(&exchange->reader, limits);
        return exchange;
    }
    pool->spare = exchange->next;
    pool->spare_count--;
    return exchange;
}

static void destroy(struct http_exchange *exchange)
{
    request_deinit(&exchange->reader);
    free(exchange);
}

void exchange_give_back(struct exchange_pool *pool, struct http_exchange *exchange)
{
    require(pool->in_use > 0);
    pool->in_use--;
    if (pool->spare_count == MAX_SPARE) {
        destroy(exchange);
        return;
    }
    request_reset(&exchange->reader);
    exchange->connection = NULL;
    exchange->next = pool->spare;
    pool->spare = exchange;
    pool->spare_count++;
}

void exchange_pool_deinit(struct exchange_pool *pool)
{
    require(pool->in_use == 0);
    while (pool->spare != NULL) {
        struct http_exchange *next = pool->spare->next;
        destroy(pool->spare);
        pool->spare = next;
    }
    pool->spare_count = 0;
}

const char *http_request_header(const struct http_request *request, const char *name)
{
    for (size_t i = 0; i < request->header_count; i++)
        if (strcmp(request->headers[i].name, name) == 0)
            return request->headers[i].value;
    return NULL;
}
