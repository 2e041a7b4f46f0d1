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

/* A name or an address, perhaps with a port (RFC 9110 section 7.2). Stricter than RFC 3986: no
 * percent-encoding, no zone, no literal but IPv6. */
bool strict_is_host(const char *host, size_t length);

/* The "host:port" of an absolute target, and how long it is; 0: the target is a path. */
size_t strict_authority(const char *target, size_t length, const char **authority);

#endif
