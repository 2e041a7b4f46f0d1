/* probe - `handoffd check --online`: would a message leave, and arrive? */
#ifndef TWILIO_PROBE_H
#define TWILIO_PROBE_H

#include <stdint.h>

/* As struct handoffd_channel has it; `state` is a struct twilio. */
void probe(void *state, uint64_t attempt_id);

#endif
