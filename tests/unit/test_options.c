/* test_options - a section of YAML into a struct, by tables of every kind. */
#include "config_fixture.h"

#include "config/options.h"

struct template
{
    const char *sid;
    struct handoffd_list variables;
    int64_t size;
};

struct retry {
    int64_t times;
    int64_t wait_ms;
};

struct target {
    const char *from;
    const char *note;
    const char *token;
    int64_t port;
    int64_t timeout_ms;
    bool active;
    struct handoffd_list keywords;
    struct template message;
    struct retry retry;
};

static const struct handoffd_option template_rows[] = {
    HANDOFFD_OPTION_TEXT("sid", struct template, sid, .required = true),
    HANDOFFD_OPTION_LIST("variables", struct template, variables, .otherwise = "[a, b c]"),
    HANDOFFD_OPTION_INTEGER("size", struct template, size),
};
static const struct handoffd_options template_table = HANDOFFD_OPTIONS(template_rows);

static const struct handoffd_option retry_rows[] = {
    HANDOFFD_OPTION_INTEGER("times", struct retry, times, .otherwise = "3"),
    HANDOFFD_OPTION_DURATION("wait", struct retry, wait_ms, .otherwise = "2m"),
};
static const struct handoffd_options retry_table = HANDOFFD_OPTIONS(retry_rows);

static const struct handoffd_option rows[] = {
    HANDOFFD_OPTION_TEXT("from", struct target, from, .required = true, .help = "the sender",
                         .help_es = "el remitente"),
    HANDOFFD_OPTION_TEXT("note", struct target, note),
    HANDOFFD_OPTION_TEXT("token", struct target, token, .secret = true),
    HANDOFFD_OPTION_INTEGER("port", struct target, port, .least = 1, .most = 65535,
                            .otherwise = "8000"),
    HANDOFFD_OPTION_DURATION("timeout", struct target, timeout_ms, .least = 1000, .most = 7200000,
                             .otherwise = "8s"),
    HANDOFFD_OPTION_BOOLEAN("active", struct target, active, .otherwise = "yes"),
    HANDOFFD_OPTION_LIST("keywords", struct target, keywords),
    HANDOFFD_OPTION_RECORD("template", struct target, message, &template_table),
    HANDOFFD_OPTION_RECORD("retry", struct target, retry, &retry_table),
};
static const struct handoffd_options table = HANDOFFD_OPTIONS(rows);

static enum options_result read_with(struct fixture *fixture,
                                     const struct handoffd_options *options, const char *yaml,
                                     void *target)
{
    static const char *const known[] = {"plugin"};
    const struct mark owner = {fixture_path(fixture, "vendors.yaml"), 1, 1};
    const struct value *map =
        value_read_bytes(owner.file, yaml, strlen(yaml), fixture->arena, fixture->diagnostics);
    return options_read(options, map, &owner, "channel \"x\"", known, COUNT_OF(known), target,
                        fixture->arena, fixture->diagnostics);
}

static struct target read_fine(struct fixture *fixture, const char *yaml)
{
    struct target target = {0};
    enum options_result result = read_with(fixture, &table, yaml, &target);
    assert_string_equal(fixture_said(fixture), "");
    assert_int_equal(result, OPTIONS_FINE);
    return target;
}

static void assert_list(struct handoffd_list list, const char *joined)
{
    char text[256] = "";
    for (size_t i = 0; i < list.count; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s", i > 0 ? "|" : "",
                 list.items[i]);
    assert_string_equal(text, joined);
}

static void fills_every_type(void **state)
{
    struct fixture *fixture = *state;
    struct target target =
        read_fine(fixture, "plugin: someone else reads this\n"
                           "from: whatsapp:+14155238886\n"
                           "note: 'null'\n"
                           "token: s3cret\n"
                           "port: 65535\n"
                           "timeout: 2h\n"
                           "active: off\n"
                           "keywords: [cotización, precio especial]\n"
                           "template: {sid: HX1, variables: [cliente], size: -7}\n"
                           "retry:\n"
                           "  times: 5\n"
                           "  wait: 500ms\n");
    assert_string_equal(target.from, "whatsapp:+14155238886");
    assert_string_equal(target.note, "null");
    assert_string_equal(target.token, "s3cret");
    assert_int_equal(target.port, 65535);
    assert_int_equal(target.timeout_ms, 7200000);
    assert_false(target.active);
    assert_list(target.keywords, "cotización|precio especial");
    assert_string_equal(target.message.sid, "HX1");
    assert_list(target.message.variables, "cliente");
    assert_int_equal(target.message.size, -7);
    assert_int_equal(target.retry.times, 5);
    assert_int_equal(target.retry.wait_ms, 500);
}

