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
    HANDOFF_STATES
};

enum attempt_state {
    ATTEMPT_READY,   /* to be sent as soon as possible */
    ATTEMPT_SENDING, /* on disk as intended; may have left */
    ATTEMPT_SENT,    /* the provider took it */
    ATTEMPT_DELIVERED,
    ATTEMPT_READ,
    ATTEMPT_DEFERRED,    /* surely not sent; due later */
    ATTEMPT_REFUSED,     /* for good */
    ATTEMPT_UNDELIVERED, /* taken, then not delivered */
    ATTEMPT_UNKNOWN,     /* may have been sent: never repeated blindly */
    ATTEMPT_STATES
};

const char *handoff_state_name(enum handoff_state state);
const char *attempt_state_name(enum attempt_state state);

/* Somebody is still to be told. */
bool handoff_state_is_open(enum handoff_state state);

/* From the words in the store; false for a word that this version does not know. */
bool handoff_state_parse(const char *name, enum handoff_state *state);
bool attempt_state_parse(const char *name, enum attempt_state *state);

#endif
