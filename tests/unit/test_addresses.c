/* test_addresses - which form of an address works. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/memory.h"
#include "handoff/addresses.h"

static int setup(void **state)
{
    *state = addresses_create();
    return 0;
}

static int teardown(void **state)
{
    addresses_destroy(*state);
    return 0;
}

static void knows_nothing_at_first(void **state)
{
    static const char given[] = "+525512345678";
    assert_ptr_equal(addresses_find(*state, "whatsapp", given), given);
    addresses_learn(*state, "whatsapp", given, NULL); /* nothing to forget */
    assert_ptr_equal(addresses_find(*state, "whatsapp", given), given);
    addresses_destroy(NULL);
}

static void learns_replaces_and_forgets(void **state)
{
    struct addresses *addresses = *state;
    addresses_learn(addresses, "whatsapp", "a", "b");
    assert_string_equal(addresses_find(addresses, "whatsapp", "a"), "b");
    assert_string_equal(addresses_find(addresses, "whatsapp", "b"), "b"); /* not backwards */
    addresses_learn(addresses, "whatsapp", "a", "c");
    assert_string_equal(addresses_find(addresses, "whatsapp", "a"), "c");
    addresses_learn(addresses, "whatsapp", "a", NULL);
    assert_string_equal(addresses_find(addresses, "whatsapp", "a"), "a");
}

static void learns_for_one_channel_only(void **state)
{
    struct addresses *addresses = *state;
    addresses_learn(addresses, "whatsapp", "a", "b");
    addresses_learn(addresses, "sms", "a", "c");
    assert_string_equal(addresses_find(addresses, "whatsapp", "a"), "b");
    assert_string_equal(addresses_find(addresses, "sms", "a"), "c");
    assert_string_equal(addresses_find(addresses, "log", "a"), "a");
    assert_string_equal(addresses_find(addresses, "whatsappa", ""), "");
    addresses_learn(addresses, "whatsapp", "a", NULL);
    assert_string_equal(addresses_find(addresses, "sms", "a"), "c");
}

/* What it was given may be gone afterwards, its own answer included. */
static void keeps_texts_of_its_own(void **state)
{
    struct addresses *addresses = *state;
    char channel[] = "whatsapp";
    char given[] = "given";
    char works[] = "works";
    addresses_learn(addresses, channel, given, works);
    channel[0] = given[0] = works[0] = 'X';
    assert_string_equal(addresses_find(addresses, "whatsapp", "given"), "works");
    assert_string_equal(addresses_find(addresses, channel, given), given);
}

static void knows_many(void **state)
{
    enum { MANY = 500 };
    struct addresses *addresses = *state;
    char given[16];
    char works[16];
    for (int i = 0; i < MANY; i++) {
        snprintf(given, sizeof given, "given-%d", i);
        snprintf(works, sizeof works, "works-%d", i);
        addresses_learn(addresses, "whatsapp", given, works);
    }
    for (int i = 0; i < MANY; i++) {
        snprintf(given, sizeof given, "given-%d", i);
        snprintf(works, sizeof works, "works-%d", i);
        assert_string_equal(addresses_find(addresses, "whatsapp", given), works);
    }
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(knows_nothing_at_first),
        TEST(learns_replaces_and_forgets),
        TEST(learns_for_one_channel_only),
        TEST(keeps_texts_of_its_own),
        TEST(knows_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
