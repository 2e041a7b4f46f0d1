/* updates - what the customer said later goes where the customer goes. */
#ifndef HANDOFF_UPDATES_H
#define HANDOFF_UPDATES_H

#include "handoff/handoff.h"

/* The handoff has gone on to another person, whom its present attempt is for: its updates go there
 * too, also those that somebody has; what is on its way does when it has landed. */
void updates_follow(const struct handoff *handoff);

/* The update's present attempt has just ended, as its state says. True: it goes on to the person
 * who has the customer by now. */
bool updates_go_on(struct handoff *update);

#endif
