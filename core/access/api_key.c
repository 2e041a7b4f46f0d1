/* api_key - its text, and the words for what it may do. */
#include "access/api_key.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "base/base32.h"
#include "base/memory.h"
#include "base/require.h"

enum { NAME_MOST = 64 };

static const char *const scope_names[] = {
    [SCOPE_NONE] = "", [SCOPE_HANDOFF] = "handoff", [SCOPE_READ] = "read", [SCOPE_ADMIN] = "admin"};

const char *scope_name(enum scope scope)
{
    return scope_names[scope];
}

bool scope_parse(const char *text, enum scope *scope)
{
    for (int i = SCOPE_HANDOFF; i <= SCOPE_ADMIN; i++) {
        if (strcmp(scope_names[i], text) != 0)
            continue;
        *scope = (enum scope)i;
        return true;
    }
    return false;
}

bool scope_covers(enum scope has, enum scope wanted)
{
    return wanted == SCOPE_NONE || has == wanted || has == SCOPE_ADMIN;
}

/* 26 digits of 128 random bits; fewer are asked for by cutting. */
static void random_digits(char digits[BASE32_DIGITS + 1])
{
    unsigned char bytes[BASE32_BYTES];
    require(getrandom(bytes, sizeof bytes, 0) == sizeof bytes);
    base32_write(bytes, digits);
    OPENSSL_cleanse(bytes, sizeof bytes);
}

void api_key_make(char text[API_KEY_SIZE], char id[API_KEY_ID_SIZE])
{
    char digits[BASE32_DIGITS + 1];
    random_digits(digits);
    snprintf(id, API_KEY_ID_SIZE, "%.*s", API_KEY_ID_SIZE - 1, digits);
    random_digits(digits);
    snprintf(text, API_KEY_SIZE, "hk_%s_%s", id, digits);
    OPENSSL_cleanse(digits, sizeof digits);
}

bool api_key_is_name(const char *name)
{
    static const char fine[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";
    size_t length = strlen(name);
    return length > 0 && length <= NAME_MOST && strspn(name, fine) == length;
}
