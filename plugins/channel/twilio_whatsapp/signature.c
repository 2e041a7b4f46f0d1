/* signature - all the forms that Twilio may have signed are computed, and none is compared in less
 * time than another. */
#include "signature.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

enum { SIGNATURE_LENGTH = 28, LONGEST_PORT = 4 /* ":443" */ };

/* https://, ana:secret@host, :8443, /path?query */
struct url {
    const char *start;
    size_t authority; /* ends behind the host */
    const char *port; /* ":8443", or what follows the authority */
    const char *rest;
    const char *own_port; /* of the scheme */
};

/* ---------------------------------------------------------------- what was signed */

static struct url split(const char *text)
{
    const char *scheme = strstr(text, "://");
    const char *authority = scheme != NULL ? scheme + 3 : text;
    const char *rest = authority + strcspn(authority, "/?#");
    const char *port = rest;
    while (port > authority && port[-1] >= '0' && port[-1] <= '9')
        port--;
    bool has_port = port > authority && port[-1] == ':';
    port = has_port ? port - 1 : rest;
    return (struct url){
        .start = text,
        .authority = (size_t)(port - text),
        .port = port,
        .rest = rest,
        .own_port = strncasecmp(text, "http:", 5) == 0 ? ":80" : ":443",
    };
}

static char *put(char *to, const char *bytes, size_t length)
{
    if (length > 0)
        memcpy(to, bytes, length);
    return to + length;
}

/* An apostrophe in the query is signed as browsers write it. */
static char *put_rest(char *to, const char *rest, bool is_encoded)
{
    const char *query = strchr(rest, '?');
    for (; *rest != '\0'; rest++) {
        if (is_encoded && query != NULL && rest > query && *rest == '\'')
            to = put(to, "%27", 3);
        else
            *to++ = *rest;
    }
    return to;
}

static char *put_url(char *to, const struct url *url, bool has_port, bool is_encoded)
{
    size_t port = (size_t)(url->rest - url->port);
    to = put(to, url->start, url->authority);
    if (has_port && port > 0)
        to = put(to, url->port, port);
    else if (has_port)
        to = put(to, url->own_port, strlen(url->own_port));
    return put_rest(to, url->rest, is_encoded);
}

static bool is_same(const struct span *left, const struct span *right)
{
    return left->length == right->length && memcmp(left->bytes, right->bytes, left->length) == 0;
}

/* They are sorted: what is the same stands together. */
static char *put_parameters(char *to, const struct parameters *parameters)
{
    for (size_t i = 0; i < parameters->count; i++) {
        const struct parameter *now = &parameters->items[i];
        const struct parameter *before = i > 0 ? now - 1 : NULL;
        bool is_new_name = before == NULL || !is_same(&before->name, &now->name);
        if (!is_new_name && is_same(&before->value, &now->value))
            continue;
        to = put(to, now->name.bytes, now->name.length);
        to = put(to, now->value.bytes, now->value.length);
    }
    return to;
}

/* ---------------------------------------------------------------- the comparison */

static bool is_signature_of(const char *token, const char *bytes, size_t length, const char *given)
{
    unsigned char digest[SHA_DIGEST_LENGTH];
    unsigned char expected[SIGNATURE_LENGTH + 1];
    unsigned int digest_length = 0;
    if (HMAC(EVP_sha1(), token, (int)strlen(token), (const unsigned char *)bytes, length, digest,
             &digest_length) == NULL)
        return false;
    EVP_EncodeBlock(expected, digest, (int)digest_length);
    return CRYPTO_memcmp(expected, given, SIGNATURE_LENGTH) == 0;
}

/* `room` holds the longest form. */
static bool is_any_form(const char *token, const struct url *url,
                        const struct parameters *parameters, const char *given, char *room)
{
    bool has_apostrophe = strchr(url->rest, '\'') != NULL;
    bool is_right = false;
    for (int form = 0; form < (has_apostrophe ? 4 : 2); form++) {
        char *end = put_url(room, url, (form & 1) != 0, (form & 2) != 0);
        end = put_parameters(end, parameters);
        is_right |= is_signature_of(token, room, (size_t)(end - room), given);
    }
    return is_right;
}

static size_t longest_form(const char *url, const struct parameters *parameters)
{
    size_t length = strlen(url) * 3 + LONGEST_PORT + 1;
    for (size_t i = 0; i < parameters->count; i++)
        length += parameters->items[i].name.length + parameters->items[i].value.length;
    return length;
}

/* ---------------------------------------------------------------- bodies that are no forms */

/* The value of bodySHA256 in the query; NULL: there is none. */
static const char *body_hash(const char *url)
{
    static const char name[] = "bodySHA256=";
    const char *next = strchr(url, '?');
    while (next != NULL && strncmp(next + 1, name, sizeof name - 1) != 0)
        next = strchr(next + 1, '&');
    return next != NULL ? next + sizeof name : NULL;
}

static bool is_hash_of(const char *given, const char *body, size_t length)
{
    static const char digits[] = "0123456789abcdef";
    unsigned char digest[SHA256_DIGEST_LENGTH];
    char expected[2 * SHA256_DIGEST_LENGTH];
    if (strcspn(given, "&#") != sizeof expected)
        return false;
    SHA256((const unsigned char *)body, length, digest);
    for (size_t i = 0; i < sizeof digest; i++) {
        expected[2 * i] = digits[digest[i] >> 4];
        expected[2 * i + 1] = digits[digest[i] & 15];
    }
    return CRYPTO_memcmp(expected, given, sizeof expected) == 0;
}

bool signature_is_right(const char *token, const char *url, const struct parameters *parameters,
                        const char *body, size_t body_length, const char *given)
{
    static const struct parameters none = {0};
    const char *hash = body_hash(url);
    if (given == NULL || strlen(given) != SIGNATURE_LENGTH ||
        (hash != NULL && !is_hash_of(hash, body, body_length)))
        return false;
    const struct parameters *signed_ones = hash != NULL ? &none : parameters;
    const struct url parts = split(url);
    char *room = malloc(longest_form(url, signed_ones));
    bool is_right = room != NULL && is_any_form(token, &parts, signed_ones, given, room);
    free(room);
    return is_right;
}
