/* steps - one row a state, one column an event; what is not written is ignored.
 *
 * Delivery status only rises: a report that would lower it has no entry. A provider that took a
 * message may refuse it later with the very words of a refusal at once: from `sending`, `unknown`
 * and `sent` they lead to the same. */
#include "handoff/steps.h"

#define REACHED                                                                                    \
    [EVENT_SENT] = {ATTEMPT_SENT, STEP_NOTIFIED},                                                  \
    [EVENT_DELIVERED] = {ATTEMPT_DELIVERED, STEP_NOTIFIED},                                        \
    [EVENT_READ] = {ATTEMPT_READ, STEP_NOTIFIED}

#define FAILED                                                                                     \
    [EVENT_UNDELIVERED] = {ATTEMPT_UNDELIVERED, STEP_NEXT},                                        \
    [EVENT_DEFERRED] = {ATTEMPT_DEFERRED, STEP_RETRY},                                             \
    [EVENT_REFUSED_RECIPIENT] = {ATTEMPT_REFUSED, STEP_NEXT},                                      \
    [EVENT_REFUSED_MESSAGE] = {ATTEMPT_REFUSED, STEP_HOLD},                                        \
    [EVENT_REFUSED_ACCOUNT] = {ATTEMPT_DEFERRED, STEP_SHUT}

static const struct step steps[ATTEMPT_STATES][ATTEMPT_EVENTS] = {
    [ATTEMPT_READY] = {[EVENT_DUE] = {ATTEMPT_READY, STEP_LAUNCH}, REACHED},
    [ATTEMPT_DEFERRED] = {[EVENT_DUE] = {ATTEMPT_READY, STEP_LAUNCH}, REACHED},
    [ATTEMPT_SENDING] =
        {
            [EVENT_DUE] = {ATTEMPT_UNKNOWN, STEP_WAIT},
            [EVENT_UNKNOWN] = {ATTEMPT_UNKNOWN, STEP_WAIT},
            REACHED,
            FAILED,
        },
    [ATTEMPT_UNKNOWN] =
        {
            [EVENT_DUE] = {ATTEMPT_UNKNOWN, STEP_ASK},
            [EVENT_UNKNOWN] = {ATTEMPT_UNKNOWN, STEP_STILL},
            [EVENT_ABSENT] = {ATTEMPT_UNKNOWN, STEP_MISSED},
            REACHED,
            FAILED,
        },
    [ATTEMPT_SENT] =
        {
            [EVENT_DUE] = {ATTEMPT_SENT, STEP_ASK},
            [EVENT_SENT] = {ATTEMPT_SENT, STEP_STILL},
            [EVENT_UNKNOWN] = {ATTEMPT_SENT, STEP_STILL},
            [EVENT_ABSENT] = {ATTEMPT_SENT, STEP_STILL},
            [EVENT_DELIVERED] = {ATTEMPT_DELIVERED, STEP_RECORD},
            [EVENT_READ] = {ATTEMPT_READ, STEP_RECORD},
            FAILED,
        },
    [ATTEMPT_DELIVERED] = {[EVENT_READ] = {ATTEMPT_READ, STEP_RECORD}},
    [ATTEMPT_AMBIGUOUS] = {REACHED, FAILED},
};

struct step step_for(enum attempt_state from, enum attempt_event event)
{
    return steps[from][event];
}
