/* advice - what a person should do about an error code of Twilio. */
#ifndef TWILIO_ADVICE_H
#define TWILIO_ADVICE_H

#include <stdint.h>

/* One sentence in the operator's language; NULL: nothing that a person could do. */
const char *advice_for(int32_t code);

#endif
