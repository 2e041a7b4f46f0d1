/* test_http_request - streams of bytes to requests: what is served, what is refused, whatever the
 * cuts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "http/request.h"

#define TEXT(literal) literal, sizeof(literal) - 1

static const struct http_limits limits = {.header_bytes = 1024, .headers = 8, .body_bytes = 64};

/* A stream, and what is to come out of it: "METHOD path?query body", a status, or "..." for a
 * request that is not whole, with " | " between. */
struct stream {
    const char *name;
    const char *bytes;
    size_t length;
    const char *outcome;
};

static void describe(const struct request_reader *reader, struct buffer *outcome)
{
    if (outcome->length > 0)
        buffer_append_text(outcome, " | ");
    if (reader->state == REQUEST_REFUSED) {
        assert_int_not_equal(reader->refusal.status, 0);
        assert_non_null(reader->refusal.reason);
        buffer_format(outcome, "%d", reader->refusal.status);
        return;
    }
    if (reader->state != REQUEST_COMPLETE) {
        buffer_append_text(outcome, "...");
        return;
    }
    const struct http_request *request = &reader->request;
    buffer_format(outcome, "%s %s", request->method, request->path);
    if (request->query[0] != '\0')
        buffer_format(outcome, "?%s", request->query);
    if (request->body_length > 0)
        buffer_format(outcome, " %s", request->body);
    assert_int_equal(request->body[request->body_length], '\0');
}

/* A server's loop without a server: one request after the other until the bytes end or one is
 * refused. */
struct run {
    struct request_reader reader;
    struct buffer outcome;
};

static void run_bytes(struct run *run, const char *bytes, size_t length)
{
    size_t taken = 0;
    while (taken < length && run->reader.state != REQUEST_REFUSED) {
        size_t step = request_feed(&run->reader, bytes + taken, length - taken);
        assert_true(step <= length - taken);
        taken += step;
        if (run->reader.state == REQUEST_COMPLETE || run->reader.state == REQUEST_REFUSED)
            describe(&run->reader, &run->outcome);
        if (run->reader.state == REQUEST_COMPLETE)
            request_reset(&run->reader);
    }
}

/* Each piece in memory of its own, so that the sanitizer sees a byte read too far. */
static void run_copy(struct run *run, const char *bytes, size_t length)
{
    CLEANUP(buffer_deinit) struct buffer copy;
    buffer_init(&copy, length);
    buffer_append(&copy, bytes, length);
    run_bytes(run, copy.bytes, length);
}

static void expect_outcome(const struct stream *stream, const size_t cuts[], size_t count)
{
    struct run run = {0};
    request_init(&run.reader, &limits);
    buffer_init(&run.outcome, 4096);
    size_t from = 0;
    for (size_t i = 0; i <= count; i++) {
        size_t to = i < count ? cuts[i] : stream->length;
        run_copy(&run, stream->bytes + from, to - from);
        from = to;
    }
    if (run.reader.state != REQUEST_REFUSED && !request_is_blank(&run.reader))
        describe(&run.reader, &run.outcome);
    if (strcmp(run.outcome.bytes, stream->outcome) != 0)
        fail_msg("%s: \"%s\" instead of \"%s\" with %zu cuts, the first at %zu", stream->name,
                 run.outcome.bytes, stream->outcome, count, count ? cuts[0] : 0);
    request_deinit(&run.reader);
    buffer_deinit(&run.outcome);
}

static void expect_outcome_in_any_cuts(const struct stream *stream)
{
    size_t every[4096] = {0};
    assert_true(stream->length < COUNT_OF(every));
    for (size_t i = 0; i < stream->length; i++)
        every[i] = i;
    expect_outcome(stream, NULL, 0);
    expect_outcome(stream, every, stream->length);
    for (size_t i = 1; i < stream->length; i++)
        expect_outcome(stream, &i, 1);
}

static void expect_outcomes(const struct stream streams[], size_t count)
{
    for (size_t i = 0; i < count; i++)
        expect_outcome_in_any_cuts(&streams[i]);
}

#define HOST "Host: a.example:8000\r\n"
#define NEXT "GET /next HTTP/1.1\r\n" HOST "\r\n"

