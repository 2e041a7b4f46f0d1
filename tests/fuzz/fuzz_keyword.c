/* fuzz_keyword - whose keywords stand in a customer's words: the index finds what looking for each
 * one by itself finds. The first part has a keyword in each line, the other one is the text. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/require.h"
#include "base/utf8.h"
#include "fold.h"
#include "index.h"
#include "input.h"

enum { MOST_BYTES = 8192, MOST_KEYWORDS = 64 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Words of letters and digits, a blank before and behind each. */
static void check_folded(const struct folded *folded)
{
    require(!folded->is_broken && folded->bytes[folded->length] == '\0');
    require(folded->bytes[0] == ' ' && folded->bytes[folded->length - 1] == ' ');
    require(strstr(folded->bytes, "  ") == NULL);
    require(utf8_is_valid(folded->bytes, folded->length));
    for (const char *at = folded->bytes; *at != '\0'; at++)
        require(*at == ' ' || (*at & 0x80) != 0 || (*at >= '0' && *at <= '9') ||
                (*at >= 'a' && *at <= 'z'));
}

/* What is folded stays as it is. */
static void fold(struct folded *folded, const char *text)
{
    struct folded again = {0};
    *folded = (struct folded){0};
    fold_append(folded, text);
    check_folded(folded);
    fold_append(&again, folded->bytes);
    require(strcmp(again.bytes, folded->bytes) == 0);
    fold_deinit(&again);
}

/* A star right behind a word. */
static bool is_prefix(const char *keyword)
{
    static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    size_t length = strlen(keyword);
    return length > 1 && keyword[length - 1] == '*' &&
           ((keyword[length - 2] & 0x80) != 0 || strchr(digits, keyword[length - 2]) != NULL);
}

static bool has_keyword(const struct folded *text, const char *keyword)
{
    struct folded folded;
    fold(&folded, keyword);
    size_t length = folded.length - is_prefix(keyword);
    folded.bytes[length] = '\0';
    bool is_found = folded.length > 1 && strstr(text->bytes, folded.bytes) != NULL;
    fold_deinit(&folded);
    return is_found;
}

static size_t read_keywords(char *part, const char *keywords[MOST_KEYWORDS])
{
    size_t count = 0;
    char *rest = NULL;
    char *word = part != NULL ? strtok_r(part, "\n", &rest) : NULL;
    for (; word != NULL && count < MOST_KEYWORDS; word = strtok_r(NULL, "\n", &rest))
        keywords[count++] = word;
    return count;
}

static void check(const char *const *keywords, size_t count, const char *text)
{
    bool is_owner_found[MOST_KEYWORDS] = {false};
    bool is_any = false;
    struct folded folded;
    struct index *index = index_create();
    fold(&folded, text);
    for (size_t i = 0; i < count; i++) {
        struct folded word;
        fold(&word, keywords[i]);
        require(index_add(index, keywords[i], (uint32_t)i) == (word.length > 1));
        fold_deinit(&word);
    }
    require(index_finish(index));
    bool has_any = index_find(index, text, is_owner_found);
    for (size_t i = 0; i < count; i++) {
        require(is_owner_found[i] == has_keyword(&folded, keywords[i]));
        is_any |= is_owner_found[i];
    }
    require(has_any == is_any);
    index_destroy(index);
    fold_deinit(&folded);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {data, size};
    const char *keywords[MOST_KEYWORDS];
    if (size > MOST_BYTES)
        return 0;
    CLEANUP(memory_free) char *part = input_part(&input);
    CLEANUP(memory_free) char *text = input_rest(&input, NULL);
    check(keywords, read_keywords(part, keywords), text);
    return 0;
}
