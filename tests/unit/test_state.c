/* test_state - the words that are in the database, in logs and in answers: they must never change.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/memory.h"
#include "handoff/state.h"

static void names_the_states_of_a_handoff(void **state)
{
    static const char *const names[] = {"assigned", "notified",  "held",  "exhausted",
                                        "parked",   "cancelled", "closed"};
    (void)state;
    assert_int_equal(COUNT_OF(names), HANDOFF_STATES);
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        enum handoff_state parsed = HANDOFF_STATES;
        assert_string_equal(handoff_state_name((enum handoff_state)i), names[i]);
        assert_true(handoff_state_parse(names[i], &parsed));
        assert_int_equal(parsed, i);
    }
}

static void names_the_states_of_an_attempt(void **state)
{
    static const char *const names[] = {"ready",   "sending",   "sent",     "delivered",
                                        "read",    "deferred",  "refused",  "undelivered",
                                        "unknown", "ambiguous", "cancelled"};
    (void)state;
    assert_int_equal(COUNT_OF(names), ATTEMPT_STATES);
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        enum attempt_state parsed = ATTEMPT_STATES;
        assert_string_equal(attempt_state_name((enum attempt_state)i), names[i]);
        assert_true(attempt_state_parse(names[i], &parsed));
        assert_int_equal(parsed, i);
    }
}

/* A later version may have written them: nothing must be sent because of a word that is not
 * understood. */
static void takes_an_unknown_word_for_the_safe_state(void **state)
{
    static const char *const words[] = {"",       "Sent",    "sent ",  "taken",
                                        "stored", "waiting", "failed", "queued"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        enum handoff_state handoff = HANDOFF_ASSIGNED;
        enum attempt_state attempt = ATTEMPT_READY;
        assert_false(handoff_state_parse(words[i], &handoff));
        assert_false(attempt_state_parse(words[i], &attempt));
        assert_int_equal(handoff, HANDOFF_HELD);
        assert_int_equal(attempt, ATTEMPT_UNKNOWN);
    }
}

/* Those for which nothing is done any more: neither at a start nor by a callback. */
static void knows_what_is_over(void **state)
{
    static const bool is_over[] = {
        [HANDOFF_ASSIGNED] = false, [HANDOFF_NOTIFIED] = false, [HANDOFF_HELD] = false,
        [HANDOFF_EXHAUSTED] = true, [HANDOFF_PARKED] = true,    [HANDOFF_CANCELLED] = true,
        [HANDOFF_CLOSED] = true};
    (void)state;
    assert_int_equal(COUNT_OF(is_over), HANDOFF_STATES);
    for (size_t i = 0; i < COUNT_OF(is_over); i++)
        assert_int_equal(handoff_state_is_over((enum handoff_state)i), is_over[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_the_states_of_a_handoff),
        cmocka_unit_test(names_the_states_of_an_attempt),
        cmocka_unit_test(takes_an_unknown_word_for_the_safe_state),
        cmocka_unit_test(knows_what_is_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
