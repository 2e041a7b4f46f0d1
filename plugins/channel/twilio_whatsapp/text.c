/* text - UTF-8, without a library: a plugin sees none of the daemon's. */
#include "text.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static bool is_continuation(unsigned char byte)
{
    return (byte & 0xC0) == 0x80;
}

/* The bytes of the character at `text`; 0: not UTF-8. */
static size_t valid_length(const unsigned char *text)
{
    unsigned char first = text[0];
    if (first < 0x80)
        return 1;
    if (first >= 0xC2 && first <= 0xDF)
        return is_continuation(text[1]) ? 2 : 0;
    if (first >= 0xE0 && first <= 0xEF) {
        bool is_overlong = first == 0xE0 && text[1] < 0xA0;
        bool is_surrogate = first == 0xED && text[1] > 0x9F;
        bool is_whole = is_continuation(text[1]) && is_continuation(text[2]);
        return is_whole && !is_overlong && !is_surrogate ? 3 : 0;
    }
    if (first >= 0xF0 && first <= 0xF4) {
        bool is_beyond = (first == 0xF0 && text[1] < 0x90) || (first == 0xF4 && text[1] > 0x8F);
        bool is_whole =
            is_continuation(text[1]) && is_continuation(text[2]) && is_continuation(text[3]);
        return is_whole && !is_beyond ? 4 : 0;
    }
    return 0;
}

void text_copy(char *to, size_t size, const char *from)
{
    const unsigned char *next = (const unsigned char *)from;
    size_t used = 0;
    while (*next != '\0') {
        size_t length = valid_length(next);
        bool is_control = *next < ' ' || *next == 0x7F;
        size_t added = length > 0 ? length : 1;
        if (used + added >= size)
            break;
        if (length > 0 && !is_control)
            memcpy(to + used, next, length);
        else
            to[used] = is_control ? ' ' : '?';
        used += added;
        next += added;
    }
    to[used] = '\0';
}

/* The bytes of a control character or of white space, Unicode's included; 0: neither. */
static size_t blank_length(const char *text)
{
    const unsigned char *bytes = (const unsigned char *)text;
    if ((bytes[0] != '\0' && bytes[0] <= ' ') || bytes[0] == 0x7F)
        return 1;
    if (bytes[0] == 0xC2 && ((bytes[1] >= 0x80 && bytes[1] <= 0x9F) || bytes[1] == 0xA0))
        return 2; /* U+0080 to U+009F, U+00A0 */
    if (bytes[0] == 0xE1 && bytes[1] == 0x9A && bytes[2] == 0x80)
        return 3; /* U+1680 */
    if (bytes[0] == 0xE2 && bytes[1] == 0x80 &&
        ((bytes[2] >= 0x80 && bytes[2] <= 0x8A) || bytes[2] == 0xA8 || bytes[2] == 0xA9 ||
         bytes[2] == 0xAF))
        return 3; /* U+2000 to U+200A, U+2028, U+2029, U+202F */
    if (bytes[0] == 0xE2 && bytes[1] == 0x81 && bytes[2] == 0x9F)
        return 3;                                                            /* U+205F */
    return bytes[0] == 0xE3 && bytes[1] == 0x80 && bytes[2] == 0x80 ? 3 : 0; /* U+3000 */
}

char *text_collapsed(const char *text, size_t spare)
{
    char *collapsed = malloc(strlen(text) + spare + 1);
    if (collapsed == NULL)
        return NULL;
    char *to = collapsed;
    while (*text != '\0') {
        size_t blank = blank_length(text);
        if (blank == 0) {
            *to++ = *text++;
            continue;
        }
        if (to > collapsed && to[-1] != ' ')
            *to++ = ' ';
        text += blank;
    }
    if (to > collapsed && to[-1] == ' ')
        to--;
    *to = '\0';
    return collapsed;
}
