/* diagnostics - every fault of a configuration, in one list: `vendors.yaml:12:5: error: unknown key
 * "nmae"; did you mean "name"?` */
#ifndef CONFIG_DIAGNOSTICS_H
#define CONFIG_DIAGNOSTICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* A place in a file; line and column from 1, column in characters. Line 0 is the file as a whole;
 * file NULL is no place at all. */
struct mark {
    const char *file;
    unsigned line;
    unsigned column;
};

enum severity { SEVERITY_WARNING, SEVERITY_ERROR };

struct diagnostics;

struct diagnostics *diagnostics_create(void);
void diagnostics_destroy(struct diagnostics *diagnostics);

/* Formats take in_language("…", "…"). Lower case, no full stop. The file's name is copied; control
 * characters in the finished text become spaces, so that one fault is one line. */
void diagnostics_error(struct diagnostics *diagnostics, struct mark mark, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void diagnostics_warning(struct diagnostics *diagnostics, struct mark mark, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

size_t diagnostics_errors(const struct diagnostics *diagnostics);
size_t diagnostics_warnings(const struct diagnostics *diagnostics);

/* One line each, in the order of file (by name), line and column. */
void diagnostics_print(const struct diagnostics *diagnostics, FILE *to);

/* The one of `choices` that `word` was probably meant to be, or NULL: for "did you mean". NULL
 * choices are skipped. */
const char *closest_word(const char *word, const char *const *choices, size_t count);

#endif
