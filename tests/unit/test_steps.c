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
    {ATTEMPT_READY, EVENT_DUE, ATTEMPT_SENDING, STEP_DELIVER},
    {ATTEMPT_SENDING, EVENT_DUE, ATTEMPT_UNKNOWN, STEP_WAIT},
    {ATTEMPT_SENDING, EVENT_SENT, ATTEMPT_SENT, STEP_NOTIFIED},
    {ATTEMPT_SENDING, EVENT_DELIVERED, ATTEMPT_DELIVERED, STEP_NOTIFIED},
    {ATTEMPT_SENDING, EVENT_READ, ATTEMPT_READ, STEP_NOTIFIED},
    {ATTEMPT_SENDING, EVENT_UNDELIVERED, ATTEMPT_UNDELIVERED, STEP_NEXT},
    {ATTEMPT_SENDING, EVENT_DEFERRED, ATTEMPT_DEFERRED, STEP_RETRY},
    {ATTEMPT_SENDING, EVENT_REFUSED_RECIPIENT, ATTEMPT_REFUSED, STEP_NEXT},
    {ATTEMPT_SENDING, EVENT_REFUSED_MESSAGE, ATTEMPT_REFUSED, STEP_HOLD},
    {ATTEMPT_SENDING, EVENT_REFUSED_ACCOUNT, ATTEMPT_DEFERRED, STEP_HOLD_RETRY},
    {ATTEMPT_SENDING, EVENT_UNKNOWN, ATTEMPT_UNKNOWN, STEP_WAIT},
    {ATTEMPT_DEFERRED, EVENT_DUE, ATTEMPT_SENDING, STEP_DELIVER},
    {ATTEMPT_UNKNOWN, EVENT_SENT, ATTEMPT_SENT, STEP_NOTIFIED},
    {ATTEMPT_UNKNOWN, EVENT_DELIVERED, ATTEMPT_DELIVERED, STEP_NOTIFIED},
    {ATTEMPT_UNKNOWN, EVENT_READ, ATTEMPT_READ, STEP_NOTIFIED},
    {ATTEMPT_UNKNOWN, EVENT_UNDELIVERED, ATTEMPT_UNDELIVERED, STEP_NEXT},
    {ATTEMPT_SENT, EVENT_DELIVERED, ATTEMPT_DELIVERED, STEP_RECORD},
    {ATTEMPT_SENT, EVENT_READ, ATTEMPT_READ, STEP_RECORD},
    {ATTEMPT_SENT, EVENT_UNDELIVERED, ATTEMPT_UNDELIVERED, STEP_NEXT},
    {ATTEMPT_DELIVERED, EVENT_READ, ATTEMPT_READ, STEP_RECORD},
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
    (void)state;
    for (int from = 0; from < ATTEMPT_STATES; from++) {
        for (int event = 0; event < ATTEMPT_EVENTS; event++) {
            struct step step = step_for((enum attempt_state)from, (enum attempt_event)event);
            const struct cell *cell =
                find_cell((enum attempt_state)from, (enum attempt_event)event);
            assert_int_equal(step.action, cell != NULL ? cell->action : STEP_IGNORE);
            if (cell != NULL)
                assert_int_equal(step.to, cell->to);
        }
    }
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
    assert_int_equal(ATTEMPT_EVENTS, HANDOFFD_UNKNOWN + 1);
}

/* What is reachable from `from`, by the table itself. */
static void mark_reachable(enum attempt_state from, bool is_reachable[ATTEMPT_STATES])
{
    if (is_reachable[from])
        return;
    is_reachable[from] = true;
    for (int event = 0; event < ATTEMPT_EVENTS; event++) {
        struct step step = step_for(from, (enum attempt_event)event);
        if (step.action != STEP_IGNORE)
            mark_reachable(step.to, is_reachable);
    }
}

static void reaches_every_state(void **state)
{
    (void)state;
    bool is_reachable[ATTEMPT_STATES] = {false};
    mark_reachable(ATTEMPT_READY, is_reachable);
    for (int i = 0; i < ATTEMPT_STATES; i++)
        assert_true(is_reachable[i]);
}

static void never_sends_again_what_may_have_been_sent(void **state)
{
    static const enum attempt_state may_have_been_sent[] = {ATTEMPT_UNKNOWN,   ATTEMPT_SENT,
                                                            ATTEMPT_DELIVERED, ATTEMPT_READ,
                                                            ATTEMPT_REFUSED,   ATTEMPT_UNDELIVERED};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(may_have_been_sent); i++) {
        bool is_reachable[ATTEMPT_STATES] = {false};
        mark_reachable(may_have_been_sent[i], is_reachable);
        assert_false(is_reachable[ATTEMPT_READY]);
        assert_false(is_reachable[ATTEMPT_SENDING]);
        assert_false(is_reachable[ATTEMPT_DEFERRED]);
    }
}

/* queued < sending < sent < delivered < read; 0: not a status */
static int status_rank(enum attempt_state state)
{
    static const int ranks[ATTEMPT_STATES] = {
        [ATTEMPT_READY] = 1,   [ATTEMPT_DEFERRED] = 1, [ATTEMPT_SENDING] = 2,
        [ATTEMPT_UNKNOWN] = 2, [ATTEMPT_SENT] = 3,     [ATTEMPT_DELIVERED] = 4,
        [ATTEMPT_READ] = 5,    [ATTEMPT_REFUSED] = 6,  [ATTEMPT_UNDELIVERED] = 6};
    return ranks[state];
}

static void only_lets_the_status_rise(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cells); i++) {
        const struct cell *cell = &cells[i];
        struct step step = step_for(cell->from, cell->event);
        bool is_surely_not_sent = step.to == ATTEMPT_DEFERRED && cell->from == ATTEMPT_SENDING;
        bool is_in_doubt = step.to == ATTEMPT_UNKNOWN && cell->from == ATTEMPT_SENDING;
        assert_true(status_rank(step.to) > status_rank(cell->from) || is_surely_not_sent ||
                    is_in_doubt);
    }
}

/* An action that waits for the channel or the clock must leave a state in which one of them can
 * move it. */
static void leaves_a_way_on_where_it_waits(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cells); i++) {
        struct step step = step_for(cells[i].from, cells[i].event);
        bool waits_for_time = step.action == STEP_RETRY || step.action == STEP_HOLD_RETRY;
        bool waits_for_report = step.action == STEP_DELIVER || step.action == STEP_WAIT;
        if (waits_for_time || step.action == STEP_DELIVER)
            assert_int_not_equal(step_for(step.to, EVENT_DUE).action, STEP_IGNORE);
        if (waits_for_report)
            assert_int_not_equal(step_for(step.to, EVENT_SENT).action, STEP_IGNORE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(does_in_each_cell_what_is_written_here),
        cmocka_unit_test(numbers_the_reports_as_plugins_do),
        cmocka_unit_test(reaches_every_state),
        cmocka_unit_test(never_sends_again_what_may_have_been_sent),
        cmocka_unit_test(only_lets_the_status_rise),
        cmocka_unit_test(leaves_a_way_on_where_it_waits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
