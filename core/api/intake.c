/* intake - one request, one flow:
 *
 *   read      the body and the Idempotency-Key, or a refusal
 *   accept    the dispatcher takes it
 *   answer    what became of it, in JSON
 */
#include "api/intake.h"

#include <stdlib.h>
#include <string.h>

#include "api/handoff_json.h"
#include "api/reply.h"
#include "base/log.h"
#include "base/memory.h"

enum { ARENA_BYTES = 2048, KEY_BYTES_MOST = 255 };

/* One request on its way. */
struct intake {
    struct waiter waiter;
    struct api *api;
    struct http_exchange *exchange;
};

static void refuse(struct http_exchange *exchange, int status, const struct buffer *body);
static void accept_handoff(struct api *api, struct http_exchange *exchange,
                           const struct http_request *http, const struct handoff_json *read);
static void on_answer(struct waiter *waiter, const struct answer *answer);

/* ---- read */

/* Printable, and not endless: it is kept for a day. */
static bool is_good_key(const char *key)
{
    size_t length = strlen(key);
    for (size_t i = 0; i < length; i++) {
        if ((unsigned char)key[i] <= 0x20 || (unsigned char)key[i] >= 0x7f)
            return false;
    }
    return length >= 1 && length <= KEY_BYTES_MOST;
}

static void add_key_error(struct handoff_json *read, struct arena *arena)
{
    static const char message[] = "de 1 a 255 caracteres visibles, sin espacios";
    if (read->error_count < HANDOFF_JSON_ERRORS)
        read->errors[read->error_count++] = (struct field_error){"Idempotency-Key", message};
    if (read->detail == NULL)
        read->detail = arena_format(arena, "Idempotency-Key: %s", message);
}

/* Only the customer's phone can be asked for; other faults are the agent's. */
static bool asks_for_phone(const struct handoff_json *read)
{
    return strcmp(read->errors[0].field, "user_phone") == 0;
}

void intake_request(struct api *api, struct http_exchange *exchange,
                    const struct http_request *request)
{
    struct arena *arena = arena_create(ARENA_BYTES);
    struct handoff_json read = {0};
    struct buffer body;
    buffer_init(&body, REPLY_BYTES);
    const char *key = http_request_header(request, "idempotency-key");
    enum handoff_json_result result =
        handoff_json_read(request->body, request->body_length, arena, &read);
    if (result != HANDOFF_JSON_MALFORMED && key != NULL && !is_good_key(key)) {
        add_key_error(&read, arena);
        result = HANDOFF_JSON_INVALID;
    }
    if (result == HANDOFF_JSON_MALFORMED) {
        log_info("a request was refused status=400");
        reply_error(&body, read.detail, api->say->failed);
        refuse(exchange, 400, &body);
    } else if (result == HANDOFF_JSON_INVALID) {
        log_info("a request was refused status=422 field=%s errors=%zu", read.errors[0].field,
                 read.error_count);
        reply_invalid(&body, &read, asks_for_phone(&read) ? api->say->invalid : api->say->failed);
        refuse(exchange, 422, &body);
    } else {
        accept_handoff(api, exchange, request, &read);
    }
    buffer_deinit(&body);
    arena_destroy(arena);
}

static void refuse(struct http_exchange *exchange, int status, const struct buffer *body)
{
    http_respond(exchange, status, NULL, 0, body->bytes, body->length);
}

/* ---- accept */

/* FNV-1a: tells whether a key is used for the same thing; whoever makes two bodies that agree fools
 * only themself. */
static int64_t digest_of(const char *body, size_t length)
{
    uint64_t digest = 14695981039346656037U;
    for (size_t i = 0; i < length; i++)
        digest = (digest ^ (unsigned char)body[i]) * 1099511628211U;
    return (int64_t)(digest >> 1);
}

static void accept_handoff(struct api *api, struct http_exchange *exchange,
                           const struct http_request *http, const struct handoff_json *read)
{
    struct intake *intake = memory_zeroed(1, sizeof *intake);
    struct request request = {
        .handoff = read->handoff,
        .key = http_request_header(http, "idempotency-key"),
        .digest = digest_of(http->body, http->body_length),
        .reply_within_ms = api->reply_within_ms,
    };
    intake->api = api;
    intake->exchange = exchange;
    intake->waiter.on_answer = on_answer;
    dispatcher_accept(api->dispatcher, &request, &intake->waiter);
}

/* ---- answer */

static void on_answer(struct waiter *waiter, const struct answer *answer)
{
    static const struct http_header retry_after = {"Retry-After", "5"};
    struct intake *intake = container_of(waiter, struct intake, waiter);
    struct buffer body;
    buffer_init(&body, REPLY_BYTES);
    int status = reply_answer(&body, answer, intake->api->say);
    http_respond(intake->exchange, status, &retry_after, answer->kind == ANSWER_OVERLOADED ? 1 : 0,
                 body.bytes, body.length);
    buffer_deinit(&body);
    free(intake);
}