static void reads_well_formed_requests(void **state)
{
    (void)state;
    static const struct stream streams[] = {
        {"the simplest", TEXT("GET / HTTP/1.1\r\n" HOST "\r\n"), "GET /"},
        {"a query", TEXT("GET /a/b?c=d?e HTTP/1.1\r\n" HOST "\r\n"), "GET /a/b?c=d?e"},
        {"an empty query", TEXT("GET /a? HTTP/1.1\r\n" HOST "\r\n"), "GET /a"},
        {"an absolute target", TEXT("GET http://a.example:8000/b?c HTTP/1.1\r\n" HOST "\r\n"),
         "GET /b?c"},
        {"an absolute target without a path",
         TEXT("GET https://A.example:8000 HTTP/1.1\r\n" HOST "\r\n"), "GET /"},
        {"an absolute target with a query alone",
         TEXT("GET http://a.example:8000?b HTTP/1.1\r\n" HOST "\r\n"), "GET /?b"},
        {"an absolute target on HTTP/1.0", TEXT("GET http://a.example/b HTTP/1.0\r\n\r\n"),
         "GET /b"},
        {"an address", TEXT("GET / HTTP/1.1\r\nHost: 127.0.0.1:80\r\n\r\n"), "GET /"},
        {"an address of IPv6", TEXT("GET / HTTP/1.1\r\nHost: [2001:db8::1]:80\r\n\r\n"), "GET /"},
        {"an empty port", TEXT("GET / HTTP/1.1\r\nHost: a_b-c.:\r\n\r\n"), "GET /"},
        {"the server as a whole", TEXT("OPTIONS * HTTP/1.1\r\n" HOST "\r\n"), "OPTIONS *"},
        {"a counted body", TEXT("POST / HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\nhello"),
         "POST / hello"},
        {"an empty body", TEXT("POST / HTTP/1.1\r\n" HOST "Content-Length: 0\r\n\r\n"), "POST /"},
        {"a body with line ends of all kinds",
         TEXT("POST / HTTP/1.1\r\n" HOST "Content-Length: 7\r\n\r\na\nb\r\n\r\n"),
         "POST / a\nb\r\n\r\n"},
        {"no body at all", TEXT("POST / HTTP/1.1\r\n" HOST "\r\n"), "POST /"},
        {"chunks",
         TEXT("POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n"
              "3\r\nhel\r\n02\r\nlo\r\n0\r\n\r\n"),
         "POST / hello"},
        {"no chunk", TEXT("POST / HTTP/1.1\r\n" HOST "transfer-encoding: CHUNKED\r\n\r\n0\r\n\r\n"),
         "POST /"},
        {"trailers",
         TEXT("POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n"
              "1\r\nx\r\n0\r\nX-Sum: 1\r\nY:\r\nHosts: 1\r\nContent-Length-Of-Another: "
              "1\r\n\r\n" NEXT),
         "POST / x | GET /next"},
        {"HTTP/1.0 without a host", TEXT("GET / HTTP/1.0\r\n\r\n"), "GET /"},
        {"HTTP/1.0 with a body", TEXT("POST / HTTP/1.0\r\nContent-Length: 2\r\n\r\nhi"),
         "POST / hi"},
        {"one after the other",
         TEXT("POST /1 HTTP/1.1\r\n" HOST "Content-Length: 1\r\n\r\na"
              "POST /2 HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n"
              "1\r\nb\r\n0\r\n\r\n" NEXT),
         "POST /1 a | POST /2 b | GET /next"},
        {"an empty line in front", TEXT("\r\nGET / HTTP/1.1\r\n" HOST "\r\n\r\n" NEXT),
         "GET / | GET /next"},
        {"an upgrade that is not taken up",
         TEXT("GET / HTTP/1.1\r\n" HOST "Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n" NEXT),
         "GET / | GET /next"},
        {"an upgrade with a body",
         TEXT("POST / HTTP/1.1\r\n" HOST "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
              "Content-Length: 2\r\n\r\nhi" NEXT),
         "POST / hi | GET /next"},
        {"bytes above ASCII in a value", TEXT("GET / HTTP/1.1\r\n" HOST "X: \xc3\xb1\r\n\r\n"),
         "GET /"},
        {"a request that is cut", TEXT("POST / HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\nhe"),
         "..."},
        {"a close between requests",
         TEXT("GET / HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n" NEXT), "GET / | GET /next"},
    };
    expect_outcomes(streams, COUNT_OF(streams));
}

