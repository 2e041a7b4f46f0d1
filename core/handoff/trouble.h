/* trouble - what somebody of the company should hear of a handoff: a cause, and words that name the
 * person, the handoff, the provider's code and what to do; nothing of the customer. */
#ifndef HANDOFF_TROUBLE_H
#define HANDOFF_TROUBLE_H

#include "handoff/delivery.h"

/* The present attempt's failure; of the person whom `attempt`, one of the handoff's, is for. */
void trouble_of_channel(struct handoff *handoff, const char *failure);
void trouble_of_person(struct handoff *handoff, const struct attempt *attempt, const char *failure);

/* Nothing more happens to the handoff unless somebody does it; NULL: that is not so. */
const char *trouble_cause(const struct handoff *handoff);

/* That is on disk; handoff->stuck was so until now. */
void trouble_settle(struct handoff *handoff, const char *cause, const char *why);

#endif
