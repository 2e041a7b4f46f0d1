/* test_options_map - the file's own names, each with a text. */
#include "config_fixture.h"

#include "config/options.h"

struct outer {
    struct handoffd_fields inner;
};

struct target {
    const char *from;
    struct handoffd_fields outcomes;
    struct handoffd_fields headers;
    struct outer record;
};

static const struct handoffd_option inner_rows[] = {
    HANDOFFD_OPTION_MAP("inner", struct outer, inner, .required = true)};
static const struct handoffd_options inner_table = HANDOFFD_OPTIONS(inner_rows);

static const struct handoffd_option rows[] = {
    HANDOFFD_OPTION_TEXT("from", struct target, from),
    HANDOFFD_OPTION_MAP("outcomes", struct target, outcomes, .help = "what a code means"),
    HANDOFFD_OPTION_MAP("headers", struct target, headers, .secret = true),
    HANDOFFD_OPTION_RECORD("record", struct target, record, &inner_table),
};
static const struct handoffd_options table = HANDOFFD_OPTIONS(rows);

static enum options_result read_with(struct fixture *fixture,
                                     const struct handoffd_options *options, const char *yaml,
                                     void *target)
{
    const struct mark owner = {fixture_path(fixture, "vendors.yaml"), 1, 1};
    const struct value *map =
        value_read_bytes(owner.file, yaml, strlen(yaml), fixture->arena, fixture->diagnostics);
    return options_read(options, map, &owner, "channel \"x\"", NULL, 0, target, fixture->arena,
                        fixture->diagnostics);
}

static struct target read_fine(struct fixture *fixture, const char *yaml)
{
    struct target target = {0};
    enum options_result result = read_with(fixture, &table, yaml, &target);
    assert_string_equal(fixture_said(fixture), "");
    assert_int_equal(result, OPTIONS_FINE);
    return target;
}

static void assert_map(struct handoffd_fields map, const char *joined)
{
    char text[256] = "";
    for (size_t i = 0; i < map.count; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s=%s", i > 0 ? "|" : "",
                 map.names[i], map.values[i]);
    assert_string_equal(text, joined);
}

/* ---------------------------------------------------------------- what is read */

