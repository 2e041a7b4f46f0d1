/* receive - Twilio's status callbacks. */
#ifndef TWILIO_RECEIVE_H
#define TWILIO_RECEIVE_H

#include "plugin.h"

/* As struct handoffd_channel has it; `state` is a struct twilio. */
void receive(void *state, const struct handoffd_request *request, struct handoffd_answer *answer);

#endif
