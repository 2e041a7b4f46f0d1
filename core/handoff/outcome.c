/* outcome - only what went wrong can be amended: that something was sent is no matter of opinion.
 */
#include "handoff/outcome.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

static const struct {
    const char *word;
    enum attempt_event event;
} words[] = {
    {"deferred", EVENT_DEFERRED},       {"recipient", EVENT_REFUSED_RECIPIENT},
    {"message", EVENT_REFUSED_MESSAGE}, {"account", EVENT_REFUSED_ACCOUNT},
    {"unknown", EVENT_UNKNOWN},
};

static const char *const names[ATTEMPT_EVENTS] = {
    [EVENT_DUE] = "no_report",
    [EVENT_SENT] = "sent",
    [EVENT_DELIVERED] = "delivered",
    [EVENT_READ] = "read",
    [EVENT_UNDELIVERED] = "undelivered",
    [EVENT_DEFERRED] = "deferred",
    [EVENT_REFUSED_RECIPIENT] = "refused_recipient",
    [EVENT_REFUSED_MESSAGE] = "refused_message",
    [EVENT_REFUSED_ACCOUNT] = "refused_account",
    [EVENT_UNKNOWN] = "unknown",
    [EVENT_ABSENT] = "absent",
};

const char *outcome_name(enum attempt_event event)
{
    return names[event];
}

bool outcome_is_word(const char *word)
{
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        if (strcmp(words[i].word, word) == 0)
            return true;
    }
    return false;
}

static enum attempt_event event_of_word(const char *word)
{
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        if (strcmp(words[i].word, word) == 0)
            return words[i].event;
    }
    return EVENT_UNKNOWN;
}

static bool can_be_amended(enum attempt_event event)
{
    return event >= EVENT_UNDELIVERED && event <= EVENT_UNKNOWN;
}

bool outcome_event(const struct handoffd_report *report, const struct handoffd_fields *amendments,
                   enum attempt_event *event)
{
    if (report->outcome == EVENT_DUE || report->outcome >= ATTEMPT_EVENTS)
        return false;
    *event = (enum attempt_event)report->outcome;
    for (size_t i = 0; can_be_amended(*event) && i < amendments->count; i++) {
        if (report->code != 0 && strtol(amendments->names[i], NULL, 10) == report->code)
            *event = event_of_word(amendments->values[i]);
    }
    return true;
}

bool outcome_is_of_open_account(enum attempt_event event)
{
    return (event >= EVENT_SENT && event <= EVENT_UNDELIVERED) ||
           event == EVENT_REFUSED_RECIPIENT || event == EVENT_REFUSED_MESSAGE;
}

bool outcome_has_reached(enum attempt_event event)
{
    return event == EVENT_SENT || event == EVENT_DELIVERED || event == EVENT_READ;
}
