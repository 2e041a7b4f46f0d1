/* request - bytes, in whatever cuts they come, to one request. No socket, no time.
 *
 * Invariant: we look at every line and at the frame ourselves, llhttp parses behind that, and what
 * the two do not agree on is refused; so a release of llhttp can only refuse more, never let more
 * through. */
#ifndef HTTP_REQUEST_H
#define HTTP_REQUEST_H

#include <llhttp.h>

#include "base/buffer.h"
#include "http/chunks.h"
#include "http/head.h"
#include "http/server.h"
#include "http/strict.h"

enum request_state {
    REQUEST_HEAD, /* bytes of the head are missing */
    REQUEST_BODY, /* the head is understood; bytes of the body are missing */
    REQUEST_COMPLETE,
    REQUEST_REFUSED /* see `refusal`; the connection must not be read further */
};

struct request_reader {
    enum request_state state;
    struct refusal refusal;
    struct http_request request; /* all but peer; whole from REQUEST_COMPLETE on */
    struct head head;            /* from REQUEST_BODY on */
    bool keeps_alive;            /* from REQUEST_BODY on: what the client asked for */
    bool is_head_method;

    const struct http_limits *limits;
    llhttp_t parser;
    bool is_parsed; /* llhttp saw the end of the message */
    struct chunks chunks;
    struct buffer text; /* the head as it came, later cut into the request's strings */
    struct buffer body;
    struct http_header *headers;
    size_t header_capacity;
    size_t header_count; /* that llhttp saw */
    size_t line_count;   /* that we saw: the request line and the headers */
    size_t line_start;   /* in text: of the line being read */
    size_t looked_at;    /* in text */
    size_t first_line;   /* in text: behind an empty line that older clients leave in front */
    char *target;
    size_t target_length;
};

/* `limits` are borrowed. Owns no memory before the first byte. */
void request_init(struct request_reader *reader, const struct http_limits *limits);
void request_deinit(struct request_reader *reader);

/* Back to the start, with the memory kept where it is little. */
void request_reset(struct request_reader *reader);

/* Takes some of the bytes, says how many, and changes the state. It stops at least behind the head
 * and behind the request, so call again while bytes are left and the state is HEAD or BODY. */
size_t request_feed(struct request_reader *reader, const char *bytes, size_t length);

/* Nothing of a request has come yet. */
bool request_is_blank(const struct request_reader *reader);

#endif
