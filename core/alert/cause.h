/* cause - the names of what can be wrong. Trouble stands, is told and is mended under its cause; a
 * handoff that waits for somebody has one in the store. */
#ifndef ALERT_CAUSE_H
#define ALERT_CAUSE_H

#include <stdbool.h>
#include <stdint.h>

#include "routing/roster.h"

enum { CAUSE_SIZE = 512 };

/* Nothing goes through a channel; a person's messages do not arrive. */
void cause_of_channel(char cause[CAUSE_SIZE], const char *channel);
void cause_of_person(char cause[CAUSE_SIZE], const char *vendor_id, const char *channel);

/* Customers are refused. */
#define CAUSE_OVERLOAD "overload"

/* Somebody has waited long to be told of, and is still being told. */
#define CAUSE_LATE "late"

/* A handoff is stuck: nothing more happens to it unless somebody does it. */
#define CAUSE_EXHAUSTED "stuck exhausted"
#define CAUSE_PARKED    "stuck parked"
#define CAUSE_AMBIGUOUS "stuck ambiguous"
void cause_of_message(char cause[CAUSE_SIZE], const char *channel, int64_t code);
bool cause_is_stuck(const char *cause);

/* Of a channel or a person that vendors.yaml no longer has? */
bool cause_is_gone(const char *cause, const struct roster *roster);

#endif
