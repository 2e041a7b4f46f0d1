/* digest - SHA-256 (FIPS 180-4), and a comparison that takes as long whatever differs. */
#ifndef ACCESS_DIGEST_H
#define ACCESS_DIGEST_H

#include <stdbool.h>
#include <stddef.h>

enum { DIGEST_BYTES = 32, DIGEST_HEX_DIGITS = 64 };

struct digest {
    unsigned char bytes[DIGEST_BYTES];
};

struct digest digest_of(const char *bytes, size_t length);

bool digest_is_same(const struct digest *one, const struct digest *other);

/* 64 hexadecimal digits, as sha256sum prints them. False: it is not that. */
bool digest_parse(const char *text, struct digest *digest);

#endif
