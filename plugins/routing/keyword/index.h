/* index - finds whose keywords stand in a text, in a time that does not grow with the number of
 * keywords.
 *
 * Every keyword hangs in a hash table under its first word, or under its letters where it is a
 * `prefix*`. A text is walked once; each word, and each beginning of a word that is as long as some
 * prefix, is one look-up. */
#ifndef KEYWORD_INDEX_H
#define KEYWORD_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct index;

/* NULL where there is no memory. */
struct index *index_create(void);
void index_destroy(struct index *index);

/* `owner` is a number below the count that index_find is given. False where the keyword has no
 * letter and no digit. The texts are copied. */
bool index_add(struct index *index, const char *keyword, uint32_t owner);

/* After the last add, before the first find. False where there is no memory. */
bool index_finish(struct index *index);

/* Sets is_owner_found[owner] for every owner with a keyword in the text; says whether there was
 * any. */
bool index_find(const struct index *index, const char *text, bool is_owner_found[]);

#endif
