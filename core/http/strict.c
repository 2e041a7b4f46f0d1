/* strict - one table of characters, and a look at each kind of line. */
#include "http/strict.h"

#include <string.h>

static const char token_marks[] = "!#$%&'*+-.^_`|~";
static const char host_marks[] = ".-_~%:[]";

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

/* Visible ASCII of a form that we serve; a fragment is never sent. */
static bool is_target(const char *target, size_t length, bool is_options)
{
    for (size_t i = 0; i < length; i++)
        if (target[i] <= 0x20 || target[i] >= 0x7f || target[i] == '#')
            return false;
    if (length == 1 && target[0] == '*')
        return is_options;
    return starts_with(target, length, "/") || starts_with(target, length, "http://") ||
           starts_with(target, length, "https://");
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

bool strict_is_host(const char *value)
{
    size_t i = 0;
    while (is_alphanumeric(value[i]) || (value[i] != '\0' && strchr(host_marks, value[i]) != NULL))
        i++;
    return i > 0 && value[i] == '\0';
}
