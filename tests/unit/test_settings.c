/* test_settings - vendors.yaml as a whole: what is made of it, with the plugins that are built. */
#include "config_fixture.h"

#include "base/log.h"
#include "config/file.h"
#include "settings/settings.h"

static const char *const variables[] = {"TWILIO_ACCOUNT_SID",   "TWILIO_AUTH_TOKEN",
                                        "TWILIO_WHATSAPP_FROM", "VENDEDOR_WHATSAPP",
                                        "TWILIO_CONTENT_SID",   "TWILIO_API_BASE"};

struct office {
    struct fixture *fixture;
    struct settings *settings;
};

static int setup(void **state)
{
    struct office *office = memory_zeroed(1, sizeof *office);
    for (size_t i = 0; i < COUNT_OF(variables); i++)
        unsetenv(variables[i]);
    setenv("HANDOFFD_PLUGIN_PATH", PLUGIN_DIRECTORY, 1);
    *state = office;
    return fixture_setup((void **)&office->fixture);
}

static int teardown(void **state)
{
    struct office *office = *state;
    settings_destroy(office->settings);
    int failed = fixture_teardown((void **)&office->fixture);
    free(office);
    return failed;
}

static const struct settings *load(struct office *office, const char *yaml)
{
    settings_destroy(office->settings);
    office->fixture->file_count = 0;
    const char *path = fixture_file(office->fixture, "vendors.yaml", yaml);
    office->settings = settings_load(path, office->fixture->diagnostics);
    return office->settings;
}

/* The file is fine, and nothing is said of it. */
static const struct settings *load_fine(struct office *office, const char *yaml)
{
    const struct settings *settings = load(office, yaml);
    assert_string_equal(fixture_said(office->fixture), "");
    assert_non_null(settings);
    return settings;
}

static const char *read_shipped(struct office *office)
{
    struct error error;
    struct buffer bytes;
    buffer_init(&bytes, 1 << 20);
    assert_int_equal(file_read(VENDORS_YAML, &bytes, NULL, &error), FILE_READ);
    const char *text = arena_text(office->fixture->arena, bytes.bytes);
    buffer_deinit(&bytes);
    return text;
}

/* "ana: log to-ana, sms 12; luis: …" */
static const char *roster_text(struct office *office)
{
    struct arena *arena = office->fixture->arena;
    const struct roster *roster = &office->settings->roster;
    const char *text = "";
    for (size_t i = 0; i < roster->count; i++) {
        text = arena_format(arena, "%s%s%s:", text, i > 0 ? "; " : "", roster->vendors[i].id);
        for (size_t c = 0; c < roster->vendors[i].contact_count; c++) {
            const struct contact *contact = &roster->vendors[i].contacts[c];
            text = arena_format(arena, "%s%s %s %s", text, c > 0 ? "," : "", contact->channel->name,
                                contact->to);
        }
    }
    return text;
}

static const char *steps_text(struct office *office)
{
    const char *text = "";
    for (size_t i = 0; i < chain_step_count(office->settings->chain); i++)
        text = arena_format(office->fixture->arena, "%s%s ", text,
                            chain_label(office->settings->chain, i));
    return text;
}

/* ---- the file as it is shipped */

static void works_as_shipped_with_nothing_set(void **state)
{
    struct office *office = *state;
    const struct settings *settings = load(office, read_shipped(office));
    const char *said = fixture_said(office->fixture);
    assert_non_null(settings);
    assert_non_null(strstr(said, "channel \"whatsapp\" is not configured"));
    assert_null(strstr(said, "error"));
    assert_ptr_equal(strchr(said, '\n'), said + strlen(said) - 1); /* one line */
    assert_string_equal(roster_text(office), "ana: log ; luis: log ; diego: log ");
    assert_string_equal(settings->roster.vendors[1].name, "Luis Rangel");
    assert_true(settings->roster.is_example);
    assert_int_equal(settings->roster.fallback, NOBODY);
    assert_string_equal(steps_text(office), "keyword round_robin ");
    assert_int_equal(settings->channels.count, 2);
    assert_true(settings->channels.items[0]->is_configured);
    assert_false(settings->channels.items[1]->is_configured);
    assert_string_equal(settings->company.country, "MX");
    assert_string_equal(settings->server.listen, "127.0.0.1:8000");
    assert_int_equal(settings->server.reply_within_ms, 8000);
    assert_string_equal(settings->store.path, fixture_path(office->fixture, "data/handoffd.db"));
}

