/* utf8 - the few questions that are asked of text: is it valid, what is the next character. */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whole and strict: no overlong form, no surrogate, no NUL inside `length`. */
bool utf8_is_valid(const char *text, size_t length);

/* The bytes before the first one that is not valid; `length` where all are. */
size_t utf8_valid_prefix(const char *text, size_t length);

/* The code point at *text (valid UTF-8, NUL-terminated), and moves *text behind it; 0 at the end.
 * A byte that is not valid is one U+FFFD. */
uint32_t utf8_next(const char **text);

/* Code points in `length` bytes of valid UTF-8. */
size_t utf8_count(const char *text, size_t length);

/* The field width that printf needs, which counts bytes, so that `text` takes `columns` columns of
 * a terminal. */
int utf8_field(const char *text, int columns);

#endif
