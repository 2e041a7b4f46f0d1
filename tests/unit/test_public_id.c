/* test_public_id - ids that never change, never meet, and tell nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "handoff/public_id.h"

static const unsigned char zeros[PUBLIC_ID_KEY_BYTES];
static const unsigned char counting[PUBLIC_ID_KEY_BYTES] = {0, 1, 2,  3,  4,  5,  6,  7,
                                                            8, 9, 10, 11, 12, 13, 14, 15};

/* By `openssl enc -aes-128-ecb` and Python: an id that a client has written down stays valid. */
static void writes_what_it_always_wrote(void **state)
{
    static const struct {
        const unsigned char *key;
        int64_t number;
        const char *id;
    } cases[] = {
        {zeros, 0, "ho_cvmmqn7fh8p3q22cz9cwmd1b5r"},
        {zeros, 1, "ho_8xrhg5q93nqz0pdvqwnzb3gftc"},
        {zeros, INT64_MAX, "ho_e334c8xgz6y9n5fszkqqhvs2c8"},
        {zeros, -1, "ho_z03w7swrbzgfb98e5kdjbh8gkr"},
        {counting, 1, "ho_wdyd6ryxfj3t16qz1rz61r4wg8"},
        {counting, 2, "ho_ze5e66x5veeav5sp9p3j5n3k4r"},
        {counting, 255, "ho_ww1s0pq4763sdw0mjms9wgytrw"},
        {counting, 256, "ho_ktrvcf3yzrrwk93bq63vnbss10"},
        {counting, INT64_C(36028797018963967), "ho_62pa3akzns8g1385xgewxd456w"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char id[PUBLIC_ID_SIZE];
        struct public_ids *ids = public_ids_create(cases[i].key);
        public_id_write(ids, cases[i].number, id);
        assert_string_equal(id, cases[i].id);
        public_id_write(ids, cases[i].number, id);
        assert_string_equal(id, cases[i].id);
        public_ids_destroy(ids);
    }
}

static int compare_ids(const void *left, const void *right)
{
    return memcmp(left, right, PUBLIC_ID_SIZE);
}

static void gives_every_number_an_id_of_its_own(void **state)
{
    enum { MANY = 100000 };
    (void)state;
    struct public_ids *ids = public_ids_create(counting);
    char(*all)[PUBLIC_ID_SIZE] = memory_zeroed(MANY, sizeof *all);
    for (size_t i = 0; i < MANY; i++) {
        public_id_write(ids, (int64_t)i, all[i]);
        assert_int_equal(strlen(all[i]), 29);
        assert_memory_equal(all[i], "ho_", 3);
        assert_int_equal(strspn(all[i] + 3, "0123456789abcdefghjkmnpqrstvwxyz"), 26);
    }
    qsort(all, MANY, sizeof *all, compare_ids);
    for (size_t i = 1; i < MANY; i++)
        assert_string_not_equal(all[i - 1], all[i]);
    free(all);
    public_ids_destroy(ids);
}

/* Neighbours have nothing in common, so nobody guesses the next one. */
static void does_not_count_visibly(void **state)
{
    (void)state;
    struct public_ids *ids = public_ids_create(counting);
    size_t same = 0;
    for (int64_t number = 1; number <= 1000; number++) {
        char one[PUBLIC_ID_SIZE];
        char next[PUBLIC_ID_SIZE];
        public_id_write(ids, number, one);
        public_id_write(ids, number + 1, next);
        for (size_t i = 3; i < PUBLIC_ID_SIZE - 1; i++)
            same += one[i] == next[i];
    }
    assert_in_range(same, 1000 * 26 / 32 / 2, 1000 * 26 / 32 * 2);
    public_ids_destroy(ids);
}

static void depends_on_the_key(void **state)
{
    (void)state;
    struct public_ids *ids = public_ids_create(zeros);
    for (size_t bit = 0; bit < 8 * PUBLIC_ID_KEY_BYTES; bit++) {
        unsigned char key[PUBLIC_ID_KEY_BYTES] = {0};
        char one[PUBLIC_ID_SIZE];
        char other[PUBLIC_ID_SIZE];
        key[bit / 8] = (unsigned char)(1u << bit % 8);
        struct public_ids *others = public_ids_create(key);
        public_id_write(ids, 1, one);
        public_id_write(others, 1, other);
        assert_string_not_equal(one, other);
        public_ids_destroy(others);
    }
    public_ids_destroy(ids);
    public_ids_destroy(NULL);
}

/* ---- reading */

static const int64_t numbers[] = {0, 1, 2, 255, 256, 1000000, INT64_C(1) << 40, INT64_MAX};

static void reads_what_it_wrote(void **state)
{
    (void)state;
    struct public_ids *ids = public_ids_create(counting);
    for (size_t i = 0; i < COUNT_OF(numbers); i++) {
        char id[PUBLIC_ID_SIZE];
        int64_t number = -1;
        public_id_write(ids, numbers[i], id);
        assert_true(public_id_read(ids, id, &number));
        assert_true(number == numbers[i]);
    }
    public_ids_destroy(ids);
}

static void writes_and_reads_the_token_of_every_attempt(void **state)
{
    static const uint64_t attempts[] = {0, 1, UINT64_C(1) << 24, UINT64_C(16842753), UINT64_MAX};
    (void)state;
    struct public_ids *ids = public_ids_create(counting);
    for (size_t i = 0; i < COUNT_OF(attempts); i++) {
        char token[ATTEMPT_TOKEN_SIZE];
        uint64_t attempt = 7;
        attempt_token_write(ids, attempts[i], token);
        assert_int_equal(strlen(token), ATTEMPT_TOKEN_SIZE - 1);
        assert_int_equal(strspn(token, "0123456789abcdefghjkmnpqrstvwxyz"), strlen(token));
        assert_true(attempt_token_read(ids, token, &attempt));
        assert_true(attempt == attempts[i]);
    }
    public_ids_destroy(ids);
}

/* Otherwise the id of a handoff, which clients see, would let them report on an attempt. */
static void takes_no_id_for_a_token_and_no_token_for_an_id(void **state)
{
    (void)state;
    struct public_ids *ids = public_ids_create(counting);
    for (size_t i = 0; i < COUNT_OF(numbers); i++) {
        char id[PUBLIC_ID_SIZE];
        char token[ATTEMPT_TOKEN_SIZE];
        char dressed[PUBLIC_ID_SIZE + 1];
        uint64_t attempt = 0;
        int64_t number = 0;
        public_id_write(ids, numbers[i], id);
        attempt_token_write(ids, (uint64_t)numbers[i], token);
        snprintf(dressed, sizeof dressed, "ho_%s", token);
        assert_string_not_equal(id, dressed);
        assert_false(attempt_token_read(ids, id + 3, &attempt));
        assert_false(public_id_read(ids, dressed, &number));
        assert_false(public_id_read(ids, token, &number));
    }
    public_ids_destroy(ids);
}

/* One character changed is another block: that its half of zeros comes out is one in 2^64. */
static void refuses_every_forged_digit(void **state)
{
    static const char alphabet[] = "0123456789abcdefghjkmnpqrstvwxyzilouABCZ-_/. ";
    char id[PUBLIC_ID_SIZE];
    char token[ATTEMPT_TOKEN_SIZE];
    (void)state;
    struct public_ids *ids = public_ids_create(counting);
    public_id_write(ids, 42, id);
    attempt_token_write(ids, 42, token);
    for (size_t at = 0; at < 26; at++) {
        for (const char *digit = alphabet; *digit != '\0'; digit++) {
            char forged[PUBLIC_ID_SIZE];
            char forged_token[ATTEMPT_TOKEN_SIZE];
            int64_t number = 0;
            uint64_t attempt = 0;
            strcpy(forged, id);
            strcpy(forged_token, token);
            forged[3 + at] = forged_token[at] = *digit;
            assert_int_equal(public_id_read(ids, forged, &number), strcmp(forged, id) == 0);
            assert_int_equal(attempt_token_read(ids, forged_token, &attempt),
                             strcmp(forged_token, token) == 0);
        }
    }
    public_ids_destroy(ids);
}

static void refuses_what_is_no_id(void **state)
{
    static const char *const texts[] = {
        "",
        "h",
        "ho_",
        "ho_0",
        "HO_wdyd6ryxfj3t16qz1rz61r4wg8",
        "wdyd6ryxfj3t16qz1rz61r4wg8",
        "ho_wdyd6ryxfj3t16qz1rz61r4wg",   /* one too few, */
        "ho_wdyd6ryxfj3t16qz1rz61r4wg80", /* one too many */
        "ho_wdyd6ryxfj3t16qz1rz61r4wg8/",
        "ho_WDYD6RYXFJ3T16QZ1RZ61R4WG8",
        "ho_wdyd6ryxfj3t16qz1rz61r4wg9", /* bits that are none of the block's */
        "ho_zzzzzzzzzzzzzzzzzzzzzzzzzw",
        "ho_\xc3\xb1wdyd6ryxfj3t16qz1rz61r4w"};
    (void)state;
    struct public_ids *ids = public_ids_create(counting);
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        int64_t number = 0;
        uint64_t attempt = 0;
        assert_false(public_id_read(ids, texts[i], &number));
        assert_false(attempt_token_read(ids, texts[i], &attempt));
    }
    public_ids_destroy(ids);
}

