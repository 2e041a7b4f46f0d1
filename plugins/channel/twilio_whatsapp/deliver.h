/* deliver - one message to one person. */
#ifndef TWILIO_DELIVER_H
#define TWILIO_DELIVER_H

#include "plugin.h"

/* As struct handoffd_channel has it; `state` is a struct twilio. */
void deliver(void *state, const struct handoffd_attempt *attempt,
             const struct handoffd_message *message);

#endif
