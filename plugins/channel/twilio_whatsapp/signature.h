/* signature - X-Twilio-Signature: did Twilio send this?
 *
 * base64(HMAC-SHA1(primary auth token, URL and the posted parameters: each different name in the
 * order of its bytes, each different value of it likewise, nothing between)).
 * https://www.twilio.com/docs/usage/webhooks/webhooks-security */
#ifndef TWILIO_SIGNATURE_H
#define TWILIO_SIGNATURE_H

#include <stdbool.h>
#include <stddef.h>

#include "parameters.h"

/* `url` as Twilio was given it, query included; `given` is the header, NULL where there is none.
 * Where the URL has bodySHA256 it signs the URL alone, and `body` must have that hash. Twilio
 * leaves a port out, or writes the scheme's own: both are tried, as its SDKs do. */
bool signature_is_right(const char *token, const char *url, const struct parameters *parameters,
                        const char *body, size_t body_length, const char *given);

#endif
