/* test_recall - what was asked within the window, and who still holds its answer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "handoff/recall.h"

enum { WINDOW = 1000 };

static int setup(void **state)
{
    *state = recall_create(WINDOW);
    return 0;
}

static int teardown(void **state)
{
    recall_destroy(*state);
    return 0;
}

/* A memo that only the recall holds. */
static void add(struct recall *recall, const char *text, int64_t number, int64_t at_ms)
{
    struct memo *memo = memo_create(number, "ho_x");
    recall_add(recall, text, -number, memo, at_ms);
    memo_unref(memo);
}

/* The number of what `text` led to; 0: nothing. */
static int64_t found(struct recall *recall, const char *text, int64_t now_ms)
{
    int64_t digest = 0;
    struct memo *memo = recall_find(recall, text, now_ms, &digest);
    if (memo != NULL)
        assert_int_equal(digest, -memo->number);
    return memo != NULL ? memo->number : 0;
}

static void finds_what_was_added(void **state)
{
    struct recall *recall = *state;
    assert_int_equal(found(recall, "a", 0), 0);
    add(recall, "a", 1, 0);
    add(recall, "b", 2, 10);
    add(recall, "", 3, 10);
    add(recall, "clave con ñ", 4, 10);
    assert_int_equal(found(recall, "a", 10), 1);
    assert_int_equal(found(recall, "b", 10), 2);
    assert_int_equal(found(recall, "", 10), 3);
    assert_int_equal(found(recall, "clave con ñ", 10), 4);
    assert_int_equal(found(recall, "A", 10), 0);
    assert_int_equal(found(recall, "ab", 10), 0);
}

static void forgets_when_the_window_is_over(void **state)
{
    struct recall *recall = *state;
    add(recall, "a", 1, 100);
    assert_int_equal(found(recall, "a", 100), 1);
    assert_int_equal(found(recall, "a", 100 + WINDOW - 1), 1);
    assert_int_equal(found(recall, "a", 100 + WINDOW), 0);
    add(recall, "b", 2, 100 + WINDOW);
    assert_int_equal(found(recall, "a", 100), 0); /* gone for good */
}

static void survives_a_clock_that_goes_back(void **state)
{
    struct recall *recall = *state;
    add(recall, "a", 1, 10000);
    add(recall, "b", 2, 5000); /* the calendar was set right */
    add(recall, "c", 3, 10500);
    assert_int_equal(found(recall, "a", 5000), 1);
    assert_int_equal(found(recall, "b", 5500), 2);
    assert_int_equal(found(recall, "b", 10500), 0);
    assert_int_equal(found(recall, "c", 10500), 3);
}

static void replaces_what_was_added_before(void **state)
{
    struct recall *recall = *state;
    add(recall, "a", 1, 0);
    add(recall, "b", 2, 100);
    add(recall, "a", 3, 500);
    assert_int_equal(found(recall, "a", 500), 3);
    assert_int_equal(found(recall, "a", WINDOW + 499), 3); /* by its new time */
    add(recall, "c", 4, WINDOW + 100);                     /* b is too old now, a is not */
    assert_int_equal(found(recall, "b", 100), 0);
    assert_int_equal(found(recall, "a", WINDOW + 100), 3);
}

static void removes_the_first_the_middle_and_the_last(void **state)
{
    struct recall *recall = *state;
    static const char *const names[] = {"a", "b", "c", "d", "e"};
    for (size_t i = 0; i < COUNT_OF(names); i++)
        add(recall, names[i], (int64_t)i + 1, (int64_t)i);
    recall_remove(recall, "a");
    recall_remove(recall, "c");
    recall_remove(recall, "e");
    recall_remove(recall, "e");
    recall_remove(recall, "nothing");
    assert_int_equal(found(recall, "a", 5), 0);
    assert_int_equal(found(recall, "b", 5), 2);
    assert_int_equal(found(recall, "c", 5), 0);
    assert_int_equal(found(recall, "d", 5), 4);
    assert_int_equal(found(recall, "e", 5), 0);
    add(recall, "f", 6, 6); /* the queue goes on behind the last one left */
    add(recall, "g", 7, WINDOW + 5);
    assert_int_equal(found(recall, "d", 5), 0);
    assert_int_equal(found(recall, "f", WINDOW + 5), 6);
    assert_int_equal(found(recall, "g", WINDOW + 5), 7);
}

