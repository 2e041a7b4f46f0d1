/* likeness - is an entry of Twilio's list of messages the one that an attempt sent?
 *
 * Twilio keeps nothing of ours with a message: what tells is when, to whom and what. */
#ifndef TWILIO_LIKENESS_H
#define TWILIO_LIKENESS_H

#include <stdbool.h>

#include <cjson/cJSON.h>

#include "wanted.h"

enum likeness {
    LIKENESS_NONE,      /* it is another */
    LIKENESS_HIDDEN,    /* it may be: its text is not shown */
    LIKENESS_DOUBTFUL,  /* it may be: it is about the same customer, and may be another's */
    LIKENESS_SIMILAR,   /* it shows all that ours shows */
    LIKENESS_SAME,      /* it is this one */
    LIKENESS_UNREADABLE /* it is no message as Twilio writes them */
};

enum likeness likeness_of(const cJSON *entry, const struct wanted *wanted);

/* Older than anything wanted; false too where its date cannot be read. */
bool likeness_is_too_old(const cJSON *entry, const struct wanted *wanted);

#endif
