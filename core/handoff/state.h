/* state - the states of a handoff and of an attempt: the same words in code, database, API and
 * logs. */
#ifndef HANDOFF_STATE_H
#define HANDOFF_STATE_H

#include <stdbool.h>

enum handoff_state {
    HANDOFF_ASSIGNED,  /* a person was chosen; they are being told */
    HANDOFF_NOTIFIED,  /* the provider took the message */
    HANDOFF_HELD,      /* trouble with the account or the message: needs somebody, or time */
    HANDOFF_EXHAUSTED, /* everyone who could be told refused, or there was nobody */
    HANDOFF_PARKED,    /* in flight at too many crashes, or restored: somebody must look at it */
    HANDOFF_CANCELLED, /* an operator: nobody is to be told any more */
    HANDOFF_CLOSED,    /* an operator: it is taken care of */
    HANDOFF_STATES
};

enum attempt_state {
    ATTEMPT_READY,   /* to be sent as soon as its channel lets it through */
    ATTEMPT_SENDING, /* on disk as intended; may have left */
    ATTEMPT_SENT,    /* the provider took it */
    ATTEMPT_DELIVERED,
    ATTEMPT_READ,
    ATTEMPT_DEFERRED,    /* surely not sent; due later */
    ATTEMPT_REFUSED,     /* for good */
    ATTEMPT_UNDELIVERED, /* taken, then not delivered */
    ATTEMPT_UNKNOWN,     /* may have been sent: never repeated blindly, the provider is asked */
    ATTEMPT_AMBIGUOUS,   /* nobody could say whether it was sent */
    ATTEMPT_CANCELLED,   /* surely not sent, and no longer to be */
    ATTEMPT_STATES
};

/* The provider took it, as far as anybody knows. */
bool attempt_state_is_told(enum attempt_state state);

/* It is on the phone. */
bool attempt_state_has_arrived(enum attempt_state state);

/* Something is still to happen to it. */
bool attempt_state_is_moving(enum attempt_state state);

const char *handoff_state_name(enum handoff_state state);
const char *attempt_state_name(enum attempt_state state);

/* Nothing is done for it any more, whatever is reported: an operator's word, or the end. */
bool handoff_state_is_over(enum handoff_state state);

/* From the words in the store; false for a word that this version does not know. */
bool handoff_state_parse(const char *name, enum handoff_state *state);
bool attempt_state_parse(const char *name, enum attempt_state *state);

#endif
