/* call - the options of an easy handle, what libcurl asks while it works, and what came of it.
 *
 * Whether a request may have left this host is what callers build on, so it is counted in bytes
 * (CURLINFO_REQUEST_SIZE). And libcurl, which by itself repeats a request when a kept connection
 * dies under it, is stopped twice: by a body that cannot be rewound, and by on_begin, which does
 * not begin again once a byte has left. */
#include "http/call.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

#define HEADER_LIMIT_BYTES  (64 * 1024)
#define REQUEST_LIMIT_BYTES (16 * 1024 * 1024)
#define RETRY_AFTER_LIMIT_S (24 * 60 * 60)
#define DATE_LENGTH         29
#define SPARE_BUFFER_BYTES  (16 * 1024)
#define TRANSFER_BYTES      (16 * 1024L)
/* A kept connection is used for up to 4 s more: shorter than the 5 s after which common servers
 * close theirs, so that a close seldom crosses a request, which would then be NO_ANSWER. */
#define CONNECTION_IDLE_S   3L

#define CLOSED_EARLY "the connection was closed before the answer was there"

static int on_begin(void *context, char *peer, char *local, int peer_port, int local_port);
static size_t on_read(char *to, size_t size, size_t count, void *context);
static size_t on_header(char *bytes, size_t size, size_t count, void *context);
static size_t on_body(char *bytes, size_t size, size_t count, void *context);