static void set_four_variables(void)
{
    setenv("TWILIO_ACCOUNT_SID", "AC00000000000000000000000000000001", 1);
    setenv("TWILIO_AUTH_TOKEN", "a-token-of-twilio", 1);
    setenv("TWILIO_WHATSAPP_FROM", "whatsapp:+14155238886", 1);
    setenv("VENDEDOR_WHATSAPP", "whatsapp:+5215512345678", 1);
}

static void sends_to_one_number_with_the_specification_s_four_variables(void **state)
{
    struct office *office = *state;
    set_four_variables();
    const struct settings *settings = load_fine(office, read_shipped(office));
    assert_string_equal(roster_text(office), "vendedor: whatsapp whatsapp:+5215512345678");
    assert_false(settings->roster.is_example);
    assert_true(settings->channels.items[1]->is_configured);
}

static void takes_the_four_variables_from_a_file_beside_it(void **state)
{
    struct office *office = *state;
    const char *yaml = read_shipped(office);
    const char *env = fixture_path(office->fixture, ".env");
    FILE *file = fopen(env, "w");
    fputs("TWILIO_ACCOUNT_SID=AC00000000000000000000000000000001\nTWILIO_AUTH_TOKEN=your_token\n"
          "TWILIO_WHATSAPP_FROM=whatsapp:+14155238886\nVENDEDOR_WHATSAPP=+52 55 1234 5678\n",
          file);
    fclose(file);
    const struct settings *settings = load(office, yaml);
    unlink(env);
    assert_string_equal(fixture_said(office->fixture), "");
    assert_non_null(settings);
    assert_string_equal(roster_text(office), "vendedor: whatsapp whatsapp:+525512345678");
}

static void is_not_configured_when_any_of_the_account_s_three_is_missing(void **state)
{
    struct office *office = *state;
    for (size_t i = 0; i < 3; i++) {
        set_four_variables();
        if (i % 2 == 1)
            unsetenv(variables[i]);
        else
            setenv(variables[i], "", 1);
        const struct settings *settings = load(office, read_shipped(office));
        assert_non_null(settings);
        assert_non_null(strstr(fixture_said(office->fixture), "is not configured"));
        assert_int_equal(settings->roster.count,
                         0); /* the examples step aside: there is a real person */
        assert_string_equal(
            settings->unconfigured,
            "WhatsApp service not configured. Check TWILIO_* environment variables.");
        assert_false(settings->roster.is_example);
    }
}

static void leaves_nobody_to_the_examples_while_the_real_person_has_no_number(void **state)
{
    struct office *office = *state;
    set_four_variables();
    unsetenv("VENDEDOR_WHATSAPP");
    const struct settings *settings = load(office, read_shipped(office));
    assert_non_null(settings);
    assert_non_null(
        strstr(fixture_said(office->fixture), "vendedor has no address on \"whatsapp\""));
    assert_string_equal(roster_text(office), "");
    assert_string_equal(settings->unconfigured,
                        "WhatsApp service not configured. Check TWILIO_* environment variables.");
}

static void names_a_variable_s_fault_without_its_value(void **state)
{
    struct office *office = *state;
    set_four_variables();
    setenv("VENDEDOR_WHATSAPP", "55 no es un teléfono", 1);
    assert_null(load(office, read_shipped(office)));
    const char *said = fixture_said(office->fixture);
    assert_non_null(strstr(said, "vendors.yaml:11:24: error: channel \"whatsapp\": "));
    assert_null(strstr(said, "teléfono"));
}

static void hides_the_secrets_of_the_file_in_the_log(void **state)
{
    struct office *office = *state;
    char masked[64];
    set_four_variables();
    load_fine(office, read_shipped(office));
    assert_string_equal(log_masked(masked, sizeof masked, "bad a-token-of-twilio!"), "bad …!");
    settings_destroy(office->settings);
    office->settings = NULL;
    assert_string_equal(log_masked(masked, sizeof masked, "bad a-token-of-twilio!"),
                        "bad a-token-of-twilio!");
}

static void hides_lists_and_maps_of_secrets_too(void **state)
{
    struct office *office = *state;
    char masked[128];
    load_fine(office, "vendors: [{id: ana, notify: {log: }}]\nchannels: {log: {plugin: log}}\n"
                      "routing: [{plugin: " VAULT ", as: vault, keys: [first-key, second-key],\n"
                      "  doors: {front: third-key}, box: {keys: fourth-key}}]\n");
    assert_string_equal(
        log_masked(masked, sizeof masked, "first-key second-key third-key fourth-key front"),
        "… … … … front");
}

