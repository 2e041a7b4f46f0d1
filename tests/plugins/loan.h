/* loan - memory that a plugin borrows: it may read it while the loan lasts, and may never write it.
 *
 * Each piece has pages of its own and ends where they end, with a page behind it that nobody may
 * touch: a write, a step behind the end, and a look after the end of the loan are all caught, at
 * once. ASan sees none of the three. */
#ifndef TEST_LOAN_H
#define TEST_LOAN_H

#include <stddef.h>

struct loan;

struct loan *loan_create(void);

/* From here on the pieces may be read and not written; none is added. */
void loan_protect(struct loan *loan);

/* May be written again: for what is the plugin's own between calls. */
void loan_release(struct loan *loan);

/* Nothing may be touched any more. The pages stay where they are until the program ends, so that a
 * late look falls into them and not into something new. `loan` may be NULL. */
void loan_end(struct loan *loan);

/* Gives the memory back; `loan` may be NULL. */
void loan_destroy(struct loan *loan);

/* A copy that is writable until loan_protect; NULL gives NULL, texts get their NUL. */
void *loan_copy(struct loan *loan, const void *bytes, size_t size);
char *loan_text(struct loan *loan, const char *text);

/* What touching this address was, in words that follow "rank"; NULL: it is in no loan. For signal
 * handlers. */
const char *loan_explain(const void *address);

#endif
