/* test_utf8 - what counts as text, and walking through it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/utf8.h"

static void accepts_text_in_any_script(void **state)
{
    (void)state;
    static const char *const texts[] = {"",   "plain",    "cotización",   "日本語",
                                        "🔔", "\x7f\x01", "\xef\xbf\xbf", "\xf4\x8f\xbf\xbf"};
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        assert_true(utf8_is_valid(texts[i], strlen(texts[i])));
}

static void refuses_what_is_not_utf8_and_says_where(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t length;
        size_t good;
    } cases[] = {
        {"ni\xf1o", 4, 2},              /* Latin-1 */
        {"a\xc0\xaf", 3, 1},            /* overlong */
        {"ab\xe0\x80\xaf", 5, 2},       /* overlong */
        {"\xf0\x80\x80\xaf", 4, 0},     /* overlong */
        {"\xed\xa0\x80", 3, 0},         /* a surrogate */
        {"\xf4\x90\x80\x80", 4, 0},     /* above U+10FFFF */
        {"\xf8\x88\x80\x80\x80", 5, 0}, /* five bytes */
        {"\x80", 1, 0},                 /* a continuation alone */
        {"x\xe2\x82", 3, 1},            /* cut */
        {"x\xf0\x9f\x94", 4, 1},        /* cut */
        {"a\0b", 3, 1},                 /* NUL */
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_false(utf8_is_valid(cases[i].bytes, cases[i].length));
        assert_int_equal(utf8_valid_prefix(cases[i].bytes, cases[i].length), cases[i].good);
    }
}

static void does_not_read_past_the_length(void **state)
{
    (void)state;
    assert_true(utf8_is_valid("\xc3\xb1\xf1", 2));
    assert_false(utf8_is_valid("\xc3\xb1", 1));
}

static void walks_character_by_character(void **state)
{
    (void)state;
    const char *at = "aé🔔";
    assert_int_equal(utf8_next(&at), 'a');
    assert_int_equal(utf8_next(&at), 0xe9);
    assert_int_equal(utf8_next(&at), 0x1f514);
    assert_int_equal(utf8_next(&at), 0);
    assert_int_equal(utf8_next(&at), 0);
}

static void walks_over_a_bad_byte(void **state)
{
    (void)state;
    const char *at = "\xf1z\xe2";
    assert_int_equal(utf8_next(&at), 0xfffd);
    assert_int_equal(utf8_next(&at), 'z');
    assert_int_equal(utf8_next(&at), 0xfffd);
    assert_int_equal(utf8_next(&at), 0);
}

static void counts_characters(void **state)
{
    (void)state;
    assert_int_equal(utf8_count("aé🔔", strlen("aé🔔")), 3);
    assert_int_equal(utf8_count("", 0), 0);
}

static void makes_columns_of_characters_not_of_bytes(void **state)
{
    static const char *const texts[] = {"motivo", "teléfono", "conversación", "año nuevo 🔔",
                                        "e\xCC\x81"};
    static const int columns[] = {6, 8, 12, 12, 1};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        char padded[64];
        int bytes = snprintf(padded, sizeof padded, "%-*s", utf8_field(texts[i], 20), texts[i]);
        assert_int_equal(bytes - (int)strlen(texts[i]), 20 - columns[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accepts_text_in_any_script),
        cmocka_unit_test(refuses_what_is_not_utf8_and_says_where),
        cmocka_unit_test(does_not_read_past_the_length),
        cmocka_unit_test(walks_character_by_character),
        cmocka_unit_test(walks_over_a_bad_byte),
        cmocka_unit_test(counts_characters),
        cmocka_unit_test(makes_columns_of_characters_not_of_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
