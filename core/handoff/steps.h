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
    ATTEMPT_EVENTS
};

enum step_action {
    STEP_IGNORE = 0, /* twice, late, or for another state: logged, nothing moves */
    STEP_DELIVER,    /* record the intent, then hand it to the channel */
    STEP_NOTIFIED,   /* the handoff has reached somebody: answer who waits */
    STEP_RECORD,     /* the state moves, nothing else */
    STEP_RETRY,      /* the same again after a delay */
    STEP_NEXT,       /* the person's next contact, then the next person */
    STEP_HOLD,       /* nobody else would do better with this message: needs somebody */
    STEP_HOLD_RETRY, /* nothing can be sent on this account: try again slowly */
    STEP_WAIT        /* may have been sent: nobody is told again, and it stays visible as unknown */
};

struct step {
    enum attempt_state to;
    enum step_action action;
};

struct step step_for(enum attempt_state from, enum attempt_event event);

#endif
