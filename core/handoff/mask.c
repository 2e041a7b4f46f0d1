/* mask - word by word: what stays is what nobody in the handoff has said. */
#include "handoff/mask.h"

#include <stdbool.h>
#include <string.h>
#include <utf8proc.h>

#include "base/buffer.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/utf8.h"

enum { TEXT_BYTES = 512, LEAST_LETTERS = 2, BEGINNING_LETTERS = 4 };

static const char mask[] = "…";

/* Letters and digits; where it is in a text. */
struct word {
    const char *at;
    size_t bytes;
};

/* What is written, and where it was masked last. */
struct masking {
    struct buffer text;
    size_t masked_until; /* 0: not yet */
};

static bool is_of_word(uint32_t character)
{
    utf8proc_category_t category = utf8proc_category((utf8proc_int32_t)character);
    return category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_NO;
}

/* The next word from `text` on; of no bytes, at the end: there is none. */
static struct word next_word(const char *text)
{
    struct word word = {.at = text};
    for (const char *at = text; *at != '\0';) {
        const char *start = at;
        bool is_inside = is_of_word(utf8_next(&at));
        if (is_inside && word.bytes == 0)
            word.at = start;
        if (is_inside)
            word.bytes = (size_t)(at - word.at);
        else if (word.bytes > 0)
            return word;
    }
    word.at = word.bytes > 0 ? word.at : text + strlen(text);
    return word;
}

static bool is_same(const struct word *said, const struct word *theirs)
{
    const char *ours = said->at;
    const char *other = theirs->at;
    size_t letters = 0;
    for (; ours < said->at + said->bytes; letters++) {
        if (other >= theirs->at + theirs->bytes ||
            utf8proc_tolower((utf8proc_int32_t)utf8_next(&ours)) !=
                utf8proc_tolower((utf8proc_int32_t)utf8_next(&other)))
            return false;
    }
    bool is_whole = other == theirs->at + theirs->bytes;
    return letters >= (is_whole ? LEAST_LETTERS : BEGINNING_LETTERS);
}

static bool is_in(const struct word *said, const char *text)
{
    struct word word = {.at = text};
    while (text != NULL && (word = next_word(word.at + word.bytes)).bytes > 0) {
        if (is_same(said, &word))
            return true;
    }
    return false;
}

static bool is_theirs(const struct word *said, const struct handoffd_handoff *handoff,
                      const char *vendor_name)
{
    const char *const texts[] = {handoff->user_name,       handoff->user_phone,
                                 handoff->reason,          handoff->additional_context,
                                 handoff->conversation_id, vendor_name};
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        if (is_in(said, texts[i]))
            return true;
    }
    for (size_t i = 0; i < handoff->fields.count; i++) {
        if (is_in(said, handoff->fields.values[i]))
            return true;
    }
    return false;
}

/* Several in a row are one: how many they are is nobody's business either. */
static void add_mask(struct masking *masking)
{
    struct buffer *text = &masking->text;
    const char *behind = text->bytes + masking->masked_until;
    if (masking->masked_until == 0 || behind[strspn(behind, " ")] != '\0')
        buffer_append_text(text, mask);
    else
        text->length = masking->masked_until;
    text->bytes[text->length] = '\0';
    masking->masked_until = text->length;
}

const char *mask_text(const char *text, const struct handoffd_handoff *handoff,
                      const char *vendor_name, struct arena *arena)
{
    char masked[TEXT_BYTES];
    text = log_masked(masked, sizeof masked, text);
    struct masking masking = {0};
    buffer_init(&masking.text, 3 * TEXT_BYTES); /* a word may be of two bytes, the mask has three */
    while (*text != '\0') {
        struct word word = next_word(text);
        buffer_append(&masking.text, text, (size_t)(word.at - text));
        if (word.bytes > 0 && is_theirs(&word, handoff, vendor_name))
            add_mask(&masking);
        else
            buffer_append(&masking.text, word.at, word.bytes);
        text = word.at + word.bytes;
    }
    const char *result = arena_bytes(arena, masking.text.bytes, masking.text.length);
    buffer_deinit(&masking.text);
    return result;
}
