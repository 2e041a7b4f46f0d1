/* language - what an operator reads follows LC_ALL, LC_MESSAGES or LANG: Spanish for es*, else
 * English. */
#ifndef BASE_LANGUAGE_H
#define BASE_LANGUAGE_H

#include <stdbool.h>

bool language_is_spanish(void);

/* One of the two; both may be printf formats, and the compiler checks both. */
const char *in_language(const char *english, const char *spanish)
    __attribute__((format_arg(1), format_arg(2)));

#endif
