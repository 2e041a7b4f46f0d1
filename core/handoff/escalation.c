/* escalation - the next contact, then the next person; where there is none, what is said of that.
 */
#include "handoff/escalation.h"

#include <string.h>

#include "base/log.h"
#include "handoff/assignment.h"
#include "handoff/journal.h"
#include "handoff/notice.h"
#include "handoff/registry.h"
#include "handoff/retry.h"
#include "handoff/trouble.h"

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

/* ---- an update is for the one person who has the customer, and for nobody else */

/* Whom it is for now; NULL where it is so already. */
static const char *next_holder(const struct handoff *update)
{
    const struct delivery *delivery = update->delivery;
    const char *holder = registry_vendor(delivery->registry, update->parent_memo);
    bool is_there = holder != NULL && roster_find(delivery->setup.roster, holder) != NOBODY;
    bool is_the_same =
        update->attempt.number > 0 && is_there && strcmp(update->attempt.vendor_id, holder) == 0;
    return is_there && !is_the_same ? holder : NULL;
}

/* Will the customer perhaps go on to somebody else? */
static bool is_parent_on_its_way(const struct handoff *update)
{
    const struct handoff *parent = registry_find(update->delivery->registry, update->parent);
    return parent != NULL && parent->state == HANDOFF_ASSIGNED;
}

static void wait_for_parent(struct handoff *handoff, const char *why)
{
    delivery_set_attempt_state(handoff, ATTEMPT_DEFERRED);
    delivery_set_on_its_way(handoff);
    delivery_set_due(handoff, retry_delay_ms(handoff->attempt.tries, 0, delivery_random()));
    delivery_record(handoff, attempt_state_name(ATTEMPT_DEFERRED), why);
}

static void assign_update(struct handoff *handoff, const struct attempt *former, const char *why)
{
    const char *holder = next_holder(handoff);
    bool is_assigned = holder != NULL ? assign_vendor(handoff, holder)
                                      : former != NULL && assign_next_contact(handoff);
    if (is_assigned)
        escalation_follow(handoff, former, why);
    else if (former != NULL && is_parent_on_its_way(handoff))
        wait_for_parent(handoff, why);
    else
        exhaust(handoff, why);
}

bool escalation_update(struct handoff *handoff)
{
    static const char gone[] = "the customer has gone on to somebody else";
    const char *holder = handoff->parent != 0 ? next_holder(handoff) : NULL;
    struct attempt former = handoff->attempt;
    if (holder == NULL || !assign_vendor(handoff, holder))
        return false;
    handoff->formers->attempt.state = former.state = ATTEMPT_CANCELLED;
    escalation_follow(handoff, &former, gone);
    return true;
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
