/* test_steps - every cell of the table, and what must hold for all of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "handoff/steps.h"
#include "plugin.h"

struct cell {
    enum attempt_state from;
    enum attempt_event event;
    enum attempt_state to;
    enum step_action action;
};

/* Everything that moves; whatever is not here is ignored. */
static const struct cell cells[] = {
    /* Not sent yet: its time comes; or an earlier try turns out to have arrived. */
    {ATTEMPT_READY, EVENT_DUE, ATTEMPT_READY, STEP_LAUNCH},
    {ATTEMPT_READY, EVENT_SENT, ATTEMPT_SENT, STEP_NOTIFIED},
    {ATTEMPT_READY, EVENT_DELIVERED, ATTEMPT_DELIVERED, STEP_NOTIFIED},
    {ATTEMPT_READY, EVENT_READ, ATTEMPT_READ, STEP_NOTIFIED},
    {ATTEMPT_DEFERRED, EVENT_DUE, ATTEMPT_READY, STEP_LAUNCH},
    {ATTEMPT_DEFERRED, EVENT_SENT, ATTEMPT_SENT, STEP_NOTIFIED},
    {ATTEMPT_DEFERRED, EVENT_DELIVERED, ATTEMPT_DELIVERED, STEP_NOTIFIED},
    {ATTEMPT_DEFERRED, EVENT_READ, ATTEMPT_READ, STEP_NOTIFIED},

    /* On its way. */
    {ATTEMPT_SENDING, EVENT_DUE, ATTEMPT_UNKNOWN, STEP_WAIT},
    {ATTEMPT_SENDING, EVENT_UNKNOWN, ATTEMPT_UNKNOWN, STEP_WAIT},
    {ATTEMPT_SENDING, EVENT_SENT, ATTEMPT_SENT, STEP_NOTIFIED},
    {ATTEMPT_SENDING, EVENT_DELIVERED, ATTEMPT_DELIVERED, STEP_NOTIFIED},
    {ATTEMPT_SENDING, EVENT_READ, ATTEMPT_READ, STEP_NOTIFIED},
    {ATTEMPT_SENDING, EVENT_UNDELIVERED, ATTEMPT_UNDELIVERED, STEP_NEXT},
    {ATTEMPT_SENDING, EVENT_REFUSED_RECIPIENT, ATTEMPT_REFUSED, STEP_NEXT},
    {ATTEMPT_SENDING, EVENT_DEFERRED, ATTEMPT_DEFERRED, STEP_RETRY},
    {ATTEMPT_SENDING, EVENT_REFUSED_MESSAGE, ATTEMPT_REFUSED, STEP_HOLD},
    {ATTEMPT_SENDING, EVENT_REFUSED_ACCOUNT, ATTEMPT_DEFERRED, STEP_SHUT},

    /* Nobody knows: the provider is asked. */
    {ATTEMPT_UNKNOWN, EVENT_DUE, ATTEMPT_UNKNOWN, STEP_ASK},
    {ATTEMPT_UNKNOWN, EVENT_ABSENT, ATTEMPT_UNKNOWN, STEP_MISSED},
    {ATTEMPT_UNKNOWN, EVENT_UNKNOWN, ATTEMPT_UNKNOWN, STEP_STILL},
    {ATTEMPT_UNKNOWN, EVENT_SENT, ATTEMPT_SENT, STEP_NOTIFIED},
    {ATTEMPT_UNKNOWN, EVENT_DELIVERED, ATTEMPT_DELIVERED, STEP_NOTIFIED},
    {ATTEMPT_UNKNOWN, EVENT_READ, ATTEMPT_READ, STEP_NOTIFIED},
    {ATTEMPT_UNKNOWN, EVENT_UNDELIVERED, ATTEMPT_UNDELIVERED, STEP_NEXT},
    {ATTEMPT_UNKNOWN, EVENT_REFUSED_RECIPIENT, ATTEMPT_REFUSED, STEP_NEXT},
    {ATTEMPT_UNKNOWN, EVENT_DEFERRED, ATTEMPT_DEFERRED, STEP_RETRY},
    {ATTEMPT_UNKNOWN, EVENT_REFUSED_MESSAGE, ATTEMPT_REFUSED, STEP_HOLD},
    {ATTEMPT_UNKNOWN, EVENT_REFUSED_ACCOUNT, ATTEMPT_DEFERRED, STEP_SHUT},

    /* Taken: is it delivered? A provider may refuse later what it took. */
    {ATTEMPT_SENT, EVENT_DUE, ATTEMPT_SENT, STEP_ASK},
    {ATTEMPT_SENT, EVENT_SENT, ATTEMPT_SENT, STEP_STILL},
    {ATTEMPT_SENT, EVENT_UNKNOWN, ATTEMPT_SENT, STEP_STILL},
    {ATTEMPT_SENT, EVENT_ABSENT, ATTEMPT_SENT, STEP_STILL},
    {ATTEMPT_SENT, EVENT_DELIVERED, ATTEMPT_DELIVERED, STEP_RECORD},
    {ATTEMPT_SENT, EVENT_READ, ATTEMPT_READ, STEP_RECORD},
    {ATTEMPT_SENT, EVENT_UNDELIVERED, ATTEMPT_UNDELIVERED, STEP_NEXT},
    {ATTEMPT_SENT, EVENT_REFUSED_RECIPIENT, ATTEMPT_REFUSED, STEP_NEXT},
    {ATTEMPT_SENT, EVENT_DEFERRED, ATTEMPT_DEFERRED, STEP_RETRY},
    {ATTEMPT_SENT, EVENT_REFUSED_MESSAGE, ATTEMPT_REFUSED, STEP_HOLD},
    {ATTEMPT_SENT, EVENT_REFUSED_ACCOUNT, ATTEMPT_DEFERRED, STEP_SHUT},

    {ATTEMPT_DELIVERED, EVENT_READ, ATTEMPT_READ, STEP_RECORD},

    /* Nobody could say, until somebody does. */
    {ATTEMPT_AMBIGUOUS, EVENT_SENT, ATTEMPT_SENT, STEP_NOTIFIED},
    {ATTEMPT_AMBIGUOUS, EVENT_DELIVERED, ATTEMPT_DELIVERED, STEP_NOTIFIED},
    {ATTEMPT_AMBIGUOUS, EVENT_READ, ATTEMPT_READ, STEP_NOTIFIED},
    {ATTEMPT_AMBIGUOUS, EVENT_UNDELIVERED, ATTEMPT_UNDELIVERED, STEP_NEXT},
    {ATTEMPT_AMBIGUOUS, EVENT_REFUSED_RECIPIENT, ATTEMPT_REFUSED, STEP_NEXT},
    {ATTEMPT_AMBIGUOUS, EVENT_DEFERRED, ATTEMPT_DEFERRED, STEP_RETRY},
    {ATTEMPT_AMBIGUOUS, EVENT_REFUSED_MESSAGE, ATTEMPT_REFUSED, STEP_HOLD},
    {ATTEMPT_AMBIGUOUS, EVENT_REFUSED_ACCOUNT, ATTEMPT_DEFERRED, STEP_SHUT},
};

