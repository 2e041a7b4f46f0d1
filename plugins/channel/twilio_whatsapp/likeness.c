/* likeness - text is compared with each run of white space as one blank, because nobody promises
 * that Twilio keeps line breaks as they were.
 *
 * One customer may be told about to one person several times: in another conversation, or as an
 * update. Such messages differ in the reason, perhaps in that alone, and one reason may contain the
 * other. So free text is ours where it is the very text. Of a template only the values are known,
 * not the words around them: it is ours where it shows all of them, and the reason neither begins
 * nor goes on with other words. What else is about the same customer is in doubt, unless it is our
 * text but for the reason. */
#include "likeness.h"

#include <stdlib.h>
#include <string.h>

#include "date.h"
#include "json.h"
#include "text.h"

/* ---------------------------------------------------------------- a value in a text */

static bool is_word(char byte)
{
    return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') ||
           (byte >= 'A' && byte <= 'Z') || byte == '_';
}

/* Not as a part of a longer word or number. */
static bool shows(const char *body, const char *value)
{
    size_t length = strlen(value);
    for (const char *at = strstr(body, value); at != NULL && length > 0;
         at = strstr(at + 1, value)) {
        bool begins = at == body || !is_word(at[0]) || !is_word(at[-1]);
        bool ends = !is_word(at[length - 1]) || !is_word(at[length]);
        if (begins && ends)
            return true;
    }
    return length == 0;
}

static bool shows_hints(const char *body, const struct wanted *wanted)
{
    for (size_t i = 0; i < wanted->hint_count; i++) {
        if (!shows(body, wanted->hints[i]))
            return false;
    }
    return true;
}

/* ---------------------------------------------------------------- free text */

static bool is_between(const char *from, const char *to, const char *text)
{
    size_t length = strlen(text);
    for (; from + length <= to; from++) {
        if (memcmp(from, text, length) == 0)
            return true;
    }
    return false;
}

/* The body is `before` and `after` with something between, perhaps behind a note. With our reason
 * between it may be ours. */
static bool has_other_between(const char *body, size_t before, const char *after,
                              const struct wanted *wanted)
{
    size_t length = strlen(body);
    bool has_other = false;
    if (length < strlen(after) || strcmp(body + length - strlen(after), after) != 0)
        return false;
    const char *end = body + length - strlen(after);
    for (const char *begin = body; begin + before <= end; begin++) {
        bool is_begin = begin == body || begin[-1] == ' ';
        if (!is_begin || strncmp(begin, wanted->plain, before) != 0)
            continue;
        if (is_between(begin + before, end, wanted->reason))
            return false;
        has_other = true;
    }
    return has_other;
}

/* Our text, but for the reason. */
static bool has_other_reason(const char *body, const struct wanted *wanted)
{
    size_t length = strlen(wanted->reason);
    const char *at = length > 0 ? strstr(wanted->plain, wanted->reason) : NULL;
    for (; at != NULL; at = strstr(at + 1, wanted->reason)) {
        if (has_other_between(body, (size_t)(at - wanted->plain), at + length, wanted))
            return true;
    }
    return false;
}

static enum likeness compare_text(const char *body, const struct wanted *wanted)
{
    if (strcmp(body, wanted->text) == 0)
        return LIKENESS_SAME;
    bool is_theirs = wanted->hint_count > 0 && shows_hints(body, wanted);
    return is_theirs && !has_other_reason(body, wanted) ? LIKENESS_DOUBTFUL : LIKENESS_NONE;
}

/* ---------------------------------------------------------------- a template */

/* A sign or an emoji; the letters of our languages are below U+0800. */
static bool is_symbol(const char *begin, const char *at)
{
    while (at > begin && ((unsigned char)*at & 0xC0) == 0x80)
        at--;
    return (unsigned char)*at >= 0xE0 || ((unsigned char)*at < 0x80 && !is_word(*at));
}

/* Whatever stands before it in its line is the template's. */
static bool begins_clearly(const char *body, const char *at)
{
    while (at > body && at[-1] == ' ')
        at--;
    if (at == body || at[-1] == '\n')
        return true;
    return strchr(".,;!?", at[-1]) == NULL && is_symbol(body, at - 1);
}

static bool ends_clearly(const char *end)
{
    const char *next = end + strspn(end, " .,;:!?\r");
    if (*next == '\0' || *next == '\n')
        return true;
    return next == end && is_symbol(end, end);
}

/* `body` as Twilio has it: a value has no line breaks, but the words around it may. */
static bool shows_clearly(const char *body, const char *value)
{
    for (const char *at = strstr(body, value); at != NULL; at = strstr(at + 1, value)) {
        if (begins_clearly(body, at) && ends_clearly(at + strlen(value)))
            return true;
    }
    return false;
}

static enum likeness compare_values(const char *body, const char *collapsed,
                                    const struct wanted *wanted)
{
    if (!shows_hints(collapsed, wanted) || !shows(collapsed, wanted->reason))
        return LIKENESS_NONE;
    bool is_ours =
        wanted->is_named || (wanted->shown[0] != '\0' && shows_clearly(body, wanted->shown));
    return is_ours ? LIKENESS_SIMILAR : LIKENESS_DOUBTFUL;
}

/* ---------------------------------------------------------------- an entry */

static bool is_taken(const char *id, const struct wanted *wanted)
{
    for (size_t i = 0; i < wanted->taken_count; i++) {
        if (strcmp(wanted->taken_ids[i], id) == 0)
            return true;
    }
    return false;
}

static bool is_to_them(const char *to, const struct wanted *wanted)
{
    return strcmp(to, wanted->to) == 0 || strcmp(to, wanted->other_to) == 0;
}

static enum likeness compare_body(const char *body, const struct wanted *wanted)
{
    char *collapsed = text_collapsed(body, 0);
    if (collapsed == NULL)
        return LIKENESS_UNREADABLE;
    enum likeness likeness = wanted->text != NULL ? compare_text(collapsed, wanted)
                                                  : compare_values(body, collapsed, wanted);
    free(collapsed);
    return likeness;
}

bool likeness_is_too_old(const cJSON *entry, const struct wanted *wanted)
{
    int64_t created_ms = 0;
    const char *date = json_text(entry, "date_created");
    return date != NULL && date_read(date, &created_ms) && created_ms < wanted->earliest_ms;
}

enum likeness likeness_of(const cJSON *entry, const struct wanted *wanted)
{
    int64_t created_ms = 0;
    const char *id = json_text(entry, "sid");
    const char *to = json_text(entry, "to");
    const char *date = json_text(entry, "date_created");
    const char *direction = json_text(entry, "direction");
    const char *body = json_text(entry, "body");
    if (id == NULL || to == NULL || direction == NULL || date == NULL ||
        !date_read(date, &created_ms))
        return LIKENESS_UNREADABLE;
    if (created_ms < wanted->earliest_ms || strncmp(direction, "outbound", 8) != 0 ||
        !is_to_them(to, wanted) || is_taken(id, wanted))
        return LIKENESS_NONE;
    return body != NULL ? compare_body(body, wanted) : LIKENESS_HIDDEN;
}
