/* fuzz_webhook_signature - a signed request is let in where its sender signed it, and nowhere else;
 * keys, names and hashes are what they are, and nothing near it. The first line is a secret, the
 * second a key; then headers, an empty line, and the body. */
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "access/keyring.h"
#include "access/webhook_signature.h"
#include "base/buffer.h"
#include "base/memory.h"
#include "base/require.h"
#include "input.h"

enum { MOST_BYTES = 8192, MOST_HEADERS = 8, MAC_SIZE = 48, SECRET_TEXT_SIZE = 128 };

#define NOW_MS INT64_C(1790000000000)

static const char usual_secret[] = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
static const char good_key[] = "hk_0a1b2c3d_0123456789abcdefghijklmnop";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What was read as a secret is written in one way only. */
static void read_secret(const char *text, struct webhook_secret *secret)
{
    char again[SECRET_TEXT_SIZE] = "whsec_";
    if (!webhook_secret_parse(text, secret)) {
        require(webhook_secret_parse(usual_secret, secret));
        return;
    }
    require(secret->length >= WEBHOOK_SECRET_LEAST && secret->length <= WEBHOOK_SECRET_MOST);
    EVP_EncodeBlock((unsigned char *)again + strlen(again), secret->bytes, (int)secret->length);
    require(strcmp(again, text) == 0);
}

static void check_key(const char *text)
{
    struct keyring *keyring = keyring_create();
    struct api_key key = {.name = "good", .scope = SCOPE_HANDOFF};
    struct digest digest;
    key.digest = digest_of(good_key, strlen(good_key));
    keyring_adopt(keyring, &key, 1);
    require((keyring_find(keyring, text) != NULL) == (strcmp(text, good_key) == 0));
    keyring_destroy(keyring);
    require(!digest_parse(text, &digest) || strlen(text) == DIGEST_HEX_DIGITS);
    require(!api_key_is_name(text) || strpbrk(text, " \"\\/\n\r\t") == NULL);
    enum scope scope;
    require(!scope_parse(text, &scope) || strcmp(scope_name(scope), text) == 0);
}

static size_t read_headers(struct input *input, struct http_header headers[MOST_HEADERS])
{
    size_t count = 0;
    while (input->left > 0 && count < MOST_HEADERS) {
        char *line = input_line(input);
        char *colon = strchr(line, ':');
        if (colon == NULL) {
            free(line);
            break;
        }
        *colon = '\0';
        headers[count++] = (struct http_header){line, colon + 1 + strspn(colon + 1, " \t")};
    }
    return count;
}

static void free_headers(struct http_header *headers, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free((char *)headers[i].name);
}

static void sign(const struct http_request *request, const struct webhook_secret *secret,
                 char signature[MAC_SIZE])
{
    unsigned char mac[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    CLEANUP(buffer_deinit) struct buffer text;
    buffer_init(&text, 2 * MOST_BYTES);
    buffer_append_text(&text, http_request_header(request, WEBHOOK_ID));
    buffer_append_char(&text, '.');
    buffer_append_text(&text, http_request_header(request, WEBHOOK_TIMESTAMP));
    buffer_append_char(&text, '.');
    buffer_append(&text, request->body, request->body_length);
    HMAC(EVP_sha256(), secret->bytes, (int)secret->length, (unsigned char *)text.bytes, text.length,
         mac, &length);
    memcpy(signature, "v1,", 4);
    EVP_EncodeBlock((unsigned char *)signature + 3, mac, (int)length);
}

static struct http_header *signature_of(struct http_header *headers, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(headers[i].name, WEBHOOK_SIGNATURE) == 0)
            return &headers[i];
    }
    return NULL;
}

static void check_signature(const struct http_request *request, struct http_header *header,
                            const struct webhook_secret *secret)
{
    char right[MAC_SIZE];
    const struct signer signer = {"sender", secret, 1};
    sign(request, secret, right);
    bool is_taken = webhook_signer(request, &signer, 1) != NULL;
    require(!is_taken || strstr(header->value, right) != NULL);
    const char *given = header->value;
    header->value = right;
    require(webhook_signer(request, &signer, 1) == &signer);
    right[3 + request->body_length % 43] ^= 1;
    require(webhook_signer(request, &signer, 1) == NULL);
    header->value = given;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {data, size};
    struct webhook_secret secret;
    struct http_header headers[MOST_HEADERS];
    if (size > MOST_BYTES)
        return 0;
    CLEANUP(memory_free) char *secret_text = input_line(&input);
    CLEANUP(memory_free) char *key = input_line(&input);
    read_secret(secret_text, &secret);
    check_key(key);
    struct http_request request = {.headers = headers};
    request.header_count = read_headers(&input, headers);
    CLEANUP(memory_free) char *body = input_rest(&input, &request.body_length);
    request.body = body;
    enum webhook_head head = webhook_look(&request, NOW_MS);
    require(head == WEBHOOK_HEAD_WRONG || webhook_is_signed(&request));
    struct http_header *signature = signature_of(headers, request.header_count);
    if (head == WEBHOOK_HEAD_FINE)
        check_signature(&request, signature, &secret);
    free_headers(headers, request.header_count);
    return 0;
}
