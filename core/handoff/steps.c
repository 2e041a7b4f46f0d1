/* steps - one row a state, one column an event; what is not written is ignored.
 *
 * Delivery status only rises: a report that would lower it has no entry. */
#include "handoff/steps.h"

static const struct step steps[ATTEMPT_STATES][ATTEMPT_EVENTS] = {
    [ATTEMPT_READY] =
        {
            [EVENT_DUE] = {ATTEMPT_SENDING, STEP_DELIVER},
        },
    [ATTEMPT_SENDING] =
        {
            [EVENT_DUE] = {ATTEMPT_UNKNOWN, STEP_WAIT},
            [EVENT_SENT] = {ATTEMPT_SENT, STEP_NOTIFIED},
            [EVENT_DELIVERED] = {ATTEMPT_DELIVERED, STEP_NOTIFIED},
            [EVENT_READ] = {ATTEMPT_READ, STEP_NOTIFIED},
            [EVENT_UNDELIVERED] = {ATTEMPT_UNDELIVERED, STEP_NEXT},
            [EVENT_DEFERRED] = {ATTEMPT_DEFERRED, STEP_RETRY},
            [EVENT_REFUSED_RECIPIENT] = {ATTEMPT_REFUSED, STEP_NEXT},
            [EVENT_REFUSED_MESSAGE] = {ATTEMPT_REFUSED, STEP_HOLD},
            [EVENT_REFUSED_ACCOUNT] = {ATTEMPT_DEFERRED, STEP_HOLD_RETRY},
            [EVENT_UNKNOWN] = {ATTEMPT_UNKNOWN, STEP_WAIT},
        },
    [ATTEMPT_DEFERRED] =
        {
            [EVENT_DUE] = {ATTEMPT_SENDING, STEP_DELIVER},
        },
    [ATTEMPT_UNKNOWN] =
        {
            [EVENT_SENT] = {ATTEMPT_SENT, STEP_NOTIFIED},
            [EVENT_DELIVERED] = {ATTEMPT_DELIVERED, STEP_NOTIFIED},
            [EVENT_READ] = {ATTEMPT_READ, STEP_NOTIFIED},
            [EVENT_UNDELIVERED] = {ATTEMPT_UNDELIVERED, STEP_NEXT},
        },
    [ATTEMPT_SENT] =
        {
            [EVENT_DELIVERED] = {ATTEMPT_DELIVERED, STEP_RECORD},
            [EVENT_READ] = {ATTEMPT_READ, STEP_RECORD},
            [EVENT_UNDELIVERED] = {ATTEMPT_UNDELIVERED, STEP_NEXT},
        },
    [ATTEMPT_DELIVERED] =
        {
            [EVENT_READ] = {ATTEMPT_READ, STEP_RECORD},
        },
};

struct step step_for(enum attempt_state from, enum attempt_event event)
{
    return steps[from][event];
}
