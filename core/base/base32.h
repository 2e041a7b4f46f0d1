/* base32 - 16 bytes as 26 digits that people can read out: Crockford's, lower case, without i, l, o
 * and u. */
#ifndef BASE_BASE32_H
#define BASE_BASE32_H

#include <stdbool.h>

enum { BASE32_BYTES = 16, BASE32_DIGITS = 26 };

/* Writes the digits and a NUL: BASE32_DIGITS + 1 characters. */
void base32_write(const unsigned char bytes[BASE32_BYTES], char *digits);

/* False: it is nothing that base32_write has written. */
bool base32_read(const char *digits, unsigned char bytes[BASE32_BYTES]);

#endif
