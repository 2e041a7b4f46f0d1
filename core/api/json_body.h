/* json_body - the body of a request to a tree of cJSON, strictly as RFC 8259 has it. Pure. */
#ifndef API_JSON_BODY_H
#define API_JSON_BODY_H

#include <cjson/cJSON.h>
#include <stddef.h>

#include "base/error.h"

enum { JSON_BODY_DEPTH = 32 };

/* NULL with an error in Spanish, for the client: not UTF-8, not JSON, nested deeper than
 * JSON_BODY_DEPTH, or with the NUL character in a text. Numbers are cJSON_Raw, their digits as they
 * were written: an id of 18 digits survives. Free with cJSON_Delete. */
cJSON *json_body_read(const char *body, size_t length, struct error *error) MUST_CHECK;

#endif
