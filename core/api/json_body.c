/* json_body - cJSON knows the structure; what it lets pass inside the tokens is refused before.
 *
 * cJSON 1.7 takes any control character for a blank or as part of a text, `01`, `1.` and `-.5` for
 * numbers, and ends a text at \u0000 and at a \u without its four digits. */
#include "api/json_body.h"

#include <stdbool.h>
#include <string.h>

#include "base/memory.h"
#include "base/utf8.h"

/* What is wrong with the tokens. */
enum fault { FAULT_NONE, FAULT_TOKEN, FAULT_NUL, FAULT_DEPTH };

struct scan {
    const char *at; /* the body ends in NUL and has no other */
    size_t depth;
    enum fault fault;
};

static bool is_digit(char character)
{
    return character >= '0' && character <= '9';
}

static bool is_hex(char character)
{
    return character != '\0' && strchr("0123456789abcdefABCDEF", character) != NULL;
}

static bool is_blank(char character)
{
    return character != '\0' && strchr(" \t\r\n", character) != NULL;
}

static const char *skip_digits(const char *at)
{
    while (is_digit(*at))
        at++;
    return at;
}

/* Behind the number that begins at `at`; NULL where there is none. */
static const char *skip_number(const char *at)
{
    at += *at == '-';
    if (!is_digit(*at))
        return NULL;
    at = *at == '0' ? at + 1 : skip_digits(at);
    if (*at == '.') {
        if (!is_digit(at[1]))
            return NULL;
        at = skip_digits(at + 1);
    }
    if (*at == 'e' || *at == 'E') {
        at += at[1] == '+' || at[1] == '-' ? 2 : 1;
        if (!is_digit(*at))
            return NULL;
        at = skip_digits(at);
    }
    return is_digit(*at) ? NULL : at;
}

/* At the character behind a backslash. */
static void scan_escape(struct scan *scan)
{
    size_t hex = 0;
    while (*scan->at == 'u' && hex < 4 && is_hex(scan->at[1 + hex]))
        hex++;
    if (*scan->at == 'u' && hex < 4)
        scan->fault = FAULT_TOKEN;
    else if (strncmp(scan->at, "u0000", 5) == 0)
        scan->fault = FAULT_NUL;
    else if (*scan->at != '\0')
        scan->at++; /* which escapes there are, cJSON knows */
}

/* Behind the opening quotation mark. */
static void scan_text(struct scan *scan)
{
    while (scan->fault == FAULT_NONE && *scan->at != '"') {
        if ((unsigned char)*scan->at < ' ') {
            scan->fault = FAULT_TOKEN; /* the end of the body, too */
        } else if (*scan->at++ == '\\') {
            scan_escape(scan);
        }
    }
    scan->at += scan->fault == FAULT_NONE;
}

static void scan_number(struct scan *scan)
{
    const char *end = skip_number(scan->at);
    if (end == NULL)
        scan->fault = FAULT_TOKEN;
    else
        scan->at = end;
}

static void scan_token(struct scan *scan)
{
    char character = *scan->at;
    if (character == '"') {
        scan->at++;
        scan_text(scan);
    } else if (character == '-' || is_digit(character)) {
        scan_number(scan);
    } else if ((unsigned char)character < ' ' && !is_blank(character)) {
        scan->fault = FAULT_TOKEN;
    } else {
        scan->depth += character == '{' || character == '[';
        scan->depth -= (character == '}' || character == ']') && scan->depth > 0;
        scan->at++;
        if (scan->depth > JSON_BODY_DEPTH)
            scan->fault = FAULT_DEPTH;
    }
}

static bool check_tokens(const char *body, struct error *error)
{
    struct scan scan = {.at = body};
    while (*scan.at != '\0' && scan.fault == FAULT_NONE)
        scan_token(&scan);
    switch (scan.fault) {
    case FAULT_NONE:
        return true;
    case FAULT_NUL:
        return error_set(error, "el cuerpo contiene el carácter nulo (\\u0000)");
    case FAULT_DEPTH:
        return error_set(error, "el cuerpo tiene más de %d niveles anidados", JSON_BODY_DEPTH);
    case FAULT_TOKEN:
        break;
    }
    return error_set(error, "el cuerpo no es JSON válido (posición %zu)",
                     (size_t)(scan.at - body) + 1);
}

static char *copy_of(const char *bytes, size_t length)
{
    char *copy = memory_zeroed(length + 1, 1);
    memcpy(copy, bytes, length);
    return copy;
}

/* The next number of a body whose tokens are fine, with its end. */
static const char *next_number(const char *at, const char **end)
{
    struct scan scan = {.at = at};
    while (*scan.at != '-' && !is_digit(*scan.at))
        scan_token(&scan);
    *end = skip_number(scan.at);
    return scan.at;
}

/* Gives every number of the tree its digits: both list them in the same order. */
static void keep_digits(cJSON *item, const char **at)
{
    for (; item != NULL; item = item->next) {
        keep_digits(item->child, at);
        if (!cJSON_IsNumber(item))
            continue;
        const char *number = next_number(*at, at);
        item->type = cJSON_Raw;
        item->valuestring = copy_of(number, (size_t)(*at - number));
    }
}

static cJSON *parse(const char *body, size_t length, struct error *error)
{
    const char *end = body;
    cJSON *tree = cJSON_ParseWithLengthOpts(body, length + 1, &end, true);
    if (tree == NULL) {
        error_set(error, "el cuerpo no es JSON válido (posición %zu)", (size_t)(end - body) + 1);
        return NULL;
    }
    const char *at = body;
    keep_digits(tree, &at);
    return tree;
}

static bool is_all_blank(const char *body, size_t length)
{
    size_t i = 0;
    while (i < length && is_blank(body[i]))
        i++;
    return i == length;
}

static bool check_bytes(const char *body, size_t length, struct error *error)
{
    if (is_all_blank(body, length))
        return error_set(error, "el cuerpo está vacío; se espera un objeto JSON");
    if (memchr(body, '\0', length) != NULL)
        return error_set(error, "el cuerpo contiene el carácter nulo");
    if (!utf8_is_valid(body, length))
        return error_set(error, "el cuerpo no es UTF-8 válido");
    return true;
}

cJSON *json_body_read(const char *body, size_t length, struct error *error)
{
    if (!check_bytes(body, length, error))
        return NULL;
    CLEANUP(memory_free) char *copy = copy_of(body, length); /* cJSON wants a NUL behind */
    return check_tokens(copy, error) ? parse(copy, length, error) : NULL;
}
