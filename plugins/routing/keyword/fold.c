/* fold - ASCII by hand, because it is nearly everything; the rest by Unicode's tables (utf8proc).
 */
#include "fold.h"

#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

/* The longest decomposition of a code point has 18 others (U+FDFA). */
enum { MOST_PARTS = 32, LONGEST_UTF8 = 4 };

static bool reserve(struct folded *folded, size_t more)
{
    size_t wanted = folded->length + more + 1;
    if (folded->is_broken || wanted <= folded->capacity)
        return !folded->is_broken;
    size_t capacity = wanted > folded->capacity * 2 ? wanted : folded->capacity * 2;
    char *bytes = realloc(folded->bytes, capacity);
    folded->is_broken = bytes == NULL;
    if (bytes == NULL)
        return false;
    folded->bytes = bytes;
    folded->capacity = capacity;
    return true;
}

static void append_blank(struct folded *folded)
{
    if (folded->length > 0 && folded->bytes[folded->length - 1] == ' ')
        return;
    if (reserve(folded, 1))
        folded->bytes[folded->length++] = ' ';
}

static void append_ascii(struct folded *folded, unsigned char byte)
{
    bool is_upper = byte >= 'A' && byte <= 'Z';
    bool is_word = is_upper || (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9');
    if (!is_word)
        append_blank(folded);
    else if (reserve(folded, 1))
        folded->bytes[folded->length++] = (char)(is_upper ? byte + ('a' - 'A') : byte);
}

static bool is_letter_or_digit(utf8proc_int32_t code_point)
{
    utf8proc_category_t category = utf8proc_category(code_point);
    return (category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO) ||
           (category >= UTF8PROC_CATEGORY_ND && category <= UTF8PROC_CATEGORY_NO);
}

/* A code point beyond ASCII may vanish (an accent), become ASCII (á, ½), or stay what it is. */
static void append_beyond_ascii(struct folded *folded, utf8proc_int32_t code_point)
{
    const utf8proc_option_t options =
        (utf8proc_option_t)(UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD |
                            UTF8PROC_STRIPMARK | UTF8PROC_IGNORE);
    utf8proc_int32_t parts[MOST_PARTS];
    int boundary = 0;
    utf8proc_ssize_t count =
        utf8proc_decompose_char(code_point, parts, MOST_PARTS, options, &boundary);
    for (utf8proc_ssize_t i = 0; i < count && i < MOST_PARTS; i++) {
        if (parts[i] < 0x80)
            append_ascii(folded, (unsigned char)parts[i]);
        else if (!is_letter_or_digit(parts[i]))
            append_blank(folded);
        else if (reserve(folded, LONGEST_UTF8))
            folded->length += (size_t)utf8proc_encode_char(
                parts[i], (utf8proc_uint8_t *)folded->bytes + folded->length);
    }
}

void fold_append(struct folded *folded, const char *text)
{
    const unsigned char *next = (const unsigned char *)(text != NULL ? text : "");
    reserve(folded, strlen((const char *)next) + 2);
    append_blank(folded);
    while (*next != '\0' && !folded->is_broken) {
        if (*next < 0x80) {
            append_ascii(folded, *next++);
            continue;
        }
        utf8proc_int32_t code_point = 0;
        utf8proc_ssize_t length = utf8proc_iterate(next, -1, &code_point);
        if (length > 0)
            append_beyond_ascii(folded, code_point);
        next += length > 0 ? length : 1; /* the daemon hands over valid UTF-8 only */
    }
    append_blank(folded);
    if (!folded->is_broken)
        folded->bytes[folded->length] = '\0';
}

void fold_deinit(struct folded *folded)
{
    free(folded->bytes);
    *folded = (struct folded){0};
}
