/* request - the head is gathered and looked at line by line; when it is whole, llhttp parses it in
 * one piece, so that nothing it points to is ever cut; the body goes through llhttp as it comes. */
#include "http/request.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

#define HEAD_STEP_BYTES  2048 /* so that little of a body is copied in search of the head's end */
#define KEPT_BYTES       4096
#define KEPT_HEADERS     64
#define MAX_FIRST_BLANKS 2 /* one empty line before a request: RFC 9112 section 2.2 */

/* The steps of a head, in the order in which they run. */
static size_t feed_head(struct request_reader *reader, const char *bytes, size_t length);
static void look_at_lines(struct request_reader *reader);
static bool look_at_line(struct request_reader *reader, size_t end);
static void finish_head(struct request_reader *reader);
static bool parse_head(struct request_reader *reader);
static void cut_target(struct request_reader *reader);
static void cut_headers(struct request_reader *reader);

/* The steps of a body. */
static size_t feed_counted(struct request_reader *reader, const char *bytes, size_t length);
static size_t feed_chunks(struct request_reader *reader, const char *bytes, size_t length);
static void complete(struct request_reader *reader);

static void refuse(struct request_reader *reader, int status, const char *reason)
{
    reader->state = REQUEST_REFUSED;
    reader->refusal = (struct refusal){status, reason};
}

/* ---- llhttp's side */

static int on_url(llhttp_t *parser, const char *at, size_t length)
{
    struct request_reader *reader = parser->data;
    if (reader->target == NULL)
        reader->target = reader->text.bytes + (at - reader->text.bytes);
    reader->target_length += length;
    return 0;
}

/* Trailers come here too, in another piece of memory; they are ignored. */
static int on_header_field(llhttp_t *parser, const char *at, size_t length)
{
    struct request_reader *reader = parser->data;
    (void)length;
    if (reader->state != REQUEST_HEAD)
        return 0;
    if (reader->header_count == reader->line_count - 1)
        return HPE_USER;
    reader->headers[reader->header_count++].name = at;
    return 0;
}

/* No upgrade is ever taken up, so that the body of such a request is read as any other. Whoever
 * says both close and keep-alive closes (RFC 9112 section 9.3); llhttp keeps such a 1.0. */
static int on_headers_complete(llhttp_t *parser)
{
    struct request_reader *reader = parser->data;
    bool says_close = (parser->flags & F_CONNECTION_CLOSE) != 0;
    reader->keeps_alive = llhttp_should_keep_alive(parser) == 1 && !says_close;
    parser->upgrade = 0;
    return 0;
}

static int on_body(llhttp_t *parser, const char *at, size_t length)
{
    struct request_reader *reader = parser->data;
    return buffer_append(&reader->body, at, length) ? 0 : HPE_USER;
}

static int on_message_complete(llhttp_t *parser)
{
    struct request_reader *reader = parser->data;
    reader->is_parsed = true;
    return HPE_PAUSED;
}

static const llhttp_settings_t settings = {
    .on_url = on_url,
    .on_header_field = on_header_field,
    .on_headers_complete = on_headers_complete,
    .on_body = on_body,
    .on_message_complete = on_message_complete,
};

/* llhttp takes every byte, and sees the message end with the last one or not at all. */
static bool parse(struct request_reader *reader, const char *bytes, size_t length)
{
    llhttp_errno_t result = llhttp_execute(&reader->parser, bytes, length);
    if (reader->is_parsed)
        return result == HPE_PAUSED && llhttp_get_error_pos(&reader->parser) == bytes + length;
    return result == HPE_OK;
}

/* ---- the reader's life */

void request_init(struct request_reader *reader, const struct http_limits *limits)
{
    *reader = (struct request_reader){.limits = limits};
    buffer_init(&reader->text, (size_t)limits->header_bytes);
    buffer_init(&reader->body, (size_t)limits->body_bytes);
}

void request_deinit(struct request_reader *reader)
{
    buffer_deinit(&reader->text);
    buffer_deinit(&reader->body);
    free(reader->headers);
    reader->headers = NULL;
    reader->header_capacity = 0;
}

/* Keys and customers do not stay in memory. */
static void reset_buffer(struct buffer *buffer)
{
    if (buffer->capacity > KEPT_BYTES)
        buffer_deinit(buffer);
    else
        buffer_wipe(buffer);
}

