/* test_arena - values that never move, are aligned, zeroed, and gone at once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/memory.h"

static void gives_zeroed_memory_aligned_for_any_type(void **state)
{
    static const size_t firsts[] = {0, 1, 7, 64, 4096};
    (void)state;
    for (size_t first = 0; first < COUNT_OF(firsts); first++) {
        struct arena *arena = arena_create(firsts[first]);
        for (size_t size = 0; size < 300; size++) {
            unsigned char *bytes = arena_zeroed(arena, 1, size);
            assert_non_null(bytes);
            assert_int_equal((uintptr_t)bytes % _Alignof(max_align_t), 0);
            for (size_t i = 0; i < size; i++)
                assert_int_equal(bytes[i], 0);
            memset(bytes, 0xff, size);
            arena_text(arena, "odd"); /* the next one is aligned all the same */
        }
        arena_destroy(arena);
    }
    arena_destroy(NULL);
}

/* Every value keeps what was written to it, however much comes later, and no two overlap. */
static void keeps_every_value_where_it_is(void **state)
{
    enum { MANY = 2000 };
    (void)state;
    struct arena *arena = arena_create(16);
    unsigned char *values[MANY];
    for (size_t i = 0; i < MANY; i++) {
        values[i] = arena_zeroed(arena, i % 97 + 1, i % 5 + 1);
        memset(values[i], (int)(i % 251), (i % 97 + 1) * (i % 5 + 1));
    }
    for (size_t i = 0; i < MANY; i++)
        for (size_t byte = 0; byte < (i % 97 + 1) * (i % 5 + 1); byte++)
            assert_int_equal(values[i][byte], i % 251);
    arena_destroy(arena);
}

static void gives_one_value_larger_than_any_block(void **state)
{
    (void)state;
    struct arena *arena = arena_create(64);
    char *before = arena_text(arena, "before");
    unsigned char *large = arena_zeroed(arena, 1 << 20, 3);
    memset(large, 1, 3 << 20);
    char *after = arena_text(arena, "after");
    assert_string_equal(before, "before");
    assert_string_equal(after, "after");
    arena_destroy(arena);
}

static void copies_texts_with_an_end(void **state)
{
    (void)state;
    struct arena *arena = arena_create(8);
    char original[] = "cotización";
    char *text = arena_text(arena, original);
    char *bytes = arena_bytes(arena, "a\0b and more", 3);
    memset(original, 'x', sizeof original - 1);
    assert_string_equal(text, "cotización");
    assert_memory_equal(bytes, "a\0b", 4);
    assert_string_equal(arena_bytes(arena, NULL, 0), "");
    assert_string_equal(arena_text(arena, ""), "");
    assert_null(arena_text(arena, NULL));
    arena_destroy(arena);
}

static void formats_texts_of_any_length(void **state)
{
    (void)state;
    struct arena *arena = arena_create(8);
    assert_string_equal(arena_format(arena, "%s-%d", "a", 7), "a-7");
    assert_string_equal(arena_format(arena, "%s", ""), "");
    for (int width = 1; width < 5000; width += 83) {
        const char *text = arena_format(arena, "%0*d|", width, 5);
        assert_int_equal(strlen(text), width + 1);
        assert_string_equal(text + width - 1, "5|");
    }
    arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_zeroed_memory_aligned_for_any_type),
        cmocka_unit_test(keeps_every_value_where_it_is),
        cmocka_unit_test(gives_one_value_larger_than_any_block),
        cmocka_unit_test(copies_texts_with_an_end),
        cmocka_unit_test(formats_texts_of_any_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
