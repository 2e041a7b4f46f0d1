/* parameters - one copy of the body, decoded in place, and the pairs that point into it. */
#include "parameters.h"

#include <stdlib.h>
#include <string.h>

static int hex_value(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    if (digit >= 'a' && digit <= 'f')
        return digit - 'a' + 10;
    return digit >= 'A' && digit <= 'F' ? digit - 'A' + 10 : -1;
}

/* In place, with a NUL behind: there is room, because an & or a = or the end stands there. */
static struct span decode(char *bytes, const char *end)
{
    char *to = bytes;
    for (const char *next = bytes; next < end; next++) {
        int high = *next == '%' && end - next > 2 ? hex_value(next[1]) : -1;
        int low = high >= 0 ? hex_value(next[2]) : -1;
        if (low >= 0) {
            *to++ = (char)(high * 16 + low);
            next += 2;
        } else {
            *to++ = *next;
            if (*next == '+')
                to[-1] = ' ';
        }
    }
    *to = '\0';
    return (struct span){bytes, (size_t)(to - bytes)};
}

static struct parameter read_pair(char *start, char *end)
{
    char *equals = memchr(start, '=', (size_t)(end - start));
    char *value = equals != NULL ? equals + 1 : end;
    struct parameter pair;
    pair.value = decode(value, end); /* first: the name's NUL takes the place of the = */
    pair.name = decode(start, equals != NULL ? equals : end);
    return pair;
}

static int compare_spans(const struct span *left, const struct span *right)
{
    size_t shorter = left->length < right->length ? left->length : right->length;
    int order = memcmp(left->bytes, right->bytes, shorter);
    if (order != 0)
        return order;
    return (left->length > right->length) - (left->length < right->length);
}

static int compare(const void *left, const void *right)
{
    const struct parameter *one = left;
    const struct parameter *other = right;
    int order = compare_spans(&one->name, &other->name);
    return order != 0 ? order : compare_spans(&one->value, &other->value);
}

static size_t most_pairs(const char *body, size_t length)
{
    size_t count = 1;
    for (size_t i = 0; i < length; i++)
        count += body[i] == '&';
    return count;
}

bool parameters_read(const char *body, size_t length, struct parameters *parameters)
{
    *parameters = (struct parameters){
        .items = calloc(most_pairs(body, length), sizeof *parameters->items),
        .bytes = malloc(length + 1),
    };
    if (parameters->items == NULL || parameters->bytes == NULL)
        return false;
    if (length > 0)
        memcpy(parameters->bytes, body, length);
    parameters->bytes[length] = '\0';
    char *end = parameters->bytes + length;
    for (char *start = parameters->bytes; start < end;) {
        char *next = memchr(start, '&', (size_t)(end - start));
        next = next != NULL ? next : end;
        if (next > start)
            parameters->items[parameters->count++] = read_pair(start, next);
        start = next + 1;
    }
    qsort(parameters->items, parameters->count, sizeof parameters->items[0], compare);
    return true;
}

void parameters_deinit(struct parameters *parameters)
{
    free(parameters->items);
    free(parameters->bytes);
    *parameters = (struct parameters){0};
}

static bool is_named(const struct parameter *parameter, const char *name)
{
    return strlen(name) == parameter->name.length &&
           memcmp(parameter->name.bytes, name, parameter->name.length) == 0;
}

const char *parameters_value(const struct parameters *parameters, const char *name)
{
    const struct span *value = NULL;
    for (size_t i = 0; i < parameters->count; i++) {
        const struct parameter *parameter = &parameters->items[i];
        if (!is_named(parameter, name))
            continue;
        if (value != NULL && compare_spans(value, &parameter->value) != 0)
            return NULL;
        value = &parameter->value;
    }
    bool is_text = value != NULL && value->length > 0 && strlen(value->bytes) == value->length;
    return is_text ? value->bytes : NULL;
}
