/* closest_word - "did you mean": the edit distance with neighbouring letters swapped counted as
 * one, upper case and lower case alike. */
#include <stdint.h>
#include <string.h>

#include <utf8proc.h>

#include "base/utf8.h"
#include "config/diagnostics.h"

enum {
    MOST_LETTERS = 40, /* of a word worth a suggestion */
    MOST_EDITS = 3,
    LETTERS_PER_EDIT = 3
};

struct word {
    uint32_t letters[MOST_LETTERS];
    size_t count;
};

/* False where it is too long to be a slip of the pen. */
static bool word_read(struct word *word, const char *text)
{
    word->count = 0;
    for (uint32_t letter = utf8_next(&text); letter != 0; letter = utf8_next(&text)) {
        if (word->count == MOST_LETTERS)
            return false;
        word->letters[word->count++] = (uint32_t)utf8proc_tolower((utf8proc_int32_t)letter);
    }
    return true;
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Row i holds the distances between a's first i letters and every beginning of b. */
static size_t distance(const struct word *a, const struct word *b)
{
    size_t rows[MOST_LETTERS + 1][MOST_LETTERS + 1];
    for (size_t j = 0; j <= b->count; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a->count; i++) {
        rows[i][0] = i;
        for (size_t j = 1; j <= b->count; j++) {
            const uint32_t *x = &a->letters[i - 1];
            const uint32_t *y = &b->letters[j - 1];
            size_t best = rows[i - 1][j - 1] + (*x != *y);
            best = smaller(best, smaller(rows[i - 1][j], rows[i][j - 1]) + 1);
            if (i > 1 && j > 1 && x[0] == y[-1] && x[-1] == y[0])
                best = smaller(best, rows[i - 2][j - 2] + 1);
            rows[i][j] = best;
        }
    }
    return rows[a->count][b->count];
}

/* One edit for every three letters: "nmae" is name, "phone" is not "name". */
static size_t edits_allowed(const struct word *a, const struct word *b)
{
    size_t letters = a->count > b->count ? a->count : b->count;
    size_t edits = smaller(letters / LETTERS_PER_EDIT, MOST_EDITS);
    return edits > 0 ? edits : 1;
}

const char *closest_word(const char *word, const char *const *choices, size_t count)
{
    struct word wrong;
    if (!word_read(&wrong, word) || wrong.count < 2)
        return NULL;
    const char *closest = NULL;
    size_t fewest = SIZE_MAX;
    for (size_t i = 0; i < count; i++) {
        struct word right;
        if (choices[i] == NULL || !word_read(&right, choices[i]))
            continue;
        size_t edits = distance(&wrong, &right);
        if (edits < fewest && edits <= edits_allowed(&wrong, &right)) {
            closest = choices[i];
            fewest = edits;
        }
    }
    return closest;
}
