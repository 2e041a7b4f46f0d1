/* test_options_unless - rows that are required unless another one has a value. */
#include "config_fixture.h"

#include "config/options.h"

struct account {
    const char *token;
    const char *key;
};

static const struct handoffd_option rows[] = {
    HANDOFFD_OPTION_TEXT("token", struct account, token, .required = true, .unless = "key",
                         .secret = true),
    HANDOFFD_OPTION_TEXT("key", struct account, key, .secret = true),
};

static enum options_result read_with(struct fixture *fixture, const char *yaml,
                                     struct account *account)
{
    static const struct handoffd_options table = HANDOFFD_OPTIONS(rows);
    const struct mark owner = {fixture_path(fixture, "vendors.yaml"), 1, 1};
    const struct value *map =
        value_read_bytes(owner.file, yaml, strlen(yaml), fixture->arena, fixture->diagnostics);
    return options_read(&table, map, &owner, "channel \"x\"", NULL, 0, account, fixture->arena,
                        fixture->diagnostics);
}

static void either_of_the_two_is_enough(void **state)
{
    static const char *const texts[] = {"token: a", "key: a", "{token: a, key: b}",
                                        "{token: '${T_NOT:-}', key: b}",
                                        "{token: a, key: '${T_NOT:-}'}"};
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct account account = {0};
        assert_int_equal(read_with(*state, texts[i], &account), OPTIONS_FINE);
        assert_string_equal(fixture_said(*state), "");
    }
}

static void is_unconfigured_where_either_was_left_empty(void **state)
{
    static const char *const texts[] = {"token: ${T_NOT:-}", "key: ${T_NOT:-}",
                                        "key_file: ${T_NOT:-}",
                                        "{token: '${T_NOT:-}', key: '${T_NOT:-}'}"};
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct account account = {0};
        assert_int_equal(read_with(*state, texts[i], &account), OPTIONS_UNCONFIGURED);
        assert_string_equal(fixture_said(*state), "");
    }
}

static void names_both_where_neither_stands(void **state)
{
    struct account account = {0};
    assert_int_equal(read_with(*state, "{}", &account), OPTIONS_WRONG);
    const char *said = fixture_said(*state);
    assert_non_null(strstr(said, "option \"token\" is missing"));
    assert_non_null(strstr(said, "(or \"token_file\") (or \"key\")"));
}

static void refuses_a_table_whose_other_row_is_not_there(void **state)
{
    (void)state;
    const struct handoffd_option faulty[][1] = {
        {HANDOFFD_OPTION_TEXT("token", struct account, token, .required = true, .unless = "kye")},
        {HANDOFFD_OPTION_TEXT("token", struct account, token, .required = true, .unless = "token")},
    };
    for (size_t i = 0; i < COUNT_OF(faulty); i++) {
        const struct handoffd_options table = {faulty[i], 1, sizeof faulty[i][0]};
        struct error error;
        assert_false(options_check_table(&table, sizeof(struct account), &error));
        assert_non_null(strstr(error.message, "unless"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(either_of_the_two_is_enough),
        FIXTURE_TEST(is_unconfigured_where_either_was_left_empty),
        FIXTURE_TEST(names_both_where_neither_stands),
        FIXTURE_TEST(refuses_a_table_whose_other_row_is_not_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
