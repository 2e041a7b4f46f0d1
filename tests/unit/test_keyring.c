/* test_keyring - keys, their text, and who has which. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "access/keyring.h"
#include "base/memory.h"

static int set_up(void **state)
{
    *state = keyring_create();
    return 0;
}

static int tear_down(void **state)
{
    keyring_destroy(*state);
    return 0;
}

static struct api_key key_of(const char *id, const char *name, const char *text)
{
    return (struct api_key){
        .id = id, .name = name, .scope = SCOPE_HANDOFF, .digest = digest_of(text, strlen(text))};
}

static void put(struct keyring *keyring, const char *id, const char *name, const char *text)
{
    struct api_key key = key_of(id, name, text);
    keyring_add(keyring, &key);
}

/* By sha256sum. */
static void takes_digests_as_others_do(void **state)
{
    static const char abc[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    static const char *const wrong[] = {
        "",
        "ba",
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015a",
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015adf",
        "ga7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015 d"};
    struct digest digest;
    struct digest made = digest_of("abc", 3);
    (void)state;
    assert_true(digest_parse(abc, &digest));
    assert_true(digest_is_same(&digest, &made));
    assert_true(
        digest_parse("BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD", &digest));
    assert_true(digest_is_same(&digest, &made));
    made.bytes[DIGEST_BYTES - 1] ^= 1;
    assert_false(digest_is_same(&digest, &made));
    for (size_t i = 0; i < COUNT_OF(wrong); i++)
        assert_false(digest_parse(wrong[i], &digest));
}

static void makes_keys_that_nobody_guesses(void **state)
{
    enum { MANY = 1000 };
    char texts[MANY][API_KEY_SIZE];
    char id[API_KEY_ID_SIZE];
    (void)state;
    for (size_t i = 0; i < MANY; i++) {
        api_key_make(texts[i], id);
        assert_int_equal(strlen(texts[i]), API_KEY_SIZE - 1);
        assert_int_equal(strlen(id), API_KEY_ID_SIZE - 1);
        assert_memory_equal(texts[i], "hk_", 3);
        assert_memory_equal(texts[i] + 3, id, strlen(id));
        assert_int_equal(strspn(texts[i] + 12, "0123456789abcdefghjkmnpqrstvwxyz"), 26);
        for (size_t j = 0; j < i; j++) {
            assert_string_not_equal(texts[i], texts[j]);
            assert_memory_not_equal(texts[i] + 12, texts[j] + 12, 26);
        }
    }
}

static void knows_who_may_what(void **state)
{
    static const struct {
        enum scope has;
        enum scope wanted;
        bool may;
    } cases[] = {
        {SCOPE_HANDOFF, SCOPE_NONE, true},  {SCOPE_HANDOFF, SCOPE_HANDOFF, true},
        {SCOPE_HANDOFF, SCOPE_READ, false}, {SCOPE_HANDOFF, SCOPE_ADMIN, false},
        {SCOPE_READ, SCOPE_HANDOFF, false}, {SCOPE_READ, SCOPE_READ, true},
        {SCOPE_READ, SCOPE_ADMIN, false},   {SCOPE_ADMIN, SCOPE_HANDOFF, true},
        {SCOPE_ADMIN, SCOPE_READ, true},    {SCOPE_ADMIN, SCOPE_ADMIN, true},
        {SCOPE_NONE, SCOPE_HANDOFF, false},
    };
    enum scope scope;
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_int_equal(scope_covers(cases[i].has, cases[i].wanted), cases[i].may);
    assert_true(scope_parse("read", &scope));
    assert_int_equal(scope, SCOPE_READ);
    assert_false(scope_parse("", &scope));
    assert_false(scope_parse("Admin", &scope));
    assert_string_equal(scope_name(SCOPE_ADMIN), "admin");
}

static void refuses_names_that_break_a_line(void **state)
{
    (void)state;
    assert_true(api_key_is_name("eleven-labs_2.0"));
    assert_false(api_key_is_name(""));
    assert_false(api_key_is_name("a b"));
    assert_false(api_key_is_name("añil"));
    assert_false(api_key_is_name("a\nb"));
    assert_false(api_key_is_name("a/b"));
    assert_false(
        api_key_is_name("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"));
}

/* ---- the ring */

static const char *name_of(struct keyring *keyring, const char *text)
{
    const struct api_key *key = keyring_find(keyring, text);
    return key != NULL ? key->name : "nobody";
}

static void finds_the_key_of_a_text(void **state)
{
    assert_string_equal(name_of(*state, "one"), "nobody");
    put(*state, "1", "ana", "one");
    put(*state, "2", "luis", "two");
    assert_string_equal(name_of(*state, "one"), "ana");
    assert_string_equal(name_of(*state, "two"), "luis");
    assert_string_equal(name_of(*state, "One"), "nobody");
    assert_string_equal(name_of(*state, ""), "nobody");
    assert_string_equal(name_of(*state, "one "), "nobody");
}

static void forgets_what_is_removed(void **state)
{
    put(*state, "1", "ana", "one");
    put(*state, "2", "luis", "two");
    put(*state, "3", "eva", "three");
    assert_true(keyring_remove(*state, "3"));
    assert_false(keyring_remove(*state, "3"));
    assert_true(keyring_remove(*state, "1"));
    put(*state, "4", "mia", "four");
    assert_int_equal(keyring_count(*state), 2);
    assert_string_equal(name_of(*state, "one"), "nobody");
    assert_string_equal(name_of(*state, "two"), "luis");
    assert_string_equal(name_of(*state, "three"), "nobody");
    assert_string_equal(name_of(*state, "four"), "mia");
}

static void changes_those_of_the_file_alone(void **state)
{
    const struct api_key first[] = {key_of(NULL, "crm", "one"), key_of(NULL, "web", "two")};
    const struct api_key second[] = {key_of(NULL, "web", "two"), key_of(NULL, "app", "three")};
    put(*state, "1", "ana", "stored");
    keyring_adopt(*state, first, COUNT_OF(first));
    assert_int_equal(keyring_count(*state), 3);
    assert_int_equal(keyring_stored(*state), 1);
    keyring_use(keyring_find(*state, "one"), 5);
    keyring_use(keyring_find(*state, "two"), 6);
    keyring_use(keyring_find(*state, "stored"), 7);
    keyring_adopt(*state, second, COUNT_OF(second));
    assert_string_equal(name_of(*state, "one"), "nobody");
    assert_int_equal(keyring_find(*state, "two")->used_ms, 6);
    assert_int_equal(keyring_find(*state, "three")->used_ms, 0);
    assert_int_equal(keyring_find(*state, "stored")->used_ms, 7);
    put(*state, "2", "eva", "four");
    keyring_adopt(*state, NULL, 0);
    assert_int_equal(keyring_count(*state), 2);
    assert_string_equal(name_of(*state, "four"), "eva");
    assert_false(keyring_remove(*state, "web"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_digests_as_others_do),
        cmocka_unit_test(makes_keys_that_nobody_guesses),
        cmocka_unit_test(knows_who_may_what),
        cmocka_unit_test(refuses_names_that_break_a_line),
        cmocka_unit_test_setup_teardown(finds_the_key_of_a_text, set_up, tear_down),
        cmocka_unit_test_setup_teardown(forgets_what_is_removed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(changes_those_of_the_file_alone, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
