/* test_settings_faults - what is said of a vendors.yaml that cannot be used: where, what, and all
 * of it at once. */
#include "config_fixture.h"

#include "settings/settings.h"

static int setup(void **state)
{
    setenv("HANDOFFD_PLUGIN_PATH", PLUGIN_DIRECTORY, 1);
    unsetenv("T_NOT_SET");
    return fixture_setup(state);
}

/* Each line of `expected` (all of them end in a newline) is how a line of what is said begins. */
static void assert_said(struct fixture *fixture, const char *yaml, const char *expected)
{
    fixture->file_count = 0;
    struct settings *settings =
        settings_load(fixture_file(fixture, "vendors.yaml", yaml), fixture->diagnostics);
    const char *said = fixture_said(fixture);
    bool has_error = strstr(expected, ": error: ") != NULL;
    assert_int_equal(settings == NULL, has_error);
    settings_destroy(settings);
    const char *line = said;
    const char *wanted = expected;
    while (*line != '\0' || *wanted != '\0') {
        size_t length = strcspn(wanted, "\n");
        if (length == 0 || strncmp(line, wanted, length) != 0)
            fail_msg("expected\n%sbut it said\n%s", expected, said);
        wanted += length + (wanted[length] == '\n');
        line += strcspn(line, "\n");
        line += *line == '\n';
    }
}

/* ---- one fault each */

#define ANA     "vendors: [{id: ana, notify: {log: a}}]\n"
#define CHANNEL "channels: {log: {plugin: log}}\n"

