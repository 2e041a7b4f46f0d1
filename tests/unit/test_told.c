/* test_told - who has the customer's message is not told again, and nobody else is, whatever comes
 * of the tries that were on their way meanwhile. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "failing_disk.h"
#include "office_seen.h"

enum { WITHIN = 10 * MINUTE };

static bool has_trouble_of(const struct office *office, const char *beginning)
{
    for (size_t i = 0; i < office->trouble_count; i++) {
        if (strncmp(office->troubles[i], beginning, strlen(beginning)) == 0)
            return true;
    }
    return false;
}

static void assert_answered(struct office *office, const char *vendor, const char *message_id)
{
    const struct answer *answer = office_tell(office, "a");
    assert_int_equal(answer->kind, ANSWER_SENT);
    assert_string_equal(answer->vendor_id, vendor);
    assert_string_equal(answer->message_id, message_id);
}

/* Nothing more happens, however long one waits, before and after a restart. */
static void assert_at_rest(struct office *office, size_t told, const char *attempts)
{
    for (int i = 0; i < 2; i++) {
        office_pass_by(office, HOUR, 10 * MINUTE);
        assert_int_equal(office->delivery_count, told);
        assert_string_equal(office_attempts(office), attempts);
        assert_int_equal(dispatcher_open(office->dispatcher), 0);
        office_restart(office);
    }
}

/* ---- the word comes while it waits at a gate */

/* `a` is unknown; before the last question about it, `b` finds the account refused. */
static void leave_at_a_closed_gate(struct office *office)
{
    office->roster.count = 1;
    office->vendors[0].contact_count = 1;
    office->plans[0] = plan_unknown;
    office->plans[1] = plan_account;
    office_make_askable(office);
    office_open(office);
    office_tell(office, "a");
    office_pass_by(office, 110 * SECOND, 10 * SECOND);
    office_tell(office, "b");
    office_pass_by(office, 15 * SECOND, SECOND);
    assert_int_equal(office->question_count, 3);
    assert_string_equal(office_attempts(office), "ana whatsapp ready 1, ana whatsapp deferred 1");
    assert_string_equal(office_handoffs(office), "held 1, held 1");
}

static void what_waits_at_a_gate_may_turn_out_to_be_delivered(void **state)
{
    struct office *office = *state;
    leave_at_a_closed_gate(office);
    office_say(office, 0, HANDOFFD_DELIVERED, "SMlate");
    office_settle(office);
    assert_string_equal(office_handoffs(office), "notified 0, held 1");
    assert_answered(office, "ana", "SMlate");
    office_pass_by(office, 8 * MINUTE, 30 * SECOND); /* the gate opens: b goes out, and b alone */
    assert_string_equal(office_handoffs(office), "notified 0, notified 0");
    assert_string_not_equal(office->deliveries[2].handoff_id, office->deliveries[0].handoff_id);
    assert_at_rest(office, 3, "ana whatsapp delivered 1, ana whatsapp sent 2");
}

/* ---- the word of one try comes while the next one is on its way */

/* `first` and `second` are what the tries end with; the word comes in between. */
static struct office *tell_of_the_first_try(uint32_t word)
{
    struct office *office = NULL;
    office_setup((void **)&office);
    office->plans[0] = plan_deferred;
    office->plans[1] = plan_silent;
    office_open(office);
    office_begin(office, "a");
    office_pass(office, SECOND);
    ASSERT_TOLD(office, "to-ana", "to-ana");
    office_say(office, 0, word, "SMone");
    office_settle(office);
    assert_string_equal(office_attempts(office), "ana whatsapp sending 2");
    return office;
}

static void a_try_that_fails_makes_the_word_of_the_one_before_count(void **state)
{
    static const struct {
        uint32_t word;
        const char *attempts;
    } words[] = {{HANDOFFD_SENT, "ana whatsapp sent 2"},
                 {HANDOFFD_DELIVERED, "ana whatsapp delivered 2"}};
    static const uint32_t failures[] = {HANDOFFD_DEFERRED, HANDOFFD_REFUSED_RECIPIENT,
                                        HANDOFFD_REFUSED_MESSAGE, HANDOFFD_REFUSED_ACCOUNT,
                                        HANDOFFD_UNKNOWN};
    for (size_t i = 0; i < COUNT_OF(words) * COUNT_OF(failures); i++) {
        size_t word = i % COUNT_OF(words);
        struct office *office = tell_of_the_first_try(words[word].word);
        office_say(office, 1, failures[i / COUNT_OF(words)], NULL);
        office_settle(office);
        assert_string_equal(office_handoffs(office), "notified 0");
        assert_answered(office, "ana", "SMone");
        assert_at_rest(office, 2, words[word].attempts);
        assert_false(has_trouble_of(office, "stuck"));
        office_teardown((void **)&office);
    }
    (void)state;
}

/* Nobody says anything about the second try. */
static void a_try_that_ends_in_silence_makes_it_count_too(void **state)
{
    struct office *office = tell_of_the_first_try(HANDOFFD_SENT);
    office_pass(office, MINUTE);
    assert_string_equal(office_handoffs(office), "notified 0");
    assert_answered(office, "ana", "SMone");
    assert_at_rest(office, 2, "ana whatsapp sent 2");
    office_teardown((void **)&office);
    (void)state;
}

