/* test_known - the same request is known by its key for a day, by its customer for the window. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/memory.h"
#include "handoff/known.h"

enum { WINDOW = 1000 };

static int setup(void **state)
{
    *state = known_create(WINDOW);
    return 0;
}

static int teardown(void **state)
{
    known_destroy(*state);
    return 0;
}

static struct handoffd_handoff customer(const char *phone, const char *conversation)
{
    return (struct handoffd_handoff){.user_phone = phone, .conversation_id = conversation};
}

static void remember(struct known *known, int64_t number, const char *key, const char *phone,
                     const char *conversation, int64_t at_ms)
{
    struct handoffd_handoff handoff = customer(phone, conversation);
    struct memo *memo = memo_create(number, "ho_x");
    known_remember(known, &handoff, key, number * 10, memo, at_ms);
    memo_unref(memo);
}

/* The number that the memo is of; 0: not known. */
static int64_t by_key(struct known *known, const char *key, int64_t now_ms)
{
    int64_t digest = 0;
    const struct memo *memo = known_by_key(known, key, now_ms, &digest);
    return memo != NULL ? memo->number : 0;
}

static int64_t by_customer(struct known *known, const char *phone, const char *conversation,
                           int64_t now_ms)
{
    bool is_news = false;
    struct handoffd_handoff handoff = customer(phone, conversation);
    const struct memo *memo = known_by_customer(known, &handoff, now_ms, &is_news);
    return memo != NULL ? memo->number : 0;
}

static void knows_a_key_for_a_day_and_a_customer_for_the_window(void **state)
{
    struct known *known = *state;
    remember(known, 1, "key", "+5215512345678", "conv", 100);
    assert_int_equal(by_key(known, "key", 100), 1);
    assert_int_equal(by_key(known, "other", 100), 0);
    assert_int_equal(by_key(known, NULL, 100), 0);
    assert_int_equal(by_customer(known, "+525512345678", "conv", 100 + WINDOW - 1), 1);
    assert_int_equal(by_customer(known, "+525512345678", "conv", 100 + WINDOW), 0);
    assert_int_equal(by_key(known, "key", 100 + KNOWN_KEYS_MS - 1), 1);
    assert_int_equal(by_key(known, "key", 100 + KNOWN_KEYS_MS), 0);
}

/* Without a conversation nobody can say that it is the same request. */
static void needs_both_phone_and_conversation(void **state)
{
    struct known *known = *state;
    remember(known, 1, NULL, "+5215512345678", NULL, 0);
    remember(known, 2, NULL, NULL, "conv", 0);
    assert_int_equal(by_customer(known, "+5215512345678", NULL, 0), 0);
    assert_int_equal(by_customer(known, NULL, "conv", 0), 0);
    assert_int_equal(by_customer(known, "+5215512345678", "conv", 0), 0);
}

static void remembers_the_digest(void **state)
{
    struct known *known = *state;
    int64_t digest = 0;
    remember(known, 7, "key", "+5215512345678", "conv", 0);
    known_by_key(known, "key", 0, &digest);
    assert_int_equal(digest, 70);
}

/* Agents say the same twice in other capitals and with other blanks; other words are news. */
static void tells_another_reason_from_the_same_one(void **state)
{
    static const struct {
        const char *reason;
        bool is_news;
    } cases[] = {
        {"Quiere una cotización", false},        {"quiere  UNA cotización", false},
        {"\tQuiere una\ncotización", false},     {"Quiere dos cotizaciones", true},
        {"Quiere una cotización urgente", true}, {"", true},
    };
    struct known *known = *state;
    struct handoffd_handoff handoff = customer("+5215512345678", "conv");
    struct memo *memo = memo_create(1, "ho_1");
    handoff.reason = "Quiere una cotización";
    known_remember(known, &handoff, NULL, 0, memo, 0);
    memo_unref(memo);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        bool is_news = !cases[i].is_news;
        handoff.reason = cases[i].reason;
        assert_non_null(known_by_customer(known, &handoff, 1, &is_news));
        assert_int_equal(is_news, cases[i].is_news);
    }
}

static void takes_a_further_key(void **state)
{
    struct known *known = *state;
    struct memo *memo = memo_create(3, "ho_3");
    known_add_key(known, "further", 1, memo, 50);
    memo_unref(memo);
    assert_int_equal(by_key(known, "further", 60), 3);
    known_forget_key(known, "further");
    assert_int_equal(by_key(known, "further", 60), 0);
    known_forget_key(known, "never heard");
}

static void changes_its_window(void **state)
{
    struct known *known = *state;
    remember(known, 1, "key", "+5215512345678", "conv", 0);
    known_set_window(known, 10);
    assert_int_equal(by_customer(known, "+5215512345678", "conv", 9), 1);
    assert_int_equal(by_customer(known, "+5215512345678", "conv", 10), 0);
    known_set_window(known, 100 * WINDOW);
    assert_int_equal(by_customer(known, "+5215512345678", "conv", 99 * WINDOW), 1);
    assert_int_equal(by_key(known, "key", 99 * WINDOW), 1);
}

/* A handoff that comes back to memory shares the answer that is remembered, and no other's. */
static void finds_the_memo_of_this_very_handoff(void **state)
{
    struct known *known = *state;
    struct handoffd_handoff handoff = customer("+5215512345678", "conv");
    remember(known, 1, "key", "+5215512345678", "conv", 0);
    assert_int_equal(known_memo(known, &handoff, "key", 1, 0)->number, 1);
    assert_int_equal(known_memo(known, &handoff, NULL, 1, 0)->number, 1);
    assert_null(known_memo(known, &handoff, "key", 2, 0));
    assert_null(known_memo(known, &handoff, NULL, 2, 0));
    remember(known, 2, NULL, "+5215512345678", "conv", WINDOW); /* the same customer, later */
    assert_int_equal(known_memo(known, &handoff, "key", 1, WINDOW)->number, 1);
    assert_int_equal(known_memo(known, &handoff, NULL, 2, WINDOW)->number, 2);
    assert_null(known_memo(known, &handoff, NULL, 1, WINDOW));
    remember(known, 3, "key", "+5215512345679", NULL, 2 * WINDOW); /* the key was used again */
    assert_int_equal(known_memo(known, &handoff, "key", 2, WINDOW)->number, 2);
    known_destroy(NULL);
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(knows_a_key_for_a_day_and_a_customer_for_the_window),
        TEST(needs_both_phone_and_conversation),
        TEST(remembers_the_digest),
        TEST(tells_another_reason_from_the_same_one),
        TEST(tells_another_reason_from_the_same_one),
        TEST(takes_a_further_key),
        TEST(changes_its_window),
        TEST(finds_the_memo_of_this_very_handoff),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