static void begins_every_path_at_the_folder_of_the_file(void **state)
{
    struct office *office = *state;
    struct arena *arena = office->fixture->arena;
    const struct settings *settings =
        load_fine(office, "vendors: [{id: ana, notify: {log: }}]\nchannels: {log: {plugin: log}}\n"
                          "server: {listen: unix:run/h.sock, control: run/c.sock}\n"
                          "store: {path: run/h.db}\n");
    const char *folder = office->fixture->folder;
    assert_string_equal(settings->server.listen, arena_format(arena, "unix:%s/run/h.sock", folder));
    assert_string_equal(settings->server.control, arena_format(arena, "%s/run/c.sock", folder));
    assert_string_equal(settings->store.path, arena_format(arena, "%s/run/h.db", folder));
    settings =
        load_fine(office, "vendors: [{id: ana, notify: {log: }}]\nchannels: {log: {plugin: log}}\n"
                          "server: {listen: unix:/run/h.sock, control: /run/c.sock}\n"
                          "store: {path: /run/h.db}\n");
    assert_string_equal(settings->server.listen, "unix:/run/h.sock");
    assert_string_equal(settings->server.control, "/run/c.sock");
    assert_string_equal(settings->store.path, "/run/h.db");
    assert_null(load(office, "server: {listen: 'unix:'}\n"));
    assert_non_null(strstr(fixture_said(office->fixture), "unix:/run/handoffd.sock"));
}

/* ---- people */

static void reads_notify_in_every_form(void **state)
{
    static const struct {
        const char *notify;
        const char *contacts; /* of the person; "": they are not there */
    } cases[] = {
        {"{log: \"\"}", "log "},
        {"{log: here}", "log here"},
        {"{log: 12}", "log 12"},
        {"{log: a, other: b}", "log a, other b"},
        {"{other: b, log: a}", "other b, log a"},
        {"[{channel: log}]", "log "},
        {"[{channel: log, to: a}]", "log a"},
        {"[{to: a, channel: log}, {channel: other, to: b}, {channel: log, to: c}]",
         "log a, other b, log c"},
        {"[{channel: log, to: \"${T_NOT_SET:-}\"}, {channel: other, to: b}]", "other b"},
        {"{log: \"${T_NOT_SET:-}\"}", ""},
        {"{log: \"${T_NOT_SET:-a}\"}", "log a"},
        {"{wa: 442 000 0001}", "wa whatsapp:+524420000001"},
    };
    struct office *office = *state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct arena *arena = office->fixture->arena;
        load_fine(office,
                  arena_format(arena,
                               "company: {country: MX}\n"
                               "vendors:\n- {id: eva, notify: {log: x}}\n- {id: ana, notify: %s}\n"
                               "channels:\n  log: {plugin: log}\n  other: {plugin: log}\n"
                               "  wa: {plugin: twilio_whatsapp, account_sid: "
                               "AC00000000000000000000000000000001, auth_token: token, from: "
                               "\"+14155238886\"}\n",
                               cases[i].notify));
        const char *expected = cases[i].contacts[0] != '\0'
                                   ? arena_format(arena, "eva: log x; ana: %s", cases[i].contacts)
                                   : "eva: log x";
        assert_string_equal(roster_text(office), expected);
    }
}

#define LOG_CHANNEL "channels: {log: {plugin: log}}\n"

static void calls_a_person_by_id_where_there_is_no_name(void **state)
{
    struct office *office = *state;
    load_fine(office, "vendors: [{id: ana_2-b, notify: {log: a}}]\n" LOG_CHANNEL);
    assert_string_equal(office->settings->roster.vendors[0].name, "ana_2-b");
}

static void has_examples_step_aside_for_one_real_person(void **state)
{
    struct office *office = *state;
    load_fine(office, "vendors:\n- {id: ana, example: yes, notify: {log: a}}\n"
                      "- {id: luis, notify: {log: b}}\n- {id: eva, example: no, notify: {log: c}}\n"
                      "- {id: sol, example: sí, notify: {log: d}}\n" LOG_CHANNEL);
    assert_string_equal(roster_text(office), "luis: log b; eva: log c");
    assert_false(office->settings->roster.is_example);
}

