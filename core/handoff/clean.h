/* clean - other people's words, made fit for one line of a message. Pure; texts are UTF-8 (an
 * invalid byte becomes U+FFFD). */
#ifndef HANDOFF_CLEAN_H
#define HANDOFF_CLEAN_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

struct handoffd_channel;

/* Without the blank and invisible characters at both ends, otherwise untouched; NULL where nothing
 * visible is left, and for NULL. In the arena. */
const char *clean_trimmed(const char *text, struct arena *arena);

/* One line: every run of blanks, line breaks and control characters is one space, none at the ends;
 * no bidi or zero-width character, none that strikes others out; at most four marks on a letter;
 * letters that are bold or cursive by themselves (U+1D400 and others) are plain ones. And what the
 * channel would make more of than it is, says nothing but itself: a character of its markup becomes
 * a look-alike unless it stands between two letters or digits of ASCII, where it formats nothing;
 * so does one of its line_markup that begins the text; behind the dots of a web address, and behind
 * the colon of "http:", comes a space, where the channel makes links. E-mail addresses and numbers
 * stay as they are. Without a channel, all of this does. NULL where nothing visible is left, and
 * for NULL. In the arena. */
const char *clean_line(const char *text, const struct handoffd_channel *channel,
                       struct arena *arena);

/* In units of enum handoffd_text_unit. */
size_t clean_units(const char *text, uint32_t unit);

/* At most `limit` units (enum handoffd_text_unit) of the text; 0: no limit. What is longer is cut
 * between two graphemes, not inside an e-mail address, and ends in "…", which counts; never in
 * "_…", which could end what the template formats. Gives the text itself where it fits, else a copy
 * in the arena. */
const char *clean_cut(const char *text, uint32_t unit, uint32_t limit, struct arena *arena);

#endif
