/* twilio_callback - status callbacks as Twilio posts them, signed by a hand of the tests' own. */
#ifndef TEST_TWILIO_CALLBACK_H
#define TEST_TWILIO_CALLBACK_H

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "twilio_fixture.h"

#define CALLBACK "https://handoff.example.com/hooks/whatsapp/3f9a"
#define SID      "SM00000000000000000000000000000001"

enum { MOST_PAIRS = 24, MOST_FORM = 65536 };

struct pair {
    const char *name; /* NULL ends a list */
    const char *value;
};

struct callback {
    const char *url;
    const char *method;
    const char *content_type; /* NULL: none is sent */
    uint64_t attempt_id;
    struct pair pairs[MOST_PAIRS];
    const char *token;
    const char *signature; /* NULL: the right one; "-": none */
};

/* What Twilio sends for a message that is `status`; more pairs may be appended. */
static inline struct callback callback_of(const char *status)
{
    return (struct callback){
        .url = CALLBACK,
        .method = "POST",
        .content_type = "application/x-www-form-urlencoded; charset=UTF-8",
        .attempt_id = 7,
        .pairs = {{"SmsSid", SID},
                  {"SmsStatus", status},
                  {"MessageStatus", status},
                  {"ChannelToAddress", "+521551234XXXX"},
                  {"To", "whatsapp:+5215512345678"},
                  {"ChannelPrefix", "whatsapp"},
                  {"MessageSid", SID},
                  {"AccountSid", ACCOUNT},
                  {"StructuredMessage", "false"},
                  {"From", "whatsapp:+14155238886"},
                  {"ApiVersion", "2010-04-01"},
                  {"ChannelInstallSid", "XE00000000000000000000000000000001"}},
        .token = "s3cret",
    };
}

static inline size_t pair_count(const struct callback *callback)
{
    size_t count = 0;
    while (count < MOST_PAIRS && callback->pairs[count].name != NULL)
        count++;
    return count;
}

static inline void add_pair(struct callback *callback, const char *name, const char *value)
{
    size_t count = pair_count(callback);
    assert_true(count < MOST_PAIRS);
    callback->pairs[count] = (struct pair){name, value};
}

static inline void set_pair(struct callback *callback, const char *name, const char *value)
{
    for (size_t i = 0; i < pair_count(callback); i++) {
        if (strcmp(callback->pairs[i].name, name) == 0)
            callback->pairs[i].value = value;
    }
}

static inline int compare_pairs(const void *left, const void *right)
{
    const struct pair *one = left;
    const struct pair *other = right;
    int order = strcmp(one->name, other->name);
    return order != 0 ? order : strcmp(one->value, other->value);
}

/* base64(HMAC-SHA1(token, url, name, value, …)), of pairs without doubles. */
static inline void sign(const struct callback *callback, char signature[32])
{
    static char text[MOST_FORM];
    struct pair sorted[MOST_PAIRS];
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int length = 0;
    size_t count = pair_count(callback);
    memcpy(sorted, callback->pairs, sizeof sorted);
    qsort(sorted, count, sizeof sorted[0], compare_pairs);
    strcpy(text, callback->url);
    for (size_t i = 0; i < count; i++)
        strcat(strcat(text, sorted[i].name), sorted[i].value);
    HMAC(EVP_sha1(), callback->token, (int)strlen(callback->token), (const unsigned char *)text,
         strlen(text), digest, &length);
    EVP_EncodeBlock((unsigned char *)signature, digest, (int)length);
}

/* As a browser would: + for a blank. */
static inline void encode(char *form, const char *text)
{
    form += strlen(form);
    for (; *text != '\0'; text++) {
        if (*text == ' ')
            *form++ = '+';
        else if (strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._", *text))
            *form++ = *text;
        else
            form += sprintf(form, "%%%02x", (unsigned char)*text);
    }
    *form = '\0';
}

static inline void write_body(const struct callback *callback, char form[MOST_FORM])
{
    form[0] = '\0';
    for (size_t i = 0; i < pair_count(callback); i++) {
        strcat(form, i > 0 ? "&" : "");
        encode(form, callback->pairs[i].name);
        strcat(form, "=");
        encode(form, callback->pairs[i].value);
    }
}

/* The status that Twilio is answered. */
static inline uint32_t post(struct subject *subject, const struct callback *callback)
{
    static char body[MOST_FORM];
    char right[32];
    const char *names[4] = {"host", "i-twilio-idempotency-token"};
    const char *values[4] = {"handoff.example.com", "b9e1"};
    size_t count = 2;
    write_body(callback, body);
    sign(callback, right);
    if (callback->content_type != NULL) {
        names[count] = "content-type";
        values[count++] = callback->content_type;
    }
    if (callback->signature == NULL || strcmp(callback->signature, "-") != 0) {
        names[count] = "x-twilio-signature";
        values[count++] = callback->signature != NULL ? callback->signature : right;
    }
    const struct handoffd_request request = {
        .size = sizeof request,
        .attempt_id = callback->attempt_id,
        .method = callback->method,
        .url = callback->url,
        .path = "3f9a",
        .headers = {names, values, count},
        .body = body,
        .body_length = strlen(body),
    };
    struct received received = subject_receive(subject, &request);
    uint32_t status = received.status;
    received_deinit(&received);
    return status;
}

#endif
