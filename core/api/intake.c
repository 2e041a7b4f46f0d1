/* intake - one request, one flow:
 *
 *   read      the body and the Idempotency-Key, or a refusal
 *   accept    the dispatcher takes it, unless its conversation has asked too often
 *   answer    what became of it, in JSON
 */
#include "api/intake.h"

#include <stdlib.h>
#include <string.h>

#include "access/door.h"
#include "api/entrance.h"
#include "api/handoff_json.h"
#include "api/reply.h"
#include "base/fingerprint.h"
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
                           const struct http_request *http, const struct handoff_json *read,
                           const char *caller);
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

/* Of two, readers would differ in which one counts (RFC 9110 section 5.3). */
static bool has_two_keys(const struct http_request *request)
{
    size_t count = 0;
    for (size_t i = 0; i < request->header_count; i++)
        count += strcmp(request->headers[i].name, "idempotency-key") == 0;
    return count > 1;
}

static void add_key_error(struct handoff_json *read, struct arena *arena)
{
    static const char message[] = "una vez, de 1 a 255 caracteres visibles, sin espacios";
    if (read->error_count < HANDOFF_JSON_ERRORS)
        read->errors[read->error_count++] =
            (struct field_error){.field = "Idempotency-Key", .message = message};
    if (read->detail == NULL)
        read->detail = arena_format(arena, "Idempotency-Key: %s", message);
}

/* Only the customer's phone can be asked for; other faults are the agent's. */
static bool asks_for_phone(const struct handoff_json *read)
{
    return strcmp(read->errors[0].field, "user_phone") == 0;
}

/* What proves that it is the same request again; a signed one has it in its own header. */
static const char *key_of(const struct http_request *request)
{
    const char *key = http_request_header(request, "idempotency-key");
    return key != NULL ? key : http_request_header(request, WEBHOOK_ID);
}

void intake_request(struct api *api, struct http_exchange *exchange,
                    const struct http_request *request, const char *caller)
{
    struct arena *arena = arena_create(ARENA_BYTES);
    struct handoff_json read = {0};
    struct buffer body;
    buffer_init(&body, REPLY_BYTES);
    const char *key = key_of(request);
    enum handoff_json_result result =
        handoff_json_read(request->body, request->body_length, arena, &read);
    bool has_good_key = key == NULL || (is_good_key(key) && !has_two_keys(request));
    if (result != HANDOFF_JSON_MALFORMED && !has_good_key) {
        add_key_error(&read, arena);
        result = HANDOFF_JSON_INVALID;
    }
    if (result == HANDOFF_JSON_MALFORMED) {
        log_info("a request was refused status=400");
        reply_error(&body, read.detail, api->say->failed);
        refuse(exchange, 400, &body);
    } else if (result == HANDOFF_JSON_INVALID) {
        log_info("a request was refused status=422 field=%s errors=%zu",
                 read.errors[0].is_unknown ? "other" : read.errors[0].field, read.error_count);
        reply_invalid(&body, &read, asks_for_phone(&read) ? api->say->invalid : api->say->failed);
        refuse(exchange, 422, &body);
    } else {
        accept_handoff(api, exchange, request, &read, caller);
    }
    buffer_deinit(&body);
    arena_destroy(arena);
}

static void refuse(struct http_exchange *exchange, int status, const struct buffer *body)
{
    http_respond(exchange, status, NULL, 0, body->bytes, body->length);
}

/* ---- accept */

/* Tells whether a key is used for the same thing; whoever makes two bodies that agree fools only
 * themself. */
static int64_t fingerprint_of(const char *body, size_t length)
{
    uint64_t fingerprint = FINGERPRINT_OF_NOTHING;
    for (size_t i = 0; i < length; i++)
        fingerprint = fingerprint_add(fingerprint, (unsigned char)body[i]);
    return fingerprint_stored(fingerprint);
}

/* What was asked before tells nobody and counts for nothing. In how many ms another one of the
 * conversation, or where none is named, of the customer, may come. */
static int64_t busy_ms(struct api *api, const struct request *request)
{
    const struct handoffd_handoff *handoff = &request->handoff;
    const char *whose =
        handoff->conversation_id != NULL ? handoff->conversation_id : handoff->user_phone;
    return dispatcher_has_accepted(api->dispatcher, request)
               ? 0
               : door_conversation_ms(api->door, whose);
}

static void take(struct api *api, struct http_exchange *exchange, const struct request *request)
{
    struct intake *intake = memory_zeroed(1, sizeof *intake);
    intake->api = api;
    intake->exchange = exchange;
    intake->waiter.on_answer = on_answer;
    dispatcher_accept(api->dispatcher, request, &intake->waiter);
}

static void accept_handoff(struct api *api, struct http_exchange *exchange,
                           const struct http_request *http, const struct handoff_json *read,
                           const char *caller)
{
    const struct request request = {
        .handoff = read->handoff,
        .key = key_of(http),
        .digest = fingerprint_of(http->body, http->body_length),
        .caller = caller,
        .reply_within_ms = api->reply_within_ms,
    };
    int64_t retry_after_ms = busy_ms(api, &request);
    if (retry_after_ms == 0) {
        take(api, exchange, &request);
        return;
    }
    log_info("a request was refused status=429 reason=conversation");
    entrance_refuse_for_now(api, exchange,
                            "Demasiadas solicitudes de la misma conversación: vuelve a intentar "
                            "más tarde",
                            retry_after_ms);
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
