/* test_environment - the .env file, and ${NAME} in a text. */
#include "config_fixture.h"

#include "config/environment.h"

static struct environment *with_file(struct fixture *fixture, const char *bytes)
{
    fixture_file(fixture, ".env", bytes);
    return environment_read(fixture_path(fixture, "vendors.yaml"), fixture->arena,
                            fixture->diagnostics);
}

static void reads_every_kind_of_line(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        const char *line;
        const char *value;
    } cases[] = {
        {"T_X=plain", "plain"},
        {"T_X=two words", "two words"},
        {"  T_X=indented", "indented"},
        {"export T_X=exported", "exported"},
        {"export\tT_X=exported", "exported"},
        {"T_X = spaced ", "spaced"},
        {"T_X=", ""},
        {"T_X=  ", ""},
        {"T_X=a # comment", "a"},
        {"T_X= # comment", ""},
        {"T_X=a#b", "a#b"},
        {"T_X=#1", "#1"},
        {"T_X='as # it ${stands} \\n'", "as # it ${stands} \\n"},
        {"T_X=\"a \\\"b\\\" \\\\ \\n \\x # c\"", "a \"b\" \\ \n \\x # c"},
        {"T_X=''", ""},
        {"T_X=\"\"  # comment", ""},
        {"T_X=a=b", "a=b"},
        {"T_X=don't", "don't"},
        {"T_X=cotización", "cotización"},
        {"T_X=windows\r", "windows"},
        {"T_X='windows'\r", "windows"},
        {"\xef\xbb\xbfT_X=bom", "bom"},
        {"# T_X=no\n\n   \n\t# x\nT_X=after blanks", "after blanks"},
        {"T_X=line end\n", "line end"},
        {"T_X=${T_Y}", "${T_Y}"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct environment *environment = with_file(fixture, cases[i].line);
        assert_string_equal(fixture_said(fixture), "");
        assert_string_equal(environment_get(environment, "T_X"), cases[i].value);
        fixture->file_count = 1;
    }
}

