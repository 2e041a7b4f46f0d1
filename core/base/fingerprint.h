/* fingerprint - FNV-1a, a byte at a time: tells things apart that came to differ by themselves.
 * Whoever wants two that agree finds them. */
#ifndef BASE_FINGERPRINT_H
#define BASE_FINGERPRINT_H

#include <stdint.h>

#define FINGERPRINT_OF_NOTHING UINT64_C(14695981039346656037)

static inline uint64_t fingerprint_add(uint64_t fingerprint, unsigned char byte)
{
    return (fingerprint ^ byte) * UINT64_C(1099511628211);
}

/* As the store keeps it: never negative. */
static inline int64_t fingerprint_stored(uint64_t fingerprint)
{
    return (int64_t)(fingerprint >> 1);
}

#endif
