/* steps - the table of what an attempt does next. Two doors lead to it: a report, and something
 * that is due. Pure. */
#ifndef HANDOFF_STEPS_H
#define HANDOFF_STEPS_H

#include "handoff/state.h"

/* The reports are numbered as enum handoffd_outcome. */
enum attempt_event {
    EVENT_DUE = 0, /* the time that was set for the attempt has come */
    EVENT_SENT,
    EVENT_DELIVERED,
    EVENT_READ,
    EVENT_UNDELIVERED,
    EVENT_DEFERRED,
    EVENT_REFUSED_RECIPIENT,
    EVENT_REFUSED_MESSAGE,
    EVENT_REFUSED_ACCOUNT,
    EVENT_UNKNOWN,
    EVENT_ABSENT,
    ATTEMPT_EVENTS
};

enum step_action {
    STEP_IGNORE = 0, /* twice, late, or for another state: logged, nothing moves */
    STEP_LAUNCH,     /* through its channel's gate: record the intent, then hand it over */
    STEP_NOTIFIED,   /* the handoff has reached somebody: answer who waits */
    STEP_RECORD,     /* the state moves, nothing else */
    STEP_RETRY,      /* the same again after a delay */
    STEP_NEXT,       /* the address' other form, the person's next contact, the next person */
    STEP_HOLD,       /* nobody else would do better with this message: needs somebody */
    STEP_SHUT,       /* nothing can be sent on this account: its gate closes */
    STEP_WAIT,       /* may have been sent: nobody is told again before something is known */
    STEP_ASK,        /* the provider is asked */
    STEP_MISSED,     /* the provider was asked, and does not have it */
    STEP_STILL       /* the provider was asked, and nothing new is known */
};

struct step {
    enum attempt_state to;
    enum step_action action;
};

struct step step_for(enum attempt_state from, enum attempt_event event);

#endif
