/* test_diagnostics - the list of faults, its order, its languages, and "did you mean". */
#include "config_fixture.h"

static void prints_in_the_order_of_file_and_line(void **state)
{
    struct fixture *fixture = *state;
    char file[] = "vendors.yaml";
    diagnostics_error(fixture->diagnostics, (struct mark){file, 12, 5}, "second");
    diagnostics_warning(fixture->diagnostics, (struct mark){file, 3, 9}, "first");
    diagnostics_error(fixture->diagnostics, (struct mark){file, 12, 40}, "third");
    diagnostics_error(fixture->diagnostics, (struct mark){".env", 99, 1}, "%s %d", "file", 1);
    diagnostics_error(fixture->diagnostics, (struct mark){file, 12, 40}, "fourth");
    diagnostics_error(fixture->diagnostics, (struct mark){file, 0, 0}, "the file");
    diagnostics_error(fixture->diagnostics, (struct mark){NULL, 0, 0}, "no place");
    file[0] = 'X'; /* the name was copied */
    assert_int_equal(diagnostics_errors(fixture->diagnostics), 6);
    assert_int_equal(diagnostics_warnings(fixture->diagnostics), 1);
    assert_string_equal(fixture_said(fixture), "error: no place\n"
                                               ".env:99:1: error: file 1\n"
                                               "vendors.yaml: error: the file\n"
                                               "vendors.yaml:3:9: warning: first\n"
                                               "vendors.yaml:12:5: error: second\n"
                                               "vendors.yaml:12:40: error: third\n"
                                               "vendors.yaml:12:40: error: fourth\n");
}

static void says_warning_in_spanish(void **state)
{
    struct fixture *fixture = *state;
    setenv("LC_ALL", "es_MX.UTF-8", 1);
    diagnostics_warning(fixture->diagnostics, (struct mark){"a", 1, 2}, "x");
    assert_string_equal(fixture_said(fixture), "a:1:2: aviso: x\n");
}

static void keeps_one_fault_on_one_line(void **state)
{
    struct fixture *fixture = *state;
    diagnostics_error(fixture->diagnostics, (struct mark){"a", 1, 1}, "x\ny\x1b[31m%s", "ñ\r");
    assert_string_equal(fixture_said(fixture), "a:1:1: error: x y [31mñ \n");
}

static void prints_nothing_where_nothing_is_wrong(void **state)
{
    struct fixture *fixture = *state;
    assert_string_equal(fixture_said(fixture), "");
    diagnostics_destroy(NULL);
}

static void finds_the_word_that_was_meant(void **state)
{
    (void)state;
    static const char *const choices[] = {"name",        "notify",   NULL,  "keywords",
                                          "account_sid", "timezone", "país"};
    static const struct {
        const char *word;
        const char *meant;
    } cases[] = {
        {"nmae", "name"},
        {"Name", "name"},
        {"nombre", NULL},
        {"notfy", "notify"},
        {"keyword", "keywords"},
        {"key_words", "keywords"},
        {"accountSid", "account_sid"},
        {"account-sid", "account_sid"},
        {"time_zone", "timezone"},
        {"PAÍS", "país"},
        {"pais", "país"},
        {"zzz", NULL},
        {"n", NULL},
        {"", NULL},
        {"phone", NULL},
        {"an_endless_word_that_nobody_could_have_meant_for_a_key", NULL},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *meant = closest_word(cases[i].word, choices, COUNT_OF(choices));
        if (cases[i].meant == NULL)
            assert_null(meant);
        else
            assert_string_equal(meant, cases[i].meant);
    }
}

static void prefers_the_closest_of_two(void **state)
{
    (void)state;
    static const char *const choices[] = {"formal", "from", "form"};
    assert_string_equal(closest_word("form", choices, 3), "form");
    assert_string_equal(closest_word("frm", choices, 2), "from");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(prints_in_the_order_of_file_and_line),
        FIXTURE_TEST(says_warning_in_spanish),
        FIXTURE_TEST(keeps_one_fault_on_one_line),
        FIXTURE_TEST(prints_nothing_where_nothing_is_wrong),
        FIXTURE_TEST(finds_the_word_that_was_meant),
        FIXTURE_TEST(prefers_the_closest_of_two),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