/* Whatever follows such a request must never be read as one of its own. */
static void refuses_what_could_be_read_in_two_ways(void **state)
{
    (void)state;
#define POST    "POST / HTTP/1.1\r\n" HOST
#define CHUNKED POST "Transfer-Encoding: chunked\r\n\r\n"
    static const struct stream streams[] = {
        {"both lengths",
         TEXT(POST "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" NEXT), "400"},
        {"both lengths, the other way round",
         TEXT(POST "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" NEXT), "400"},
        {"two different lengths",
         TEXT(POST "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello" NEXT), "400"},
        {"two equal lengths", TEXT(POST "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello" NEXT),
         "400"},
        {"a list of lengths", TEXT(POST "Content-Length: 5, 5\r\n\r\nhello" NEXT), "400"},
        {"a negative length", TEXT(POST "Content-Length: -1\r\n\r\n" NEXT), "400"},
        {"a length with a sign", TEXT(POST "Content-Length: +5\r\n\r\nhello" NEXT), "400"},
        {"a length with a blank inside", TEXT(POST "Content-Length: 1 0\r\n\r\nhellohello" NEXT),
         "400"},
        {"a length in hexadecimal", TEXT(POST "Content-Length: 0x5\r\n\r\nhello" NEXT), "400"},
        {"a length with a zero in front", TEXT(POST "Content-Length: 05\r\n\r\nhello" NEXT), "400"},
        {"an empty length", TEXT(POST "Content-Length: \r\n\r\n" NEXT), "400"},
        {"a length that overflows",
         TEXT(POST "Content-Length: 18446744073709551621\r\n\r\nhello" NEXT), "400"},
        {"a length that overflows twice",
         TEXT(POST "Content-Length: 340282366920938463463374607431768211461\r\n\r\nhello" NEXT),
         "400"},
        {"another transfer coding", TEXT(POST "Transfer-Encoding: gzip\r\n\r\n" NEXT), "400"},
        {"identity", TEXT(POST "Transfer-Encoding: identity\r\n\r\n" NEXT), "400"},
        {"two codings", TEXT(POST "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n" NEXT), "400"},
        {"chunked is not last",
         TEXT(POST "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n" NEXT), "400"},
        {"chunked twice", TEXT(POST "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n" NEXT),
         "400"},
        {"chunked in two headers",
         TEXT(POST
              "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" NEXT),
         "400"},
        {"chunked and another",
         TEXT(POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n0\r\n\r\n" NEXT),
         "400"},
        {"nearly chunked", TEXT(POST "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" NEXT), "400"},
        {"chunked in quotes", TEXT(POST "Transfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n" NEXT),
         "400"},
        {"a comma in front", TEXT(POST "Transfer-Encoding: ,chunked\r\n\r\n0\r\n\r\n" NEXT), "400"},
        {"a comma behind", TEXT(POST "Transfer-Encoding: chunked,\r\n\r\n0\r\n\r\n" NEXT), "400"},
        {"a vertical tab in front",
         TEXT(POST "Transfer-Encoding: \x0b"
                   "chunked\r\n\r\n0\r\n\r\n" NEXT),
         "400"},
        {"a parameter", TEXT(POST "Transfer-Encoding: chunked;q=1\r\n\r\n0\r\n\r\n" NEXT), "400"},
        {"an empty transfer coding", TEXT(POST "Transfer-Encoding:\r\n\r\n0\r\n\r\n" NEXT), "400"},
        {"a blank before the colon", TEXT(POST "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n" NEXT),
         "400"},
        {"a tab before the colon", TEXT(POST "Content-Length\t: 5\r\n\r\nhello" NEXT), "400"},
        {"a folded header", TEXT(POST "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n" NEXT),
         "400"},
        {"a folded header with a tab",
         TEXT(POST "X: 1\r\n\tTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" NEXT), "400"},
        {"a first header that starts with a blank",
         TEXT("POST / HTTP/1.1\r\n Host: a\r\n" HOST "\r\n" NEXT), "400"},
        {"a header that starts with a blank",
         TEXT(POST "X: 1\r\n Content-Length: 5\r\n\r\nhello" NEXT), "400"},
        {"a blank line of blanks", TEXT(POST "X: 1\r\n \r\n" NEXT), "400"},
        {"LF alone behind the request line", TEXT("POST / HTTP/1.1\n" HOST "\r\n" NEXT), "400"},
        {"LF alone behind a header",
         TEXT("POST / HTTP/1.1\r\nHost: a\nContent-Length: 5\r\n\r\nhello" NEXT), "400"},
        {"LF alone at the head's end", TEXT("POST / HTTP/1.1\r\nHost: a\r\n\n" NEXT), "400"},
        {"LF twice at the head's end", TEXT("POST / HTTP/1.1\r\nHost: a\n\n" NEXT), "400"},
        {"CR alone in a value", TEXT(POST "X: a\rContent-Length: 5\r\n\r\nhello" NEXT), "400"},
        {"CR alone at the head's end", TEXT(POST "X: a\r\n\rGET / HTTP/1.1\r\n\r\n"), "400"},
        {"CR CR LF", TEXT(POST "X: a\r\r\n\r\n" NEXT), "400"},
        {"NUL in a value", TEXT(POST "X: a\0b\r\n\r\n" NEXT), "400"},
        {"NUL in a name", TEXT(POST "X\0: a\r\n\r\n" NEXT), "400"},
        {"NUL before a length",
         TEXT(POST "Content-Length: \0"
                   "5\r\n\r\nhello" NEXT),
         "400"},
        {"DEL in a value", TEXT(POST "X: a\x7f\r\n\r\n" NEXT), "400"},
        {"a name that is no token", TEXT(POST "X[]: a\r\n\r\n" NEXT), "400"},
        {"a name above ASCII", TEXT(POST "\xc3\xb1: a\r\n\r\n" NEXT), "400"},
        {"no name", TEXT(POST ": a\r\n\r\n" NEXT), "400"},
        {"no colon", TEXT(POST "Content-Length 5\r\n\r\nhello" NEXT), "400"},
        {"chunked on HTTP/1.0",
         TEXT("POST / HTTP/1.0\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" NEXT),
         "400"},
        {"a chunk extension", TEXT(CHUNKED "5;a=b\r\nhello\r\n0\r\n\r\n" NEXT), "400"},
        {"an empty chunk extension", TEXT(CHUNKED "5;\r\nhello\r\n0\r\n\r\n" NEXT), "400"},
        {"a chunk extension that ends with LF", TEXT(CHUNKED "5;\nhello\r\n0\r\n\r\n" NEXT), "400"},
        {"a blank behind a chunk size", TEXT(CHUNKED "5 \r\nhello\r\n0\r\n\r\n" NEXT), "400"},
        {"a blank before a chunk size", TEXT(CHUNKED " 5\r\nhello\r\n0\r\n\r\n" NEXT), "400"},
        {"a chunk size that ends with LF", TEXT(CHUNKED "5\nhello\r\n0\r\n\r\n" NEXT), "400"},
        {"a chunk size that ends with CR", TEXT(CHUNKED "5\rhello\r\n0\r\n\r\n" NEXT), "400"},
        {"a chunk size with 0x", TEXT(CHUNKED "0x5\r\nhello\r\n0\r\n\r\n" NEXT), "400"},
        {"a chunk size with a sign", TEXT(CHUNKED "+5\r\nhello\r\n0\r\n\r\n" NEXT), "400"},
        {"a negative chunk size", TEXT(CHUNKED "-5\r\nhello\r\n0\r\n\r\n" NEXT), "400"},
        {"an underscore in a chunk size", TEXT(CHUNKED "1_0\r\nhello\r\n0\r\n\r\n" NEXT), "400"},
        {"no chunk size", TEXT(CHUNKED "\r\nhello\r\n0\r\n\r\n" NEXT), "400"},
        {"a chunk size that overflows",
         TEXT(CHUNKED "10000000000000005\r\nhello\r\n0\r\n\r\n" NEXT), "400"},
        {"data longer than its chunk", TEXT(CHUNKED "5\r\nhello!\r\n0\r\n\r\n" NEXT), "400"},
        {"data without its line end", TEXT(CHUNKED "5\r\nhello0\r\n\r\n" NEXT), "400"},
        {"data that ends with LF", TEXT(CHUNKED "5\r\nhello\n0\r\n\r\n" NEXT), "400"},
        {"data that ends with CR and another", TEXT(CHUNKED "5\r\nhello\rX0\r\n\r\n" NEXT), "400"},
        {"a last chunk that ends with LF", TEXT(CHUNKED "0\n\r\n" NEXT), "400"},
        {"a body that ends with LF", TEXT(CHUNKED "0\r\n\n" NEXT), "400"},
        {"a trailer that ends with LF", TEXT(CHUNKED "0\r\nX: 1\n\r\n" NEXT), "400"},
        {"a folded trailer", TEXT(CHUNKED "0\r\nX: 1\r\n 2\r\n\r\n" NEXT), "400"},
        {"a trailer without a colon", TEXT(CHUNKED "0\r\nGET / HTTP/1.1\r\n\r\n"), "400"},
        {"a length in a trailer", TEXT(CHUNKED "0\r\ncontent-lengtH: 5\r\n\r\n" NEXT), "400"},
        {"chunked in a trailer", TEXT(CHUNKED "0\r\nTransfer-Encoding:\r\n\r\n" NEXT), "400"},
        {"a host in a trailer", TEXT(CHUNKED "0\r\nX: 1\r\nHOST: b\r\n\r\n" NEXT), "400"},
        {"a trailer with NUL", TEXT(CHUNKED "0\r\nX: \0\r\n\r\n"), "400"},
        {"no host", TEXT("GET / HTTP/1.1\r\n\r\n" NEXT), "400"},
        {"an empty host", TEXT("GET / HTTP/1.1\r\nHost:\r\n\r\n" NEXT), "400"},
        {"two hosts", TEXT("GET / HTTP/1.1\r\n" HOST HOST "\r\n" NEXT), "400"},
        {"two hosts on HTTP/1.0", TEXT("GET / HTTP/1.0\r\n" HOST HOST "\r\n" NEXT), "400"},
        {"a host with a path", TEXT("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n" NEXT), "400"},
        {"a host with a user", TEXT("GET / HTTP/1.1\r\nHost: a@b\r\n\r\n" NEXT), "400"},
        {"a host with a blank", TEXT("GET / HTTP/1.1\r\nHost: a b\r\n\r\n" NEXT), "400"},
        {"a host that is garbage on HTTP/1.0", TEXT("GET / HTTP/1.0\r\nHost: <\r\n\r\n" NEXT),
         "400"},
        {"a port of letters", TEXT("GET / HTTP/1.1\r\nHost: a:b\r\n\r\n" NEXT), "400"},
        {"a port that no socket has", TEXT("GET / HTTP/1.1\r\nHost: a:65536\r\n\r\n" NEXT), "400"},
        {"a port of many digits", TEXT("GET / HTTP/1.1\r\nHost: a:000080\r\n\r\n" NEXT), "400"},
        {"two ports", TEXT("GET / HTTP/1.1\r\nHost: a:1:2\r\n\r\n" NEXT), "400"},
        {"a port without a host", TEXT("GET / HTTP/1.1\r\nHost: :80\r\n\r\n" NEXT), "400"},
        {"a percent sign in a host", TEXT("GET / HTTP/1.1\r\nHost: %61\r\n\r\n" NEXT), "400"},
        {"IPv6 without brackets", TEXT("GET / HTTP/1.1\r\nHost: ::1\r\n\r\n" NEXT), "400"},
        {"a bracket that stays open", TEXT("GET / HTTP/1.1\r\nHost: [::1\r\n\r\n" NEXT), "400"},
        {"a name in brackets", TEXT("GET / HTTP/1.1\r\nHost: [a]\r\n\r\n" NEXT), "400"},
        {"a long name in brackets",
         TEXT("GET / HTTP/1.1\r\nHost: "
              "[00000000000000000000000000000000000000000000::1]\r\n\r\n" NEXT),
         "400"},
        {"nothing in brackets", TEXT("GET / HTTP/1.1\r\nHost: []\r\n\r\n" NEXT), "400"},
        {"more behind the brackets", TEXT("GET / HTTP/1.1\r\nHost: [::1]a\r\n\r\n" NEXT), "400"},
        {"an absolute target of another host",
         TEXT("GET http://b.example:8000/ HTTP/1.1\r\n" HOST "\r\n" NEXT), "400"},
        {"an absolute target of another port",
         TEXT("GET http://a.example/ HTTP/1.1\r\n" HOST "\r\n" NEXT), "400"},
        {"an absolute target without a host", TEXT("GET http:///a HTTP/1.1\r\n" HOST "\r\n" NEXT),
         "400"},
        {"an absolute target that ends early", TEXT("GET http:// HTTP/1.1\r\n" HOST "\r\n" NEXT),
         "400"},
        {"an absolute target with a user",
         TEXT("GET http://u@a.example:8000/ HTTP/1.1\r\n" HOST "\r\n" NEXT), "400"},
        {"HTTP/0.9", TEXT("GET /\r\n" NEXT), "400"},
        {"HTTP/0.9 that says so", TEXT("GET / HTTP/0.9\r\n\r\n" NEXT), "505"},
        {"HTTP/1.2", TEXT("GET / HTTP/1.2\r\n" HOST "\r\n" NEXT), "505"},
        {"HTTP/2", TEXT("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), "505"},
        {"HTTP/1.10", TEXT("GET / HTTP/1.10\r\n" HOST "\r\n" NEXT), "400"},
        {"http in small letters", TEXT("GET / http/1.1\r\n" HOST "\r\n" NEXT), "400"},
        {"another protocol", TEXT("GET / ICE/1.0\r\n" HOST "\r\n" NEXT), "400"},
        {"two blanks in the request line", TEXT("GET  / HTTP/1.1\r\n" HOST "\r\n" NEXT), "400"},
        {"two blanks before the version", TEXT("GET /  HTTP/1.1\r\n" HOST "\r\n" NEXT), "400"},
        {"a blank behind the version", TEXT("GET / HTTP/1.1 \r\n" HOST "\r\n" NEXT), "400"},
        {"a blank in the target", TEXT("GET /a b HTTP/1.1\r\n" HOST "\r\n" NEXT), "400"},
        {"a tab in the request line", TEXT("GET\t/ HTTP/1.1\r\n" HOST "\r\n" NEXT), "400"},
        {"a blank before the method", TEXT(" GET / HTTP/1.1\r\n" HOST "\r\n" NEXT), "400"},
        {"no target", TEXT("GET HTTP/1.1\r\n" HOST "\r\n" NEXT), "400"},
        {"a target above ASCII", TEXT("GET /\xc3\xb1 HTTP/1.1\r\n" HOST "\r\n" NEXT), "400"},
        {"a fragment", TEXT("GET /a#b HTTP/1.1\r\n" HOST "\r\n" NEXT), "400"},
        {"a target that starts nowhere", TEXT("GET a HTTP/1.1\r\n" HOST "\r\n" NEXT), "400"},
        {"another scheme", TEXT("GET ftp://a/ HTTP/1.1\r\n" HOST "\r\n" NEXT), "400"},
        {"* for another method", TEXT("GET * HTTP/1.1\r\n" HOST "\r\n" NEXT), "400"},
        {"CONNECT", TEXT("CONNECT a.example:80 HTTP/1.1\r\n" HOST "\r\n" NEXT), "501"},
        {"a method nobody knows", TEXT("BREW / HTTP/1.1\r\n" HOST "\r\n" NEXT), "501"},
        {"a method in small letters", TEXT("get / HTTP/1.1\r\n" HOST "\r\n" NEXT), "501"},
        {"a method that goes on", TEXT("GETX / HTTP/1.1\r\n" HOST "\r\n" NEXT), "501"},
        {"two empty lines in front", TEXT("\r\n\r\n" NEXT), "400"},
        {"LF in front", TEXT("\n" NEXT), "400"},
        {"TLS", TEXT("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"), "400"},
        {"garbage behind a body", TEXT(POST "Content-Length: 5\r\n\r\nhello!\r\n\r\n"),
         "POST / hello | 400"},
        {"another expectation", TEXT(POST "Expect: 200-ok\r\nContent-Length: 5\r\n\r\nhello" NEXT),
         "417"},
    };
    expect_outcomes(streams, COUNT_OF(streams));
}

static struct stream filled(struct buffer *bytes, const char *front, char filler, size_t count,
                            const char *back, const char *outcome)
{
    buffer_clear(bytes);
    buffer_append_text(bytes, front);
    for (size_t i = 0; i < count; i++)
        buffer_append_char(bytes, filler);
    buffer_append_text(bytes, back);
    return (struct stream){front, bytes->bytes, bytes->length, outcome};
}

static void expect_filled(const char *front, char filler, size_t count, const char *back,
                          const char *outcome)
{
    CLEANUP(buffer_deinit) struct buffer bytes;
    buffer_init(&bytes, 4096);
    struct stream stream = filled(&bytes, front, filler, count, back, outcome);
    expect_outcome(&stream, NULL, 0);
    for (size_t i = 1; i < stream.length; i += 7)
        expect_outcome(&stream, &i, 1);
}

static void keeps_to_the_limits_of_the_head(void **state)
{
    (void)state;
    size_t frame = strlen("GET / HTTP/1.1\r\nHost: a\r\nX: \r\n\r\n");
    expect_filled("GET / HTTP/1.1\r\nHost: a\r\nX: ", 'x', 1024 - frame, "\r\n\r\n", "GET /");
    expect_filled("GET / HTTP/1.1\r\nHost: a\r\nX: ", 'x', 1025 - frame, "\r\n\r\n", "431");
    expect_filled("GET / HTTP/1.1\r\nHost: a\r\nX: ", 'x', 3000, "", "431");
    expect_filled("GET /", 'x', 1024 - strlen("GET / HTTP/1.1\r\n") - 1,
                  " HTTP/1.1\r\nHost: a\r\n\r\n", "431");
    expect_filled("GET /", 'x', 1024, " HTTP/1.1\r\nHost: a\r\n\r\n", "414");
    expect_filled("", 'x', 1500, "", "414");
}

static void keeps_to_the_number_of_headers(void **state)
{
    (void)state;
#define SEVEN "A:1\r\nB:2\r\nC:3\r\nD:4\r\nE:5\r\nF:6\r\nG:7\r\n"
    static const struct stream streams[] = {
        {"8", TEXT("GET / HTTP/1.1\r\n" HOST SEVEN "\r\n"), "GET /"},
        {"9", TEXT("GET / HTTP/1.1\r\n" HOST SEVEN "H:8\r\n\r\n"), "431"},
        {"6 and 2 trailers",
         TEXT("POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n"
              "A:1\r\nB:2\r\nC:3\r\nD:4\r\n\r\n0\r\nE:5\r\nF:6\r\n\r\n"),
         "POST /"},
        {"6 and 3 trailers",
         TEXT("POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n"
              "A:1\r\nB:2\r\nC:3\r\nD:4\r\n\r\n0\r\nE:5\r\nF:6\r\nG:7\r\n\r\n"),
         "431"},
    };
    expect_outcomes(streams, COUNT_OF(streams));
}

static void keeps_to_the_limit_of_the_trailers(void **state)
{
    (void)state;
    expect_filled(CHUNKED "0\r\nX: ", 'x', 800, "\r\n\r\n" NEXT, "POST / | GET /next");
    expect_filled(CHUNKED "0\r\nX: ", 'x', 1200, "\r\n\r\n" NEXT, "431");
}

static void keeps_to_the_limit_of_the_body(void **state)
{
    (void)state;
    static const struct stream streams[] = {
        {"announced", TEXT(POST "Content-Length: 65\r\n\r\n"), "413"},
        {"announced by a chunk", TEXT(CHUNKED "41\r\n"), "413"},
        {"summed up over chunks", TEXT(CHUNKED "2\r\nab\r\n3f\r\n"), "413"},
        {"exactly", TEXT(CHUNKED "2\r\nab\r\n3e\r\n"), "..."},
    };
    expect_outcomes(streams, COUNT_OF(streams));
    expect_filled(POST "Content-Length: 64\r\n\r\n", 'x', 64, "",
                  "POST / xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
}

static void feed_whole(struct request_reader *reader, const char *bytes)
{
    size_t length = strlen(bytes);
    size_t taken = 0;
    while (taken < length && reader->state != REQUEST_COMPLETE && reader->state != REQUEST_REFUSED)
        taken += request_feed(reader, bytes + taken, length - taken);
}

static void gives_headers_in_lower_case_without_blanks_around_their_values(void **state)
{
    (void)state;
    struct request_reader reader = {0};
    request_init(&reader, &limits);
    feed_whole(&reader, "GET / HTTP/1.1\r\nHOST:a\r\nX-Any_Name: \t two  words \t\r\nEmpty:\r\n"
                        "Blank: \t \r\n\r\n");
    assert_int_equal(reader.state, REQUEST_COMPLETE);
    assert_int_equal(reader.request.header_count, 4);
    assert_string_equal(http_request_header(&reader.request, "host"), "a");
    assert_string_equal(http_request_header(&reader.request, "x-any_name"), "two  words");
    assert_string_equal(http_request_header(&reader.request, "empty"), "");
    assert_string_equal(http_request_header(&reader.request, "blank"), "");
    assert_null(http_request_header(&reader.request, "missing"));
    request_deinit(&reader);
}

static void says_whether_the_client_keeps_the_connection(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        bool keeps;
    } cases[] = {
        {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", true},
        {"GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive\r\n\r\n", true},
        {"GET / HTTP/1.1\r\nHost: a\r\nConnection: Close\r\n\r\n", false},
        {"GET / HTTP/1.1\r\nHost: a\r\nConnection: foo, close\r\n\r\n", false},
        {"GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive\r\nConnection: close\r\n\r\n", false},
        {"GET / HTTP/1.0\r\n\r\n", false},
        {"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", true},
        {"GET / HTTP/1.0\r\nConnection: close, keep-alive\r\n\r\n", false},
        {"GET / HTTP/1.0\r\nConnection: keep-alive\r\nConnection: close\r\n\r\n", false},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct request_reader reader = {0};
        request_init(&reader, &limits);
        feed_whole(&reader, cases[i].bytes);
        assert_int_equal(reader.state, REQUEST_COMPLETE);
        assert_int_equal(reader.keeps_alive, cases[i].keeps);
        request_deinit(&reader);
    }
}

static void tells_an_expectation_of_http_1_1_alone(void **state)
{
    (void)state;
    struct request_reader reader = {0};
    request_init(&reader, &limits);
    feed_whole(&reader, POST "Expect: 100-Continue\r\nContent-Length: 5\r\n\r\n");
    assert_int_equal(reader.state, REQUEST_BODY);
    assert_true(reader.head.expects_continue);
    request_reset(&reader);
    feed_whole(&reader, "POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
    assert_int_equal(reader.state, REQUEST_BODY);
    assert_false(reader.head.expects_continue);
    request_deinit(&reader);
}

static void keeps_little_memory_for_the_next_request(void **state)
{
    (void)state;
    static const struct http_limits wide = {
        .header_bytes = 16384, .headers = 64, .body_bytes = 65536};
    struct request_reader reader = {0};
    CLEANUP(buffer_deinit) struct buffer bytes;
    buffer_init(&bytes, 100000);
    buffer_append_text(&bytes, POST "Content-Length: 60000\r\nX: ");
    for (int i = 0; i < 8000; i++)
        buffer_append_char(&bytes, 'x');
    buffer_append_text(&bytes, "\r\n\r\n");
    for (int i = 0; i < 60000; i++)
        buffer_append_char(&bytes, 'x');
    request_init(&reader, &wide);
    feed_whole(&reader, bytes.bytes);
    assert_int_equal(reader.state, REQUEST_COMPLETE);
    assert_int_equal(reader.request.body_length, 60000);
    request_reset(&reader);
    assert_true(reader.text.capacity + reader.body.capacity < 10000);
    request_deinit(&reader);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_well_formed_requests),
        cmocka_unit_test(refuses_what_could_be_read_in_two_ways),
        cmocka_unit_test(keeps_to_the_limits_of_the_head),
        cmocka_unit_test(keeps_to_the_number_of_headers),
        cmocka_unit_test(keeps_to_the_limit_of_the_trailers),
        cmocka_unit_test(keeps_to_the_limit_of_the_body),
        cmocka_unit_test(gives_headers_in_lower_case_without_blanks_around_their_values),
        cmocka_unit_test(says_whether_the_client_keeps_the_connection),
        cmocka_unit_test(tells_an_expectation_of_http_1_1_alone),
        cmocka_unit_test(keeps_little_memory_for_the_next_request),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
