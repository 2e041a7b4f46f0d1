/* test_fields_json - the request's other fields into the store and back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/memory.h"
#include "handoff/fields_json.h"

static int setup(void **state)
{
    *state = arena_create(256);
    return 0;
}

static int teardown(void **state)
{
    arena_destroy(*state);
    return 0;
}

static void writes_nothing_for_nothing(void **state)
{
    assert_null(fields_json_write(&(struct handoffd_fields){0}, *state));
    assert_int_equal(fields_json_read(NULL, *state).count, 0);
}

static void brings_every_text_back(void **state)
{
    static const char *const names[] = {"agente", "",     "con espacio", "ñandú 🤖", "a\"b\\c\n",
                                        "agente", "json", "control",     "número"};
    static const char *const values[] = {"ventas",
                                         "",
                                         " ",
                                         "日本 e\xcc\x81",
                                         "\"\\\t\r\n/",
                                         "otra",
                                         "{\"a\":[1,2,{}]}",
                                         "\x01\x1f\x7f",
                                         "12345678901234567890.10"};
    struct handoffd_fields fields = {names, values, COUNT_OF(names)};
    const char *json = fields_json_write(&fields, *state);
    assert_non_null(json);
    struct handoffd_fields read = fields_json_read(json, *state);
    assert_int_equal(read.count, COUNT_OF(names));
    for (size_t i = 0; i < read.count; i++) { /* in order, the same name twice too */
        assert_string_equal(read.names[i], names[i]);
        assert_string_equal(read.values[i], values[i]);
    }
}

static void writes_one_object(void **state)
{
    static const char *const names[] = {"b", "a"};
    static const char *const values[] = {"1", "x\"y"};
    struct handoffd_fields fields = {names, values, 2};
    assert_string_equal(fields_json_write(&fields, *state), "{\"b\":\"1\",\"a\":\"x\\\"y\"}");
}

static void brings_back_many(void **state)
{
    enum { MANY = 1000 };
    struct arena *arena = *state;
    const char *names[MANY];
    const char *values[MANY];
    for (int i = 0; i < MANY; i++) {
        names[i] = arena_format(arena, "name-%d", i);
        values[i] = arena_format(arena, "value-%0*d", i, i);
    }
    struct handoffd_fields fields = {names, values, MANY};
    struct handoffd_fields read = fields_json_read(fields_json_write(&fields, arena), arena);
    assert_int_equal(read.count, MANY);
    for (size_t i = 0; i < MANY; i++) {
        assert_string_equal(read.names[i], names[i]);
        assert_string_equal(read.values[i], values[i]);
    }
}

static void takes_what_is_no_object_of_texts_for_empty(void **state)
{
    static const char *const texts[] = {"",
                                        " ",
                                        "null",
                                        "true",
                                        "12",
                                        "\"a\"",
                                        "[]",
                                        "[\"a\"]",
                                        "{",
                                        "{\"a\"",
                                        "{\"a\":",
                                        "nope",
                                        "{\"a\":1,\"b\":null,\"c\":[\"x\"]}"};
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        assert_int_equal(fields_json_read(texts[i], *state).count, 0);
    struct handoffd_fields mixed = fields_json_read("{\"a\":1,\"b\":\"x\",\"c\":{}}", *state);
    assert_int_equal(mixed.count, 1);
    assert_string_equal(mixed.names[0], "b");
    assert_string_equal(mixed.values[0], "x");
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(writes_nothing_for_nothing),
        TEST(brings_every_text_back),
        TEST(writes_one_object),
        TEST(brings_back_many),
        TEST(takes_what_is_no_object_of_texts_for_empty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
