/* encoding - the bytes of a file that people edit: UTF-8, or a sentence that says which byte is
 * not. */
#ifndef CONFIG_ENCODING_H
#define CONFIG_ENCODING_H

#include "config/diagnostics.h"

/* Bytes that are borrowed, with the name of the file that they come from. */
struct source {
    const char *file;
    const char *bytes;
    size_t length;
    bool is_shared; /* others on this machine may read that file */
};

/* Takes a byte order mark off the front. False, and said in diagnostics, where the rest is not
 * UTF-8 (UTF-16, Latin-1) or holds a character that no editor shows: a control character, or a line
 * separator that editors and YAML count differently. */
bool encoding_check(struct source *source, struct diagnostics *diagnostics);

/* The place of the byte at `offset`. A line ends in LF, CR LF or CR, as in YAML. */
struct mark encoding_mark(const struct source *source, size_t offset);

#endif
