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
    static const char *const names[] = {"assigned", "notified", "held", "exhausted"};
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
    static const char *const names[] = {"ready",    "sending", "sent",        "delivered", "read",
                                        "deferred", "refused", "undelivered", "unknown"};
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
    static const char *const words[] = {"", "Sent", "sent ", "taken", "parked", "ambiguous"};
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_the_states_of_a_handoff),
        cmocka_unit_test(names_the_states_of_an_attempt),
        cmocka_unit_test(takes_an_unknown_word_for_the_safe_state),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
