/* address - from a number as people write it to `whatsapp:+E164`, which is what Twilio takes. */
#ifndef TWILIO_ADDRESS_H
#define TWILIO_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

/* "whatsapp:+", 15 digits, NUL. */
enum { ADDRESS_SIZE = 26 };

/* Takes `whatsapp:+52…`, `+52 442 000 0001`, `0052…`, and a national number where `country` (ISO
 * 3166, may be NULL) is one that we know. False: `error` says what is wrong, without the number. */
bool address_normalise(const char *text, const char *country, char normal[static ADDRESS_SIZE],
                       char *error, size_t error_size);

#endif
