/* head - what the headers of a request mean for its frame: to whom, how long the body is, what is
 * expected. Source: RFC 9110 sections 7.2 and 10.1.1, RFC 9112 sections 3.2 and 6. */
#ifndef HTTP_HEAD_H
#define HTTP_HEAD_H

#include "http/server.h"
#include "http/strict.h"

struct head {
    bool is_http10;          /* this and the next two: told by the caller */
    const char *authority;   /* of an absolute target */
    size_t authority_length; /* 0: the target has none */
    bool is_chunked;
    bool expects_continue;
    int64_t content_length; /* -1: not given */
    int hosts;
};

/* One body length, told in one way, and within the limit; one host, which is the target's; no
 * expectation that we do not know. */
struct refusal head_understand(struct head *head, const struct http_header *headers, size_t count,
                               int64_t body_limit_bytes);

#endif
