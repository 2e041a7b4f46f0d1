/* test_elevenlabs - the tool is JSON that ElevenLabs takes, and the person is told the rest. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cjson/cJSON.h>
#include <cmocka.h>

#include "base/memory.h"
#include "command/elevenlabs.h"
#include "command/elevenlabs_tool.h"

/* ------------------------------------------------------------ running it */

enum { ARGUMENTS = 8, OUTPUT_BYTES = 16384 };

struct run {
    int exit_code;
    char out[OUTPUT_BYTES];
    char err[OUTPUT_BYTES];
};

/* A standard stream that goes to a file for a while. */
struct diversion {
    FILE *stream;
    FILE *file;
    int original;
};

static struct diversion divert(FILE *stream)
{
    fflush(stream);
    struct diversion diversion = {stream, tmpfile(), dup(fileno(stream))};
    assert_non_null(diversion.file);
    assert_true(dup2(fileno(diversion.file), fileno(stream)) >= 0);
    return diversion;
}

static void restore(struct diversion *diversion, char output[OUTPUT_BYTES])
{
    fflush(diversion->stream);
    assert_true(dup2(diversion->original, fileno(diversion->stream)) >= 0);
    close(diversion->original);
    rewind(diversion->file);
    size_t length = fread(output, 1, OUTPUT_BYTES - 1, diversion->file);
    output[length] = '\0';
    fclose(diversion->file);
}

/* Runs `handoffd elevenlabs` with what the line holds behind it, words between spaces. */
static void run_command(const char *line, struct run *run)
{
    char words[512];
    snprintf(words, sizeof words, "elevenlabs %s", line);
    char *argv[ARGUMENTS + 1] = {NULL};
    int argc = 0;
    for (char *word = strtok(words, " "); word && argc < ARGUMENTS; word = strtok(NULL, " "))
        argv[argc++] = word;
    struct diversion out = divert(stdout);
    struct diversion err = divert(stderr);
    run->exit_code = command_elevenlabs(argc, argv);
    restore(&err, run->err);
    restore(&out, run->out);
}

static int speak_english(void **state)
{
    setenv("LC_ALL", "C", 1);
    *state = memory_zeroed(1, sizeof(struct run));
    return 0;
}

static int free_run(void **state)
{
    memory_free(state);
    return 0;
}

/* ------------------------------------------------------------ the tool */

static const cJSON *at(const cJSON *object, const char *name)
{
    const cJSON *member = cJSON_GetObjectItemCaseSensitive(object, name);
    if (member == NULL)
        fail_msg("no %s", name);
    return member;
}

static const char *text_at(const cJSON *object, const char *name)
{
    const char *text = cJSON_GetStringValue(at(object, name));
    assert_non_null(text);
    return text;
}

static cJSON *read_tool(const char *url, enum elevenlabs_medium medium)
{
    char *json = elevenlabs_tool_json(url, medium);
    cJSON *tool = cJSON_Parse(json);
    free(json);
    assert_non_null(tool);
    return tool;
}

static const cJSON *properties_of(const cJSON *tool)
{
    const cJSON *schema = at(at(at(tool, "tool_config"), "api_schema"), "request_body_schema");
    assert_string_equal(text_at(schema, "type"), "object");
    assert_string_equal(cJSON_GetArrayItem(at(schema, "required"), 0)->valuestring, "user_phone");
    assert_string_equal(cJSON_GetArrayItem(at(schema, "required"), 1)->valuestring, "reason");
    assert_int_equal(cJSON_GetArraySize(at(schema, "required")), 2);
    return at(schema, "properties");
}

static void the_tool_posts_to_the_endpoint_with_a_secret_header(void **state)
{
    (void)state;
    cJSON *tool = read_tool("https://handoff.example.com/api/elevenlabs/handoff", ELEVENLABS_VOICE);
    const cJSON *config = at(tool, "tool_config");
    assert_int_equal(cJSON_GetArraySize(tool), 1);
    assert_string_equal(text_at(config, "type"), "webhook");
    assert_string_equal(text_at(config, "name"), "handoff_to_human");
    assert_true(strlen(text_at(config, "description")) > 50);
    assert_int_equal(at(config, "response_timeout_secs")->valueint, 20);
    assert_true(cJSON_IsTrue(at(config, "disable_interruptions")));
    assert_true(cJSON_IsTrue(at(config, "force_pre_tool_speech")));
    assert_string_equal(text_at(config, "tool_error_handling_mode"), "passthrough");
    const cJSON *schema = at(config, "api_schema");
    assert_string_equal(text_at(schema, "url"),
                        "https://handoff.example.com/api/elevenlabs/handoff");
    assert_string_equal(text_at(schema, "method"), "POST");
    assert_string_equal(text_at(at(at(schema, "request_headers"), "Authorization"), "secret_id"),
                        "SECRET_ID");
    cJSON_Delete(tool);
}

