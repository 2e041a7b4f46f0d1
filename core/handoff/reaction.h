/* reaction - what an attempt's news lead to: the two doors to the table of steps. */
#ifndef HANDOFF_REACTION_H
#define HANDOFF_REACTION_H

#include "handoff/delivery.h"

/* What a channel says of an attempt. False: it was of no use. */
bool reaction_report(struct handoff *handoff, const struct instance *instance, uint64_t id,
                     const struct handoffd_report *report);

/* What was set for it is due; also as the handoff's timer. */
void reaction_due(struct handoff *handoff);
void reaction_on_due(struct timer *timer);

#endif
