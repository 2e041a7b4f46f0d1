/* reaction - what an attempt's news lead to, by the table of steps; and the second of its two
 * doors, due. */
#ifndef HANDOFF_REACTION_H
#define HANDOFF_REACTION_H

#include "handoff/delivery.h"

/* What was set for it is due; also as the handoff's timer. */
void reaction_due(struct handoff *handoff);
void reaction_on_due(struct timer *timer);

/* Something has happened to the present attempt; report NULL: nobody said so. is_guess: its message
 * was found. False: that leads to nothing. */
bool reaction_step(struct handoff *handoff, enum attempt_event event,
                   const struct handoffd_report *report, bool is_guess);

/* The attempt takes the report's code and message. */
void reaction_adopt(struct handoff *handoff, struct attempt *attempt,
                    const struct handoffd_report *report, bool is_guess);

/* The provider took this attempt's message: whoever wants to know hears it. */
void reaction_told(struct delivery *delivery, const struct attempt *attempt);

#endif