static void finds_the_one_for_when_nobody_is_left(void **state)
{
    static const struct {
        const char *section;
        size_t fallback;
    } cases[] = {
        {"", NOBODY},
        {"when_nobody: {}", NOBODY},
        {"when_nobody: {then: }", NOBODY},
        {"when_nobody: {then: luis}", 1},
        {"when_nobody: {then: ana}", 0},
    };
    struct office *office = *state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        load_fine(office, arena_format(office->fixture->arena,
                                       "vendors:\n- {id: ana, notify: {log: a}}\n"
                                       "- {id: sol, example: yes, notify: {log: c}}\n"
                                       "- {id: luis, notify: {log: b}}\n%s\n" LOG_CHANNEL,
                                       cases[i].section));
        assert_int_equal(office->settings->roster.fallback, cases[i].fallback);
    }
}

static void warns_of_a_last_one_who_cannot_be_told(void **state)
{
    struct office *office = *state;
    load(office,
         "vendors:\n- {id: ana, notify: {log: a}}\n"
         "- {id: sol, example: yes, notify: {log: c}}\nwhen_nobody: {then: sol}\n" LOG_CHANNEL);
    assert_non_null(office->settings);
    assert_int_equal(office->settings->roster.fallback, NOBODY);
    assert_non_null(
        strstr(fixture_said(office->fixture), "vendors.yaml:4:21: warning: when_nobody: \"sol\""));
}

/* ---- routing */

static void reads_routing_in_every_form(void **state)
{
    static const struct {
        const char *section;
        const char *steps;
    } cases[] = {
        {"", "round_robin "},
        {"routing: round_robin", "round_robin "},
        {"routing: []", ""},
        {"routing: [keyword, round_robin]", "keyword round_robin "},
        {"routing: {plugin: keyword}", "keyword "},
        {"routing: [{plugin: keyword, only: true, as: temas}]", "temas "},
        {"routing: [{plugin: keyword, only: yes}, {plugin: keyword, as: otra_vez}]",
         "keyword otra_vez "},
        {"routing: [{plugin: round_robin, as: día}, {plugin: round_robin, as: noche}]",
         "día noche "},
    };
    struct office *office = *state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        load_fine(office, arena_format(office->fixture->arena,
                                       "vendors: [{id: ana, notify: {log: a}}]\n%s\n" LOG_CHANNEL,
                                       cases[i].section));
        assert_string_equal(steps_text(office), cases[i].steps);
    }
}

static size_t best(struct office *office, const char *reason)
{
    struct ranking ranking;
    struct handoffd_handoff handoff = {.size = sizeof handoff, .reason = reason};
    chain_rank(office->settings->chain, &handoff, NULL, office->fixture->arena, &ranking);
    return ranking_best(&ranking);
}

static void starts_its_plugins_and_routes_with_them(void **state)
{
    struct office *office = *state;
    struct error error = {"no error was set"};
    struct loop *loop = loop_create();
    struct plugin_host host = {.loop = loop, .client = http_client_create(loop)};
    load_fine(office, "vendors:\n- {id: ana, notify: {log: a}, keywords: [precio]}\n"
                      "- {id: luis, notify: {log: b}, keywords: [garantía, falla]}\n"
                      "routing: [keyword, round_robin]\n" LOG_CHANNEL);
    if (!settings_start_plugins(office->settings, &host, &error))
        fail_msg("%s", error.message);
    chain_prepare(office->settings->chain);
    assert_int_equal(best(office, "tengo una falla"), 1);
    assert_int_equal(best(office, "¿precio?"), 0);
    chain_set_turn(office->settings->chain, "round_robin", "ana", 5);
    assert_int_equal(best(office, "hola"), 1);
    assert_int_equal(best(office, "¿precio?"), 0);
    settings_stop_plugins(office->settings);
    http_client_close(host.client, NULL, NULL);
    loop_run(loop);
    loop_destroy(loop);
}

/* ---- the daemon's own sections */

