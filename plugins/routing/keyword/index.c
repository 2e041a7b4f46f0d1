/* index - keywords lie folded, one behind another, in one text; a chained hash table points into
 * it. */
#include "index.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "fold.h"

enum { NOBODY = UINT32_MAX, LONGEST_PREFIX = 63 };

/* FNV-1a: it is fed byte by byte, so the hash of each beginning of a word comes for nothing. */
#define HASH_START  UINT32_C(2166136261)
#define HASH_PRIME  UINT32_C(16777619)
#define PREFIX_MARK UINT32_C(0x9e3779b9) /* keeps `cotiza*` and the word "cotiza" apart */

struct keyword {
    uint32_t start; /* in words.bytes, of the first letter */
    uint32_t length;
    uint32_t hash;
    uint32_t owner;
    uint32_t next; /* with the same slot, or NOBODY */
    bool is_prefix;
};

struct index {
    struct folded words;
    struct keyword *keywords;
    size_t count;
    size_t capacity;
    uint32_t *slots;
    uint32_t slot_mask;
    uint64_t prefix_lengths; /* bit n: a lone prefix of n bytes (LONGEST_PREFIX: or more) exists */
};

static uint32_t hash_byte(uint32_t hash, char byte)
{
    return (hash ^ (unsigned char)byte) * HASH_PRIME;
}

static uint64_t length_bit(size_t length)
{
    return UINT64_C(1) << (length < LONGEST_PREFIX ? length : LONGEST_PREFIX);
}

struct index *index_create(void)
{
    return calloc(1, sizeof(struct index));
}

void index_destroy(struct index *index)
{
    if (index == NULL)
        return;
    fold_deinit(&index->words);
    free(index->keywords);
    free(index->slots);
    free(index);
}

/* ---------------------------------------------------------------- building */

/* A star that stands right behind a word, at the end of the keyword. */
static bool is_prefix(const char *keyword)
{
    size_t length = strlen(keyword);
    if (length < 2 || keyword[length - 1] != '*')
        return false;
    unsigned char before = (unsigned char)keyword[length - 2];
    return before >= 0x80 || isalnum(before);
}

static struct keyword *append_keyword(struct index *index)
{
    if (index->count == index->capacity) {
        size_t capacity = index->capacity * 2 + 64;
        struct keyword *keywords = realloc(index->keywords, capacity * sizeof keywords[0]);
        if (keywords == NULL)
            return NULL;
        index->keywords = keywords;
        index->capacity = capacity;
    }
    struct keyword *keyword = &index->keywords[index->count++];
    *keyword = (struct keyword){.next = NOBODY};
    return keyword;
}

/* Under its first word; a prefix of one word under its letters. */
static void hash_keyword(struct index *index, struct keyword *keyword)
{
    const char *letters = index->words.bytes + keyword->start;
    const char *blank = memchr(letters, ' ', keyword->length);
    size_t first = blank != NULL ? (size_t)(blank - letters) : keyword->length;
    uint32_t hash = HASH_START;
    for (size_t i = 0; i < first; i++)
        hash = hash_byte(hash, letters[i]);
    bool is_lone_prefix = keyword->is_prefix && blank == NULL;
    keyword->hash = is_lone_prefix ? hash ^ PREFIX_MARK : hash;
    if (is_lone_prefix)
        index->prefix_lengths |= length_bit(first);
}

bool index_add(struct index *index, const char *text, uint32_t owner)
{
    size_t before = index->words.length;
    fold_append(&index->words, text);
    size_t start = before > 0 ? before : 1; /* behind the blank that parts it from the last one */
    if (index->words.is_broken || index->words.length <= start + 1 ||
        index->words.length > UINT32_MAX)
        return false;
    struct keyword *keyword = append_keyword(index);
    if (keyword == NULL)
        return false;
    keyword->start = (uint32_t)start;
    keyword->length = (uint32_t)(index->words.length - 1 - start);
    keyword->owner = owner;
    keyword->is_prefix = is_prefix(text);
    hash_keyword(index, keyword);
    return true;
}

bool index_finish(struct index *index)
{
    size_t slots = 16;
    while (slots < index->count * 2)
        slots *= 2;
    index->slots = malloc(slots * sizeof index->slots[0]);
    if (index->slots == NULL || index->words.is_broken)
        return false;
    memset(index->slots, 0xff, slots * sizeof index->slots[0]); /* NOBODY */
    index->slot_mask = (uint32_t)slots - 1;
    for (size_t i = 0; i < index->count; i++) {
        uint32_t *slot = &index->slots[index->keywords[i].hash & index->slot_mask];
        index->keywords[i].next = *slot;
        *slot = (uint32_t)i;
    }
    return true;
}

/* ---------------------------------------------------------------- finding */

/* Marks the owners of the keywords with this hash that stand at `word`. */
static bool find_at(const struct index *index, uint32_t hash, const char *word,
                    bool is_owner_found[])
{
    bool is_any = false;
    for (uint32_t i = index->slots[hash & index->slot_mask]; i != NOBODY;
         i = index->keywords[i].next) {
        const struct keyword *keyword = &index->keywords[i];
        /* The text ends in a blank and a NUL, which no keyword has: strncmp stays inside it. */
        if (keyword->hash != hash ||
            strncmp(word, index->words.bytes + keyword->start, keyword->length) != 0 ||
            (!keyword->is_prefix && word[keyword->length] != ' '))
            continue;
        is_owner_found[keyword->owner] = true;
        is_any = true;
    }
    return is_any;
}

static const char *find_in_word(const struct index *index, const char *word, bool is_owner_found[],
                                bool *is_any)
{
    uint32_t hash = HASH_START;
    const char *next = word;
    while (*next != ' ') {
        hash = hash_byte(hash, *next++);
        if ((index->prefix_lengths & length_bit((size_t)(next - word))) != 0)
            *is_any |= find_at(index, hash ^ PREFIX_MARK, word, is_owner_found);
    }
    *is_any |= find_at(index, hash, word, is_owner_found);
    return next + 1;
}

bool index_find(const struct index *index, const char *text, bool is_owner_found[])
{
    struct folded folded = {0};
    fold_append(&folded, text);
    bool is_any = false;
    const char *word = folded.is_broken ? "" : folded.bytes + 1;
    while (*word != '\0')
        word = find_in_word(index, word, is_owner_found, &is_any);
    fold_deinit(&folded);
    return is_any;
}
