/* fuzz_http - a stream of bytes to requests, in one piece and in cuts: the same comes out, and it
 * is what a handler may rely on. The first byte chooses the cuts. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/require.h"
#include "http/request.h"

#define MAX_OUTCOME (1024 * 1024)
#define MAX_STREAM  8192

/* Small, so that they are reached. */
static const struct http_limits limits = {.header_bytes = 512, .headers = 8, .body_bytes = 128};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_header(const struct http_header *header)
{
    size_t length = strlen(header->value);
    require(header->name[0] != '\0');
    for (const char *name = header->name; *name != '\0'; name++)
        require(strict_is_token(*name) && !(*name >= 'A' && *name <= 'Z'));
    require(strict_is_text(header->value, length));
    require(length == 0 || (header->value[0] > ' ' || header->value[0] < 0));
    require(length == 0 || (header->value[length - 1] > ' ' || header->value[length - 1] < 0));
}

static void check_text(const char *text)
{
    for (; *text != '\0'; text++)
        require(*text > 0x20 && *text < 0x7f);
}

static void check_request(const struct request_reader *reader)
{
    const struct http_request *request = &reader->request;
    require(request->path[0] == '/' || strcmp(request->path, "*") == 0);
    check_text(request->path);
    check_text(request->query);
    require(request->body_length <= (size_t)limits.body_bytes);
    require(request->body[request->body_length] == '\0');
    require(request->header_count <= (size_t)limits.headers);
    for (size_t i = 0; i < request->header_count; i++)
        check_header(&request->headers[i]);
    bool is_http11 = !reader->head.is_http10;
    require(!is_http11 || http_request_header(request, "host") != NULL);
    require(is_http11 || http_request_header(request, "transfer-encoding") == NULL);
    require(http_request_header(request, "transfer-encoding") == NULL ||
            http_request_header(request, "content-length") == NULL);
}

/* Of two faults in one body, the cuts may decide which is named; so it is not compared. */
static void describe(const struct request_reader *reader, struct buffer *outcome)
{
    const struct http_request *request = &reader->request;
    if (reader->state == REQUEST_REFUSED) {
        require(reader->refusal.status >= 400 && reader->refusal.status <= 505);
        buffer_append_text(outcome, "refused");
        return;
    }
    check_request(reader);
    buffer_format(outcome, "%s %s?%s keeps=%d\n", request->method, request->path, request->query,
                  reader->keeps_alive);
    for (size_t i = 0; i < request->header_count; i++)
        buffer_format(outcome, "%s: %s\n", request->headers[i].name, request->headers[i].value);
    buffer_append(outcome, request->body, request->body_length);
    buffer_append_char(outcome, '\n');
}

static void feed(struct request_reader *reader, const char *bytes, size_t length,
                 struct buffer *outcome)
{
    size_t taken = 0;
    while (taken < length && reader->state != REQUEST_REFUSED) {
        size_t step = request_feed(reader, bytes + taken, length - taken);
        require(step <= length - taken);
        taken += step;
        if (reader->state == REQUEST_COMPLETE || reader->state == REQUEST_REFUSED)
            describe(reader, outcome);
        if (reader->state == REQUEST_COMPLETE)
            request_reset(reader);
    }
}

/* Pieces of 1 to `longest` bytes, each in memory of its own, so that a byte read too far is seen.
 */
static void run(const char *bytes, size_t length, size_t longest, struct buffer *outcome)
{
    struct request_reader reader = {0};
    size_t taken = 0;
    size_t cut = longest;
    buffer_init(outcome, MAX_OUTCOME);
    request_init(&reader, &limits);
    while (taken < length) {
        cut = (cut * 31 + 7) % longest + 1;
        size_t size = cut < length - taken ? cut : length - taken;
        char *piece = memory_zeroed(1, size);
        memcpy(piece, bytes + taken, size);
        feed(&reader, piece, size, outcome);
        free(piece);
        taken += size;
    }
    buffer_format(outcome, "\nstate %d", (int)reader.state);
    request_deinit(&reader);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(buffer_deinit) struct buffer whole;
    CLEANUP(buffer_deinit) struct buffer cut;
    buffer_init(&whole, 0);
    buffer_init(&cut, 0);
    if (size < 2 || size > MAX_STREAM)
        return 0;
    const char *bytes = (const char *)data + 1;
    run(bytes, size - 1, size * 1000, &whole);
    run(bytes, size - 1, 1 + data[0] % 61u, &cut);
    require(whole.length == cut.length && memcmp(whole.bytes, cut.bytes, whole.length) == 0);
    return 0;
}