static const struct cell *find_cell(enum attempt_state from, enum attempt_event event)
{
    for (size_t i = 0; i < COUNT_OF(cells); i++) {
        if (cells[i].from == from && cells[i].event == event)
            return &cells[i];
    }
    return NULL;
}

static void does_in_each_cell_what_is_written_here(void **state)
{
    size_t moving = 0;
    (void)state;
    for (int from = 0; from < ATTEMPT_STATES; from++) {
        for (int event = 0; event < ATTEMPT_EVENTS; event++) {
            struct step step = step_for((enum attempt_state)from, (enum attempt_event)event);
            const struct cell *cell =
                find_cell((enum attempt_state)from, (enum attempt_event)event);
            assert_int_equal(step.action, cell != NULL ? cell->action : STEP_IGNORE);
            if (cell != NULL)
                assert_int_equal(step.to, cell->to);
            moving += cell != NULL;
        }
    }
    assert_int_equal(moving, COUNT_OF(cells)); /* none stands here twice */
}

static void numbers_the_reports_as_plugins_do(void **state)
{
    (void)state;
    assert_int_equal(EVENT_SENT, HANDOFFD_SENT);
    assert_int_equal(EVENT_DELIVERED, HANDOFFD_DELIVERED);
    assert_int_equal(EVENT_READ, HANDOFFD_READ);
    assert_int_equal(EVENT_UNDELIVERED, HANDOFFD_UNDELIVERED);
    assert_int_equal(EVENT_DEFERRED, HANDOFFD_DEFERRED);
    assert_int_equal(EVENT_REFUSED_RECIPIENT, HANDOFFD_REFUSED_RECIPIENT);
    assert_int_equal(EVENT_REFUSED_MESSAGE, HANDOFFD_REFUSED_MESSAGE);
    assert_int_equal(EVENT_REFUSED_ACCOUNT, HANDOFFD_REFUSED_ACCOUNT);
    assert_int_equal(EVENT_UNKNOWN, HANDOFFD_UNKNOWN);
    assert_int_equal(EVENT_ABSENT, HANDOFFD_ABSENT);
    assert_int_equal(ATTEMPT_EVENTS, HANDOFFD_ABSENT + 1);
}