static void has_defaults_for_all_that_is_not_said(void **state)
{
    struct office *office = *state;
    const struct settings *settings =
        load_fine(office, "vendors: [{id: ana, notify: {log: a}}]\n" LOG_CHANNEL);
    assert_null(settings->company.name);
    assert_null(settings->company.country);
    assert_string_equal(settings->server.listen, "127.0.0.1:8000");
    assert_int_equal(settings->server.reply_within_ms, 8000);
    assert_int_equal(settings->server.dedupe_window_ms, 600000);
    assert_int_equal(settings->server.most_open, 10000);
    assert_int_equal(settings->server.limits.connections, 10000);
    assert_int_equal(settings->server.limits.body_bytes, 65536);
    assert_int_equal(settings->store.least_free_mb, 64);
    assert_string_equal(settings->store.path, fixture_path(office->fixture, "data/handoffd.db"));
    assert_non_null(settings->template);
    assert_non_null(strstr(settings->say.sent, "{vendedor}"));
    assert_string_equal(settings->say.failed, "No pude avisar al equipo. Por favor, llámanos.");
}

static void reads_the_daemon_s_own_sections(void **state)
{
    struct office *office = *state;
    const struct settings *settings = load_fine(
        office, "company: {name: Robótica, country: CO, timezone: America/Bogota}\n"
                "vendors: [{id: ana, notify: {log: a}}]\n"
                "message: \"{cliente}: {motivo} {telefono}\"\n"
                "say: {sent: listo, queued: luego, failed: no, invalid: qué}\n"
                "server: {listen: 0.0.0.0:0, reply_within: 500ms, dedupe_window: 1h, max_open: 5,\n"
                "  max_connections: 7}\n"
                "store: {path: /var/lib/handoffd/a.db, min_free_mb: 0}\n" LOG_CHANNEL);
    assert_string_equal(settings->company.name, "Robótica");
    assert_string_equal(settings->company.timezone, "America/Bogota");
    assert_string_equal(settings->say.invalid, "qué");
    assert_string_equal(settings->server.listen, "0.0.0.0:0");
    assert_int_equal(settings->server.reply_within_ms, 500);
    assert_int_equal(settings->server.dedupe_window_ms, 3600000);
    assert_int_equal(settings->server.most_open, 5);
    assert_int_equal(settings->server.limits.connections, 7);
    assert_string_equal(settings->store.path, "/var/lib/handoffd/a.db");
    assert_int_equal(settings->store.least_free_mb, 0);
}

/* ---- a plugin that is not there */

static void does_without_a_channel_that_is_not_required(void **state)
{
    struct office *office = *state;
    const struct settings *settings =
        load(office, "vendors:\n- {id: ana, notify: [{channel: pager, to: 1}, {channel: log}]}\n"
                     "- {id: luis, notify: {pager: 2}}\nchannels:\n  log: {plugin: log}\n"
                     "  pager: {plugin: pager, required: no, port: 1}\n");
    const char *said = fixture_said(office->fixture);
    assert_non_null(settings);
    assert_non_null(strstr(said, "vendors.yaml:6:19: warning: plugin \"pager\" was not found"));
    assert_ptr_equal(strchr(said, '\n'), said + strlen(said) - 1);
    assert_string_equal(roster_text(office), "ana: log ");
}

static void does_not_load_a_file_that_is_not_there(void **state)
{
    struct office *office = *state;
    const char *path = fixture_path(office->fixture, "none.yaml");
    assert_null(settings_load(path, office->fixture->diagnostics));
    assert_non_null(strstr(fixture_said(office->fixture), "none.yaml: error: "));
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(works_as_shipped_with_nothing_set),
        TEST(sends_to_one_number_with_the_specification_s_four_variables),
        TEST(takes_the_four_variables_from_a_file_beside_it),
        TEST(is_not_configured_when_any_of_the_account_s_three_is_missing),
        TEST(leaves_nobody_to_the_examples_while_the_real_person_has_no_number),
        TEST(names_a_variable_s_fault_without_its_value),
        TEST(hides_the_secrets_of_the_file_in_the_log),
        TEST(hides_lists_and_maps_of_secrets_too),
        TEST(begins_every_path_at_the_folder_of_the_file),
        TEST(reads_notify_in_every_form),
        TEST(calls_a_person_by_id_where_there_is_no_name),
        TEST(has_examples_step_aside_for_one_real_person),
        TEST(finds_the_one_for_when_nobody_is_left),
        TEST(warns_of_a_last_one_who_cannot_be_told),
        TEST(reads_routing_in_every_form),
        TEST(starts_its_plugins_and_routes_with_them),
        TEST(has_defaults_for_all_that_is_not_said),
        TEST(reads_the_daemon_s_own_sections),
        TEST(does_without_a_channel_that_is_not_required),
        TEST(does_not_load_a_file_that_is_not_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
