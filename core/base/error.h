/* error - an operational failure in words: what, which and why, said once, where it was detected.
 */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include <stdbool.h>

/* Lives on the caller's stack. Lower case, no full stop. */
struct error {
    char message[512];
};

/* Always false, so that a function can `return error_set(error, ...)`. */
bool error_set(struct error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* What errno says, in the language of the reader. */
const char *error_reason(int code);

#define MUST_CHECK __attribute__((warn_unused_result))

#endif
