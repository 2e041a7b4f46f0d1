/* escalation - the next contact, then the next person; where there is none, what is said of that.
 */
#include "handoff/escalation.h"

#include "base/log.h"
#include "handoff/assignment.h"
#include "handoff/journal.h"
#include "handoff/notice.h"
#include "handoff/trouble.h"
#include "handoff/updates.h"

enum { NOBODY_AGAIN_MS = 60 * 1000 };

/* ---- nobody is left */

void escalation_hold(struct handoff *handoff, const char *failure)
{
    delivery_set_state(handoff, HANDOFF_HELD);
    handoff->attempt.due_ms = 0;
    notice_log_failure(LOG_ERROR, handoff, failure);
    delivery_record(handoff, attempt_state_name(handoff->attempt.state), failure);
    notice_answer(handoff, ANSWER_FAILED, failure);
}

static void exhaust(struct handoff *handoff, const char *why)
{
    log_error("%s handoff=%s state=exhausted",
              handoff->parent != 0          ? "an update reached nobody"
              : handoff->attempt.number > 0 ? "nobody is left to tell"
                                            : "the routing left nobody: set when_nobody",
              handoff->given.id);
    delivery_set_state(handoff, HANDOFF_EXHAUSTED);
    delivery_record(handoff, handoff_state_name(HANDOFF_EXHAUSTED), why);
    notice_answer(handoff, ANSWER_FAILED, why);
}

/* Who may have been told stays so, and somebody should look. */
static void stay(struct handoff *handoff, const char *why)
{
    const struct attempt *told = handoff_told(handoff);
    if (told == NULL) {
        escalation_hold(handoff, why);
        return;
    }
    delivery_set_state(handoff, HANDOFF_NOTIFIED);
    delivery_record(handoff, "overdue", why);
    notice_answer_of(handoff, told, ANSWER_SENT, NULL);
    updates_follow(handoff, told->vendor_id);
    if (!attempt_state_has_arrived(told->state))
        trouble_of_person(handoff, told, told == &handoff->attempt ? why : "not delivered in time");
}

static void launch_assigned(struct handoff *handoff, struct entry *entry, const char *trace)
{
    entry->kind = handoff_state_name(HANDOFF_ASSIGNED);
    entry->detail = arena_format(handoff->arena, "vendor=%s channel=%s%s%s",
                                 handoff->attempt.vendor_id, handoff->attempt.channel,
                                 trace != NULL ? " " : "", trace != NULL ? trace : "");
    log_debug("assigned handoff=%s vendor=%s", handoff->given.id, handoff->attempt.vendor_id);
    delivery_launch(handoff, entry);
}

void escalation_follow(struct handoff *handoff, const struct attempt *former, const char *why)
{
    launch_assigned(handoff, &(struct entry){.former = former, .former_detail = why}, NULL);
}

/* An update is for the one person who has the customer already, and for nobody else. */
static void assign_update(struct handoff *handoff, const struct attempt *former, const char *why)
{
    bool is_retried = former != NULL && former->number == handoff->tried_from;
    const char *vendor_id = is_retried ? former->vendor_id : handoff->only_vendor;
    bool is_assigned = former == NULL || is_retried ? assign_vendor(handoff, vendor_id)
                                                    : assign_next_contact(handoff);
    if (is_assigned)
        escalation_follow(handoff, former, why);
    else
        exhaust(handoff, why);
}

bool escalation_try(struct handoff *handoff, const struct attempt *former, const char *why)
{
    struct choice choice = {0};
    bool has_room = handoff->attempt.number < ATTEMPTS_MOST;
    bool is_same_person = has_room && former != NULL && assign_next_contact(handoff);
    if (!is_same_person && !(has_room && assign_person(handoff, &choice)))
        return false;
    struct entry entry = {.former = former,
                          .former_detail = why,
                          .turn_labels = choice.turn_labels,
                          .turn_count = choice.turn_count,
                          .turn = choice.turn};
    launch_assigned(handoff, &entry, choice.trace);
    if (!is_same_person && former != NULL && handoff->state != HANDOFF_NOTIFIED)
        updates_follow(handoff, handoff->attempt.vendor_id);
    return true;
}

void escalation_assign(struct handoff *handoff, const struct attempt *former, const char *why)
{
    if (handoff->parent != 0) {
        assign_update(handoff, former, why);
        return;
    }
    if (escalation_try(handoff, former, why))
        return;
    bool may_be_known =
        handoff_told(handoff) != NULL || handoff->attempt.state == ATTEMPT_AMBIGUOUS;
    if (may_be_known)
        stay(handoff, why);
    else
        exhaust(handoff, why);
}

void escalation_next(struct handoff *handoff, const char *why)
{
    struct attempt former = handoff->attempt;
    escalation_assign(handoff, &former, why);
}

/* In memory and on disk, for the reload that brings somebody. */
static void keep(struct handoff *handoff)
{
    bool is_news = !handoff->is_kept;
    handoff->is_kept = true;
    delivery_set_attempt_state(handoff, ATTEMPT_DEFERRED);
    delivery_set_due(handoff, NOBODY_AGAIN_MS);
    if (!is_news)
        return;
    log_error("kept until somebody real is in vendors.yaml handoff=%s vendor=%s", handoff->given.id,
              handoff->attempt.vendor_id);
    delivery_record(handoff, NULL, NULL);
}

/* The attempt's contact is no longer in vendors.yaml, and surely nothing was sent there. The same
 * person is told anew at the address that they have now; else the next one, but never an example.
 */
void escalation_reassign(struct handoff *handoff)
{
    static const char gone[] = "vendors.yaml no longer has this contact";
    const struct roster *roster = handoff->delivery->setup.roster;
    if (roster->count == 0 || roster->is_example) {
        keep(handoff);
        return;
    }
    handoff->is_kept = false;
    delivery_set_attempt_state(handoff, ATTEMPT_CANCELLED);
    struct attempt former = handoff->attempt;
    if (assign_vendor(handoff, handoff->attempt.vendor_id))
        escalation_follow(handoff, &former, gone);
    else
        escalation_assign(handoff, &former, gone);
}