static void uses_the_defaults(void **state)
{
    struct fixture *fixture = *state;
    static const char *const texts[] = {
        "from: x\n",
        "{from: x, note: , token: ~, port: , timeout: '', active: null, keywords: , template: , "
        "retry: }\n",
        "{from: x, note: '${T_NOT:-}', port: '${T_NOT:-}', keywords: '${T_NOT:-}', token_file: "
        "'${T_NOT:-}'}\n",
    };
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct target target = read_fine(fixture, texts[i]);
        assert_null(target.note);
        assert_null(target.token);
        assert_int_equal(target.port, 8000);
        assert_int_equal(target.timeout_ms, 8000);
        assert_true(target.active);
        assert_int_equal(target.keywords.count, 0);
        assert_null(target.message.sid);
        assert_int_equal(target.message.variables.count, 0);
        assert_int_equal(target.retry.times, 3);
        assert_int_equal(target.retry.wait_ms, 120000);
    }
    struct target target = read_fine(fixture, "{from: x, template: {sid: y}}");
    assert_list(target.message.variables, "a|b c");
}

static void uses_the_defaults_where_there_is_no_map(void **state)
{
    struct fixture *fixture = *state;
    struct retry retry = {0};
    assert_int_equal(options_read(&retry_table, NULL, NULL, "retry", NULL, 0, &retry,
                                  fixture->arena, fixture->diagnostics),
                     OPTIONS_FINE);
    assert_int_equal(retry.times, 3);
    struct template message = {0};
    assert_int_equal(options_read(&template_table, NULL, NULL, NULL, NULL, 0, &message,
                                  fixture->arena, fixture->diagnostics),
                     OPTIONS_WRONG);
    assert_string_equal(fixture_said(fixture), "error: option \"sid\" is missing\n");
}

static void reads_booleans_as_people_write_them(void **state)
{
    struct fixture *fixture = *state;
    static const char *const words[] = {"true", "yes", "sí",    "si", "on",  "SÍ",
                                        "Sí",   "Yes", "false", "no", "off", "No"};
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        struct target target =
            read_fine(fixture, arena_format(fixture->arena, "{from: x, active: %s}", words[i]));
        assert_int_equal(target.active, i < 8);
    }
}

static void takes_a_lone_text_for_a_list_of_one(void **state)
{
    struct fixture *fixture = *state;
    assert_list(read_fine(fixture, "{from: x, keywords: a b}").keywords, "a b");
    assert_list(read_fine(fixture, "{from: x, keywords: []}").keywords, "");
    assert_list(read_fine(fixture, "{from: x, keywords: [a, '${T_NOT:-}', b]}").keywords, "a|b");
}

static void parses_durations(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t ms;
    } cases[] = {
        {"500ms", 500},
        {"8s", 8000},
        {"10m", 600000},
        {"24h", 86400000},
        {"3d", 259200000},
        {"0s", 0},
        {"8", -1},
        {"", -1},
        {"s", -1},
        {"-8s", -1},
        {"8 s", -1},
        {"1.5h", -1},
        {"1h30m", -1},
        {"8S", -1},
        {"8sec", -1},
        {"+8s", -1},
        {" 8s", -1},
        {"9223372036854775807ms", INT64_MAX},
        {"9223372036854775807s", -1},
        {"99999999999999999999d", -1},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        int64_t ms = -1;
        assert_int_equal(options_parse_duration(cases[i].text, &ms), cases[i].ms >= 0);
        assert_int_equal(ms, cases[i].ms);
    }
}

/* ---------------------------------------------------------------- what is wrong */

static void assert_wrong(struct fixture *fixture, const char *yaml, const char *said)
{
    struct target target = {0};
    assert_int_equal(read_with(fixture, &table, yaml, &target), OPTIONS_WRONG);
    assert_string_equal(fixture_said(fixture), said);
}