static void the_agent_keeps_the_handoffs_id(void **state)
{
    (void)state;
    cJSON *tool = read_tool("https://a.mx/", ELEVENLABS_VOICE);
    const cJSON *assignment = at(at(tool, "tool_config"), "assignments")->child;
    assert_string_equal(text_at(assignment, "source"), "response");
    assert_string_equal(text_at(assignment, "value_path"), "handoff_id");
    assert_string_equal(text_at(assignment, "dynamic_variable"), "handoff_id");
    cJSON_Delete(tool);
}

/* ElevenLabs refuses a property with two sources, or none. */
static void check_property(const cJSON *properties, const char *name, const char *variable)
{
    const cJSON *property = at(properties, name);
    assert_string_equal(text_at(property, "type"), "string");
    assert_int_equal(cJSON_GetArraySize(property), 2);
    if (variable != NULL)
        assert_string_equal(text_at(property, "dynamic_variable"), variable);
    else
        assert_true(strlen(text_at(property, "description")) > 20);
}

static void on_a_call_the_identifiers_come_from_elevenlabs(void **state)
{
    (void)state;
    cJSON *tool = read_tool("https://a.mx/", ELEVENLABS_VOICE);
    const cJSON *properties = properties_of(tool);
    assert_int_equal(cJSON_GetArraySize(properties), 5);
    check_property(properties, "user_phone", "system__caller_id");
    check_property(properties, "reason", NULL);
    check_property(properties, "user_name", NULL);
    check_property(properties, "conversation_id", "system__conversation_id");
    check_property(properties, "additional_context", NULL);
    cJSON_Delete(tool);
}

static void in_a_chat_the_agent_asks_for_the_phone(void **state)
{
    (void)state;
    cJSON *tool = read_tool("https://a.mx/", ELEVENLABS_CHAT);
    const cJSON *properties = properties_of(tool);
    assert_int_equal(cJSON_GetArraySize(properties), 5);
    check_property(properties, "user_phone", NULL);
    check_property(properties, "conversation_id", "system__conversation_id");
    cJSON_Delete(tool);
    assert_non_null(strstr(elevenlabs_tool_prompt(ELEVENLABS_CHAT), "número de WhatsApp"));
    assert_null(strstr(elevenlabs_tool_prompt(ELEVENLABS_VOICE), "número de WhatsApp"));
}

/* ------------------------------------------------------------ the URL */

static void a_bare_host_gets_the_path(void **state)
{
    (void)state;
    static const struct {
        const char *given, *expected;
    } cases[] = {
        {"https://handoff.example.com", "https://handoff.example.com/api/elevenlabs/handoff"},
        {"https://handoff.example.com/", "https://handoff.example.com/api/elevenlabs/handoff"},
        {"https://a.mx:8443", "https://a.mx:8443/api/elevenlabs/handoff"},
        {"https://a.mx/ventas/handoff", "https://a.mx/ventas/handoff"},
        {"https://a.mx/x?y=1", "https://a.mx/x?y=1"},
        {"HTTPS://A.mx", "HTTPS://A.mx/api/elevenlabs/handoff"},
        {"http://localhost:8000", "http://localhost:8000/api/elevenlabs/handoff"},
        {"http://127.0.0.1:8000/", "http://127.0.0.1:8000/api/elevenlabs/handoff"},
        {"http://[::1]:8000", "http://[::1]:8000/api/elevenlabs/handoff"},
        {"https://[2001:db8::1]", "https://[2001:db8::1]/api/elevenlabs/handoff"},
    };
    struct arena *arena = arena_create(1024);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct error error = {""};
        const char *url = elevenlabs_tool_url(cases[i].given, arena, &error);
        if (url == NULL)
            fail_msg("%s: %s", cases[i].given, error.message);
        assert_string_equal(url, cases[i].expected);
    }
    arena_destroy(arena);
}

