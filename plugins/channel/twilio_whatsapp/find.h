/* find - was this sent, and what became of it? */
#ifndef TWILIO_FIND_H
#define TWILIO_FIND_H

#include "plugin.h"

/* As struct handoffd_channel has it; `state` is a struct twilio. */
void find(void *state, const struct handoffd_attempt *attempt,
          const struct handoffd_message *message);

#endif