void request_reset(struct request_reader *reader)
{
    reset_buffer(&reader->text);
    reset_buffer(&reader->body);
    if (reader->header_capacity > KEPT_HEADERS) {
        free(reader->headers);
        reader->headers = NULL;
        reader->header_capacity = 0;
    }
    *reader = (struct request_reader){.limits = reader->limits,
                                      .text = reader->text,
                                      .body = reader->body,
                                      .headers = reader->headers,
                                      .header_capacity = reader->header_capacity};
}

bool request_is_blank(const struct request_reader *reader)
{
    return reader->state == REQUEST_HEAD && reader->text.length <= reader->first_line;
}

size_t request_feed(struct request_reader *reader, const char *bytes, size_t length)
{
    switch (reader->state) {
    case REQUEST_HEAD:
        return feed_head(reader, bytes, length);
    case REQUEST_BODY:
        return reader->head.is_chunked ? feed_chunks(reader, bytes, length)
                                       : feed_counted(reader, bytes, length);
    default:
        return 0;
    }
}

/* ---- head */

static size_t smaller(size_t one, size_t other)
{
    return one < other ? one : other;
}

/* What was gathered beyond the head's end is given back. */
static size_t feed_head(struct request_reader *reader, const char *bytes, size_t length)
{
    size_t before = reader->text.length;
    size_t room = reader->text.limit_bytes - before;
    buffer_append(&reader->text, bytes, smaller(smaller(length, room), HEAD_STEP_BYTES));
    look_at_lines(reader);
    if (reader->state == REQUEST_HEAD && reader->text.length == reader->text.limit_bytes) {
        if (reader->line_count == 0)
            refuse(reader, 414, "la línea de solicitud es demasiado larga");
        else
            refuse(reader, 431, "los encabezados son demasiado grandes");
    }
    return reader->text.length - before;
}

/* Every line ends with CRLF; neither half stands alone. A CR that is the last byte so far is looked
 * at again. */
static void look_at_lines(struct request_reader *reader)
{
    while (reader->looked_at < reader->text.length) {
        const char *from = reader->text.bytes + reader->looked_at;
        size_t length = reader->text.length - reader->looked_at;
        const char *end = memchr(from, '\r', length);
        size_t text = end ? (size_t)(end - from) : length;
        if (!strict_is_text(from, text) || (text + 1 < length && from[text + 1] != '\n')) {
            refuse(reader, 400, "hay un carácter de control o un fin de línea que no es CRLF");
            return;
        }
        reader->looked_at += text;
        if (text + 1 >= length)
            return;
        reader->looked_at += 2;
        if (!look_at_line(reader, reader->looked_at - 2))
            return;
        reader->line_start = reader->looked_at;
    }
}

/* False when nothing further is to be looked at: the head is whole, or refused. */
static bool look_at_line(struct request_reader *reader, size_t end)
{
    const char *line = reader->text.bytes + reader->line_start;
    size_t length = end - reader->line_start;
    struct refusal refusal = {0};
    if (length == 0 && reader->line_count == 0 && reader->first_line < MAX_FIRST_BLANKS) {
        reader->first_line = reader->looked_at;
        return true;
    }
    if (length == 0 && reader->line_count > 0) {
        finish_head(reader);
        return false;
    }
    if (reader->line_count == 0)
        refusal = strict_request_line(line, length);
    else if (reader->line_count > (size_t)reader->limits->headers)
        refusal = (struct refusal){431, "hay demasiados encabezados"};
    else
        refusal = strict_header_line(line, length);
    if (refusal.status != 0)
        refuse(reader, refusal.status, refusal.reason);
    reader->line_count++;
    return refusal.status == 0;
}

static void finish_head(struct request_reader *reader)
{
    reader->text.length = reader->looked_at;
    if (reader->header_capacity < reader->line_count) {
        reader->header_capacity = reader->line_count;
        reader->headers =
            memory_resized(reader->headers, reader->header_capacity * sizeof *reader->headers);
    }
    if (!parse_head(reader))
        return;
    cut_target(reader);
    cut_headers(reader);
    reader->head.is_http10 = llhttp_get_http_minor(&reader->parser) == 0;
    struct refusal refusal = head_understand(&reader->head, reader->headers, reader->header_count,
                                             reader->limits->body_bytes);
    bool has_body = reader->head.is_chunked || reader->head.content_length > 0;
    if (refusal.status != 0)
        refuse(reader, refusal.status, refusal.reason);
    else if (has_body == reader->is_parsed)
        refuse(reader, 400, "no se entiende dónde termina la solicitud");
    else if (has_body)
        reader->state = REQUEST_BODY;
    else
        complete(reader);
}