static void keeps_the_names_and_the_order_of_the_file(void **state)
{
    static const struct {
        const char *yaml;
        const char *joined;
    } cases[] = {
        {"outcomes: {63016: recipient, 30008: deferred}", "63016=recipient|30008=deferred"},
        {"outcomes:\n  63016: recipient\n  30008: deferred\n", "63016=recipient|30008=deferred"},
        {"outcomes: {b: 1, a: no, ñ á: '~', C-d.e: ' x '}", "b=1|a=no|ñ á=~|C-d.e= x "},
        {"outcomes: {plugin: a, from: b, outcomes: c}", "plugin=a|from=b|outcomes=c"},
        {"outcomes: {}", ""},
        {"outcomes:", ""},
        {"outcomes: ''", ""},
        {"outcomes: ~", ""},
        {"outcomes: ${T_NOT:-}", ""},
        {"from: x", ""},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_map(read_fine(*state, cases[i].yaml).outcomes, cases[i].joined);
}

static void takes_values_from_the_environment(void **state)
{
    setenv("T_SECRET", "hunter2", 1);
    struct target target =
        read_fine(*state, "headers: {authorization: 'Bearer ${T_SECRET}', x: '${T_NOT:-y}'}");
    assert_map(target.headers, "authorization=Bearer hunter2|x=y");
    unsetenv("T_SECRET");
}

static void leaves_out_what_a_variable_left_empty(void **state)
{
    assert_map(read_fine(*state, "outcomes: {a: '${T_NOT:-}', b: c}").outcomes, "b=c");
    assert_map(read_fine(*state, "outcomes: {a: '${T_NOT:-}'}").outcomes, "");
}

static void is_empty_in_a_record_that_is_left_out(void **state)
{
    struct target target = read_fine(*state, "record: {inner: {a: '${T_NOT:-}'}}");
    assert_null(target.record.inner.names);
    assert_int_equal(target.record.inner.count, 0);
    assert_map(read_fine(*state, "record: {inner: {a: b}}").record.inner, "a=b");
}

static void must_have_an_entry_where_it_is_required(void **state)
{
    static const struct {
        const char *yaml;
        enum options_result result;
        const char *said;
    } cases[] = {
        {"inner: {a: b}", OPTIONS_FINE, ""},
        {"inner: {a: '${T_NOT:-}'}", OPTIONS_UNCONFIGURED, ""},
        {"inner: ${T_NOT:-}", OPTIONS_UNCONFIGURED, ""},
        {"{}", OPTIONS_WRONG,
         "vendors.yaml:1:1: error: channel \"x\": option \"inner\" is missing\n"},
        {"inner: {}", OPTIONS_WRONG,
         "vendors.yaml:1:1: error: channel \"x\": option \"inner\" is empty\n"},
        {"inner:", OPTIONS_WRONG,
         "vendors.yaml:1:1: error: channel \"x\": option \"inner\" is empty\n"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct outer target = {0};
        assert_int_equal(read_with(*state, &inner_table, cases[i].yaml, &target), cases[i].result);
        assert_string_equal(fixture_said(*state), cases[i].said);
    }
}

/* ---------------------------------------------------------------- what is wrong */

static void assert_wrong(struct fixture *fixture, const char *yaml, const char *said)
{
    struct target target = {0};
    assert_int_equal(read_with(fixture, &table, yaml, &target), OPTIONS_WRONG);
    assert_string_equal(fixture_said(fixture), said);
    assert_int_equal(target.outcomes.count, 0);
}

static void tells_of_each_fault_at_its_place(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        const char *yaml;
        const char *said;
    } cases[] = {
        {"outcomes: 63016", "1:11: error: channel \"x\": \"outcomes\" must be a group such as "
                            "{name: value}, not \"63016\"\n"},
        {"outcomes: [63016, 30008]", "1:11: error: channel \"x\": \"outcomes\" must be a group "
                                     "such as {name: value}, not a list\n"},
        {"outcomes: []", "1:11: error: channel \"x\": \"outcomes\" must be a group such as "
                         "{name: value}, not a list\n"},
        {"outcomes: {63016: [recipient]}", "1:19: error: channel \"x\": \"outcomes\": the value of "
                                           "\"63016\" must be a text\n"},
        {"outcomes:\n  63016: recipient\n  30008: {then: deferred}\n",
         "3:10: error: channel \"x\": \"outcomes\": the value of \"30008\" must be a text\n"},
        {"outcomes: {63016: }",
         "1:12: error: channel \"x\": \"outcomes\": the value of \"63016\" is empty\n"},
        {"outcomes: {63016: '', a: b}",
         "1:12: error: channel \"x\": \"outcomes\": the value of \"63016\" is empty\n"},
        {"outcomes: {63016: ~}",
         "1:12: error: channel \"x\": \"outcomes\": the value of \"63016\" is empty\n"},
        {"record: {inner: x}", "1:17: error: channel \"x\": record: \"inner\" must be a group such "
                               "as {name: value}, not \"x\"\n"},
        {"outcomes: {ññññññññññññññññññññññññññññññññññññññññññññ: }",
         "1:12: error: channel \"x\": \"outcomes\": the value of "
         "\"ññññññññññññññññññññññññññññññññññññññññ…\" is empty\n"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_wrong(fixture, cases[i].yaml,
                     arena_format(fixture->arena, "vendors.yaml:%s", cases[i].said));
}

static void tells_of_all_at_once_in_order(void **state)
{
    assert_wrong(*state, "outcomes: {a: , b: [x], c: d, e: {f: g}}",
                 "vendors.yaml:1:12: error: channel \"x\": \"outcomes\": the value of \"a\" is "
                 "empty\n"
                 "vendors.yaml:1:20: error: channel \"x\": \"outcomes\": the value of \"b\" must "
                 "be a text\n"
                 "vendors.yaml:1:34: error: channel \"x\": \"outcomes\": the value of \"e\" must "
                 "be a text\n");
}

static void takes_each_name_once(void **state)
{
    struct fixture *fixture = *state;
    struct target target = {0};
    read_with(fixture, &table, "outcomes: {63016: recipient, 63016: message}", &target);
    assert_map(target.outcomes, "63016=recipient");
    assert_int_equal(diagnostics_errors(fixture->diagnostics), 1);
    assert_non_null(strstr(fixture_said(fixture), "vendors.yaml:1:30: error: "));
}

static void speaks_spanish(void **state)
{
    setenv("LC_ALL", "es_MX.UTF-8", 1);
    assert_wrong(*state, "outcomes: {a: , b: [x]}\nheaders: [x]\n",
                 "vendors.yaml:1:12: error: channel \"x\": \"outcomes\": el valor de \"a\" está "
                 "vacío\n"
                 "vendors.yaml:1:20: error: channel \"x\": \"outcomes\": el valor de \"b\" debe "
                 "ser un texto\n"
                 "vendors.yaml:2:10: error: channel \"x\": \"headers\" debe ser un grupo como "
                 "{nombre: valor}, no una lista\n");
}

static void never_prints_what_may_be_secret(void **state)
{
    setenv("T_SECRET", "hunter2", 1);
    static const struct {
        const char *yaml;
        const char *said;
    } cases[] = {
        {"headers: hunter2", "vendors.yaml:1:10: error: channel \"x\": \"headers\" must be a group "
                             "such as {name: value}\n"},
        {"outcomes: ${T_SECRET}", "vendors.yaml:1:11: error: channel \"x\": \"outcomes\" must be a "
                                  "group such as {name: value}\n"},
        {"headers: {x: [hunter2], y: {hunter2: z}}",
         "vendors.yaml:1:14: error: channel \"x\": \"headers\": the value of \"x\" must be a text\n"
         "vendors.yaml:1:28: error: channel \"x\": \"headers\": the value of \"y\" must be a "
         "text\n"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_wrong(*state, cases[i].yaml, cases[i].said);
    unsetenv("T_SECRET");
}

/* A file holds one text, and a map has as many as it likes. */
static void is_not_read_from_a_file_of_its_own(void **state)
{
    assert_wrong(*state, "headers_file: x",
                 "vendors.yaml:1:1: error: channel \"x\": unknown key \"headers_file\"; here may "
                 "stand: from, outcomes, headers, record\n");
}

/* ---------------------------------------------------------------- tables */

static void names_the_fault_of_a_table(void **state)
{
    (void)state;
    static const struct {
        struct handoffd_option row;
        const char *said;
    } cases[] = {
        {{.name = "a", .type = HANDOFFD_MAP}, NULL},
        {{.name = "a", .type = HANDOFFD_MAP, .secret = true, .required = true}, NULL},
        {{.name = "a", .type = HANDOFFD_MAP, .otherwise = "{b: c}"},
         "option \"a\": a map has no default, it is empty where nothing stands"},
        {{.name = "a", .type = HANDOFFD_MAP, .otherwise = ""},
         "option \"a\": a map has no default, it is empty where nothing stands"},
        {{.name = "a", .type = HANDOFFD_MAP, .offset = 8},
         "option \"a\": its member is outside the struct of 24 bytes"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct handoffd_options one = {&cases[i].row, 1, sizeof cases[i].row};
        struct error error = {""};
        bool is_fine = options_check_table(&one, sizeof(struct handoffd_fields), &error);
        assert_int_equal(is_fine, cases[i].said == NULL);
        assert_string_equal(error.message, cases[i].said != NULL ? cases[i].said : "");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(keeps_the_names_and_the_order_of_the_file),
        FIXTURE_TEST(takes_values_from_the_environment),
        FIXTURE_TEST(leaves_out_what_a_variable_left_empty),
        FIXTURE_TEST(is_empty_in_a_record_that_is_left_out),
        FIXTURE_TEST(must_have_an_entry_where_it_is_required),
        FIXTURE_TEST(tells_of_each_fault_at_its_place),
        FIXTURE_TEST(tells_of_all_at_once_in_order),
        FIXTURE_TEST(takes_each_name_once),
        FIXTURE_TEST(speaks_spanish),
        FIXTURE_TEST(never_prints_what_may_be_secret),
        FIXTURE_TEST(is_not_read_from_a_file_of_its_own),
        FIXTURE_TEST(names_the_fault_of_a_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