static void reads_the_specification_s_four_variables(void **state)
{
    struct fixture *fixture = *state;
    struct environment *environment =
        with_file(fixture, "# Twilio Configuration\n"
                           "TWILIO_ACCOUNT_SID=ACxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n"
                           "TWILIO_AUTH_TOKEN=your_auth_token_here\n"
                           "TWILIO_WHATSAPP_FROM=whatsapp:+14155238886\n"
                           "VENDEDOR_WHATSAPP=whatsapp:+5215512345678\n");
    assert_string_equal(fixture_said(fixture), "");
    assert_string_equal(environment_get(environment, "TWILIO_ACCOUNT_SID"),
                        "ACxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
    assert_string_equal(environment_get(environment, "TWILIO_AUTH_TOKEN"), "your_auth_token_here");
    assert_string_equal(environment_get(environment, "TWILIO_WHATSAPP_FROM"),
                        "whatsapp:+14155238886");
    assert_string_equal(environment_get(environment, "VENDEDOR_WHATSAPP"),
                        "whatsapp:+5215512345678");
}

static void names_every_bad_line_without_quoting_it(void **state)
{
    struct fixture *fixture = *state;
    struct environment *environment = with_file(fixture, "T_A=1\n"
                                                         "T_B: secreto\n"
                                                         "  secreto\n"
                                                         "1T=secreto\n"
                                                         "T_C=\"secreto\n"
                                                         "T_D='ñ' secreto\n"
                                                         "T_E=\"x\"#secreto\n"
                                                         "T_F=2\n");
    assert_string_equal(environment_get(environment, "T_A"), "1");
    assert_string_equal(environment_get(environment, "T_F"), "2");
    assert_null(environment_get(environment, "T_C"));
    const char *said = fixture_said(fixture);
    assert_null(strstr(said, "secreto"));
    assert_non_null(strstr(said, ".env:2:1: error: this line is not NAME=VALUE"));
    assert_non_null(strstr(said, ".env:3:3: error: this line is not NAME=VALUE"));
    assert_non_null(strstr(said, ".env:4:1: error: this line is not NAME=VALUE"));
    assert_non_null(strstr(said, ".env:5:5: error: the quote that opens here is not closed"));
    assert_non_null(strstr(said, ".env:6:9: error: something follows the closing quote"));
    assert_non_null(strstr(said, ".env:7:8: error: something follows the closing quote"));
}

static void warns_of_a_name_that_is_set_twice(void **state)
{
    struct fixture *fixture = *state;
    struct environment *environment = with_file(fixture, "T_A=1\nT_A=2\n");
    assert_string_equal(environment_get(environment, "T_A"), "2");
    assert_string_equal(fixture_said(fixture),
                        ".env:2:1: warning: T_A is here a second time (the first is on line 1); "
                        "this one counts\n");
}

static void lets_the_environment_win(void **state)
{
    struct fixture *fixture = *state;
    struct environment *environment = with_file(fixture, "T_ENV=file\nT_EMPTY=file\n");
    setenv("T_ENV", "process", 1);
    setenv("T_EMPTY", "", 1);
    assert_string_equal(environment_get(environment, "T_ENV"), "process");
    assert_string_equal(environment_get(environment, "T_EMPTY"), "");
    unsetenv("T_ENV");
    unsetenv("T_EMPTY");
    assert_string_equal(environment_get(environment, "T_ENV"), "file");
}

static void takes_a_line_end_off_a_variable(void **state)
{
    struct fixture *fixture = *state;
    struct environment *environment = with_file(fixture, "");
    setenv("T_ENV", "token\r", 1);
    assert_string_equal(environment_get(environment, "T_ENV"), "token");
    unsetenv("T_ENV");
}

/* It is as systemd and others hand them over: a file for each, with or without a line end. */
static void takes_what_the_service_manager_hands_over(void **state)
{
    struct fixture *fixture = *state;
    struct environment *environment = with_file(fixture, "T_X=file\nT_Y=file\n");
    fixture_file(fixture, "T_X", "credential\n");
    setenv("CREDENTIALS_DIRECTORY", fixture->folder, 1);
    assert_string_equal(environment_get(environment, "T_X"), "credential");
    assert_string_equal(environment_get(environment, "T_Y"), "file");
    assert_null(environment_get(environment, "T_Z"));
    setenv("T_X", "process", 1);
    assert_string_equal(environment_get(environment, "T_X"), "process");
    unsetenv("T_X");
    unsetenv("CREDENTIALS_DIRECTORY");
    assert_string_equal(environment_get(environment, "T_X"), "file");
}

static void withdraws_a_secret_and_still_knows_it(void **state)
{
    struct fixture *fixture = *state;
    struct environment *environment = with_file(fixture, "");
    setenv("T_SECRET", "swordfish\r", 1);
    setenv("T_ALSO", "swordfish", 1);
    setenv("T_LONGER", "swordfishes", 1);
    setenv("T_PART", "dragonfly", 1);
    setenv("T_SHORT", "short", 1);
    environment_withdraw("swordfish");
    environment_withdraw("whsec_dragonfly,short");
    environment_withdraw("short"); /* it may be the value of anything */
    environment_withdraw("");
    assert_string_equal(getenv("T_SECRET"), "");
    assert_string_equal(getenv("T_ALSO"), "");
    assert_string_equal(getenv("T_LONGER"), "swordfishes");
    assert_string_equal(getenv("T_PART"), "");
    assert_string_equal(getenv("T_SHORT"), "short");
    assert_string_equal(environment_get(environment, "T_SECRET"), "swordfish");
    assert_string_equal(environment_get(environment, "T_ALSO"), "swordfish");
}

static void refuses_a_file_that_others_may_read(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        mode_t mode;
        bool is_fine;
    } cases[] = {{0600, true},  {0400, true},  {0640, true}, /* where root owns it */
                 {0604, false}, {0660, false}, {0644, false}};
    const char *file = fixture_file(fixture, ".env", "T_X=secret\n");
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        bool is_fine = cases[i].is_fine && (cases[i].mode != 0640 || geteuid() == 0);
        assert_int_equal(chmod(file, cases[i].mode), 0);
        environment_read(fixture_path(fixture, "vendors.yaml"), fixture->arena,
                         fixture->diagnostics);
        assert_string_equal(fixture_said(fixture),
                            is_fine ? ""
                                    : ".env: error: can be read by others on this machine, and "
                                      "holds secrets: chmod 600 .env\n");
    }
}

static void does_without_a_file(void **state)
{
    struct fixture *fixture = *state;
    struct environment *environment = environment_read(fixture_path(fixture, "vendors.yaml"),
                                                       fixture->arena, fixture->diagnostics);
    assert_null(environment_get(environment, "T_X"));
    assert_string_equal(fixture_said(fixture), "");
}

static void refuses_a_file_that_is_not_text(void **state)
{
    struct fixture *fixture = *state;
    with_file(fixture, "T_A=1\nT_B=ma\xf1"
                       "ana\n");
    const char *said = fixture_said(fixture);
    assert_non_null(strstr(said, ".env:2:7: error: the byte 0xF1 is not UTF-8"));
}

/* ---------------------------------------------------------------- ${NAME} */

static const struct mark place = {"vendors.yaml", 7, 11};

