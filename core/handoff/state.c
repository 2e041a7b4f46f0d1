/* state - the names. */
#include "handoff/state.h"

#include <stddef.h>
#include <string.h>

static const char *const handoff_names[HANDOFF_STATES] = {
    [HANDOFF_ASSIGNED] = "assigned", [HANDOFF_NOTIFIED] = "notified",
    [HANDOFF_HELD] = "held",         [HANDOFF_EXHAUSTED] = "exhausted",
    [HANDOFF_PARKED] = "parked",     [HANDOFF_CANCELLED] = "cancelled",
    [HANDOFF_CLOSED] = "closed",
};

static const char *const attempt_names[ATTEMPT_STATES] = {
    [ATTEMPT_READY] = "ready",         [ATTEMPT_SENDING] = "sending",
    [ATTEMPT_SENT] = "sent",           [ATTEMPT_DELIVERED] = "delivered",
    [ATTEMPT_READ] = "read",           [ATTEMPT_DEFERRED] = "deferred",
    [ATTEMPT_REFUSED] = "refused",     [ATTEMPT_UNDELIVERED] = "undelivered",
    [ATTEMPT_UNKNOWN] = "unknown",     [ATTEMPT_AMBIGUOUS] = "ambiguous",
    [ATTEMPT_CANCELLED] = "cancelled",
};

const char *handoff_state_name(enum handoff_state state)
{
    return handoff_names[state];
}

const char *attempt_state_name(enum attempt_state state)
{
    return attempt_names[state];
}

bool handoff_state_is_over(enum handoff_state state)
{
    return state != HANDOFF_ASSIGNED && state != HANDOFF_NOTIFIED && state != HANDOFF_HELD;
}

static bool parse(const char *const names[], size_t count, const char *name, size_t *index)
{
    for (*index = 0; *index < count; (*index)++) {
        if (strcmp(names[*index], name) == 0)
            return true;
    }
    return false;
}

bool handoff_state_parse(const char *name, enum handoff_state *state)
{
    size_t index = 0;
    bool is_known = parse(handoff_names, HANDOFF_STATES, name, &index);
    *state = is_known ? (enum handoff_state)index : HANDOFF_HELD;
    return is_known;
}

bool attempt_state_parse(const char *name, enum attempt_state *state)
{
    size_t index = 0;
    bool is_known = parse(attempt_names, ATTEMPT_STATES, name, &index);
    *state = is_known ? (enum attempt_state)index : ATTEMPT_UNKNOWN;
    return is_known;
}

bool attempt_state_is_told(enum attempt_state state)
{
    return state == ATTEMPT_SENT || attempt_state_has_arrived(state);
}

bool attempt_state_has_arrived(enum attempt_state state)
{
    return state == ATTEMPT_DELIVERED || state == ATTEMPT_READ;
}

bool attempt_state_is_moving(enum attempt_state state)
{
    return state == ATTEMPT_READY || state == ATTEMPT_SENDING || state == ATTEMPT_DEFERRED ||
           state == ATTEMPT_UNKNOWN;
}
