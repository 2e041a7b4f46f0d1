/* strict - what a line of a request's head may look like: stricter than llhttp, whose releases
 * differ. Source: RFC 9112 sections 2.2, 3 and 5. */
#ifndef HTTP_STRICT_H
#define HTTP_STRICT_H

#include <stdbool.h>
#include <stddef.h>

/* Why a request is not served; status 0: nothing is wrong. */
struct refusal {
    int status;
    const char *reason; /* Spanish, for the client */
};

/* A character of a method or of a header's name (RFC 9110 section 5.6.2). */
bool strict_is_token(char character);

/* No control character but the tab. */
bool strict_is_text(const char *bytes, size_t length);

/* Lines come without their CRLF, and are text. */
struct refusal strict_request_line(const char *line, size_t length);
struct refusal strict_header_line(const char *line, size_t length);

/* A name or address, perhaps with a port. */
bool strict_is_host(const char *value);

#endif