static const char *expanded(struct fixture *fixture, const char *text, bool *is_replaced)
{
    setenv("T_SET", "value", 1);
    setenv("T_NONE", "", 1);
    setenv("T_TRICKY", "${T_SET} a: [b]", 1);
    unsetenv("T_ABSENT");
    struct environment *environment = environment_read(fixture_path(fixture, "vendors.yaml"),
                                                       fixture->arena, fixture->diagnostics);
    return environment_expand(environment, text, place, is_replaced, fixture->arena,
                              fixture->diagnostics);
}

static void replaces_references(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        const char *text;
        const char *result;
        bool is_replaced;
    } cases[] = {
        {"", "", false},
        {"plain $T_SET $ {x} }", "plain $T_SET $ {x} }", false},
        {"${T_SET}", "value", true},
        {"a${T_SET}b${T_SET}", "avaluebvalue", true},
        {"${T_SET:-other}", "value", true},
        {"${T_ABSENT:-other}", "other", true},
        {"${T_NONE:-other}", "other", true},
        {"${T_ABSENT:-}", "", true},
        {"${T_NONE:-}", "", true},
        {"${T_NONE}", "", true},
        {"${T_ABSENT:-a:-b $c}", "a:-b $c", true},
        {"$${T_SET}", "${T_SET}", false},
        {"$$${T_SET}", "$${T_SET}", false},
        {"$$", "$$", false},
        {"${T_TRICKY}", "${T_SET} a: [b]", true},
        {"año ${T_SET} ñ", "año value ñ", true},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        bool is_replaced = !cases[i].is_replaced;
        assert_string_equal(expanded(fixture, cases[i].text, &is_replaced), cases[i].result);
        assert_int_equal(is_replaced, cases[i].is_replaced);
        assert_string_equal(fixture_said(fixture), "");
    }
}

static void names_a_variable_that_is_not_set(void **state)
{
    struct fixture *fixture = *state;
    bool is_replaced = false;
    assert_string_equal(expanded(fixture, "x${T_ABSENT}y", &is_replaced), "xy");
    assert_true(is_replaced);
    assert_string_equal(fixture_said(fixture),
                        "vendors.yaml:7:11: error: the variable T_ABSENT is not set: set it in the "
                        "environment or in .env, or write ${T_ABSENT:-} where it may be absent\n");
    setenv("LC_ALL", "es_MX.UTF-8", 1);
    expanded(fixture, "${T_ABSENT}", &is_replaced);
    assert_string_equal(
        fixture_said(fixture),
        "vendors.yaml:7:11: error: falta la variable T_ABSENT: defínela en el entorno "
        "o en .env, o escribe ${T_ABSENT:-} si puede faltar\n");
}

static void refuses_what_is_no_reference(void **state)
{
    struct fixture *fixture = *state;
    static const char *const texts[] = {"${",         "${T_SET",     "${}",       "${1X}",
                                        "${T_SET-x}", "${T SET}",    "${T_SÉT}",  "${A:-${T_SET}}",
                                        "${:-x}",     "${T_SET:?x}", "${ T_SET }"};
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        bool is_replaced = false;
        expanded(fixture, texts[i], &is_replaced);
        assert_non_null(strstr(fixture_said(fixture),
                               "vendors.yaml:7:11: error: after ${ a name and } must follow"));
    }
}

static void refuses_a_variable_that_is_not_text(void **state)
{
    struct fixture *fixture = *state;
    bool is_replaced = false;
    setenv("T_LATIN",
           "ma\xf1"
           "ana",
           1);
    expanded(fixture, "${T_LATIN}", &is_replaced);
    unsetenv("T_LATIN");
    assert_string_equal(fixture_said(fixture),
                        "vendors.yaml:7:11: error: the value of the variable "
                        "T_LATIN is not UTF-8\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(reads_every_kind_of_line),
        FIXTURE_TEST(reads_the_specification_s_four_variables),
        FIXTURE_TEST(names_every_bad_line_without_quoting_it),
        FIXTURE_TEST(warns_of_a_name_that_is_set_twice),
        FIXTURE_TEST(lets_the_environment_win),
        FIXTURE_TEST(takes_a_line_end_off_a_variable),
        FIXTURE_TEST(takes_what_the_service_manager_hands_over),
        FIXTURE_TEST(withdraws_a_secret_and_still_knows_it),
        FIXTURE_TEST(refuses_a_file_that_others_may_read),
        FIXTURE_TEST(does_without_a_file),
        FIXTURE_TEST(refuses_a_file_that_is_not_text),
        FIXTURE_TEST(replaces_references),
        FIXTURE_TEST(names_a_variable_that_is_not_set),
        FIXTURE_TEST(refuses_what_is_no_reference),
        FIXTURE_TEST(refuses_a_variable_that_is_not_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
