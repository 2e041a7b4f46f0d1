/* head - one look at each header by name, then at what they say together. */
#include "http/head.h"

#include <string.h>
#include <strings.h>

#define REFUSE(status, reason) ((struct refusal){(status), (reason)})

static const struct refusal nothing_wrong = {0};

/* Digits alone, no zero in front; what does not fit in the limit is told from what is no number. */
static struct refusal read_content_length(struct head *head, const char *value, int64_t limit)
{
    if (head->content_length >= 0)
        return REFUSE(400, "Content-Length está repetido");
    size_t digits = strspn(value, "0123456789");
    if (digits == 0 || value[digits] != '\0' || (digits > 1 && value[0] == '0'))
        return REFUSE(400, "Content-Length no es un número");
    int64_t length = 0;
    for (size_t i = 0; i < digits && length <= limit; i++)
        length = length * 10 + (value[i] - '0');
    if (length > limit)
        return REFUSE(413, "el cuerpo es demasiado grande");
    head->content_length = length;
    return nothing_wrong;
}

static struct refusal read_transfer_encoding(struct head *head, const char *value)
{
    if (head->is_http10 || head->is_chunked || strcasecmp(value, "chunked") != 0)
        return REFUSE(400, "Transfer-Encoding no se atiende; solo chunked, una vez y en HTTP/1.1");
    head->is_chunked = true;
    return nothing_wrong;
}

/* A client says the same in both places (RFC 9112 section 3.2); readers of one that does not would
 * differ in whom they believe. */
static bool is_targets(const struct head *head, const char *value, size_t length)
{
    return head->authority_length == 0 ||
           (head->authority_length == length && strncasecmp(head->authority, value, length) == 0);
}

static struct refusal read_host(struct head *head, const char *value)
{
    size_t length = strlen(value);
    if (++head->hosts > 1 || !strict_is_host(value, length))
        return REFUSE(400, "Host está repetido o no es válido");
    if (!is_targets(head, value, length))
        return REFUSE(400, "Host no es el de la ruta solicitada");
    return nothing_wrong;
}

/* HTTP/1.0 knows no expectation: the body comes anyway. */
static struct refusal read_expect(struct head *head, const char *value)
{
    if (strcasecmp(value, "100-continue") != 0)
        return REFUSE(417, "Expect no se atiende; solo 100-continue");
    head->expects_continue = !head->is_http10;
    return nothing_wrong;
}

static struct refusal read_header(struct head *head, const struct http_header *header,
                                  int64_t body_limit)
{
    if (strcmp(header->name, "content-length") == 0)
        return read_content_length(head, header->value, body_limit);
    if (strcmp(header->name, "transfer-encoding") == 0)
        return read_transfer_encoding(head, header->value);
    if (strcmp(header->name, "host") == 0)
        return read_host(head, header->value);
    if (strcmp(header->name, "expect") == 0)
        return read_expect(head, header->value);
    return nothing_wrong;
}

struct refusal head_understand(struct head *head, const struct http_header *headers, size_t count,
                               int64_t body_limit_bytes)
{
    head->content_length = -1;
    for (size_t i = 0; i < count; i++) {
        struct refusal refusal = read_header(head, &headers[i], body_limit_bytes);
        if (refusal.status != 0)
            return refusal;
    }
    if (head->is_chunked && head->content_length >= 0)
        return REFUSE(400, "Content-Length y Transfer-Encoding no van juntos");
    if (head->hosts == 0 && !head->is_http10)
        return REFUSE(400, "falta el encabezado Host");
    return nothing_wrong;
}
