/* test_twilio_facts - what the channel knows without asking: limits, other forms of a number, and
 * what to do about a code. */
#include "twilio_fixture.h"

/* ---- limits */

static void keeps_to_the_limits_of_whatsapp(void **state)
{
    struct subject *subject = *state;
    set_account(subject);
    subject_set(subject, "from", "+52 442 000 0001");
    start(subject);
    const struct handoffd_limits limits = subject_limits(subject);
    assert_int_equal(limits.channel.count, 80);
    assert_int_equal(limits.channel.period_ms, 1000);
    assert_int_equal(limits.channel.burst, 80);
    assert_int_equal(limits.recipient.count, 1);
    assert_int_equal(limits.recipient.period_ms, 6000);
    assert_int_equal(limits.recipient.burst, 45);
    assert_int_equal(limits.per_day, 0);
    subject_stop(subject);
}

static void keeps_to_the_limits_of_the_sandbox(void **state)
{
    struct subject *subject = *state;
    set_account(subject);
    subject_set(subject, "from", "+1 415 523 8886");
    start(subject);
    const struct handoffd_limits limits = subject_limits(subject);
    assert_int_equal(limits.channel.count, 1);
    assert_int_equal(limits.channel.period_ms, 3000);
    assert_int_equal(limits.channel.burst, 1);
    assert_int_equal(limits.recipient.count, 1);
    assert_int_equal(limits.per_day, 50);
    subject_stop(subject);
}

/* ---- other forms */

static void knows_the_other_form_of_a_number(void **state)
{
    static const struct {
        const char *to;
        const char *other;
    } cases[] = {
        {"whatsapp:+525512345678", "whatsapp:+5215512345678"},
        {"whatsapp:+524420000001", "whatsapp:+5214420000001"},
        {"whatsapp:+541123456789", "whatsapp:+5491123456789"},
        {"whatsapp:+543512345678", "whatsapp:+5493512345678"},
        {"whatsapp:+551187654321", "whatsapp:+5511987654321"},
        {"whatsapp:+556161234567", "whatsapp:+5561961234567"},
        {"whatsapp:+559999999999", "whatsapp:+5599999999999"},
    };
    char other[MOST_ADDRESS_BYTES];
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        if (!subject_other_to(*state, cases[i].to, sizeof other, other) ||
            strcmp(other, cases[i].other) != 0)
            fail_msg("%s has %s", cases[i].to, other);
        if (!subject_other_to(*state, cases[i].other, sizeof other, other) ||
            strcmp(other, cases[i].to) != 0)
            fail_msg("%s has %s", cases[i].other, other);
    }
}

static void knows_where_there_is_no_other_form(void **state)
{
    static const char *const cases[] = {
        "whatsapp:+15120000003",
        "whatsapp:+34612345678",
        "whatsapp:+573001234567",
        "whatsapp:+551133334444",  /* a landline of São Paulo */
        "whatsapp:+5511912345678", /* a mobile that never had the short form */
        "whatsapp:+550187654321",  /* no area code has a 0 */
        "whatsapp:+55118765432",
        "whatsapp:+55119876543210",
        "whatsapp:+5511887654321",
        "whatsapp:+5255123456789", /* 11 digits without the 1 in front */
        "whatsapp:+521551234567",
        "whatsapp:+520123456789",
        "whatsapp:+5210123456789",
        "whatsapp:+549112345678",
        "whatsapp:+540123456789",
        "whatsapp:+5521512345678",
        "whatsapp:+52",
        "whatsapp:+",
        "whatsapp:",
        "",
        "+525512345678",
        "whatsapp:+5255123x5678",
    };
    char other[MOST_ADDRESS_BYTES];
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        if (subject_other_to(*state, cases[i], sizeof other, other))
            fail_msg("%s has %s", cases[i], other);
    }
}

static void writes_no_more_than_there_is_room_for(void **state)
{
    char other[MOST_ADDRESS_BYTES];
    const size_t exact = sizeof "whatsapp:+5215512345678";
    assert_false(subject_other_to(*state, "whatsapp:+525512345678", exact - 1, other));
    assert_true(subject_other_to(*state, "whatsapp:+525512345678", exact, other));
}

/* ---- advice */

static void tells_what_to_do_in_two_languages(void **state)
{
    static const int32_t codes[] = {10001, 20003, 20005, 20404, 21211, 21212, 21408, 21603, 21606,
                                    21609, 21610, 21611, 21614, 21617, 21654, 21656, 21658, 21703,
                                    21910, 30001, 30002, 30005, 63001, 63002, 63003, 63007, 63013,
                                    63014, 63015, 63016, 63018, 63020, 63024, 63027, 63028, 63031,
                                    63032, 63033, 63038, 63040, 63041, 63042, 63049, 63051};
    const struct subject *subject = *state;
    for (size_t i = 0; i < COUNT_OF(codes); i++) {
        const char *english = subject->plugin->channel.explain(codes[i]);
        setenv("LC_ALL", "es_MX.UTF-8", 1);
        const char *spanish = subject->plugin->channel.explain(codes[i]);
        setenv("LC_ALL", "C", 1);
        if (english == NULL || spanish == NULL || strcmp(english, spanish) == 0)
            fail_msg("%d is not explained", codes[i]);
        assert_int_equal(english[strlen(english) - 1], '.');
        assert_int_equal(spanish[strlen(spanish) - 1], '.');
        assert_true(is_utf8(spanish));
    }
    assert_null(subject->plugin->channel.explain(0));
    assert_null(subject->plugin->channel.explain(20500));
    assert_null(subject->plugin->channel.explain(77777));
}

static void tells_the_words_that_matter(void **state)
{
    static const struct {
        int32_t code;
        const char *words;
    } cases[] = {
        {63015, "\"join\" and the two words"},
        {63015, "3 days"},
        {63016, "template.sid"},
        {63007, "from is not a WhatsApp sender"},
        {20003, "auth_token"},
        {63049, "UTILITY"},
        {21610, "START"},
        {63038, "tomorrow"},
        {21609, "server.public_url"},
    };
    const struct subject *subject = *state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_non_null(strstr(subject->plugin->channel.explain(cases[i].code), cases[i].words));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLUGIN_TEST(keeps_to_the_limits_of_whatsapp),
        PLUGIN_TEST(keeps_to_the_limits_of_the_sandbox),
        PLUGIN_TEST(knows_the_other_form_of_a_number),
        PLUGIN_TEST(knows_where_there_is_no_other_form),
        PLUGIN_TEST(writes_no_more_than_there_is_room_for),
        PLUGIN_TEST(tells_what_to_do_in_two_languages),
        PLUGIN_TEST(tells_the_words_that_matter),
    };
    return run_plugin_tests("channel/twilio_whatsapp", tests);
}
