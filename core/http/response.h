/* response - the head of an answer to bytes. Source: RFC 9112 section 4, RFC 9110 section 8.6. */
#ifndef HTTP_RESPONSE_H
#define HTTP_RESPONSE_H

#include "base/buffer.h"
#include "http/server.h"

enum response_connection {
    RESPONSE_KEEPS,      /* HTTP/1.1: nothing need be said */
    RESPONSE_SAYS_KEEPS, /* HTTP/1.0 */
    RESPONSE_SAYS_CLOSES
};

struct response {
    int status;
    const struct http_header *headers; /* further ones */
    size_t header_count;
    size_t body_length;
    enum response_connection connection;
};

/* Appends everything up to and with the empty line. */
void response_write_head(struct buffer *to, const struct response *response);

/* 204 and 304 have no body, nor a length. */
bool response_status_has_body(int status);

#endif
