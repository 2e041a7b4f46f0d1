/* test_public_id - ids that never change, never meet, and tell nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_what_it_always_wrote),
        cmocka_unit_test(gives_every_number_an_id_of_its_own),
        cmocka_unit_test(does_not_count_visibly),
        cmocka_unit_test(depends_on_the_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
