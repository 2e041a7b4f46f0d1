/* digest - OpenSSL's old interface to SHA-256: the new one would load its providers, 2 MB of
 * memory, and takes four times as long. */
#define OPENSSL_API_COMPAT 0x10100000L
#include "access/digest.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>
#include <string.h>

struct digest digest_of(const char *bytes, size_t length)
{
    struct digest digest;
    SHA256_CTX context;
    SHA256_Init(&context);
    SHA256_Update(&context, bytes, length);
    SHA256_Final(digest.bytes, &context);
    OPENSSL_cleanse(&context, sizeof context);
    return digest;
}

bool digest_is_same(const struct digest *one, const struct digest *other)
{
    return CRYPTO_memcmp(one->bytes, other->bytes, DIGEST_BYTES) == 0;
}

static int value_of(char digit)
{
    static const char digits[] = "0123456789abcdef";
    char lower = digit >= 'A' && digit <= 'F' ? (char)(digit | 0x20) : digit;
    const char *found = lower != '\0' ? strchr(digits, lower) : NULL;
    return found != NULL ? (int)(found - digits) : -1;
}

bool digest_parse(const char *text, struct digest *digest)
{
    if (strlen(text) != DIGEST_HEX_DIGITS)
        return false;
    for (size_t i = 0; i < DIGEST_BYTES; i++) {
        int high = value_of(text[2 * i]);
        int low = value_of(text[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        digest->bytes[i] = (unsigned char)(high << 4 | low);
    }
    return true;
}
