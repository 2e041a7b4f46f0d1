/* clean - other people's words, made fit for one line of a message. Pure; texts are UTF-8 (an
 * invalid byte becomes U+FFFD). */
#ifndef HANDOFF_CLEAN_H
#define HANDOFF_CLEAN_H

#include <stdint.h>

#include "base/arena.h"

/* Without the blank and invisible characters at both ends, otherwise untouched; NULL where nothing
 * visible is left, and for NULL. In the arena. */
const char *clean_trimmed(const char *text, struct arena *arena);

/* One line: every run of blanks, line breaks and control characters is one space, none at the ends;
 * no bidi or zero-width character. A character of `markup` becomes a look-alike unless it stands
 * between two letters or digits, where it formats nothing; one of `line_markup` does where it
 * begins the text. Both may be NULL; only their ASCII counts. NULL where nothing visible is left,
 * and for NULL. In the arena. */
const char *clean_line(const char *text, const char *markup, const char *line_markup,
                       struct arena *arena);

/* At most `limit` units (enum handoffd_text_unit) of the text; 0: no limit. What is longer is cut
 * between two graphemes and ends in "…", which counts. Gives the text itself where it fits, else a
 * copy in the arena. */
const char *clean_cut(const char *text, uint32_t unit, uint32_t limit, struct arena *arena);

#endif
