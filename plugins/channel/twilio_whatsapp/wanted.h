/* wanted - what find looks for in Twilio's list: when, to whom and what an attempt sent. */
#ifndef TWILIO_WANTED_H
#define TWILIO_WANTED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "address.h"
#include "plugin.h"

/* Copies, because find's arguments end with its call. Texts have each run of white space as one
 * blank. */
struct wanted {
    char to[ADDRESS_SIZE];
    char other_to[ADDRESS_SIZE]; /* "": there is none */
    int64_t started_ms;          /* by our clock */
    int64_t earliest_ms;         /* by Twilio's: what is older was not sent by this attempt */
    char *text;                  /* of free text; NULL with a template */
    const char *plain;           /* in it, behind the note; the whole where there is none */
    char *shown;                 /* motivo as the message shows it; "" where it does not */
    const char *reason;          /* in it, behind the note */
    char **hints;                /* whose it is: of free text, the phone and the conversation, where
                                  * the text shows them; of a template, every value but motivo */
    size_t hint_count;
    bool
        is_named; /* the template shows the handoff's id: nobody else's message has all the hints */
    char **taken_ids;
    size_t taken_count;
};

/* `variables` are the template's; NULL: free text. False: there is no memory. `wanted` is to be
 * deinitialised either way. */
bool wanted_init(struct wanted *wanted, const struct handoffd_attempt *attempt,
                 const struct handoffd_message *message, const struct handoffd_list *variables);
void wanted_deinit(struct wanted *wanted);

/* Translates the attempt's beginning into Twilio's time: at `now_ms` by our clock it was `date_ms`
 * there (0: Twilio did not say). To be called before anything is compared. */
void wanted_set_clock(struct wanted *wanted, int64_t now_ms, int64_t date_ms);

#endif
