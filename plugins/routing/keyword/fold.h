/* fold - text without what people vary when they write: case, accents, punctuation.
 *
 * "¿Cotización del Robot-Ñandú?" becomes " cotizacion del robot nandu ": words of letters and
 * digits, each with one blank before and one behind. ñ becomes n too: who writes without a Spanish
 * keyboard writes n. */
#ifndef KEYWORD_FOLD_H
#define KEYWORD_FOLD_H

#include <stdbool.h>
#include <stddef.h>

struct folded {
    char *bytes; /* " word word "; " " where there is no word */
    size_t length;
    size_t capacity;
    bool is_broken; /* there was no memory: do not use it */
};

/* Appends the words of `text` (UTF-8, may be NULL) behind those that are there; `folded` starts
 * zeroed. */
void fold_append(struct folded *folded, const char *text);

void fold_deinit(struct folded *folded);

#endif
