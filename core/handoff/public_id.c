/* public_id - one AES-128 block of the number, in Crockford's base 32 (no i, l, o, u).
 *
 * OpenSSL's old interface to AES: for one block the new one would load its providers, 2 MB of
 * memory. */
#define OPENSSL_API_COMPAT 0x10100000L
#include "handoff/public_id.h"

#include <openssl/aes.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/require.h"

enum { BLOCK_BYTES = 16, DIGITS = 26 };

struct public_ids {
    AES_KEY key;
};

struct public_ids *public_ids_create(const unsigned char key[PUBLIC_ID_KEY_BYTES])
{
    struct public_ids *ids = memory_zeroed(1, sizeof *ids);
    require(AES_set_encrypt_key(key, 8 * PUBLIC_ID_KEY_BYTES, &ids->key) == 0);
    return ids;
}

void public_ids_destroy(struct public_ids *ids)
{
    free(ids);
}

/* 128 bits are 25 digits of 5 and one of 3. */
static void write_base32(const unsigned char block[BLOCK_BYTES], char *digits)
{
    static const char alphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";
    unsigned bits = 0;
    unsigned held = 0;
    size_t at = 0;
    for (size_t i = 0; i < BLOCK_BYTES; i++) {
        held = held << 8 | block[i];
        for (bits += 8; bits >= 5; bits -= 5)
            digits[at++] = alphabet[held >> (bits - 5) & 31];
    }
    digits[at++] = alphabet[held << (5 - bits) & 31];
    digits[at] = '\0';
}

void public_id_write(const struct public_ids *ids, int64_t number, char id[PUBLIC_ID_SIZE])
{
    unsigned char plain[BLOCK_BYTES] = {0};
    unsigned char block[BLOCK_BYTES];
    for (size_t i = 0; i < sizeof number; i++)
        plain[i] = (unsigned char)((uint64_t)number >> 8 * i);
    AES_encrypt(plain, block, &ids->key);
    memcpy(id, "ho_", 3);
    write_base32(block, id + 3);
}
