/* settings - do the options of one instance make sense together? */
#ifndef TWILIO_SETTINGS_H
#define TWILIO_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "twilio.h"

/* Checks them, and fills in the sender and the bases; false: `error` says what is wrong, without a
 * secret. */
bool settings_read(struct twilio *twilio, char *error, size_t error_size);

/* http:// is for a stand-in on this host; anything else would see the credentials. */
bool settings_is_plain_http(const struct twilio *twilio);

#endif
