/* test_buffer - grows to its limit and not a byte further, all or nothing each time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "base/memory.h"

static void assert_holds(const struct buffer *buffer, const char *text, size_t length)
{
    assert_int_equal(buffer->length, length);
    assert_memory_equal(buffer->bytes, text, length);
    assert_int_equal(buffer->bytes[length], '\0');
}

static void begins_empty_and_ends_empty(void **state)
{
    (void)state;
    struct buffer buffer;
    buffer_init(&buffer, 10);
    assert_holds(&buffer, "", 0);
    assert_true(buffer_append(&buffer, "", 0));
    assert_true(buffer_append_text(&buffer, "abc"));
    buffer_deinit(&buffer);
    assert_holds(&buffer, "", 0);
    buffer_clear(&buffer);
    assert_true(buffer_append_text(&buffer, "again"));
    assert_holds(&buffer, "again", 5);
    buffer_deinit(&buffer);
    buffer_deinit(&buffer);
}

static void appends_in_every_way(void **state)
{
    (void)state;
    struct buffer buffer;
    buffer_init(&buffer, 100);
    assert_true(buffer_append(&buffer, "a\0b", 3));
    assert_true(buffer_append_text(&buffer, "ñ"));
    assert_true(buffer_append_char(&buffer, '\0'));
    assert_true(buffer_append_char(&buffer, 'x'));
    assert_true(buffer_format(&buffer, "%d-%s", 42, "z"));
    assert_true(buffer_format(&buffer, "%s", ""));
    assert_holds(&buffer, "a\0bñ\0x42-z", 11);
    assert_false(buffer.is_full);
    buffer_deinit(&buffer);
}

static void takes_its_limit_to_the_last_byte(void **state)
{
    static const size_t limits[] = {0, 1, 2, 63, 64, 65, 127, 128, 1000};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(limits); i++) {
        struct buffer buffer;
        buffer_init(&buffer, limits[i]);
        for (size_t length = 0; length < limits[i]; length++)
            assert_true(buffer_append_char(&buffer, 'x'));
        assert_false(buffer.is_full);
        assert_false(buffer_append_char(&buffer, 'y'));
        assert_true(buffer.is_full);
        assert_int_equal(buffer.length, limits[i]);
        assert_int_equal(strspn(buffer.bytes, "x"), limits[i]);
        buffer_deinit(&buffer);
    }
}

static void adds_nothing_of_what_does_not_fit(void **state)
{
    (void)state;
    struct buffer buffer;
    buffer_init(&buffer, 5);
    assert_true(buffer_append_text(&buffer, "abc"));
    assert_false(buffer_append_text(&buffer, "def"));
    assert_holds(&buffer, "abc", 3);
    assert_false(buffer_append_char(&buffer, 'd')); /* sticky: the end would be missing something */
    assert_false(buffer_append(&buffer, "", 0));
    assert_false(buffer_format(&buffer, "%s", ""));
    assert_holds(&buffer, "abc", 3);
    buffer_clear(&buffer);
    assert_false(buffer.is_full);
    assert_false(buffer_format(&buffer, "%06d", 1));
    buffer_clear(&buffer);
    assert_true(buffer_format(&buffer, "%05d", 1));
    assert_holds(&buffer, "00001", 5);
    assert_false(buffer_append(&buffer, "x", SIZE_MAX)); /* no overflow of the sum */
    buffer_deinit(&buffer);
}

static void grows_without_losing_anything(void **state)
{
    (void)state;
    struct buffer buffer;
    buffer_init(&buffer, SIZE_MAX / 2);
    for (int i = 0; i < 20000; i++)
        assert_true(buffer_format(&buffer, "%d,", i));
    const char *at = buffer.bytes;
    for (int i = 0; i < 20000; i++) {
        char *end = NULL;
        assert_int_equal(strtol(at, &end, 10), i);
        assert_int_equal(*end, ',');
        at = end + 1;
    }
    assert_int_equal(at - buffer.bytes, buffer.length);
    size_t capacity = buffer.capacity;
    buffer_clear(&buffer);
    assert_holds(&buffer, "", 0);
    assert_int_equal(buffer.capacity, capacity); /* keeps the memory */
    buffer_deinit(&buffer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(begins_empty_and_ends_empty),
        cmocka_unit_test(appends_in_every_way),
        cmocka_unit_test(takes_its_limit_to_the_last_byte),
        cmocka_unit_test(adds_nothing_of_what_does_not_fit),
        cmocka_unit_test(grows_without_losing_anything),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