static void a_try_that_succeeds_counts_itself(void **state)
{
    struct office *office = tell_of_the_first_try(HANDOFFD_SENT);
    office_say(office, 1, HANDOFFD_SENT, "SMtwo");
    office_settle(office);
    assert_string_equal(office_handoffs(office), "notified 0");
    assert_answered(office, "ana", "SMtwo");
    assert_at_rest(office, 2, "ana whatsapp sent 2");
    office_teardown((void **)&office);
    (void)state;
}

/* ---- the first one's phone was off, the second one is being told */

static void open_telling(struct office *office)
{
    office_make_telling(office);
    office_make_askable(office);
    office->vendors[0].contact_count = 1;
    office->whatsapp.rules.deliver_within_ms = WITHIN;
    office_plan_finds(office, 0, OFFICE_PLANS, &(struct plan){.outcome = HANDOFFD_SENT});
    office_open(office);
}

/* Luis's message is on its way when Ana's arrives. */
static struct office *deliver_while_the_next_is_told(void)
{
    struct office *office = NULL;
    office_setup((void **)&office);
    office->plans[1] = plan_silent;
    open_telling(office);
    office_tell(office, "a");
    office_pass(office, WITHIN);
    ASSERT_TOLD(office, "to-ana", "to-luis");
    assert_string_equal(office_attempts(office), "ana whatsapp sent 1, luis whatsapp sending 1");
    office_say(office, 0, HANDOFFD_DELIVERED, "SM16842753");
    office_settle(office);
    return office;
}

static void nobody_else_is_told_once_it_has_arrived(void **state)
{
    static const struct {
        uint32_t outcome;
        const char *attempts;
    } cases[] = {
        {HANDOFFD_DEFERRED, "ana whatsapp delivered 1, luis whatsapp cancelled 1"},
        {HANDOFFD_REFUSED_MESSAGE, "ana whatsapp delivered 1, luis whatsapp refused 1"},
        {HANDOFFD_REFUSED_RECIPIENT, "ana whatsapp delivered 1, luis whatsapp refused 1, "
                                     "diego whatsapp cancelled 0"},
        {HANDOFFD_UNKNOWN, "ana whatsapp delivered 1, luis whatsapp cancelled 1"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct office *office = deliver_while_the_next_is_told();
        office_plan_finds(office, 0, OFFICE_PLANS, &(struct plan){.outcome = HANDOFFD_ABSENT});
        office_say(office, 1, cases[i].outcome, NULL);
        office_pass_by(office, 3 * MINUTE,
                       10 * SECOND); /* asked three times, where it is unknown */
        assert_string_equal(office_handoffs(office), "notified 0");
        assert_answered(office, "ana", "SM16842753");
        assert_at_rest(office, 2, cases[i].attempts);
        assert_false(has_trouble_of(office, "stuck"));
        office_teardown((void **)&office);
    }
    (void)state;
}

/* At once, whatever the provider asks for: nobody waits for Luis. */
static void it_is_answered_at_once_when_it_has_arrived(void **state)
{
    static const uint32_t outcomes[] = {HANDOFFD_DEFERRED, HANDOFFD_REFUSED_ACCOUNT};
    for (size_t i = 0; i < COUNT_OF(outcomes); i++) {
        struct office *office = deliver_while_the_next_is_told();
        struct handoffd_report report = {
            .size = sizeof report, .outcome = outcomes[i], .retry_after_ms = 10 * MINUTE};
        office->whatsapp.host.report(&office->whatsapp.host, office->deliveries[1].attempt_id,
                                     &report);
        office_settle(office);
        assert_string_equal(office_handoffs(office), "notified 0");
        assert_answered(office, "ana", "SM16842753");
        assert_false(has_trouble_of(office, "late"));
        office_teardown((void **)&office);
    }
    (void)state;
}

/* ---- the first one may have it, and everybody else refused */

static void what_may_have_arrived_is_not_called_exhausted(void **state)
{
    struct office *office = *state;
    office_plan(office, 1, 2, &plan_refused);
    open_telling(office);
    office_tell(office, "a");
    office_pass(office, WITHIN);
    ASSERT_TOLD(office, "to-ana", "to-luis", "to-diego");
    assert_string_equal(office_handoffs(office), "notified 0");
    assert_answered(office, "ana", "SM16842753");
    assert_false(has_trouble_of(office, "stuck"));
    assert_true(has_trouble_of(office, "person ana channel whatsapp: messages do not reach Ana "
                                       "Torres by whatsapp: "));
    assert_at_rest(office, 3,
                   "ana whatsapp sent 1, luis whatsapp refused 1, "
                   "diego whatsapp refused 1");
    assert_answered(office, "ana", "SM16842753");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        OFFICE_TEST(what_waits_at_a_gate_may_turn_out_to_be_delivered),
        cmocka_unit_test(a_try_that_fails_makes_the_word_of_the_one_before_count),
        cmocka_unit_test(a_try_that_ends_in_silence_makes_it_count_too),
        cmocka_unit_test(a_try_that_succeeds_counts_itself),
        cmocka_unit_test(nobody_else_is_told_once_it_has_arrived),
        cmocka_unit_test(it_is_answered_at_once_when_it_has_arrived),
        OFFICE_TEST(what_may_have_arrived_is_not_called_exhausted),
    };
    return cmocka_run_group_tests(tests, failing_disk_install, NULL);
}
