/* escalation - who is told next, and what becomes of a handoff that nobody is left for. */
#ifndef HANDOFF_ESCALATION_H
#define HANDOFF_ESCALATION_H

#include "handoff/delivery.h"

/* The next contact, then the next person; `former` is the present attempt as it ended, with the
 * failure in `why`; NULL for the first. */
void escalation_assign(struct handoff *handoff, const struct attempt *former, const char *why);
/* The same; false, and nothing is changed, where there is nobody. */
bool escalation_try(struct handoff *handoff, const struct attempt *former, const char *why);
/* The same because of what the present attempt has come to. */
void escalation_next(struct handoff *handoff, const char *why);
/* The contact is not in vendors.yaml any more, and surely nothing was sent there. */
void escalation_reassign(struct handoff *handoff);
/* The present attempt was just begun; the former one ended as its state says. */
void escalation_follow(struct handoff *handoff, const struct attempt *former, const char *why);
/* Nothing more is done before somebody has looked. */
void escalation_hold(struct handoff *handoff, const char *failure);

#endif
