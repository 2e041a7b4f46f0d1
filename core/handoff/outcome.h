/* outcome - what a report means: the channel's own word, or what vendors.yaml makes of its code.
 * Pure. */
#ifndef HANDOFF_OUTCOME_H
#define HANDOFF_OUTCOME_H

#include <stdbool.h>

#include "handoff/steps.h"
#include "plugin.h"

/* False: no outcome that this daemon knows. */
bool outcome_event(const struct handoffd_report *report, const struct handoffd_fields *amendments,
                   enum attempt_event *event);

/* Is `word` one that `outcomes:` may have? "deferred", "recipient", "message", "account",
 * "unknown". */
bool outcome_is_word(const char *word);

/* The provider is at work, whatever it thought of this message. */
bool outcome_is_of_open_account(enum attempt_event event);

/* For metrics and logs: "sent", "refused_recipient"; DUE: "no_report". */
const char *outcome_name(enum attempt_event event);

/* Somebody has the message, or the provider has it for them. */
bool outcome_has_reached(enum attempt_event event);

#endif
