/* twilio_signer - base64 of an HMAC-SHA1 over the URL and every different parameter. */
#include "twilio_signer.h"

#include <string.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/require.h"

enum { MOST_SIGNED = 64 * 1024 };

bool span_is_equal(const struct span *left, const struct span *right)
{
    return left->length == right->length && memcmp(left->bytes, right->bytes, left->length) == 0;
}

void twilio_sign(const char *token, const char *url, const struct parameters *parameters,
                 char signature[SIGNATURE_SIZE])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int length = 0;
    CLEANUP(buffer_deinit) struct buffer text;
    buffer_init(&text, MOST_SIGNED);
    buffer_append_text(&text, url);
    for (size_t i = 0; i < parameters->count; i++) {
        const struct parameter *item = &parameters->items[i];
        if (i > 0 && span_is_equal(&item->name, &item[-1].name) &&
            span_is_equal(&item->value, &item[-1].value))
            continue;
        buffer_append(&text, item->name.bytes, item->name.length);
        buffer_append(&text, item->value.bytes, item->value.length);
    }
    require(!text.is_full);
    HMAC(EVP_sha1(), token, (int)strlen(token), (unsigned char *)text.bytes, text.length, digest,
         &length);
    EVP_EncodeBlock((unsigned char *)signature, digest, (int)length);
}
