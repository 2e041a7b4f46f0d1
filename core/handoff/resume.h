/* resume - what the store held open when the process began: what is due becomes due, what was on
 * its way is unknown, the rest is finished. */
#ifndef HANDOFF_RESUME_H
#define HANDOFF_RESUME_H

#include "handoff/delivery.h"

void resume_handoff(struct handoff *handoff);

#endif
