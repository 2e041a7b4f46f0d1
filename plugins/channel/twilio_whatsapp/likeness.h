/* likeness - is an entry of Twilio's list of messages the one that an attempt sent?
 *
 * Twilio keeps nothing of ours with a message: what tells is when, to whom and what. */
#ifndef TWILIO_LIKENESS_H
#define TWILIO_LIKENESS_H

#include <stdbool.h>
#include <stdint.h>

#include <cjson/cJSON.h>

#include "address.h"
#include "plugin.h"

/* What is looked for: copies, because find's arguments end with its call. */
struct wanted {
    char to[ADDRESS_SIZE];
    char other_to[ADDRESS_SIZE]; /* "": there is none */
    int64_t earliest_ms;
    char *text;   /* of free text; NULL with a template */
    char **hints; /* what the message shows: see likeness.c */
    size_t hint_count;
    char **taken_ids;
    size_t taken_count;
};

enum likeness {
    LIKENESS_NONE,      /* it is another */
    LIKENESS_HIDDEN,    /* it may be: its text is not shown */
    LIKENESS_SIMILAR,   /* it shows what ours shows */
    LIKENESS_SAME,      /* it is this one */
    LIKENESS_UNREADABLE /* it is no message as Twilio writes them */
};

/* `variables` are the template's; NULL: free text. False: there is no memory. `wanted` is to be
 * deinitialised either way. */
bool wanted_init(struct wanted *wanted, const struct handoffd_attempt *attempt,
                 const struct handoffd_message *message, const struct handoffd_list *variables);
void wanted_deinit(struct wanted *wanted);

enum likeness likeness_of(const cJSON *entry, const struct wanted *wanted);

/* Older than anything wanted; false too where its date cannot be read. */
bool likeness_is_too_old(const cJSON *entry, const struct wanted *wanted);

#endif