static void reads_no_other_company_s_ids(void **state)
{
    (void)state;
    struct public_ids *ours = public_ids_create(counting);
    struct public_ids *theirs = public_ids_create(zeros);
    for (int64_t number = 0; number < 1000; number++) {
        char id[PUBLIC_ID_SIZE];
        char token[ATTEMPT_TOKEN_SIZE];
        int64_t read = 0;
        uint64_t attempt = 0;
        public_id_write(theirs, number, id);
        attempt_token_write(theirs, (uint64_t)number, token);
        assert_false(public_id_read(ours, id, &read));
        assert_false(attempt_token_read(ours, token, &attempt));
    }
    public_ids_destroy(ours);
    public_ids_destroy(theirs);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_what_it_always_wrote),
        cmocka_unit_test(gives_every_number_an_id_of_its_own),
        cmocka_unit_test(does_not_count_visibly),
        cmocka_unit_test(depends_on_the_key),
        cmocka_unit_test(reads_what_it_wrote),
        cmocka_unit_test(writes_and_reads_the_token_of_every_attempt),
        cmocka_unit_test(takes_no_id_for_a_token_and_no_token_for_an_id),
        cmocka_unit_test(refuses_every_forged_digit),
        cmocka_unit_test(refuses_what_is_no_id),
        cmocka_unit_test(reads_no_other_company_s_ids),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