/* The shape of the request line is known to be right, so what llhttp does not get past is the
 * method. */
static bool parse_head(struct request_reader *reader)
{
    llhttp_init(&reader->parser, HTTP_REQUEST, &settings);
    reader->parser.data = reader;
    bool is_fine = parse(reader, reader->text.bytes + reader->first_line,
                         reader->text.length - reader->first_line);
    reader->request.method = llhttp_method_name((llhttp_method_t)reader->parser.method);
    reader->is_head_method = reader->parser.method == HTTP_HEAD;
    if (reader->target == NULL)
        refuse(reader, 501, "el método no se atiende");
    else if (!is_fine || reader->header_count != reader->line_count - 1)
        refuse(reader, 400, "la solicitud HTTP está mal formada");
    return reader->state == REQUEST_HEAD;
}

/* "/path?query", or the same behind "http://host" (RFC 9112 section 3.2.2), or "*". */
static void cut_target(struct request_reader *reader)
{
    struct head *head = &reader->head;
    char *path = reader->target;
    path[reader->target_length] = '\0';
    head->authority_length = strict_authority(path, reader->target_length, &head->authority);
    if (head->authority_length > 0)
        path += (size_t)(head->authority - path) + head->authority_length;
    char *question = strchr(path, '?');
    if (question != NULL)
        *question = '\0';
    reader->request.query = question ? question + 1 : "";
    reader->request.path = *path != '\0' ? path : "/";
}

static char *cut_name(char *name)
{
    for (; *name != ':'; name++)
        if (*name >= 'A' && *name <= 'Z')
            *name = (char)(*name | 0x20);
    *name = '\0';
    return name + 1;
}

static char *cut_value(char *value)
{
    value += strspn(value, " \t");
    char *end = strchr(value, '\r');
    while (end > value && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    *end = '\0';
    return value;
}

static void cut_headers(struct request_reader *reader)
{
    for (size_t i = 0; i < reader->header_count; i++) {
        char *name = reader->text.bytes + (reader->headers[i].name - reader->text.bytes);
        reader->headers[i].value = cut_value(cut_name(name));
    }
    reader->request.headers = reader->headers;
    reader->request.header_count = reader->header_count;
}

/* ---- body */

static bool parse_body(struct request_reader *reader, const char *bytes, size_t length,
                       bool is_last)
{
    if (parse(reader, bytes, length) && reader->is_parsed == is_last)
        return true;
    refuse(reader, 400, "el cuerpo de la solicitud está mal formado");
    return false;
}

static size_t feed_counted(struct request_reader *reader, const char *bytes, size_t length)
{
    size_t missing = (size_t)reader->head.content_length - reader->body.length;
    size_t taken = smaller(missing, length);
    if (parse_body(reader, bytes, taken, taken == missing) && taken == missing)
        complete(reader);
    return taken;
}

static struct refusal chunks_refusal(const struct request_reader *reader)
{
    const struct chunks *chunks = &reader->chunks;
    if (chunks->state == CHUNKS_MALFORMED)
        return (struct refusal){400, "el cuerpo por partes está mal formado"};
    if (chunks->data_bytes > (uint64_t)reader->limits->body_bytes)
        return (struct refusal){413, "el cuerpo es demasiado grande"};
    if (chunks->trailer_bytes + reader->text.length > (uint64_t)reader->limits->header_bytes ||
        chunks->trailers + reader->header_count > (uint64_t)reader->limits->headers)
        return (struct refusal){431, "los encabezados son demasiado grandes"};
    return (struct refusal){0};
}

static size_t feed_chunks(struct request_reader *reader, const char *bytes, size_t length)
{
    size_t taken = chunks_take(&reader->chunks, bytes, length);
    bool is_last = reader->chunks.state == CHUNKS_DONE;
    struct refusal refusal = chunks_refusal(reader);
    if (refusal.status != 0)
        refuse(reader, refusal.status, refusal.reason);
    else if (parse_body(reader, bytes, taken, is_last) && is_last)
        complete(reader);
    return taken;
}

static void complete(struct request_reader *reader)
{
    reader->request.body = reader->body.bytes;
    reader->request.body_length = reader->body.length;
    reader->state = REQUEST_COMPLETE;
}
