/* strict - one table of characters, and a look at each kind of line. */
#include "http/strict.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <string.h>

#include "base/memory.h"

static const char token_marks[] = "!#$%&'*+-.^_`|~";
static const char name_marks[] = ".-_~";

enum { PORT_DIGITS_MOST = 5 };

static bool is_digit(char character)
{
    return character >= '0' && character <= '9';
}

static bool is_alphanumeric(char character)
{
    char lower = (char)(character | 0x20);
    return is_digit(character) || (lower >= 'a' && lower <= 'z');
}

bool strict_is_token(char character)
{
    return is_alphanumeric(character) ||
           (character != '\0' && strchr(token_marks, character) != NULL);
}

/* Without a branch in the loop, so that the compiler takes many bytes at once. */
bool strict_is_text(const char *bytes, size_t length)
{
    unsigned bad = 0;
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)bytes[i];
        bad |= (unsigned)(byte < 0x20) & (unsigned)(byte != '\t');
        bad |= (unsigned)(byte == 0x7f);
    }
    return bad == 0;
}

static size_t token_length(const char *bytes, size_t length)
{
    size_t i = 0;
    while (i < length && strict_is_token(bytes[i]))
        i++;
    return i;
}

static bool starts_with(const char *bytes, size_t length, const char *prefix)
{
    size_t wanted = strlen(prefix);
    return length >= wanted && strncmp(bytes, prefix, wanted) == 0;
}

size_t strict_authority(const char *target, size_t length, const char **authority)
{
    static const char *const schemes[] = {"http://", "https://"};
    for (size_t i = 0; i < COUNT_OF(schemes); i++) {
        if (!starts_with(target, length, schemes[i]))
            continue;
        *authority = target + strlen(schemes[i]);
        const char *end = *authority;
        while (end < target + length && *end != '/' && *end != '?')
            end++;
        return (size_t)(end - *authority);
    }
    return 0;
}

/* Visible ASCII of a form that we serve; a fragment is never sent. */
static bool is_target(const char *target, size_t length, bool is_options)
{
    for (size_t i = 0; i < length; i++)
        if (target[i] <= 0x20 || target[i] >= 0x7f || target[i] == '#')
            return false;
    if (length == 1 && target[0] == '*')
        return is_options;
    const char *authority = NULL;
    size_t authority_length = strict_authority(target, length, &authority);
    return starts_with(target, length, "/") ||
           (authority_length > 0 && strict_is_host(authority, authority_length));
}

static struct refusal version_refusal(const char *version, size_t length)
{
    if (length != strlen("HTTP/1.1") || !starts_with(version, length, "HTTP/") ||
        !is_digit(version[5]) || version[6] != '.' || !is_digit(version[7]))
        return (struct refusal){400, "la línea de solicitud no es HTTP/1.1"};
    if (version[5] != '1' || version[7] > '1')
        return (struct refusal){505, "solo se atiende HTTP/1.1 y HTTP/1.0"};
    return (struct refusal){0};
}

struct refusal strict_request_line(const char *line, size_t length)
{
    static const struct refusal malformed = {400, "la línea de solicitud no es HTTP/1.1"};
    size_t method = token_length(line, length);
    const char *target = line + method + 1;
    const char *version = memrchr(line, ' ', length);
    if (method == 0 || version == NULL || version <= target || line[method] != ' ')
        return malformed;
    struct refusal refusal = version_refusal(version + 1, (size_t)(line + length - version - 1));
    if (refusal.status != 0)
        return refusal;
    if (starts_with(line, length, "CONNECT "))
        return (struct refusal){501, "el método CONNECT no se atiende"};
    if (!is_target(target, (size_t)(version - target), starts_with(line, length, "OPTIONS ")))
        return (struct refusal){400, "la ruta solicitada no es válida"};
    return refusal;
}

/* A folded line (RFC 9112 section 5.2) starts with a blank, so it has no name. */
struct refusal strict_header_line(const char *line, size_t length)
{
    size_t name = token_length(line, length);
    if (name == 0 || name == length || line[name] != ':')
        return (struct refusal){400, "un encabezado está mal formado"};
    return (struct refusal){0};
}

static size_t name_length(const char *host, size_t length)
{
    size_t i = 0;
    while (i < length &&
           (is_alphanumeric(host[i]) || (host[i] != '\0' && strchr(name_marks, host[i]) != NULL)))
        i++;
    return i;
}

/* "[::1]", with its brackets; 0: it is none. */
static size_t literal_length(const char *host, size_t length)
{
    char text[INET6_ADDRSTRLEN];
    struct in6_addr address = {0};
    const char *end = length > 0 && host[0] == '[' ? memchr(host, ']', length) : NULL;
    size_t inside = end != NULL ? (size_t)(end - host) - 1 : sizeof text;
    if (inside >= sizeof text)
        return 0;
    memcpy(text, host + 1, inside);
    text[inside] = '\0';
    return inet_pton(AF_INET6, text, &address) == 1 ? inside + 2 : 0;
}

/* ":8000"; the digits may be missing (RFC 3986 section 3.2.3). */
static bool is_port(const char *port, size_t length)
{
    long number = 0;
    if (length > 1 + PORT_DIGITS_MOST || port[0] != ':')
        return false;
    for (size_t i = 1; i < length; i++) {
        if (!is_digit(port[i]))
            return false;
        number = number * 10 + (port[i] - '0');
    }
    return number <= UINT16_MAX;
}

bool strict_is_host(const char *host, size_t length)
{
    size_t name = name_length(host, length);
    if (name == 0)
        name = literal_length(host, length);
    return name > 0 && (name == length || is_port(host + name, length - name));
}