/* ---- memos */

static void shares_one_answer_among_all_who_hold_it(void **state)
{
    struct recall *recall = *state;
    int64_t digest = 0;
    struct memo *memo = memo_create(7, "ho_7");
    assert_int_equal(memo->answer.kind, ANSWER_QUEUED);
    assert_string_equal(memo->answer.handoff_id, "ho_7");
    assert_false(memo->is_stored);
    recall_add(recall, "a", 0, memo, 0);
    recall_add(recall, "b", 0, memo, 0);
    assert_int_equal(memo->references, 3);
    memo_set(memo, &(struct answer){.kind = ANSWER_SENT, .handoff_id = "ho_7", .message_id = "SM"});
    memo_unref(memo);
    assert_ptr_equal(recall_find(recall, "a", 0, &digest), memo);
    recall_remove(recall, "a");
    assert_ptr_equal(recall_find(recall, "b", 0, &digest), memo);
    assert_int_equal(memo->answer.kind, ANSWER_SENT);
    assert_string_equal(memo->answer.message_id, "SM");
    assert_int_equal(memo->references, 1);
}

static void copies_the_texts_of_an_answer(void **state)
{
    (void)state;
    char text[] = "first";
    struct memo *memo = memo_create(1, text);
    struct answer answer = {ANSWER_FAILED, true, text, text, text, text, text};
    memo_set(memo, &answer);
    memcpy(text, "later", sizeof text);
    assert_string_equal(memo->answer.handoff_id, "first");
    assert_string_equal(memo->answer.vendor_id, "first");
    assert_string_equal(memo->answer.vendor_name, "first");
    assert_string_equal(memo->answer.message_id, "first");
    assert_string_equal(memo->answer.detail, "first");
    memo_set(memo, &memo->answer); /* from itself */
    assert_string_equal(memo->answer.detail, "first");
    memo_set(memo, &(struct answer){.kind = ANSWER_QUEUED});
    assert_null(memo->answer.detail);
    memo_unref(memo);
}

/* The recall may be the only one who still holds what is added once more. */
static void adds_again_what_it_alone_holds(void **state)
{
    struct recall *recall = *state;
    int64_t digest = 0;
    add(recall, "a", 1, 0);
    recall_add(recall, "a", -1, recall_find(recall, "a", 0, &digest), 10);
    assert_int_equal(found(recall, "a", WINDOW + 5), 1);
    recall_add(recall, "b", -1, recall_find(recall, "a", 10, &digest), WINDOW + 10);
    assert_int_equal(found(recall, "b", WINDOW + 10), 1);
    assert_int_equal(found(recall, "a", WINDOW + 10), 0);
}

/* ---- many, against an oracle */

enum { NAMES = 50, STEPS = 20000 };

static void agrees_with_a_plain_table(void **state)
{
    struct recall *recall = *state;
    int64_t at[NAMES];
    int64_t number[NAMES] = {0};
    int64_t now = 0;
    uint32_t random = 1;
    for (int64_t step = 1; step <= STEPS; step++) {
        char name[16];
        random = random * 1664525 + 1013904223;
        size_t i = (random >> 8) % NAMES;
        snprintf(name, sizeof name, "key-%zu", i);
        now += random >> 27;
        switch ((random >> 16) % 4) {
        case 0:
            recall_remove(recall, name);
            number[i] = 0;
            break;
        case 1:
            add(recall, name, step, now);
            number[i] = step;
            at[i] = now;
            break;
        default:
            if (number[i] != 0 && now - at[i] >= WINDOW)
                number[i] = 0;
            assert_int_equal(found(recall, name, now), number[i]);
        }
    }
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(finds_what_was_added),
        TEST(forgets_when_the_window_is_over),
        TEST(survives_a_clock_that_goes_back),
        TEST(replaces_what_was_added_before),
        TEST(removes_the_first_the_middle_and_the_last),
        TEST(shares_one_answer_among_all_who_hold_it),
        cmocka_unit_test(copies_the_texts_of_an_answer),
        TEST(adds_again_what_it_alone_holds),
        TEST(agrees_with_a_plain_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