static void set_safety(CURL *easy, const struct call_settings *settings)
{
    SET_OPTION(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    SET_OPTION(easy, CURLOPT_FOLLOWLOCATION, 0L);
    SET_OPTION(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    SET_OPTION(easy, CURLOPT_SSL_VERIFYHOST, 2L);
    SET_OPTION(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    /* Without a directory libcurl reads the file once; with one, again for each connection. */
    SET_OPTION(easy, CURLOPT_CAPATH, NULL);
    if (settings->authorities != NULL)
        SET_OPTION(easy, CURLOPT_CAINFO, settings->authorities);
    SET_OPTION(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    SET_OPTION(easy, CURLOPT_NOPROXY, settings->no_proxy);
    SET_OPTION(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    SET_OPTION(easy, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
    SET_OPTION(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    SET_OPTION(easy, CURLOPT_MAXAGE_CONN, CONNECTION_IDLE_S);
    /* A resolver that hangs is left behind, not waited for. */
    SET_OPTION(easy, CURLOPT_NOSIGNAL, 1L);
    SET_OPTION(easy, CURLOPT_QUICK_EXIT, 1L);
    SET_OPTION(easy, CURLOPT_BUFFERSIZE, TRANSFER_BYTES);
    SET_OPTION(easy, CURLOPT_UPLOAD_BUFFERSIZE, TRANSFER_BYTES);
    SET_OPTION(easy, CURLOPT_USERAGENT, "handoffd");
}

static void set_callbacks(CURL *easy, struct http_call *call)
{
    SET_OPTION(easy, CURLOPT_PRIVATE, call);
    SET_OPTION(easy, CURLOPT_ERRORBUFFER, call->words);
    SET_OPTION(easy, CURLOPT_PREREQFUNCTION, on_begin);
    SET_OPTION(easy, CURLOPT_PREREQDATA, call);
    SET_OPTION(easy, CURLOPT_READFUNCTION, on_read);
    SET_OPTION(easy, CURLOPT_READDATA, call);
    SET_OPTION(easy, CURLOPT_HEADERFUNCTION, on_header);
    SET_OPTION(easy, CURLOPT_HEADERDATA, call);
    SET_OPTION(easy, CURLOPT_WRITEFUNCTION, on_body);
    SET_OPTION(easy, CURLOPT_WRITEDATA, call);
}

struct http_call *call_create(const struct call_settings *settings)
{
    struct http_call *call = memory_zeroed(1, sizeof *call);
    buffer_init(&call->body, REQUEST_LIMIT_BYTES);
    buffer_init(&call->answer, ANSWER_LIMIT_BYTES);
    call->easy = curl_easy_init();
    require(call->easy != NULL);
    set_safety(call->easy, settings);
    set_callbacks(call->easy, call);
    return call;
}

void call_destroy(struct http_call *call)
{
    curl_easy_cleanup(call->easy);
    curl_slist_free_all(call->headers);
    buffer_deinit(&call->body);
    buffer_deinit(&call->answer);
    free(call);
}

static void buffer_reuse(struct buffer *buffer)
{
    if (buffer->capacity > SPARE_BUFFER_BYTES)
        buffer_deinit(buffer);
    buffer_clear(buffer);
}

void call_clear(struct http_call *call)
{
    SET_OPTION(call->easy, CURLOPT_HTTPHEADER, NULL);
    curl_slist_free_all(call->headers);
    call->headers = NULL;
    buffer_reuse(&call->body);
    buffer_reuse(&call->answer);
    call->body_read = 0;
    call->header_bytes = 0;
    call->has_head = false;
    call->has_begun = false;
    call->has_repeated = false;
    call->tunnel_bytes = 0;
    call->why = NULL;
    call->words[0] = '\0';
}

/* ---- what libcurl asks while it works */

static long bytes_sent(const struct http_call *call)
{
    long bytes = 0;
    curl_easy_getinfo(call->easy, CURLINFO_REQUEST_SIZE, &bytes);
    return bytes;
}

/* 1xx is on the way to a status, not one; nor is what a proxy says before the request begins, nor
 * what has more than three digits. */
static int32_t status(const struct http_call *call)
{
    long code = 0;
    curl_easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &code);
    return call->has_begun && code >= 200 && code <= 999 ? (int32_t)code : 0;
}

/* A connection is there and the request is about to leave. Again, when libcurl tries once more on
 * another connection: fine as long as the first one took nothing. */
static int on_begin(void *context, char *peer, char *local, int peer_port, int local_port)
{
    (void)peer;
    (void)local;
    (void)peer_port;
    (void)local_port;
    struct http_call *call = context;
    long bytes = bytes_sent(call);
    if (call->has_begun && bytes > call->tunnel_bytes) {
        call->why = CLOSED_EARLY;
        return CURL_PREREQFUNC_ABORT;
    }
    call->has_repeated = call->has_begun;
    call->has_begun = true;
    call->tunnel_bytes = bytes;
    return CURL_PREREQFUNC_OK;
}

static size_t on_read(char *to, size_t size, size_t count, void *context)
{
    struct http_call *call = context;
    size_t left = call->body.length - call->body_read;
    size_t length = left < size * count ? left : size * count;
    memcpy(to, call->body.bytes + call->body_read, length);
    call->body_read += length;
    return length;
}

static size_t on_header(char *bytes, size_t size, size_t count, void *context)
{
    struct http_call *call = context;
    size_t length = size * count;
    call->header_bytes += length;
    if (call->header_bytes > HEADER_LIMIT_BYTES) {
        call->why = "the headers of the answer are longer than 64 KB";
        return 0; /* ends the call */
    }
    bool is_last = length <= 2 && bytes[length - 1] == '\n';
    if (is_last && status(call) > 0)
        call->has_head = true;
    return length;
}

static size_t on_body(char *bytes, size_t size, size_t count, void *context)
{
    struct http_call *call = context;
    if (buffer_append(&call->answer, bytes, size * count))
        return size * count;
    call->why = call->answer.limit_bytes == ANSWER_LIMIT_BYTES ? "the answer is longer than 1 MB"
                                                               : "the answer is longer than 64 MB";
    return 0;
}

/* ---- the answer */

/* libcurl's words may quote the URL of a proxy; what has an @ may hold a password. */
static const char *words(const struct http_call *call, CURLcode code)
{
    if (call->why != NULL)
        return call->why;
    if (code == CURLE_OK || code == CURLE_SEND_FAIL_REWIND)
        return CLOSED_EARLY;
    bool is_fit = call->words[0] != '\0' && strchr(call->words, '@') == NULL;
    return is_fit ? call->words : curl_easy_strerror(code);
}

/* libcurl takes a connection that was closed between two headers for the end of an answer. */
static bool is_whole(const struct http_call *call, CURLcode code)
{
    return code == CURLE_OK && call->has_head;
}

static uint32_t result(const struct http_call *call, CURLcode code)
{
    if (is_whole(call, code))
        return HANDOFFD_HTTP_ANSWERED;
    bool has_left = call->has_begun && bytes_sent(call) > call->tunnel_bytes;
    return has_left ? HANDOFFD_HTTP_NO_ANSWER : HANDOFFD_HTTP_NOT_SENT;
}

static int64_t retry_after_ms(const struct http_call *call)
{
    curl_off_t seconds = 0;
    curl_easy_getinfo(call->easy, CURLINFO_RETRY_AFTER, &seconds);
    if (seconds <= 0)
        return 0;
    return (seconds < RETRY_AFTER_LIMIT_S ? seconds : RETRY_AFTER_LIMIT_S) * INT64_C(1000);
}

/* Only as it must be written today, "Fri, 24 May 2019 17:44:46 GMT" (RFC 9110, 5.6.7): libcurl
 * would read half a date too. */
static int64_t date_ms(const struct http_call *call)
{
    struct curl_header *date = NULL;
    if (curl_easy_header(call->easy, "date", 0, CURLH_HEADER, -1, &date) != CURLHE_OK ||
        date->amount != 1 || strlen(date->value) != DATE_LENGTH ||
        strcmp(date->value + DATE_LENGTH - 4, " GMT") != 0)
        return 0;
    time_t seconds = curl_getdate(date->value, NULL);
    return seconds > 0 ? seconds * INT64_C(1000) : 0;
}

struct handoffd_http_answer call_answer(const struct http_call *call, CURLcode code)
{
    bool has_answer = is_whole(call, code);
    return (struct handoffd_http_answer){
        .size = sizeof(struct handoffd_http_answer),
        .result = result(call, code),
        .status = status(call),
        .body = has_answer ? call->answer.bytes : "",
        .body_length = has_answer ? call->answer.length : 0,
        .retry_after_ms = retry_after_ms(call),
        .error = has_answer ? NULL : words(call, code),
        .date_ms = has_answer ? date_ms(call) : 0,
    };
}
