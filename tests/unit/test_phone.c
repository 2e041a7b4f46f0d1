/* test_phone - the written form of a customer's number, and the key of the same customer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/memory.h"
#include "handoff/phone.h"

struct pair {
    const char *given;
    const char *expected;
};

static void check_normal(const struct pair *pair)
{
    char normal[PHONE_SIZE];
    if (!phone_normalise(pair->given, normal))
        fail_msg("refused: %s", pair->given);
    assert_string_equal(normal, pair->expected);
}

static void takes_off_what_people_write_around_digits(void **state)
{
    (void)state;
    static const struct pair pairs[] = {
        {"+5215512345678", "+5215512345678"},           {" +52 1 55 1234 5678 ", "+5215512345678"},
        {"+52-(55)-1234.5678", "+525512345678"},        {"(+52) 442 000 0001", "+524420000001"},
        {"+[52] 442\t000 0001\n", "+524420000001"},     {"whatsapp:+14155238886", "+14155238886"},
        {" WhatsApp: +1 415 523 8886", "+14155238886"},
    };
    for (size_t i = 0; i < COUNT_OF(pairs); i++)
        check_normal(&pairs[i]);
}

static void takes_off_marks_that_come_along_when_copied(void **state)
{
    (void)state;
    static const struct pair pairs[] = {
        {"\u202a+52\u00a0442\u00a0000\u00a00001\u202c", "+524420000001"},
        {"\u2066+1 (415) 523\u20118886\u2069", "+14155238886"},
        {"\ufeff+1\u2009415\u202f523\u20138886\u200e", "+14155238886"},
    };
    for (size_t i = 0; i < COUNT_OF(pairs); i++)
        check_normal(&pairs[i]);
}

static void takes_seven_to_fifteen_digits(void **state)
{
    (void)state;
    char normal[PHONE_SIZE];
    assert_false(phone_normalise("+123456", normal));
    assert_true(phone_normalise("+1234567", normal));
    assert_true(phone_normalise("+123456789012345", normal));
    assert_string_equal(normal, "+123456789012345");
    assert_false(phone_normalise("+1234567890123456", normal));
}

static void refuses_what_is_no_international_number(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "",
        " ",
        "+",
        "unknown",
        "null",
        "anonymous",
        "5512345678",
        "525512345678",
        "0052 55 1234 5678",
        "+0525512345678",
        "++525512345678",
        "+52 55 1234 5678 ext 9",
        "+52551234567a",
        "+52 55+1234 5678",
        "+52/5512345678",
        "+٥٢٥٥١٢٣٤٥٦٧٨",
        "whatsapp:",
        "whatsapp:whatsapp:+14155238886",
        "sms:+14155238886",
        "+1415\xE2\x80",
        "+14155238886\xFF",
    };
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        char normal[PHONE_SIZE] = "before";
        if (phone_normalise(wrong[i], normal))
            fail_msg("took: %s", wrong[i]);
        assert_string_equal(normal, "");
    }
}

static void both_forms_of_a_number_have_one_key(void **state)
{
    (void)state;
    static const struct pair pairs[] = {
        {"+5215512345678", "+525512345678"}, {"+525512345678", "+525512345678"},
        {"+5491123456789", "+541123456789"}, {"+541123456789", "+541123456789"},
        {"+5511987654321", "+551187654321"}, {"+551187654321", "+551187654321"},
        {"+5561966554433", "+556166554433"}, {"+14155238886", "+14155238886"},
        {"+34912345678", "+34912345678"},    {"+123456789012345", "+123456789012345"},
    };
    for (size_t i = 0; i < COUNT_OF(pairs); i++) {
        char key[PHONE_SIZE];
        phone_key(pairs[i].given, key);
        assert_string_equal(key, pairs[i].expected);
    }
}

static void keeps_apart_numbers_that_only_look_alike(void **state)
{
    (void)state;
    static const char *const itself[] = {
        "+52155123456",    /* too short for the old Mexican mobile form */
        "+52155123456789", /* too long for it */
        "+54911234567",    /* too short for an Argentinian mobile */
        "+5511934567890",  /* without the 9 it would be somebody's landline */
        "+551193456789",   /* a Brazilian landline that begins with 9 does not lose it */
    };
    for (size_t i = 0; i < COUNT_OF(itself); i++) {
        char key[PHONE_SIZE];
        phone_key(itself[i], key);
        assert_string_equal(key, itself[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_off_what_people_write_around_digits),
        cmocka_unit_test(takes_off_marks_that_come_along_when_copied),
        cmocka_unit_test(takes_seven_to_fifteen_digits),
        cmocka_unit_test(refuses_what_is_no_international_number),
        cmocka_unit_test(both_forms_of_a_number_have_one_key),
        cmocka_unit_test(keeps_apart_numbers_that_only_look_alike),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
