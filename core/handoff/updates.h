/* updates - what the customer said later goes where the customer goes. */
#ifndef HANDOFF_UPDATES_H
#define HANDOFF_UPDATES_H

#include "handoff/handoff.h"

/* This person has the customer of the handoff from now on: its updates go there too, also those
 * that somebody else has; what is on its way does when it has landed. Of an update: nothing. */
void updates_follow(const struct handoff *handoff, const char *vendor_id);

/* An update that a start takes up: the customer may have gone on since it was sent. */
void updates_catch_up(const struct handoff *update);

/* The update's present attempt has just ended, as its state says. True: it goes on to the person
 * who has the customer by now. */
bool updates_go_on(struct handoff *update);

#endif
