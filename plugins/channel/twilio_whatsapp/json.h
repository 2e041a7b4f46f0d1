/* json - members of an object that Twilio sent, or somebody in its name. */
#ifndef TWILIO_JSON_H
#define TWILIO_JSON_H

#include <stdint.h>

#include <cjson/cJSON.h>

#include "plugin.h"

/* The text, or NULL where there is none or it is empty. `object` may be NULL or anything. */
const char *json_text(const cJSON *object, const char *name);

/* An error code, as a number or as digits; 0: none. */
int32_t json_code(const cJSON *object, const char *name);

/* The same from a text, which may be NULL. */
int32_t json_code_of(const char *text);

/* The body where it is an object, and nothing behind it; NULL: not. The caller deletes it. */
cJSON *json_body(const struct handoffd_http_answer *http);

/* The words of a refusal, in either of Twilio's two shapes; NULL: it has none. */
const char *json_reason(const cJSON *body);

#endif
