/* call_request - a caller's request, checked and put into the easy handle.
 *
 * Invariant: what a caller gives can neither end a header line nor move the end of the request. */
#include "http/call.h"

#include <limits.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "http/unix_socket.h"

#define TIMEOUT_MS       10000
#define LINE_LIMIT_BYTES (64 * 1024)

/* RFC 9110 section 5.6.2: what a header's name is made of. */
static bool is_token(const char *text)
{
    return text[0] != '\0' && strspn(text, "!#$%&'*+-.^_`|~0123456789"
                                           "abcdefghijklmnopqrstuvwxyz"
                                           "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == strlen(text);
}

static bool has_control(const char *text)
{
    for (; *text != '\0'; text++)
        if ((unsigned char)*text < ' ' && *text != '\t')
            return true;
    return strchr(text, '\x7f') != NULL;
}

/* Headers that decide where a request ends and whom it is for belong to the client. */
static bool is_framing(const char *name)
{
    static const char *const framing[] = {"Host", "Content-Length", "Transfer-Encoding",
                                          "Connection", "Expect"};
    for (size_t i = 0; i < COUNT_OF(framing); i++)
        if (strcasecmp(name, framing[i]) == 0)
            return true;
    return false;
}

static void add_line(struct http_call *call, const char *line)
{
    struct curl_slist *longer = curl_slist_append(call->headers, line);
    require(longer != NULL);
    call->headers = longer;
}

static bool add_header(struct http_call *call, const char *name, const char *value,
                       struct error *error)
{
    if (!is_token(name) || is_framing(name))
        return error_set(error, "the header \"%.64s\" is not for a caller to set", name);
    if (has_control(value))
        return error_set(error, "the value of the header \"%.64s\" has a control character", name);
    CLEANUP(buffer_deinit) struct buffer line;
    buffer_init(&line, LINE_LIMIT_BYTES);
    bool fits = value[0] != '\0' ? buffer_format(&line, "%s: %s", name, value)
                                 : buffer_format(&line, "%s;", name); /* libcurl's "empty" */
    if (!fits)
        return error_set(error, "the header \"%.64s\" is longer than 64 KB", name);
    add_line(call, line.bytes);
    return true;
}

static bool set_headers(struct http_call *call, const struct handoffd_http_request *request,
                        struct error *error)
{
    add_line(call, "Expect:"); /* never wait for a 100 */
    if (request->content_type == NULL)
        add_line(call, "Content-Type:");
    else if (!add_header(call, "Content-Type", request->content_type, error))
        return false;
    const struct handoffd_fields *headers = &request->headers;
    for (size_t i = 0; i < headers->count; i++)
        if (headers->values[i] != NULL &&
            !add_header(call, headers->names[i], headers->values[i], error))
            return false;
    SET_OPTION(call->easy, CURLOPT_HTTPHEADER, call->headers);
    return true;
}

static bool set_url(struct http_call *call, const char *url, struct error *error)
{
    if (url == NULL ||
        (strncasecmp(url, "http://", 7) != 0 && strncasecmp(url, "https://", 8) != 0))
        return error_set(error, "the URL starts with neither http:// nor https://");
    if (curl_easy_setopt(call->easy, CURLOPT_URL, url) != CURLE_OK)
        return error_set(error, "the URL is too long");
    return true;
}

static bool set_method(struct http_call *call, const struct handoffd_http_request *request,
                       struct error *error)
{
    const char *method = request->method ? request->method : "";
    if (strcmp(method, "GET") == 0) {
        SET_OPTION(call->easy, CURLOPT_HTTPGET, 1L);
        return true;
    }
    if (strcmp(method, "POST") != 0)
        return error_set(error, "the method \"%.16s\" is neither GET nor POST", method);
    if (!buffer_append(&call->body, request->body, request->body_length))
        return error_set(error, "the body is longer than 16 MB");
    SET_OPTION(call->easy, CURLOPT_POST, 1L);
    SET_OPTION(call->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_length);
    return true;
}

static bool set_user(struct http_call *call, const struct handoffd_http_request *request,
                     struct error *error)
{
    if (curl_easy_setopt(call->easy, CURLOPT_USERNAME, request->user) != CURLE_OK ||
        curl_easy_setopt(call->easy, CURLOPT_PASSWORD, request->password) != CURLE_OK)
        return error_set(error, "user or password is too long");
    return true;
}

/* libcurl takes a timeout of 0 for none. */
static void set_limits(struct http_call *call, bool is_ours, int64_t timeout_ms)
{
    if (timeout_ms <= 0)
        timeout_ms = is_ours ? 0 : TIMEOUT_MS;
    SET_OPTION(call->easy, CURLOPT_TIMEOUT_MS, (long)(timeout_ms < INT_MAX ? timeout_ms : INT_MAX));
    call->answer.limit_bytes = is_ours ? OUR_ANSWER_LIMIT_BYTES : ANSWER_LIMIT_BYTES;
}

static bool set_socket(struct http_call *call, const char *socket, struct error *error)
{
    struct sockaddr_un address;
    if (socket != NULL && !unix_socket_address(socket, &address, error))
        return false;
    SET_OPTION(call->easy, CURLOPT_UNIX_SOCKET_PATH, socket);
    return true;
}

bool call_prepare(struct http_call *call, const char *socket,
                  const struct handoffd_http_request *request, struct error *error)
{
    set_limits(call, socket != NULL, request->timeout_ms);
    return set_socket(call, socket, error) && set_url(call, request->url, error) &&
           set_method(call, request, error) && set_user(call, request, error) &&
           set_headers(call, request, error);
}
