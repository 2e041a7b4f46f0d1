/* public_id - one AES-128 block of the number, in base 32. Half of the block says what the number
 * is of: whoever guesses an id would have to guess 64 bits.
 *
 * OpenSSL's old interface to AES: for one block the new one would load its providers, 2 MB of
 * memory. */
#define OPENSSL_API_COMPAT 0x10100000L
#include "handoff/public_id.h"

#include <openssl/aes.h>
#include <stdlib.h>
#include <string.h>

#include "base/base32.h"
#include "base/memory.h"
#include "base/require.h"

enum { BLOCK_BYTES = BASE32_BYTES, NUMBER_BYTES = 8 };

static const unsigned char of_handoff[BLOCK_BYTES - NUMBER_BYTES] = {0};
static const unsigned char of_attempt[BLOCK_BYTES - NUMBER_BYTES] = "attempt";

struct public_ids {
    AES_KEY key;
    AES_KEY reading;
};

struct public_ids *public_ids_create(const unsigned char key[PUBLIC_ID_KEY_BYTES])
{
    struct public_ids *ids = memory_zeroed(1, sizeof *ids);
    require(AES_set_encrypt_key(key, 8 * PUBLIC_ID_KEY_BYTES, &ids->key) == 0);
    require(AES_set_decrypt_key(key, 8 * PUBLIC_ID_KEY_BYTES, &ids->reading) == 0);
    return ids;
}

void public_ids_destroy(struct public_ids *ids)
{
    free(ids);
}

static void write_block(const struct public_ids *ids, uint64_t number,
                        const unsigned char kind[BLOCK_BYTES - NUMBER_BYTES], char *digits)
{
    unsigned char plain[BLOCK_BYTES];
    unsigned char block[BLOCK_BYTES];
    for (size_t i = 0; i < NUMBER_BYTES; i++)
        plain[i] = (unsigned char)(number >> 8 * i);
    memcpy(plain + NUMBER_BYTES, kind, sizeof plain - NUMBER_BYTES);
    AES_encrypt(plain, block, &ids->key);
    base32_write(block, digits);
}

static bool read_block(const struct public_ids *ids, const char *digits,
                       const unsigned char kind[BLOCK_BYTES - NUMBER_BYTES], uint64_t *number)
{
    unsigned char plain[BLOCK_BYTES];
    unsigned char block[BLOCK_BYTES];
    if (!base32_read(digits, block))
        return false;
    AES_decrypt(block, plain, &ids->reading);
    *number = 0;
    for (size_t i = 0; i < NUMBER_BYTES; i++)
        *number |= (uint64_t)plain[i] << 8 * i;
    return memcmp(plain + NUMBER_BYTES, kind, sizeof plain - NUMBER_BYTES) == 0;
}

void public_id_write(const struct public_ids *ids, int64_t number, char id[PUBLIC_ID_SIZE])
{
    memcpy(id, "ho_", 3);
    write_block(ids, (uint64_t)number, of_handoff, id + 3);
}

bool public_id_read(const struct public_ids *ids, const char *id, int64_t *number)
{
    uint64_t read = 0;
    bool is_ours = strncmp(id, "ho_", 3) == 0 && read_block(ids, id + 3, of_handoff, &read);
    *number = (int64_t)read;
    return is_ours;
}

void attempt_token_write(const struct public_ids *ids, uint64_t attempt_id,
                         char token[ATTEMPT_TOKEN_SIZE])
{
    write_block(ids, attempt_id, of_attempt, token);
}

bool attempt_token_read(const struct public_ids *ids, const char *token, uint64_t *attempt_id)
{
    return read_block(ids, token, of_attempt, attempt_id);
}
