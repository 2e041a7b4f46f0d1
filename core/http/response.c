/* response - without printf: this runs for every answer. */
#include "http/response.h"

#include <string.h>
#include <strings.h>

static const char *status_text(int status)
{
    static const struct {
        int status;
        const char *text;
    } texts[] = {
        {200, "OK"},
        {201, "Created"},
        {202, "Accepted"},
        {204, "No Content"},
        {304, "Not Modified"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {408, "Request Timeout"},
        {409, "Conflict"},
        {413, "Content Too Large"},
        {414, "URI Too Long"},
        {415, "Unsupported Media Type"},
        {417, "Expectation Failed"},
        {422, "Unprocessable Content"},
        {429, "Too Many Requests"},
        {431, "Request Header Fields Too Large"},
        {500, "Internal Server Error"},
        {501, "Not Implemented"},
        {502, "Bad Gateway"},
        {503, "Service Unavailable"},
        {505, "HTTP Version Not Supported"},
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (texts[i].status == status)
            return texts[i].text;
    return "";
}

static void append_number(struct buffer *to, size_t number)
{
    char digits[24] = {0};
    size_t at = sizeof digits;
    do
        digits[--at] = (char)('0' + number % 10);
    while ((number /= 10) > 0);
    buffer_append(to, digits + at, sizeof digits - at);
}

/* A line break in a value would end the header early; it becomes a blank, as every control
 * character does. */
static void append_value(struct buffer *to, const char *value)
{
    for (; *value != '\0'; value++) {
        bool is_control = (unsigned char)*value < 0x20;
        buffer_append(to, is_control ? " " : value, 1);
    }
}

static void append_header(struct buffer *to, const char *name, const char *value)
{
    buffer_append_text(to, name);
    buffer_append_text(to, ": ");
    append_value(to, value);
    buffer_append_text(to, "\r\n");
}

static bool has_content_type(const struct response *response)
{
    for (size_t i = 0; i < response->header_count; i++)
        if (strcasecmp(response->headers[i].name, "content-type") == 0)
            return true;
    return false;
}

bool response_status_has_body(int status)
{
    return status != 204 && status != 304;
}

static void append_body_headers(struct buffer *to, const struct response *response)
{
    if (!has_content_type(response))
        buffer_append_text(to, "Content-Type: application/json\r\n");
    buffer_append_text(to, "Content-Length: ");
    append_number(to, response->body_length);
    buffer_append_text(to, "\r\n");
}

void response_write_head(struct buffer *to, const struct response *response)
{
    buffer_append_text(to, "HTTP/1.1 ");
    append_number(to, (size_t)response->status);
    buffer_append_char(to, ' ');
    buffer_append_text(to, status_text(response->status));
    buffer_append_text(to, "\r\n");
    if (response_status_has_body(response->status))
        append_body_headers(to, response);
    for (size_t i = 0; i < response->header_count; i++)
        append_header(to, response->headers[i].name, response->headers[i].value);
    if (response->connection == RESPONSE_SAYS_KEEPS)
        buffer_append_text(to, "Connection: keep-alive\r\n");
    if (response->connection == RESPONSE_SAYS_CLOSES)
        buffer_append_text(to, "Connection: close\r\n");
    buffer_append_text(to, "\r\n");
}