/* What is reachable from `from` by the table itself, where `is_heard` events come. */
static void mark_reachable(enum attempt_state from, const bool is_heard[ATTEMPT_EVENTS],
                           bool is_reachable[ATTEMPT_STATES])
{
    if (is_reachable[from])
        return;
    is_reachable[from] = true;
    for (int event = 0; event < ATTEMPT_EVENTS; event++) {
        struct step step = step_for(from, (enum attempt_event)event);
        if (is_heard[event] && step.action == STEP_LAUNCH)
            mark_reachable(ATTEMPT_SENDING, is_heard, is_reachable);
        if (is_heard[event] && step.action != STEP_IGNORE)
            mark_reachable(step.to, is_heard, is_reachable);
    }
}

/* AMBIGUOUS is for time to bring, CANCELLED for an operator or vendors.yaml. */
static void reaches_every_other_state(void **state)
{
    bool is_heard[ATTEMPT_EVENTS];
    bool is_reachable[ATTEMPT_STATES] = {false};
    (void)state;
    memset(is_heard, true, sizeof is_heard);
    mark_reachable(ATTEMPT_READY, is_heard, is_reachable);
    for (int i = 0; i < ATTEMPT_STATES; i++)
        assert_int_equal(is_reachable[i], i != ATTEMPT_AMBIGUOUS && i != ATTEMPT_CANCELLED);
}

/* Only the provider's own word that it did not send it leads back: time alone never does. */
static void never_sends_again_what_may_have_been_sent(void **state)
{
    static const enum attempt_state may_have_been_sent[] = {
        ATTEMPT_SENDING,   ATTEMPT_UNKNOWN, ATTEMPT_SENT,        ATTEMPT_DELIVERED, ATTEMPT_READ,
        ATTEMPT_AMBIGUOUS, ATTEMPT_REFUSED, ATTEMPT_UNDELIVERED, ATTEMPT_CANCELLED};
    bool is_heard[ATTEMPT_EVENTS];
    (void)state;
    memset(is_heard, true, sizeof is_heard);
    is_heard[EVENT_DEFERRED] = is_heard[EVENT_REFUSED_ACCOUNT] = false;
    for (size_t i = 0; i < COUNT_OF(may_have_been_sent); i++) {
        bool is_reachable[ATTEMPT_STATES] = {false};
        mark_reachable(may_have_been_sent[i], is_heard, is_reachable);
        assert_false(is_reachable[ATTEMPT_READY]);
        assert_false(is_reachable[ATTEMPT_DEFERRED]);
        assert_int_equal(is_reachable[ATTEMPT_SENDING], may_have_been_sent[i] == ATTEMPT_SENDING);
    }
}

