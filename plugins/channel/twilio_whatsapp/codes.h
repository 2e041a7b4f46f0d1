/* codes - what Twilio's error codes mean for a message that they refuse. */
#ifndef TWILIO_CODES_H
#define TWILIO_CODES_H

#include <stdint.h>

#include "plugin.h"

struct verdict {
    enum handoffd_outcome outcome;
    int64_t retry_after_ms; /* with DEFERRED: what Twilio's page advises; 0: nothing */
};

/* `code` first (0: Twilio gave none), then the HTTP status, which is not 2xx: a 429 may be the
 * daily limit (63038). */
struct verdict codes_verdict(int32_t code, int32_t status);

#endif
