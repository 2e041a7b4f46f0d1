/* text - what comes from outside, made fit for a report or for comparing. */
#ifndef TWILIO_TEXT_H
#define TWILIO_TEXT_H

#include <stddef.h>

/* Copies, cut to fit between characters; what is not UTF-8 becomes '?', control characters become
 * blanks. */
void text_copy(char *to, size_t size, const char *from);

/* The same with each run of white space, Unicode's and control characters included, as one blank,
 * and none at the ends. The caller frees it; `spare` is room behind it. NULL: no memory. */
char *text_collapsed(const char *text, size_t spare);

#endif