static void refuses_urls_that_elevenlabs_cannot_call(void **state)
{
    (void)state;
    static const struct {
        const char *given, *why;
    } cases[] = {
        {"", "https://"},
        {"handoff.example.com", "https://"},
        {"ftp://a.mx", "https://"},
        {"http://handoff.example.com", "localhost"},
        {"http://localhost.example.com", "localhost"},
        {"http://localhost@a.mx", "host"},
        {"https://user:key@a.mx", "host"},
        {"https://", "host"},
        {"https:///x", "host"},
        {"https://a.mx:", "host"},
        {"https://a.mx:0", "host"},
        {"https://a.mx:65536", "host"},
        {"https://a.mx:80a", "host"},
        {"https://[::1", "host"},
        {"https://a_b.mx", "host"},
        {"https://a.mx?x=1", "query"},
        {"https://a.mx/ x", "character"},
        {"https://a.mx/{id}", "character"},
        {"https://a.mx/#x", "character"},
        {"https://ñ.mx", "character"},
        {"https://a.mx/\n", "character"},
    };
    struct arena *arena = arena_create(1024);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct error error = {""};
        if (elevenlabs_tool_url(cases[i].given, arena, &error) != NULL)
            fail_msg("took: %s", cases[i].given);
        if (strstr(error.message, cases[i].why) == NULL)
            fail_msg("%s: %s", cases[i].given, error.message);
    }
    arena_destroy(arena);
}

/* ------------------------------------------------------------ the command */

static void stdout_is_the_tool_and_stderr_the_rest(void **state)
{
    struct run *run = *state;
    run_command("tool --url https://handoff.example.com", run);
    assert_int_equal(run->exit_code, 0);
    const char *end = NULL;
    cJSON *tool = cJSON_ParseWithOpts(run->out, &end, true);
    assert_non_null(tool);
    check_property(properties_of(tool), "user_phone", "system__caller_id");
    cJSON_Delete(tool);
    assert_non_null(strstr(run->err, "https://handoff.example.com/api/elevenlabs/handoff"));
    assert_non_null(strstr(run->err, "SECRET_ID"));
    assert_non_null(strstr(run->err, elevenlabs_tool_prompt(ELEVENLABS_VOICE)));
}

static void options_may_stand_in_any_order(void **state)
{
    struct run *run = *state;
    run_command("tool --chat --url=https://a.mx", run);
    assert_int_equal(run->exit_code, 0);
    cJSON *tool = cJSON_Parse(run->out);
    check_property(properties_of(tool), "user_phone", NULL);
    cJSON_Delete(tool);
    assert_non_null(strstr(run->err, elevenlabs_tool_prompt(ELEVENLABS_CHAT)));
}

static void help_is_no_error(void **state)
{
    struct run *run = *state;
    static const char *const lines[] = {"--help", "-h", "tool --help", "tool --url --help"};
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        run_command(lines[i], run);
        assert_int_equal(run->exit_code, 0);
        assert_non_null(strstr(run->out, "--url URL"));
        assert_non_null(strstr(run->out, "--chat"));
        assert_string_equal(run->err, "");
    }
}

static void wrong_use_is_said_and_exits_2(void **state)
{
    static const struct {
        const char *line, *why;
    } cases[] = {
        {"", "say what"},
        {"agent", "say what"},
        {"tool", "--url is missing"},
        {"tool --url", "--url wants a URL"},
        {"tool --url http://a.mx", "--url: http:// is for trials"},
        {"tool --url https://a.mx --caht", "unknown argument \"--caht\""},
        {"tool https://a.mx", "unknown argument \"https://a.mx\""},
    };
    struct run *run = *state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        run_command(cases[i].line, run);
        assert_int_equal(run->exit_code, 2);
        assert_string_equal(run->out, "");
        if (strstr(run->err, cases[i].why) == NULL)
            fail_msg("%s: %s", cases[i].line, run->err);
    }
}

static void speaks_spanish_where_the_operator_does(void **state)
{
    struct run *run = *state;
    setenv("LC_ALL", "es_MX.UTF-8", 1);
    run_command("tool --url http://a.mx", run);
    assert_non_null(strstr(run->err, "ElevenLabs pide https://"));
    run_command("tool --url https://a.mx", run);
    assert_non_null(strstr(run->err, "Agrega esto al prompt del agente"));
    run_command("--help", run);
    assert_non_null(strstr(run->out, "Imprime la herramienta"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, speak_english, free_run)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_tool_posts_to_the_endpoint_with_a_secret_header),
        TEST(the_agent_keeps_the_handoffs_id),
        TEST(on_a_call_the_identifiers_come_from_elevenlabs),
        TEST(in_a_chat_the_agent_asks_for_the_phone),
        TEST(a_bare_host_gets_the_path),
        TEST(refuses_urls_that_elevenlabs_cannot_call),
        TEST(stdout_is_the_tool_and_stderr_the_rest),
        TEST(options_may_stand_in_any_order),
        TEST(help_is_no_error),
        TEST(wrong_use_is_said_and_exits_2),
        TEST(speaks_spanish_where_the_operator_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
