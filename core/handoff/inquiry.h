/* inquiry - what nobody knows is asked: an attempt that may have been sent, one that was sent and
 * not yet delivered.
 *
 * Three steps of the table lead here, and one that begins the waiting. */
#ifndef HANDOFF_INQUIRY_H
#define HANDOFF_INQUIRY_H

#include "handoff/delivery.h"
#include "handoff/steps.h"

/* The present attempt has become unknown. */
void inquiry_wait(struct handoff *handoff, const char *failure);

/* It has become unknown because a process before this one had sent it: the provider has had the
 * time since this one began to list it. */
void inquiry_hasten(struct handoff *handoff);

/* The provider is to be asked now; leads to a report, or to inquiry_still. */
void inquiry_ask(struct handoff *handoff);

/* The provider does not have it. */
void inquiry_missed(struct handoff *handoff);

/* Nothing new is known; `event` is what was said. */
void inquiry_still(struct handoff *handoff, enum attempt_event event);

/* How long after SENT the provider is first asked, or the deadline, whichever comes first; 0:
 * never.
 */
int64_t inquiry_first_check_ms(const struct handoff *handoff, const struct instance *instance);

/* The store's question, if one is under way, is forgotten. */
void inquiry_abandon(struct handoff *handoff);

/* Whether a message that the provider's list shows is this handoff's to adopt: it may be another's.
 */
bool inquiry_may_adopt(struct handoff *handoff, const char *message_id);

/* The provider itself says whose the message is: whoever took it for theirs asks again. */
void inquiry_settle(struct handoff *handoff, const char *message_id);

#endif
