/* test_outcome - what a report means, for every outcome there is, with and without a word of
 * vendors.yaml. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "handoff/outcome.h"

static const struct handoffd_fields nothing;

/* ATTEMPT_EVENTS: no outcome that is known. */
static enum attempt_event event_of(uint32_t outcome, int32_t code,
                                   const struct handoffd_fields *amendments)
{
    struct handoffd_report report = {.size = sizeof report, .outcome = outcome, .code = code};
    enum attempt_event event = ATTEMPT_EVENTS;
    return outcome_event(&report, amendments, &event) ? event : ATTEMPT_EVENTS;
}

static void takes_the_channel_s_word(void **state)
{
    (void)state;
    for (uint32_t outcome = HANDOFFD_SENT; outcome <= HANDOFFD_ABSENT; outcome++)
        assert_int_equal(event_of(outcome, 21211, &nothing), outcome);
}

static void knows_no_outcome_that_a_later_contract_may_have(void **state)
{
    static const uint32_t outcomes[] = {0, HANDOFFD_ABSENT + 1, 1000, UINT32_MAX};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(outcomes); i++)
        assert_int_equal(event_of(outcomes[i], 0, &nothing), ATTEMPT_EVENTS);
}

static const char *const codes[] = {"100", "200", "300", "400", "500", "600"};
static const char *const words[] = {"deferred", "recipient", "message",
                                    "account",  "unknown",   "nonsense"};
static const struct handoffd_fields amendments = {codes, words, COUNT_OF(codes)};

/* That something was sent is no matter of opinion; nor is that the provider does not have it. */
static void amends_failures_only(void **state)
{
    static const enum attempt_event amended[] = {
        EVENT_DEFERRED,        EVENT_REFUSED_RECIPIENT,
        EVENT_REFUSED_MESSAGE, EVENT_REFUSED_ACCOUNT,
        EVENT_UNKNOWN,         EVENT_UNKNOWN}; /* of a word that is none, the careful meaning */
    (void)state;
    for (uint32_t outcome = HANDOFFD_SENT; outcome <= HANDOFFD_ABSENT; outcome++) {
        bool is_failure = outcome >= HANDOFFD_UNDELIVERED && outcome <= HANDOFFD_UNKNOWN;
        for (size_t i = 0; i < COUNT_OF(codes); i++) {
            int32_t code = (int32_t)strtol(codes[i], NULL, 10);
            assert_int_equal(event_of(outcome, code, &amendments),
                             is_failure ? amended[i] : (enum attempt_event)outcome);
            assert_int_equal(event_of(outcome, code + 1, &amendments), outcome);
            assert_int_equal(event_of(outcome, 0, &amendments), outcome);
        }
    }
}

/* A key that is no number is 0 to strtol, and 0 is "no code". */
static void amends_nothing_without_a_code(void **state)
{
    static const char *const zeros[] = {"0", "x"};
    static const char *const meanings[] = {"deferred", "deferred"};
    static const struct handoffd_fields odd = {zeros, meanings, 2};
    (void)state;
    assert_int_equal(event_of(HANDOFFD_REFUSED_MESSAGE, 0, &odd), EVENT_REFUSED_MESSAGE);
}

static void knows_the_words_of_vendors_yaml(void **state)
{
    static const char *const others[] = {"", "Deferred", "sent", "refused", "absent", "deferred "};
    (void)state;
    for (size_t i = 0; i < 5; i++)
        assert_true(outcome_is_word(words[i]));
    for (size_t i = 0; i < COUNT_OF(others); i++)
        assert_false(outcome_is_word(others[i]));
}

/* A provider that judges a message is at work; one that is busy, silent or shut may not be. */
static void tells_an_account_that_works(void **state)
{
    static const bool works[ATTEMPT_EVENTS] = {
        [EVENT_SENT] = true,
        [EVENT_DELIVERED] = true,
        [EVENT_READ] = true,
        [EVENT_UNDELIVERED] = true,
        [EVENT_REFUSED_RECIPIENT] = true,
        [EVENT_REFUSED_MESSAGE] = true,
    };
    (void)state;
    for (int event = 0; event < ATTEMPT_EVENTS; event++)
        assert_int_equal(outcome_is_of_open_account((enum attempt_event)event), works[event]);
}

/* They are labels of metrics: they must never change. */
static void names_every_outcome(void **state)
{
    static const char *const names[] = {"no_report",
                                        "sent",
                                        "delivered",
                                        "read",
                                        "undelivered",
                                        "deferred",
                                        "refused_recipient",
                                        "refused_message",
                                        "refused_account",
                                        "unknown",
                                        "absent"};
    (void)state;
    assert_int_equal(COUNT_OF(names), ATTEMPT_EVENTS);
    for (int event = 0; event < ATTEMPT_EVENTS; event++)
        assert_string_equal(outcome_name((enum attempt_event)event), names[event]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_the_channel_s_word),
        cmocka_unit_test(knows_no_outcome_that_a_later_contract_may_have),
        cmocka_unit_test(amends_failures_only),
        cmocka_unit_test(amends_nothing_without_a_code),
        cmocka_unit_test(knows_the_words_of_vendors_yaml),
        cmocka_unit_test(tells_an_account_that_works),
        cmocka_unit_test(names_every_outcome),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
