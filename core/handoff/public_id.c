/* public_id - one AES-128 block of the number, in Crockford's base 32 (no i, l, o, u). */
#include "handoff/public_id.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/require.h"

enum { BLOCK_BYTES = 16, DIGITS = 26 };

struct public_ids {
    EVP_CIPHER_CTX *cipher;
};

struct public_ids *public_ids_create(const unsigned char key[PUBLIC_ID_KEY_BYTES])
{
    struct public_ids *ids = memory_zeroed(1, sizeof *ids);
    ids->cipher = EVP_CIPHER_CTX_new();
    require(ids->cipher != NULL);
    require(EVP_EncryptInit_ex(ids->cipher, EVP_aes_128_ecb(), NULL, key, NULL) == 1);
    require(EVP_CIPHER_CTX_set_padding(ids->cipher, 0) == 1);
    return ids;
}

void public_ids_destroy(struct public_ids *ids)
{
    if (ids == NULL)
        return;
    EVP_CIPHER_CTX_free(ids->cipher);
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

void public_id_write(struct public_ids *ids, int64_t number, char id[PUBLIC_ID_SIZE])
{
    unsigned char plain[BLOCK_BYTES] = {0};
    unsigned char block[BLOCK_BYTES];
    int length = 0;
    for (size_t i = 0; i < sizeof number; i++)
        plain[i] = (unsigned char)((uint64_t)number >> 8 * i);
    require(EVP_EncryptUpdate(ids->cipher, block, &length, plain, BLOCK_BYTES) == 1 &&
            length == BLOCK_BYTES);
    memcpy(id, "ho_", 3);
    write_base32(block, id + 3);
}
