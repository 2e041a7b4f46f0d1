/* webhook_signature - every secret of every signer is tried, and each comparison takes as long. */
#include "access/webhook_signature.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"

#define SECRET_PREFIX "whsec_"
#define VERSION       "v1,"

enum {
    MAC_BYTES = 32,
    MAC_BASE64 = 44,
    SECRET_TEXT_MOST = 88, /* base64 of the longest */
    ID_MOST = 255,
    TIME_DIGITS_MOST = 12,
    SIGNED_MOST = 1024 * 1024
};

/* OpenSSL also takes blanks around it, a = within it, and loose bits at its end: a slip would
 * become another secret. */
static bool is_base64_of(const char *text, const unsigned char *bytes, size_t length)
{
    unsigned char encoded[SECRET_TEXT_MOST + 1];
    EVP_EncodeBlock(encoded, bytes, (int)length);
    bool is_same = strcmp(text, (const char *)encoded) == 0;
    OPENSSL_cleanse(encoded, sizeof encoded);
    return is_same;
}

bool webhook_secret_parse(const char *text, struct webhook_secret *secret)
{
    unsigned char bytes[SECRET_TEXT_MOST / 4 * 3];
    size_t prefix = strlen(SECRET_PREFIX);
    if (strncmp(text, SECRET_PREFIX, prefix) != 0)
        return false;
    const char *encoded = text + prefix;
    size_t length = strlen(encoded);
    if (length == 0 || length > SECRET_TEXT_MOST || length % 4 != 0)
        return false;
    int decoded = EVP_DecodeBlock(bytes, (const unsigned char *)encoded, (int)length);
    int padding = (encoded[length - 1] == '=') + (encoded[length - 2] == '=');
    if (decoded - padding < WEBHOOK_SECRET_LEAST || decoded - padding > WEBHOOK_SECRET_MOST ||
        !is_base64_of(encoded, bytes, (size_t)(decoded - padding)))
        return false;
    secret->length = (size_t)(decoded - padding);
    memcpy(secret->bytes, bytes, secret->length);
    OPENSSL_cleanse(bytes, sizeof bytes);
    return true;
}

/* ---- the head */

bool webhook_is_signed(const struct http_request *request)
{
    return http_request_header(request, WEBHOOK_ID) != NULL ||
           http_request_header(request, WEBHOOK_TIMESTAMP) != NULL ||
           http_request_header(request, WEBHOOK_SIGNATURE) != NULL;
}

/* The header where it stands once; else NULL. */
static const char *only_header(const struct http_request *request, const char *name)
{
    const char *value = NULL;
    for (size_t i = 0; i < request->header_count; i++) {
        if (strcmp(request->headers[i].name, name) != 0)
            continue;
        if (value != NULL)
            return NULL;
        value = request->headers[i].value;
    }
    return value;
}

static bool read_time(const char *text, int64_t *seconds)
{
    size_t digits = strspn(text, "0123456789");
    if (digits == 0 || digits > TIME_DIGITS_MOST || text[digits] != '\0')
        return false;
    *seconds = strtoll(text, NULL, 10);
    return true;
}

enum webhook_head webhook_look(const struct http_request *request, int64_t wall_ms)
{
    const char *id = only_header(request, WEBHOOK_ID);
    const char *time = only_header(request, WEBHOOK_TIMESTAMP);
    const char *signatures = only_header(request, WEBHOOK_SIGNATURE);
    int64_t seconds = 0;
    if (id == NULL || time == NULL || signatures == NULL || id[0] == '\0' || strlen(id) > ID_MOST ||
        !read_time(time, &seconds))
        return WEBHOOK_HEAD_WRONG;
    int64_t age_ms = wall_ms - seconds * 1000;
    return age_ms > WEBHOOK_TOLERANCE_MS || age_ms < -WEBHOOK_TOLERANCE_MS ? WEBHOOK_HEAD_STALE
                                                                           : WEBHOOK_HEAD_FINE;
}

/* ---- the whole */

/* Is one of "v1,BASE64 v1,BASE64 …" this one? */
static bool is_among(const char *signatures, const char expected[MAC_BASE64 + 1])
{
    bool is_there = false;
    size_t prefix = strlen(VERSION);
    for (const char *at = signatures; *at != '\0'; at += strspn(at, " ")) {
        size_t length = strcspn(at, " ");
        if (length == prefix + MAC_BASE64 && strncmp(at, VERSION, prefix) == 0)
            is_there |= CRYPTO_memcmp(at + prefix, expected, MAC_BASE64) == 0;
        at += length;
    }
    return is_there;
}

static bool has_signed(const struct webhook_secret *secret, const struct buffer *text,
                       const char *signatures)
{
    unsigned char mac[MAC_BYTES];
    unsigned char encoded[MAC_BASE64 + 1];
    unsigned length = 0;
    if (HMAC(EVP_sha256(), secret->bytes, (int)secret->length, (const unsigned char *)text->bytes,
             text->length, mac, &length) == NULL)
        return false;
    EVP_EncodeBlock(encoded, mac, MAC_BYTES);
    return is_among(signatures, (const char *)encoded);
}

const struct signer *webhook_signer(const struct http_request *request,
                                    const struct signer *signers, size_t count)
{
    const struct signer *found = NULL;
    const char *signatures = http_request_header(request, WEBHOOK_SIGNATURE);
    CLEANUP(buffer_deinit) struct buffer text;
    buffer_init(&text, SIGNED_MOST);
    buffer_format(&text, "%s.%s.", http_request_header(request, WEBHOOK_ID),
                  http_request_header(request, WEBHOOK_TIMESTAMP));
    buffer_append(&text, request->body, request->body_length);
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < signers[i].secret_count; j++) {
            if (has_signed(&signers[i].secrets[j], &text, signatures))
                found = &signers[i];
        }
    }
    return text.is_full ? NULL : found;
}
