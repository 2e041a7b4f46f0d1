/* client_address - who is at the other end, where proxies stand between. Pure. */
#ifndef ACCESS_CLIENT_ADDRESS_H
#define ACCESS_CLIENT_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

#include "http/server.h"

/* A network of trusted proxies; an IPv4 one as ::ffff:a.b.c.d. */
struct network {
    unsigned char address[16];
    int bits; /* of 128 */
};

/* "10.0.0.0/8", "10.1.2.3", "fd00::/8"; false: it is none. */
bool network_parse(const char *text, struct network *network);

/* An IPv4 address, or the /64 of an IPv6 one: what one customer of a network provider has; "unix"
 * for a UNIX socket. */
enum { CLIENT_ADDRESS_SIZE = 64 };

struct client_address {
    char text[CLIENT_ADDRESS_SIZE];
    bool is_local;     /* it came from this machine, and through no proxy */
    bool is_forwarded; /* a header says that a proxy stands between */
};

/* X-Forwarded-For is read from its end, as far as those who wrote it are trusted: the peer itself
 * (this machine's own addresses and UNIX sockets always are), then each one named before. What
 * strangers wrote in it counts for nothing. */
struct client_address client_address_of(const struct http_request *request,
                                        const struct network *trusted, size_t trusted_count);

#endif
