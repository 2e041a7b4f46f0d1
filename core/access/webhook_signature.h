/* webhook_signature - requests that their sender has signed: HMAC-SHA256 over id, time and body, in
 * the headers webhook-id, webhook-timestamp and webhook-signature.
 *
 * Source: Standard Webhooks, spec/standard-webhooks.md. Symmetric signatures (v1) only. */
#ifndef ACCESS_WEBHOOK_SIGNATURE_H
#define ACCESS_WEBHOOK_SIGNATURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "http/server.h"

#define WEBHOOK_ID        "webhook-id"
#define WEBHOOK_TIMESTAMP "webhook-timestamp"
#define WEBHOOK_SIGNATURE "webhook-signature"

/* Older or younger than this by our clock is refused. */
enum { WEBHOOK_TOLERANCE_MS = 5 * 60 * 1000 };

enum { WEBHOOK_SECRET_LEAST = 24, WEBHOOK_SECRET_MOST = 64 };

struct webhook_secret {
    unsigned char bytes[WEBHOOK_SECRET_MOST];
    size_t length;
};

/* Who signs; several secrets, so that they can be changed one after the other. */
struct signer {
    const char *name;
    const struct webhook_secret *secrets;
    size_t secret_count;
};

/* "whsec_" and the base64 of 24 to 64 bytes; false: it is not that. */
bool webhook_secret_parse(const char *text, struct webhook_secret *secret);

/* Has one of the three headers. */
bool webhook_is_signed(const struct http_request *request);

enum webhook_head {
    WEBHOOK_HEAD_FINE,
    WEBHOOK_HEAD_WRONG, /* one of the three is missing, twice there, or not readable */
    WEBHOOK_HEAD_STALE  /* signed too long ago, or in our future */
};

/* What can be known before the body is there. */
enum webhook_head webhook_look(const struct http_request *request, int64_t wall_ms);

/* Whose secret has signed all of it; NULL: none. After webhook_look was FINE. */
const struct signer *webhook_signer(const struct http_request *request,
                                    const struct signer *signers, size_t count);

#endif
