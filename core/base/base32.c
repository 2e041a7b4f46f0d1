/* base32 - five bits a digit, the last one padded with zeros. */
#include "base/base32.h"

#include <stddef.h>
#include <string.h>

static const char alphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";

/* 128 bits are 25 digits of 5 and one of 3. */
void base32_write(const unsigned char bytes[BASE32_BYTES], char *digits)
{
    unsigned bits = 0;
    unsigned held = 0;
    size_t at = 0;
    for (size_t i = 0; i < BASE32_BYTES; i++) {
        held = held << 8 | bytes[i];
        for (bits += 8; bits >= 5; bits -= 5)
            digits[at++] = alphabet[held >> (bits - 5) & 31];
    }
    digits[at++] = alphabet[held << (5 - bits) & 31];
    digits[at] = '\0';
}

/* The last digit's two low bits are none of the bytes': they must be zero, so that all bytes have
 * one text. */
bool base32_read(const char *digits, unsigned char bytes[BASE32_BYTES])
{
    unsigned bits = 0;
    unsigned held = 0;
    size_t at = 0;
    for (size_t i = 0; i < BASE32_DIGITS; i++) {
        const char *digit = digits[i] != '\0' ? strchr(alphabet, digits[i]) : NULL;
        if (digit == NULL)
            return false;
        held = (held << 5 | (unsigned)(digit - alphabet)) & 0xfff;
        bits += 5;
        if (bits >= 8) {
            bits -= 8;
            bytes[at++] = (unsigned char)(held >> bits);
        }
    }
    return digits[BASE32_DIGITS] == '\0' && at == BASE32_BYTES && (held & 3) == 0;
}
