/* wanted - copied out of the attempt and its message. */
#include "wanted.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "form.h"
#include "other.h"
#include "text.h"

/* Full seconds, the way to Twilio, and a clock that is being corrected meanwhile. */
enum { SLACK_MS = 10 * 60 * 1000, DAY_MS = 24 * 60 * 60 * 1000 };

/* ---------------------------------------------------------------- the customer's reason */

/* The bytes of the note and of what is behind it, two in either form: a blank line in the text, ".
 * " in front of motivo. 0: there is none. See handoffd_message. */
static size_t note_length(const struct handoffd_message *message)
{
    const char *reason = form_field(&message->fields, "motivo");
    const char *end = strstr(message->text, "\n\n");
    size_t length = end != NULL ? (size_t)(end - message->text) : 0;
    bool is_note = length > 0 && reason != NULL && strncmp(reason, message->text, length) == 0 &&
                   strncmp(reason + length, ". ", 2) == 0;
    return is_note ? length + 2 : 0;
}

/* Takes `shown` over. */
static bool set_reason(struct wanted *wanted, char *shown, size_t note)
{
    wanted->shown = shown;
    wanted->reason = shown != NULL ? shown + strnlen(shown, note) : NULL;
    return shown != NULL;
}

/* ---------------------------------------------------------------- what the message shows */

static bool add_hint(struct wanted *wanted, char *hint)
{
    if (hint != NULL)
        wanted->hints[wanted->hint_count++] = hint;
    return hint != NULL;
}

static bool read_variables(struct wanted *wanted, const struct handoffd_message *message,
                           const struct handoffd_list *variables)
{
    wanted->hints = calloc(variables->count + 1, sizeof *wanted->hints);
    bool is_whole = wanted->hints != NULL;
    for (size_t i = 0; is_whole && i < variables->count; i++) {
        const char *name = variables->items[i];
        char *value = form_value(&message->fields, name);
        wanted->is_named |= strcmp(name, "id") == 0;
        if (strcmp(name, "motivo") != 0)
            is_whole = add_hint(wanted, value);
        else if (wanted->shown != NULL)
            free(value); /* it is there twice */
        else
            is_whole = set_reason(wanted, value, note_length(message));
    }
    return is_whole && (wanted->shown != NULL || set_reason(wanted, strdup(""), 0));
}

static bool read_whose(struct wanted *wanted, const struct handoffd_fields *fields)
{
    static const char *const names[] = {"telefono", "conversacion"};
    wanted->hints = calloc(sizeof names / sizeof names[0], sizeof *wanted->hints);
    bool is_whole = wanted->hints != NULL;
    for (size_t i = 0; is_whole && i < sizeof names / sizeof names[0]; i++) {
        const char *value = form_field(fields, names[i]);
        char *hint = text_collapsed(value != NULL ? value : "", 0);
        if (hint == NULL || (hint[0] != '\0' && strstr(wanted->text, hint) != NULL))
            is_whole = add_hint(wanted, hint);
        else
            free(hint);
    }
    return is_whole;
}

static bool read_text(struct wanted *wanted, const struct handoffd_message *message)
{
    const char *motivo = form_field(&message->fields, "motivo");
    size_t note = note_length(message);
    char *plain = text_collapsed(message->text + note, 0);
    wanted->text = text_collapsed(message->text, 0);
    bool is_whole = plain != NULL && wanted->text != NULL &&
                    set_reason(wanted, text_collapsed(motivo != NULL ? motivo : "", 0), note);
    if (is_whole)
        wanted->plain = wanted->text + strlen(wanted->text) - strlen(plain);
    free(plain);
    return is_whole && read_whose(wanted, &message->fields);
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
    *wanted = (struct wanted){.started_ms = attempt->started_ms};
    snprintf(wanted->to, sizeof wanted->to, "%s", attempt->to);
    if (!other_address(attempt->to, wanted->other_to, sizeof wanted->other_to))
        wanted->other_to[0] = '\0';
    return read_taken(wanted, &attempt->taken_ids) &&
           (variables != NULL ? read_variables(wanted, message, variables)
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
    free(wanted->shown);
    free_all(wanted->hints, wanted->hint_count);
    free_all(wanted->taken_ids, wanted->taken_count);
    *wanted = (struct wanted){0};
}

/* ---------------------------------------------------------------- when */

/* How long ago it began is known where our clock went on steadily; what it showed need not be the
 * time. Without Twilio's clock, or with a beginning that is yet to come because ours was set back,
 * a whole day is looked through: rather somebody's message too many than one too few. */
void wanted_set_clock(struct wanted *wanted, int64_t now_ms, int64_t date_ms)
{
    bool is_ahead = wanted->started_ms > now_ms;
    if (date_ms == 0)
        wanted->earliest_ms = (is_ahead ? now_ms : wanted->started_ms) - DAY_MS;
    else if (is_ahead)
        wanted->earliest_ms = date_ms - DAY_MS;
    else
        wanted->earliest_ms = date_ms - (now_ms - wanted->started_ms) - SLACK_MS;
}