static void tells_of_each_fault_at_its_place(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        const char *yaml;
        const char *said;
    } cases[] = {
        {"{from: x, prot: 1}",
         "1:11: error: channel \"x\": unknown key \"prot\"; did you mean \"port\"?\n"},
        {"{from: x, plugn: 1}",
         "1:11: error: channel \"x\": unknown key \"plugn\"; did you mean \"plugin\"?\n"},
        {"{from: x, tokn_file: 1}",
         "1:11: error: channel \"x\": unknown key \"tokn_file\"; did you mean \"token_file\"?\n"},
        {"{from: x, zzzz: 1}",
         "1:11: error: channel \"x\": unknown key \"zzzz\"; here may stand: from, note, "
         "token, port, timeout, active, keywords, template, retry, plugin, token_file\n"},
        {"note: y", "1:1: error: channel \"x\": option \"from\" is missing: the sender\n"},
        {"form: y", "1:1: error: channel \"x\": unknown key \"form\"; did you mean \"from\"?\n"},
        {"note: y\nfrom:\n", "2:1: error: channel \"x\": option \"from\" is empty: the sender\n"},
        {"from: ''\n", "1:1: error: channel \"x\": option \"from\" is empty: the sender\n"},
        {"from: [x]", "1:7: error: channel \"x\": \"from\" must be a text, not a list\n"},
        {"from: {x: y}",
         "1:7: error: channel \"x\": \"from\" must be a text, not a group of \"name: value\"\n"},
        {"{from: x, port: 80a}",
         "1:17: error: channel \"x\": \"port\" must be a whole number, not \"80a\"\n"},
        {"{from: x, port: 8 0}",
         "1:17: error: channel \"x\": \"port\" must be a whole number, not \"8 0\"\n"},
        {"{from: x, port: 0x10}",
         "1:17: error: channel \"x\": \"port\" must be a whole number, not \"0x10\"\n"},
        {"{from: x, port: [1]}",
         "1:17: error: channel \"x\": \"port\" must be a whole number, not a list\n"},
        {"{from: x, port: 0}",
         "1:17: error: channel \"x\": \"port\" must be between 1 and 65535, not \"0\"\n"},
        {"{from: x, port: 99999999999999999999}",
         "1:17: error: channel \"x\": \"port\" must be between 1 and "
         "65535, not \"99999999999999999999\"\n"},
        {"{from: x, timeout: 8}",
         "1:20: error: channel \"x\": \"timeout\" must be a duration such as 500ms, "
         "8s, 10m, 24h or 3d, not \"8\"\n"},
        {"{from: x, timeout: 3d}",
         "1:20: error: channel \"x\": \"timeout\" must be between 1s and 2h, not "
         "\"3d\"\n"},
        {"{from: x, active: maybe}",
         "1:19: error: channel \"x\": \"active\" must be yes or no (or true, "
         "false, on, off), not \"maybe\"\n"},
        {"{from: x, keywords: {a: b}}",
         "1:21: error: channel \"x\": \"keywords\" must be a list such as "
         "[a, b], not a group of \"name: value\"\n"},
        {"{from: x, keywords: [a, [b], '']}",
         "1:25: error: channel \"x\": each entry of \"keywords\" must be a text\n"
         "vendors.yaml:1:30: error: channel \"x\": an entry of \"keywords\" is empty\n"},
        {"{from: x, template: HX1}",
         "1:21: error: channel \"x\": template: a group of \"name: value\" lines "
         "must stand here\n"},
        {"{from: x, template: {size: 1}}",
         "1:11: error: channel \"x\": template: option \"sid\" is missing\n"},
        {"{from: x, template: {sdi: 1}}",
         "1:22: error: channel \"x\": template: unknown key \"sdi\"; did you "
         "mean \"sid\"?\n"},
        {"{from: x, retry: {wait: soon}}",
         "1:25: error: channel \"x\": retry: \"wait\" must be a duration such "
         "as 500ms, 8s, 10m, 24h or 3d, not \"soon\"\n"},
        {"[from]", "1:1: error: channel \"x\": a group of \"name: value\" lines must stand here\n"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_wrong(fixture, cases[i].yaml,
                     arena_format(fixture->arena, "vendors.yaml:%s", cases[i].said));
}

static void tells_of_all_at_once_in_order(void **state)
{
    struct fixture *fixture = *state;
    assert_wrong(fixture, "active: maybe\nnotes: x\nport: y\n",
                 "vendors.yaml:1:1: error: channel \"x\": option \"from\" is missing: the sender\n"
                 "vendors.yaml:1:9: error: channel \"x\": \"active\" must be yes or no (or true, "
                 "false, on, off), not \"maybe\"\n"
                 "vendors.yaml:2:1: error: channel \"x\": unknown key \"notes\"; did you mean "
                 "\"note\"?\n"
                 "vendors.yaml:3:7: error: channel \"x\": \"port\" must be a whole number, not "
                 "\"y\"\n");
}

static void speaks_spanish(void **state)
{
    struct fixture *fixture = *state;
    setenv("LC_ALL", "es_MX.UTF-8", 1);
    assert_wrong(
        fixture, "activ: maybe\nport: 0\ntimeout: [x]\n",
        "vendors.yaml:1:1: error: channel \"x\": clave desconocida \"activ\"; ¿quisiste decir "
        "\"active\"?\n"
        "vendors.yaml:1:1: error: channel \"x\": falta la opción \"from\": el remitente\n"
        "vendors.yaml:2:7: error: channel \"x\": \"port\" debe estar entre 1 y 65535, no "
        "\"0\"\n"
        "vendors.yaml:3:10: error: channel \"x\": \"timeout\" debe ser una duración como 500ms, "
        "8s, 10m, 24h o 3d, no una lista\n");
}

static void cuts_a_long_value_in_a_message(void **state)
{
    struct fixture *fixture = *state;
    assert_wrong(fixture, "{from: x, port: ñññ ñññ ñññ ñññ ñññ ñññ ñññ ñññ ñññ ñññ ñññ}",
                 "vendors.yaml:1:17: error: channel \"x\": \"port\" must be a whole number, not "
                 "\"ñññ ñññ ñññ ñññ ñññ ñññ ñññ ñññ ñññ ñññ …\"\n");
}

static void never_prints_what_may_be_secret(void **state)
{
    struct fixture *fixture = *state;
    setenv("T_SECRET", "hunter2", 1);
    assert_wrong(fixture, "{from: x, port: '${T_SECRET}', active: \"a${T_SECRET}\"}",
                 "vendors.yaml:1:17: error: channel \"x\": \"port\" must be a whole number\n"
                 "vendors.yaml:1:40: error: channel \"x\": \"active\" must be yes or no (or true, "
                 "false, on, off)\n");
    unsetenv("T_SECRET");
    assert_wrong(fixture, "{from: x, port: 0123456789abcdef0123456789abcdef}",
                 "vendors.yaml:1:17: error: channel \"x\": \"port\" must be a whole number\n");
    static const struct handoffd_option secret_rows[] = {
        HANDOFFD_OPTION_INTEGER("pin", struct target, port, .secret = true)};
    static const struct handoffd_options secret_table = HANDOFFD_OPTIONS(secret_rows);
    struct target target = {0};
    assert_int_equal(read_with(fixture, &secret_table, "pin: hunter2", &target), OPTIONS_WRONG);
    assert_string_equal(fixture_said(fixture),
                        "vendors.yaml:1:6: error: channel \"x\": \"pin\" must be a whole number\n");
}

/* ---------------------------------------------------------------- left empty by ${NAME:-} */

static void is_unconfigured_where_a_required_variable_is_empty(void **state)
{
    struct fixture *fixture = *state;
    struct target target = {0};
    unsetenv("T_NOT");
    assert_int_equal(read_with(fixture, &table, "from: ${T_NOT:-}", &target), OPTIONS_UNCONFIGURED);
    assert_string_equal(fixture_said(fixture), "");
    assert_int_equal(read_with(fixture, &table, "{from: '${T_NOT:-}', port: x}", &target),
                     OPTIONS_WRONG);
    assert_int_equal(diagnostics_errors(fixture->diagnostics), 1);
    fixture_said(fixture);
}

static void treats_a_list_that_is_left_empty_like_any_value(void **state)
{
    struct fixture *fixture = *state;
    static const struct handoffd_option list_rows[] = {
        HANDOFFD_OPTION_LIST("must", struct target, keywords, .required = true),
        HANDOFFD_OPTION_LIST("may", struct target, message.variables, .otherwise = "a"),
    };
    static const struct handoffd_options lists = HANDOFFD_OPTIONS(list_rows);
    struct target target = {0};
    assert_int_equal(read_with(fixture, &lists, "must: ['${T_NOT:-}']", &target),
                     OPTIONS_UNCONFIGURED);
    assert_int_equal(read_with(fixture, &lists, "{must: b, may: ['${T_NOT:-}']}", &target),
                     OPTIONS_FINE);
    assert_list(target.message.variables, "a");
    assert_int_equal(read_with(fixture, &lists, "{must: b, may: []}", &target), OPTIONS_FINE);
    assert_list(target.message.variables, "");
    assert_string_equal(fixture_said(fixture), "");
    assert_int_equal(read_with(fixture, &lists, "must: []", &target), OPTIONS_WRONG);
    assert_string_equal(fixture_said(fixture),
                        "vendors.yaml:1:1: error: channel \"x\": option \"must\" is empty\n");
}

static void leaves_a_record_out_where_its_variables_are_empty(void **state)
{
    struct fixture *fixture = *state;
    static const char *const texts[] = {
        "{from: x, template: {sid: '${T_NOT:-}', variables: [cliente], size: 4}}",
        "{from: x, template: '${T_NOT:-}'}",
    };
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct target target = read_fine(fixture, texts[i]);
        assert_null(target.message.sid);
        assert_int_equal(target.message.variables.count, 0);
        assert_int_equal(target.message.size, 0);
    }
    assert_wrong(fixture, "{from: x, template: {sid: , size: 4}}",
                 "vendors.yaml:1:22: error: channel \"x\": template: option \"sid\" is empty\n");
}

