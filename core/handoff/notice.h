/* notice - what is said of a handoff: to its client, in the log, and why something failed. */
#ifndef HANDOFF_NOTICE_H
#define HANDOFF_NOTICE_H

#include "base/log.h"
#include "handoff/answer.h"
#include "handoff/handoff.h"

/* The provider's word (NULL: it said nothing), without what a log or a history must not hold. Lives
 * as long as the handoff. */
const char *notice_masked(struct handoff *handoff, const char *why);

/* "Twilio error sending WhatsApp: …", with `why` as notice_masked has it. Lives as long as the
 * handoff. */
const char *notice_failure(struct handoff *handoff, const struct instance *instance,
                           const char *why);

void notice_log_failure(enum log_level level, const struct handoff *handoff, const char *failure);

/* From now on this is the answer; whoever waits for it gets it, once the handoff is on disk. */
void notice_answer(struct handoff *handoff, enum answer_kind kind, const char *detail);

/* The same about a former attempt of its. */
void notice_answer_of(struct handoff *handoff, const struct attempt *attempt, enum answer_kind kind,
                      const char *detail);

#endif
