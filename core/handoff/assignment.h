/* assignment - who is told next, and where: the chain for a person, then their contacts in order.
 */
#ifndef HANDOFF_ASSIGNMENT_H
#define HANDOFF_ASSIGNMENT_H

#include "handoff/handoff.h"
#include "handoff/message.h"
#include "routing/chain.h"

/* Gives the handoff a new attempt, for the best person not tried yet (or the fallback). False:
 * nobody is left. `labels` has room for the chain's steps; the turns taken there are counted in
 * *turns. The trace lives in the handoff's arena. */
bool assign_person(struct handoff *handoff, const struct roster *roster, struct chain *chain,
                   int64_t turn, const char **labels, size_t *turns, const char **trace);

/* The same person's next contact; false: there is none. */
bool assign_next_contact(struct handoff *handoff);

/* Prepares what the channel will be given; the message once for each attempt. */
void assignment_compose(struct handoff *handoff, const struct message_template *template);

#endif