static void says_where_and_what_is_wrong(void **state)
{
    static const struct {
        const char *yaml;
        const char *said;
    } cases[] = {
        /* the file as a whole */
        {"",
         "vendors.yaml:1:1: error: channels: at least one channel is needed: log: {plugin: log}\n"
         "vendors.yaml:1:1: error: vendors: a list of people is needed\n"},
        {"- a\n", "vendors.yaml:1:1: error: the file is no map of sections: company:, vendors:\n"},
        {ANA CHANNEL "vendor: []\n",
         "vendors.yaml:3:1: error: unknown key \"vendor\"; did you mean "
         "\"vendors\"?\n"},
        {ANA CHANNEL "company: MX\n", "vendors.yaml:3:10: error: company: "},
        {ANA CHANNEL "server: 8000\n", "vendors.yaml:3:9: error: server: "},
        {ANA CHANNEL "server: [8000]\n", "vendors.yaml:3:9: error: server: "},
        {ANA CHANNEL "say: hola\n", "vendors.yaml:3:6: error: say: "},
        {ANA CHANNEL "alerts: ana\n", "vendors.yaml:3:9: error: alerts: "},
        {ANA CHANNEL "access: none\n", "vendors.yaml:3:9: error: access: "},
        {ANA CHANNEL "company: {contry: MX}\n",
         "vendors.yaml:3:11: error: company: unknown key \"contry\"; did you mean \"country\"?\n"},
        {ANA CHANNEL "company: {country: México}\n",
         "vendors.yaml:3:20: error: country: two capital letters, such as MX, CO or AR\n"},
        {ANA CHANNEL "company: {timezone: Mars/Olympus}\n",
         "vendors.yaml:3:21: error: timezone: no zone \"Mars/Olympus\"; write one such as\n"},
        {ANA CHANNEL "company: {timezone: ../../../etc/passwd}\n",
         "vendors.yaml:3:21: error: timezone: no zone\n"},

        /* people */
        {"vendors: {ana: 1}\n" CHANNEL,
         "vendors.yaml:1:10: error: vendors: a list of people is needed\n"},
        {"vendors: [ana]\n" CHANNEL, "vendors.yaml:1:11: error: vendors: a person is {id: …\n"},
        {"vendors: [{name: Ana, notify: {log: a}}]\n" CHANNEL,
         "vendors.yaml:1:11: error: vendor: option \"id\" is missing: a short name that never\n"},
        {"vendors: [{id: , notify: {log: a}}]\n" CHANNEL,
         "vendors.yaml:1:12: error: vendor: option \"id\" is empty: a short name\n"},
        {"vendors: [{id: Ana Torres, notify: {log: a}}]\n" CHANNEL,
         "vendors.yaml:1:16: error: id \"Ana Torres\": only a to z, 0 to 9, _ and -\n"},
        {"vendors:\n- {id: ana, notify: {log: a}}\n- {id: luis, notify: {log: b}}\n"
         "- {id: ana, notify: {log: c}}\n- {id: ana, notify: {log: d}}\n" CHANNEL,
         "vendors.yaml:4:8: error: two people have the id \"ana\"; the first is at line 2\n"
         "vendors.yaml:5:8: error: two people have the id \"ana\"; the first is at line 2\n"},
        {"vendors: [{id: ana, nmae: Ana, notify: {log: a}}]\n" CHANNEL,
         "vendors.yaml:1:21: error: vendor: unknown key \"nmae\"; did you mean \"name\"?\n"},
        {"vendors: [{id: ana, example: perhaps, notify: {log: a}}]\n" CHANNEL,
         "vendors.yaml:1:30: error: vendor: \"example\" must be\n"},

        /* how a person is told */
        {"vendors: [{id: ana}]\n" CHANNEL,
         "vendors.yaml:1:11: error: notify: write {CHANNEL: ADDRESS}\n"},
        {"vendors: [{id: ana, notify: log}]\n" CHANNEL,
         "vendors.yaml:1:29: error: notify: write {CHANNEL: ADDRESS}\n"},
        {"vendors: [{id: ana, notify: [log]}]\n" CHANNEL,
         "vendors.yaml:1:30: error: notify: write {CHANNEL: ADDRESS}\n"},
        {"vendors: [{id: ana, notify: {log: [a]}}]\n" CHANNEL,
         "vendors.yaml:1:35: error: notify: write {CHANNEL: ADDRESS}\n"},
        {"vendors: [{id: ana, notify: [{channel: log, to: {a: b}}]}]\n" CHANNEL,
         "vendors.yaml:1:30: error: notify: write {CHANNEL: ADDRESS}\n"},
        {"vendors: [{id: ana, notify: [{to: a}]}]\n" CHANNEL,
         "vendors.yaml:1:30: error: notify: option \"channel\" is missing: a name under "
         "channels:\n"},
        {"vendors: [{id: ana, notify: [{channel: log, too: a}]}]\n" CHANNEL,
         "vendors.yaml:1:45: error: notify: unknown key \"too\"; did you mean \"to\"?\n"},
        {"vendors: [{id: ana, notify: {lgo: a}}]\n" CHANNEL,
         "vendors.yaml:1:30: error: no channel \"lgo\" is defined; did you mean \"log\"?\n"},
        {"vendors: [{id: ana, notify: [{channel: telegram, to: a}]}]\n" CHANNEL,
         "vendors.yaml:1:40: error: no channel \"telegram\" is defined under channels:\n"},
        {"vendors: [{id: ana, notify: {log: \"${T_NOT_SET}\"}}]\n" CHANNEL,
         "vendors.yaml:1:35: error: the variable T_NOT_SET is not set\n"},

        /* routing */
        {ANA CHANNEL "routing: [round_robin, round_robin]\n",
         "vendors.yaml:3:24: error: routing: two steps are called \"round_robin\"; give one of "
         "them\n"},
        {ANA CHANNEL "routing: [{plugin: keyword, as: round_robin}, round_robin]\n",
         "vendors.yaml:3:47: error: routing: two steps are called \"round_robin\"\n"},
        {ANA CHANNEL "routing:\n- {as: a}\n- [a]\n- {plugin: round_robin, as: [a]}\n-\n",
         "vendors.yaml:4:3: error: routing: a step is a plugin's name, or {plugin: NAME, as: "
         "LABEL}\n"
         "vendors.yaml:5:3: error: routing: a step is\n"
         "vendors.yaml:6:3: error: routing: a step is\n"
         "vendors.yaml:7:2: error: routing: a step is\n"},
        {ANA CHANNEL "routing: rund_robin\n", "vendors.yaml:3:10: error: plugin \"rund_robin\" was "
                                              "not found; did you mean \"round_robin\"?\n"},
        {ANA CHANNEL "routing: log\n", "vendors.yaml:3:10: error: plugin \n"},
        {ANA CHANNEL "routing: [{plugin: keyword, onyl: true}]\n",
         "vendors.yaml:3:29: error: step \"keyword\": unknown key \"onyl\"; did you mean "
         "\"only\"?\n"},

        /* a router's option of a person, while a step has it and while none has */
        {"vendors: [{id: ana, keywords: [a], notify: {log: a}}]\nrouting: round_robin\n" CHANNEL,
         "vendors.yaml:1:21: error: vendor: unknown key \"keywords\"; here may stand: id, name\n"},
        {"vendors: [{id: ana, keyword: [a], notify: {log: a}}]\nrouting: keyword\n" CHANNEL,
         "vendors.yaml:1:21: error: vendor: unknown key \"keyword\"; did you mean \"keywords\"?\n"},
        {"vendors: [{id: ana, keywords: {a: b}, notify: {log: a}}]\nrouting: keyword\n" CHANNEL,
         "vendors.yaml:1:31: error: ana: \"keywords\" must be a list\n"},

        /* when nobody is left */
        {ANA CHANNEL "when_nobody: {then: anna}\n", "vendors.yaml:3:21: error: when_nobody: nobody "
                                                    "has the id \"anna\"; did you mean \"ana\"?\n"},
        {ANA CHANNEL "when_nobody: {then: pedro}\n",
         "vendors.yaml:3:21: error: when_nobody: nobody has the id \"pedro\"\n"},
        {ANA CHANNEL "when_nobody: {them: ana}\n",
         "vendors.yaml:3:15: error: when_nobody: unknown key \"them\"; did you mean \"then\"?\n"},
        {ANA CHANNEL "when_nobody: ana\n", "vendors.yaml:3:14: error: when_nobody\n"},

        /* channels */
        {ANA, "vendors.yaml:1:1: error: channels: at least one channel is needed\n"
              "vendors.yaml:1:30: error: no channel \"log\" is defined under channels:\n"},
        {ANA "channels: [log]\n",
         "vendors.yaml:1:30: error: no channel \"log\" is defined\n"
         "vendors.yaml:2:11: error: channels: at least one channel is needed\n"},
        {ANA "channels: {log: log}\n",
         "vendors.yaml:2:17: error: channel \"log\": write {plugin: NAME, …}\n"},
        {ANA "channels: {log: {}}\n", "vendors.yaml:2:12: error: channel \"log\": option "
                                      "\"plugin\" is missing: a name, or the\n"},
        {ANA "channels: {log: {plugin: lgo}}\n",
         "vendors.yaml:2:26: error: plugin \"lgo\" was not found; did you mean \"log\"?\n"},
        {ANA "channels: {log: {plugin: keyword}}\n", "vendors.yaml:2:26: error: plugin \n"},
        {ANA "channels: {log: {plugin: log, color: red}}\n",
         "vendors.yaml:2:31: error: channel \"log\": unknown key \"color\"; here may stand: "
         "plugin\n"},
        {ANA "channels: {log: {plugin: log, required: perhaps}}\n",
         "vendors.yaml:2:41: error: channel \"log\": \"required\" must be\n"},
        {ANA "channels:\n  log: {plugin: log}\n  wa: {plugin: twilio_whatsapp, auth_token: x}\n",
         "vendors.yaml:4:16: error: channel \"wa\": option \"account_sid\" is missing\n"
         "vendors.yaml:4:16: error: channel \"wa\": option \"from\" is missing\n"},

        /* the message and the daemon's own sections */
        {ANA CHANNEL "message: \"{clinte}\"\n", "vendors.yaml:3:10: error: message: line 1: "
                                                "{clinte} is unknown; there are {cliente}, {tel\n"},
        {ANA CHANNEL "message: |\n  hola\n  { {motivo}\n",
         "vendors.yaml:3:10: error: message: line 2: \n"},
        {ANA CHANNEL "message: \"{cliente}\"\n", "vendors.yaml:3:10: error: message: \n"},
        {ANA CHANNEL "message: [a]\n", "vendors.yaml:3:10: error: \"message\" must be\n"},
        {ANA CHANNEL "say: {sent: \"{cliente} listo\"}\n",
         "vendors.yaml:3:13: error: say: only {vendedor} stands for something\n"},
        {ANA CHANNEL "server: {listen: nowhere}\n", "vendors.yaml:3:18: error: server: \n"},
        {ANA CHANNEL "server: {reply_within: 2m}\n",
         "vendors.yaml:3:24: error: server: \"reply_within\" must be between 1ms and 1m, not "
         "\"2m\"\n"},
        {ANA CHANNEL "store: {min_free_mb: lots}\n",
         "vendors.yaml:3:22: error: store: \"min_free_mb\" must be a whole number, not \"lots\"\n"},
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_said(fixture, cases[i].yaml, cases[i].said);
}

/* ---- all at once */

static const char everything_wrong[] =
    "vendors:\n"
    "- {id: ana, nmae: Ana, notify: {lgo: \"\"}}\n"
    "- {id: ana, notify: {log: \"\"}}\n"
    "compani: {name: x}\n"
    "routing: [round_robin, round_robin]\n"
    "when_nobody: {then: anna}\n"
    "message: \"hola {clinte}\"\n"
    "server: {reply_within: 2h}\n"
    "channels:\n"
    "  log: {plugin: log, colour: red}\n"
    "  wa: {plugin: twilio_whatsapp, account_sid: \"${T_NOT_SET:-}\", auth_token: x, from: "
    "\"+14155238886\"}\n";

static void says_everything_at_once_and_in_order(void **state)
{
    assert_said(*state, everything_wrong,
                "vendors.yaml:2:13: error: vendor: unknown key \"nmae\"; did you mean \"name\"?\n"
                "vendors.yaml:2:33: error: no channel \"lgo\" is defined; did you mean \"log\"?\n"
                "vendors.yaml:3:8: error: two people have the id \"ana\"; the first is at line 2\n"
                "vendors.yaml:4:1: error: unknown key \"compani\"; did you mean \"company\"?\n"
                "vendors.yaml:5:24: error: routing: two steps are called \"round_robin\"\n"
                "vendors.yaml:6:21: error: when_nobody: nobody has the id \"anna\"\n"
                "vendors.yaml:7:10: error: message: line 1: {clinte} is unknown\n"
                "vendors.yaml:8:24: error: server: \"reply_within\" must be between\n"
                "vendors.yaml:10:22: error: channel \"log\": unknown key \"colour\"\n"
                "vendors.yaml:11:3: warning: channel \"wa\" is not configured\n");
}

static void says_it_in_spanish(void **state)
{
    unsetenv("LC_ALL");
    unsetenv("LC_MESSAGES");
    setenv("LANG", "es_MX.UTF-8", 1);
    assert_said(
        *state, everything_wrong,
        "vendors.yaml:2:13: error: vendedor: clave desconocida \"nmae\"; ¿quisiste decir "
        "\"name\"?\n"
        "vendors.yaml:2:33: error: no hay ningún canal «lgo»; ¿quisiste decir «log»?\n"
        "vendors.yaml:3:8: error: dos personas tienen el id «ana»; la primera, en la línea 2\n"
        "vendors.yaml:4:1: error: clave desconocida \"compani\"; ¿quisiste decir "
        "\"company\"?\n"
        "vendors.yaml:5:24: error: routing: hay dos pasos «round_robin»; ponle a uno\n"
        "vendors.yaml:6:21: error: when_nobody: nadie tiene el id «anna»; ¿quisiste decir\n"
        "vendors.yaml:7:10: error: message: línea 1: {clinte} no se conoce; existen\n"
        "vendors.yaml:8:24: error: server: \"reply_within\" debe estar entre 1ms y 1m\n"
        "vendors.yaml:10:22: error: canal «log»: clave desconocida \"colour\"\n"
        "vendors.yaml:11:3: aviso: el canal «wa» no está configurado\n");
    assert_said(*state,
                "vendors: [{id: ana, notify: [{to: a}]}]\nchannels: {log: {plugin: log}}\n"
                "routing: {plugin: keyword, onyl: yes}\n",
                "vendors.yaml:1:30: error: notify: falta la opción \"channel\": un nombre de "
                "channels:\n"
                "vendors.yaml:3:28: error: paso «keyword»: clave desconocida \"onyl\"\n");
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        TEST(says_where_and_what_is_wrong),
        TEST(says_everything_at_once_and_in_order),
        TEST(says_it_in_spanish),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
