/* likeness - text is compared with each run of white space as one blank, because nobody promises
 * that Twilio keeps line breaks as they were.
 *
 * The hints: of a template, the value of each variable; of free text, the customer's phone and the
 * conversation, where the text shows them. A free text that is shown in full is found even so; the
 * hints are for one that vendors.yaml would compose in other words by now. */
#include "likeness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "date.h"
#include "form.h"
#include "json.h"
#include "other.h"
#include "text.h"

/* Between our clock and Twilio's. */
enum { SLACK_MS = 10 * 60 * 1000 };

/* ---------------------------------------------------------------- what is looked for */

static bool add_hint(struct wanted *wanted, char *hint)
{
    if (hint != NULL)
        wanted->hints[wanted->hint_count++] = hint;
    return hint != NULL;
}

static bool read_variables(struct wanted *wanted, const struct handoffd_fields *fields,
                           const struct handoffd_list *variables)
{
    wanted->hints = calloc(variables->count + 1, sizeof *wanted->hints);
    bool is_whole = wanted->hints != NULL;
    for (size_t i = 0; is_whole && i < variables->count; i++)
        is_whole = add_hint(wanted, form_value(fields, variables->items[i]));
    return is_whole;
}

static bool read_text(struct wanted *wanted, const struct handoffd_message *message)
{
    static const char *const names[] = {"telefono", "conversacion"};
    wanted->text = text_collapsed(message->text, 0);
    wanted->hints = calloc(sizeof names / sizeof names[0], sizeof *wanted->hints);
    bool is_whole = wanted->text != NULL && wanted->hints != NULL;
    for (size_t i = 0; is_whole && i < sizeof names / sizeof names[0]; i++) {
        const char *value = form_field(&message->fields, names[i]);
        char *hint = text_collapsed(value != NULL ? value : "", 0);
        if (hint == NULL || (hint[0] != '\0' && strstr(wanted->text, hint) != NULL))
            is_whole = add_hint(wanted, hint);
        else
            free(hint);
    }
    return is_whole;
}

static bool read_taken(struct wanted *wanted, const struct handoffd_list *ids)
{
    wanted->taken_ids = calloc(ids->count + 1, sizeof *wanted->taken_ids);
    bool is_whole = wanted->taken_ids != NULL;
    for (size_t i = 0; is_whole && i < ids->count; i++) {
        wanted->taken_ids[i] = strdup(ids->items[i]);
        is_whole = wanted->taken_ids[i] != NULL;
        wanted->taken_count += is_whole;
    }
    return is_whole;
}

bool wanted_init(struct wanted *wanted, const struct handoffd_attempt *attempt,
                 const struct handoffd_message *message, const struct handoffd_list *variables)
{
    *wanted = (struct wanted){.earliest_ms = attempt->started_ms - SLACK_MS};
    snprintf(wanted->to, sizeof wanted->to, "%s", attempt->to);
    if (!other_address(attempt->to, wanted->other_to, sizeof wanted->other_to))
        wanted->other_to[0] = '\0';
    return read_taken(wanted, &attempt->taken_ids) &&
           (variables != NULL ? read_variables(wanted, &message->fields, variables)
                              : read_text(wanted, message));
}

static void free_all(char **texts, size_t count)
{
    for (size_t i = 0; texts != NULL && i < count; i++)
        free(texts[i]);
    free(texts);
}

void wanted_deinit(struct wanted *wanted)
{
    free(wanted->text);
    free_all(wanted->hints, wanted->hint_count);
    free_all(wanted->taken_ids, wanted->taken_count);
    *wanted = (struct wanted){0};
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

static bool shows_hints(const char *body, const struct wanted *wanted)
{
    for (size_t i = 0; i < wanted->hint_count; i++) {
        if (strstr(body, wanted->hints[i]) == NULL)
            return false;
    }
    return true;
}

static enum likeness compare_body(const char *body, const struct wanted *wanted)
{
    char *collapsed = text_collapsed(body, 0);
    if (collapsed == NULL)
        return LIKENESS_UNREADABLE;
    enum likeness likeness = LIKENESS_NONE;
    if (wanted->text == NULL)
        likeness = shows_hints(collapsed, wanted) ? LIKENESS_SAME : LIKENESS_NONE;
    else if (strcmp(collapsed, wanted->text) == 0)
        likeness = LIKENESS_SAME;
    else if (wanted->hint_count > 0 && shows_hints(collapsed, wanted))
        likeness = LIKENESS_SIMILAR;
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
