/* language - what an operator reads follows LC_ALL, LC_MESSAGES or LANG: Spanish for es*, else
 * English. */
#ifndef BASE_LANGUAGE_H
#define BASE_LANGUAGE_H

#include <stdbool.h>

bool language_is_spanish(void);

/* One of the two; both may be printf formats, and the compiler checks both. */
const char *in_language(const char *english, const char *spanish)
    __attribute__((format_arg(1), format_arg(2)));

/* One thing, or several (or none); both may be printf formats that take the count. */
const char *in_number(long long count, const char *one, const char *several)
    __attribute__((format_arg(2), format_arg(3)));

#endif
