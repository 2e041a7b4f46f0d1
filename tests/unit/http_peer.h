/* http_peer - a provider on loopback that does what a test tells it, good or bad, on the test's own
 * loop. */
#ifndef TESTS_HTTP_PEER_H
#define TESTS_HTTP_PEER_H

#include <stddef.h>

#include "base/loop.h"

enum peer_then { PEER_KEEP, PEER_CLOSE, PEER_RESET };

/* What a whole request leads to. */
struct peer_step {
    const char *reply; /* NULL: none; borrowed */
    enum peer_then then;
};

struct peer;

struct peer *peer_start(struct loop *loop);

/* Closes every connection; the loop must turn once more afterwards. */
void peer_stop(struct peer *peer);

/* The first request on a connection takes the first step, and so on; the last step serves all
 * further ones. */
void peer_script(struct peer *peer, const struct peer_step *steps, size_t count);

/* The same reply to every request, and connections kept. */
void peer_answer(struct peer *peer, const char *reply);

/* Answers no request before so many have come. */
void peer_hold(struct peer *peer, size_t requests);

/* Reads nothing from connections made from now on. */
void peer_be_deaf(struct peer *peer);

/* Sends bytes that nobody asked for, on every open connection; or closes them all. */
void peer_push(struct peer *peer, const char *bytes);
void peer_hang_up(struct peer *peer);

const char *peer_url(const struct peer *peer);          /* http://127.0.0.1:PORT/messages */
const char *peer_tls_url(const struct peer *peer);      /* the same with https */
size_t peer_connections(const struct peer *peer);       /* ever made */
size_t peer_requests(const struct peer *peer);          /* ever read to their end */
const char *peer_last_request(const struct peer *peer); /* head and body */

/* A complete answer of 201 with this body. */
#define PEER_CREATED(length, body)                                                                 \
    "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: " #length           \
    "\r\n\r\n" body

#endif