static void passes_on_what_a_required_record_lacks(void **state)
{
    struct fixture *fixture = *state;
    static const struct handoffd_option outer_rows[] = {HANDOFFD_OPTION_RECORD(
        "template", struct target, message, &template_table, .required = true)};
    static const struct handoffd_options outer = HANDOFFD_OPTIONS(outer_rows);
    static const struct {
        const char *yaml;
        enum options_result result;
    } cases[] = {
        {"template: {sid: x}", OPTIONS_FINE},
        {"template: {sid: '${T_NOT:-}'}", OPTIONS_UNCONFIGURED},
        {"template: ${T_NOT:-}", OPTIONS_UNCONFIGURED},
        {"template:", OPTIONS_WRONG},
        {"plugin: x", OPTIONS_WRONG},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct target target = {0};
        assert_int_equal(read_with(fixture, &outer, cases[i].yaml, &target), cases[i].result);
    }
    assert_string_equal(fixture_said(fixture),
                        "vendors.yaml:1:1: error: channel \"x\": option \"template\" is empty\n"
                        "vendors.yaml:1:1: error: channel \"x\": option \"template\" is missing\n");
}

/* ---------------------------------------------------------------- secrets in files */

static void reads_a_secret_from_a_file(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        const char *bytes;
        const char *token;
    } cases[] = {
        {"hunter2", "hunter2"},     {"hunter2\n", "hunter2"},
        {"hunter2\r\n", "hunter2"}, {"hunter2\n\n", "hunter2\n"},
        {" hunter2 ", " hunter2 "}, {"\xef\xbb\xbfhunter2", "hunter2"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        fixture_file(fixture, "token", cases[i].bytes);
        fixture->file_count = 1;
        assert_string_equal(read_fine(fixture, "{from: x, token_file: token}").token,
                            cases[i].token);
    }
    const char *yaml =
        arena_format(fixture->arena, "{from: x, token: '${T_NOT:-}', token_file: %s}",
                     fixture_path(fixture, "token"));
    assert_string_equal(read_fine(fixture, yaml).token, "hunter2");
}

