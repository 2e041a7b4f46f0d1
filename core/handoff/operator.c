/* operator - the orders lead to the same steps as everything else. */
#include "handoff/operator.h"

#include "base/language.h"
#include "base/log.h"
#include "handoff/assignment.h"
#include "handoff/escalation.h"
#include "handoff/journal.h"
#include "handoff/notice.h"

static void stop_waiting(struct handoff *handoff)
{
    bool was_asked = handoff->carrier != NULL;
    delivery_stop_waiting(handoff);
    if (was_asked)
        handoff->delivery->on_landed(handoff->delivery);
}

static bool is_surely_unsent(enum attempt_state state)
{
    return state == ATTEMPT_READY || state == ATTEMPT_DEFERRED;
}

/* ---- retry */

/* A real customer is not handed to an example. */
static bool has_nobody(const struct handoff *handoff)
{
    const struct roster *roster = handoff->delivery->setup.roster;
    bool was_given = handoff->attempt.number > 0;
    return roster->count == 0 || (roster->is_example && was_given &&
                                  roster_find(roster, handoff->attempt.vendor_id) == NOBODY);
}

static const char *refuse_retry(const struct handoff *handoff)
{
    enum handoff_state state = handoff->state;
    if (state == HANDOFF_NOTIFIED)
        return in_language("somebody was told already", "ya se avisó a alguien");
    if (state == HANDOFF_CANCELLED || state == HANDOFF_CLOSED)
        return in_language("it was closed", "ya está cerrado");
    if (handoff->attempt.state == ATTEMPT_SENDING || handoff->carrier != NULL)
        return in_language("it is on its way: wait a minute",
                           "el aviso está en camino: espera un minuto");
    if (has_nobody(handoff))
        return in_language("nobody real is in vendors.yaml",
                           "en vendors.yaml no hay nadie de verdad");
    return NULL;
}

/* A new attempt for the same person, where they are still there. */
static void try_same_person(struct handoff *handoff)
{
    struct attempt former = handoff->attempt;
    if (former.state == ATTEMPT_UNKNOWN)
        handoff->attempt.state = former.state = ATTEMPT_AMBIGUOUS;
    delivery_set_on_its_way(handoff);
    if (assign_vendor(handoff, former.vendor_id))
        escalation_follow(handoff, &former, "retry by an operator");
    else
        escalation_assign(handoff, &former, "retry by an operator");
}

static const char *retry(struct handoff *handoff)
{
    struct attempt former = handoff->attempt;
    const char *refusal = refuse_retry(handoff);
    if (refusal != NULL)
        return refusal;
    stop_waiting(handoff);
    handoff->crashes = 0;
    if (handoff->state == HANDOFF_EXHAUSTED) {
        handoff->tried_from = handoff->attempt.number;
        delivery_set_on_its_way(handoff);
        escalation_assign(handoff, former.number > 0 ? &former : NULL, "retry by an operator");
    } else if (is_surely_unsent(handoff->attempt.state)) {
        gates_try_all(handoff->delivery->gates);
        delivery_launch(handoff, &(struct entry){.kind = "retried", .detail = "by an operator"});
    } else {
        try_same_person(handoff);
    }
    return NULL;
}

/* ---- cancel, close */

static const char *end(struct handoff *handoff, enum handoff_state state)
{
    bool is_told = handoff->state == HANDOFF_NOTIFIED;
    if (handoff->state == HANDOFF_CANCELLED || handoff->state == HANDOFF_CLOSED)
        return in_language("it was closed", "ya está cerrado");
    if (handoff->attempt.state != ATTEMPT_SENDING)
        stop_waiting(handoff);
    if (is_surely_unsent(handoff->attempt.state))
        delivery_set_attempt_state(handoff, ATTEMPT_CANCELLED);
    handoff->attempt.due_ms = 0;
    delivery_set_state(handoff, state);
    log_info("by an operator handoff=%s state=%s", handoff->given.id, handoff_state_name(state));
    delivery_record(handoff, handoff_state_name(state), "by an operator");
    if (!is_told)
        notice_answer(handoff, ANSWER_FAILED, "closed by an operator");
    return NULL;
}

const char *operator_give(struct handoff *handoff, enum operator_order order)
{
    switch (order) {
    case ORDER_RETRY:
        return retry(handoff);
    case ORDER_CANCEL:
        return end(handoff, HANDOFF_CANCELLED);
    case ORDER_CLOSE:
        return end(handoff, HANDOFF_CLOSED);
    }
    return NULL;
}