static void leaves_alone_what_has_ended(void **state)
{
    static const enum attempt_state ended[] = {ATTEMPT_READ, ATTEMPT_REFUSED, ATTEMPT_UNDELIVERED,
                                               ATTEMPT_CANCELLED};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(ended); i++) {
        for (int event = 0; event < ATTEMPT_EVENTS; event++)
            assert_int_equal(step_for(ended[i], (enum attempt_event)event).action, STEP_IGNORE);
    }
}

/* queued < sending < sent < delivered < read; 0: not a status */
static int status_rank(enum attempt_state state)
{
    static const int ranks[ATTEMPT_STATES] = {
        [ATTEMPT_READY] = 1,     [ATTEMPT_DEFERRED] = 1,  [ATTEMPT_SENDING] = 2,
        [ATTEMPT_UNKNOWN] = 2,   [ATTEMPT_AMBIGUOUS] = 2, [ATTEMPT_SENT] = 3,
        [ATTEMPT_DELIVERED] = 4, [ATTEMPT_READ] = 5};
    return ranks[state];
}

static void only_lets_the_status_rise(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cells); i++) {
        const struct cell *cell = &cells[i];
        struct step step = step_for(cell->from, cell->event);
        bool is_failure = cell->event >= EVENT_UNDELIVERED && cell->event <= EVENT_REFUSED_ACCOUNT;
        assert_true(is_failure || status_rank(step.to) >= status_rank(cell->from));
        if (cell->from == ATTEMPT_DELIVERED) /* what has arrived cannot fail any more */
            assert_false(is_failure);
    }
}

/* A refusal later means what it means at once. */
static void takes_a_late_refusal_as_one_at_once(void **state)
{
    static const enum attempt_state later[] = {ATTEMPT_UNKNOWN, ATTEMPT_SENT, ATTEMPT_AMBIGUOUS};
    (void)state;
    for (int event = EVENT_UNDELIVERED; event <= EVENT_REFUSED_ACCOUNT; event++) {
        struct step at_once = step_for(ATTEMPT_SENDING, (enum attempt_event)event);
        assert_int_not_equal(at_once.action, STEP_IGNORE);
        for (size_t i = 0; i < COUNT_OF(later); i++) {
            struct step step = step_for(later[i], (enum attempt_event)event);
            assert_int_equal(step.action, at_once.action);
            assert_int_equal(step.to, at_once.to);
        }
    }
}

/* An action that waits for the channel or the clock must leave a state in which one of them can
 * move it. */
static void leaves_a_way_on_where_it_waits(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cells); i++) {
        struct step step = step_for(cells[i].from, cells[i].event);
        bool waits = step.action == STEP_RETRY || step.action == STEP_SHUT ||
                     step.action == STEP_WAIT || step.action == STEP_MISSED ||
                     step.action == STEP_STILL;
        if (waits)
            assert_int_not_equal(step_for(step.to, EVENT_DUE).action, STEP_IGNORE);
        if (step.action == STEP_ASK) {
            assert_int_not_equal(step_for(step.to, EVENT_UNKNOWN).action, STEP_IGNORE);
            assert_int_not_equal(step_for(step.to, EVENT_ABSENT).action, STEP_IGNORE);
            assert_int_not_equal(step_for(step.to, EVENT_SENT).action, STEP_IGNORE);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(does_in_each_cell_what_is_written_here),
        cmocka_unit_test(numbers_the_reports_as_plugins_do),
        cmocka_unit_test(reaches_every_other_state),
        cmocka_unit_test(never_sends_again_what_may_have_been_sent),
        cmocka_unit_test(leaves_alone_what_has_ended),
        cmocka_unit_test(only_lets_the_status_rise),
        cmocka_unit_test(takes_a_late_refusal_as_one_at_once),
        cmocka_unit_test(leaves_a_way_on_where_it_waits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
