/* utf8 - utf8proc's decoder, which refuses overlong forms and surrogates. */
#include "base/utf8.h"

#include <utf8proc.h>

enum { REPLACEMENT = 0xfffd };

size_t utf8_valid_prefix(const char *text, size_t length)
{
    size_t i = 0;
    while (i < length && text[i] != '\0') {
        if ((unsigned char)text[i] < 0x80) {
            i++;
            continue;
        }
        utf8proc_int32_t character = 0;
        utf8proc_ssize_t bytes = utf8proc_iterate((const utf8proc_uint8_t *)text + i,
                                                  (utf8proc_ssize_t)(length - i), &character);
        if (bytes <= 0)
            break;
        i += (size_t)bytes;
    }
    return i;
}

bool utf8_is_valid(const char *text, size_t length)
{
    return utf8_valid_prefix(text, length) == length;
}

uint32_t utf8_next(const char **text)
{
    if (**text == '\0')
        return 0;
    utf8proc_int32_t character = 0;
    utf8proc_ssize_t bytes = utf8proc_iterate((const utf8proc_uint8_t *)*text, -1, &character);
    *text += bytes > 0 ? bytes : 1;
    return bytes > 0 ? (uint32_t)character : REPLACEMENT;
}

size_t utf8_count(const char *text, size_t length)
{
    size_t count = 0;
    for (size_t i = 0; i < length; i++)
        count += ((unsigned char)text[i] & 0xc0) != 0x80;
    return count;
}

int utf8_field(const char *text, int columns)
{
    const char *at = text;
    for (uint32_t character = utf8_next(&at); character != 0; character = utf8_next(&at))
        columns -= utf8proc_charwidth((utf8proc_int32_t)character);
    return columns + (int)(at - text);
}