static void tells_what_is_wrong_with_a_secret_s_file(void **state)
{
    struct fixture *fixture = *state;
    fixture_file(fixture, "empty", "\n");
    fixture_file(fixture, "latin", "hu\xf1ter2");
    static const struct {
        const char *yaml;
        const char *said;
    } cases[] = {
        {"{from: x, token_file: none}",
         "1:23: error: channel \"x\": the file of \"token_file\" cannot be "
         "read: there is no such file\n"},
        {"{from: x, token_file: .}",
         "1:23: error: channel \"x\": the file of \"token_file\" cannot be read: "
         "it is not an ordinary file\n"},
        {"{from: x, token_file: empty}",
         "1:23: error: channel \"x\": the file of \"token_file\" is empty\n"},
        {"{from: x, token_file: latin}",
         "1:23: error: channel \"x\": the file of \"token_file\" is not UTF-8 "
         "text\n"},
        {"{from: x, token_file: [a]}",
         "1:23: error: channel \"x\": the file of \"token_file\" must be a "
         "path\n"},
        {"{from: x, token: y, token_file: z}", "1:21: error: channel \"x\": either \"token\" or "
                                               "\"token_file\", not both\n"},
        {"{from: x, note_file: z}",
         "1:11: error: channel \"x\": unknown key \"note_file\"; did you mean "
         "\"token_file\"?\n"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_wrong(fixture, cases[i].yaml,
                     arena_format(fixture->arena, "vendors.yaml:%s", cases[i].said));
}

static void asks_for_either_form_of_a_required_secret(void **state)
{
    struct fixture *fixture = *state;
    static const struct handoffd_option secret_rows[] = {
        HANDOFFD_OPTION_TEXT("token", struct target, token, .secret = true, .required = true)};
    static const struct handoffd_options secret_table = HANDOFFD_OPTIONS(secret_rows);
    struct target target = {0};
    assert_int_equal(read_with(fixture, &secret_table, "{}", &target), OPTIONS_WRONG);
    assert_string_equal(fixture_said(fixture),
                        "vendors.yaml:1:1: error: channel \"x\": option \"token\" is "
                        "missing (or \"token_file\")\n");
    assert_int_equal(read_with(fixture, &secret_table, "token_file: ${T_NOT:-}", &target),
                     OPTIONS_UNCONFIGURED);
    fixture_file(fixture, "t", "x");
    assert_int_equal(read_with(fixture, &secret_table, "token_file: t", &target), OPTIONS_FINE);
    assert_string_equal(fixture_said(fixture), "");
}

/* ---------------------------------------------------------------- tables */

/* A row as an older header had it: no secret, no record. */
struct old_option {
    const char *name;
    const char *help;
    const char *help_es;
    const char *otherwise;
    int64_t least;
    int64_t most;
    uint32_t type;
    uint32_t offset;
};

struct new_option {
    struct handoffd_option option;
    const char *more;
};

static void honours_tables_of_another_age(void **state)
{
    struct fixture *fixture = *state;
    static const struct old_option old_rows[] = {
        {.name = "from", .type = HANDOFFD_TEXT, .offset = offsetof(struct target, from)},
        {.name = "port",
         .type = HANDOFFD_INTEGER,
         .offset = offsetof(struct target, port),
         .otherwise = "7"},
    };
    static const struct new_option new_rows[] = {
        {.option = HANDOFFD_OPTION_TEXT("from", struct target, from), .more = "x"},
        {.option = HANDOFFD_OPTION_INTEGER("port", struct target, port, .otherwise = "7")},
    };
    const struct handoffd_options tables[] = {
        {(const void *)old_rows, COUNT_OF(old_rows), sizeof old_rows[0]},
        {(const void *)new_rows, COUNT_OF(new_rows), sizeof new_rows[0]},
    };
    for (size_t i = 0; i < COUNT_OF(tables); i++) {
        struct error error;
        assert_true(options_check_table(&tables[i], sizeof(struct target), &error));
        struct handoffd_option row = options_row(&tables[i], 1);
        assert_string_equal(row.name, "port");
        assert_false(row.required);
        assert_null(row.record);
        struct target target = {0};
        assert_int_equal(read_with(fixture, &tables[i], "from: y", &target), OPTIONS_FINE);
        assert_string_equal(target.from, "y");
        assert_int_equal(target.port, 7);
    }
}

static void accepts_a_sound_table(void **state)
{
    (void)state;
    struct error error;
    static const struct handoffd_options none = {0};
    assert_true(options_check_table(&table, sizeof(struct target), &error));
    assert_true(options_check_table(&none, 0, &error));
}

static void names_the_fault_of_a_table(void **state)
{
    (void)state;
    static const struct handoffd_options no_rows = {NULL, 1, sizeof(struct handoffd_option)};
    static struct handoffd_options endless;
    static const struct handoffd_option endless_rows[] = {
        {.name = "a", .type = HANDOFFD_RECORD, .record = &endless}};
    endless = (struct handoffd_options)HANDOFFD_OPTIONS(endless_rows);
    static const struct {
        struct handoffd_option row;
        const char *said;
    } cases[] = {
        {{.type = HANDOFFD_TEXT}, "option row 1 has no name"},
        {{.name = "", .type = HANDOFFD_TEXT}, "option row 1 has no name"},
        {{.name = "a"}, "option \"a\": unknown type 0"},
        {{.name = "a", .type = 99}, "option \"a\": unknown type 99"},
        {{.name = "a", .type = HANDOFFD_TEXT, .offset = 9},
         "option \"a\": its member is outside the struct of 16 bytes"},
        {{.name = "a", .type = HANDOFFD_TEXT, .offset = UINT32_MAX},
         "option \"a\": its member is outside the struct of 16 bytes"},
        {{.name = "a", .type = HANDOFFD_INTEGER, .otherwise = "x"},
         "option \"a\": its default \"x\" is not valid"},
        {{.name = "a", .type = HANDOFFD_INTEGER, .otherwise = "9", .least = 1, .most = 8},
         "option \"a\": its default \"9\" is not valid"},
        {{.name = "a", .type = HANDOFFD_DURATION, .otherwise = "8"},
         "option \"a\": its default \"8\" is not valid"},
        {{.name = "a", .type = HANDOFFD_BOOLEAN, .otherwise = "x"},
         "option \"a\": its default \"x\" is not valid"},
        {{.name = "a", .type = HANDOFFD_TEXT, .otherwise = ""},
         "option \"a\": its default \"\" is not valid"},
        {{.name = "a", .type = HANDOFFD_INTEGER, .least = 1},
         "option \"a\": its least value is above its most"},
        {{.name = "a", .type = HANDOFFD_INTEGER, .secret = true},
         "option \"a\": only a text, a list or a map can be a secret"},
        {{.name = "a", .type = HANDOFFD_BOOLEAN, .secret = true},
         "option \"a\": only a text, a list or a map can be a secret"},
        {{.name = "a", .type = HANDOFFD_RECORD},
         "option \"a\": a record needs a table, and has neither a default nor a secret of its own"},
        {{.name = "a", .type = HANDOFFD_RECORD, .record = &template_table},
         "option \"variables\": its member is outside the struct of 16 bytes"},
        {{.name = "a", .type = HANDOFFD_RECORD, .record = &endless},
         "option \"a\": more than 8 records inside one another"},
        {{.name = "a", .type = HANDOFFD_RECORD, .record = &no_rows},
         "the option table has no rows, or rows that are too small"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct handoffd_options one = {&cases[i].row, 1, sizeof cases[i].row};
        struct error error = {""};
        assert_false(options_check_table(&one, 16, &error));
        assert_string_equal(error.message, cases[i].said);
    }
    static const struct handoffd_option twice[] = {
        {.name = "a", .type = HANDOFFD_TEXT},
        {.name = "a", .type = HANDOFFD_TEXT},
    };
    struct handoffd_options two = HANDOFFD_OPTIONS(twice);
    struct error error = {""};
    assert_false(options_check_table(&two, 16, &error));
    assert_string_equal(error.message, "option \"a\" is declared twice");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(fills_every_type),
        FIXTURE_TEST(uses_the_defaults),
        FIXTURE_TEST(uses_the_defaults_where_there_is_no_map),
        FIXTURE_TEST(reads_booleans_as_people_write_them),
        FIXTURE_TEST(takes_a_lone_text_for_a_list_of_one),
        FIXTURE_TEST(parses_durations),
        FIXTURE_TEST(tells_of_each_fault_at_its_place),
        FIXTURE_TEST(tells_of_all_at_once_in_order),
        FIXTURE_TEST(speaks_spanish),
        FIXTURE_TEST(cuts_a_long_value_in_a_message),
        FIXTURE_TEST(never_prints_what_may_be_secret),
        FIXTURE_TEST(is_unconfigured_where_a_required_variable_is_empty),
        FIXTURE_TEST(treats_a_list_that_is_left_empty_like_any_value),
        FIXTURE_TEST(leaves_a_record_out_where_its_variables_are_empty),
        FIXTURE_TEST(passes_on_what_a_required_record_lacks),
        FIXTURE_TEST(reads_a_secret_from_a_file),
        FIXTURE_TEST(tells_what_is_wrong_with_a_secret_s_file),
        FIXTURE_TEST(asks_for_either_form_of_a_required_secret),
        FIXTURE_TEST(honours_tables_of_another_age),
        FIXTURE_TEST(accepts_a_sound_table),
        FIXTURE_TEST(names_the_fault_of_a_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
