/* codes - what Twilio's error codes mean for a message. */
#ifndef TWILIO_CODES_H
#define TWILIO_CODES_H

#include <stdbool.h>
#include <stdint.h>

#include "plugin.h"

struct verdict {
    enum handoffd_outcome outcome;
    bool needs_attention;
    bool in_any_form;
    int64_t retry_after_ms; /* with DEFERRED: what Twilio's page advises; 0: nothing */
};

/* Of a POST that was refused: `code` first (0: Twilio gave none), then the HTTP status, which is
 * not 2xx: a 429 may be the daily limit (63038). */
struct verdict codes_verdict(int32_t code, int32_t status);

/* Of a message that Twilio took and then called failed, undelivered or canceled. It is over, so
 * what may pass is DEFERRED even where the same code in an answer would leave a doubt; UNDELIVERED
 * where the code says nothing better. */
struct verdict codes_late_verdict(int32_t code);

#endif
