/* test_twilio_whatsapp - the request that Twilio gets, and the options that make it. */
#include <cjson/cJSON.h>

#include "config/options.h"
#include "twilio_fixture.h"

enum { MOST_VALUE = 8192 };

/* ---- reading the form: not with the code under test */

static int hex(char digit)
{
    const char *digits = "0123456789ABCDEF";
    const char *place = strchr(digits, digit);
    assert_true(digit != '\0' && place != NULL);
    return (int)(place - digits);
}

/* False: the form has no such name. */
static bool form_value(const char *form, const char *name, char value[MOST_VALUE])
{
    size_t length = strlen(name);
    const char *next = form;
    while (next != NULL && (strncmp(next, name, length) != 0 || next[length] != '=')) {
        next = strchr(next, '&');
        next = next != NULL ? next + 1 : NULL;
    }
    if (next == NULL)
        return false;
    size_t used = 0;
    for (next += length + 1; *next != '\0' && *next != '&'; next++) {
        assert_true((unsigned char)*next > ' ' && (unsigned char)*next < 0x7F && *next != '+');
        value[used++] = *next == '%' ? (char)(hex(next[1]) * 16 + hex(next[2])) : *next;
        next += *next == '%' ? 2 : 0;
        assert_true(used < MOST_VALUE);
    }
    value[used] = '\0';
    return true;
}

static void expect_field(const struct sent_request *request, const char *name, const char *expected)
{
    char value[MOST_VALUE] = "";
    bool is_there = form_value(request->body, name, value);
    if (expected == NULL)
        assert_false(is_there);
    else
        assert_string_equal(value, expected);
}

/* ---- the request */

static void posts_a_form_with_basic_authentication(void **state)
{
    set_account(*state);
    start(*state);
    const struct sent_request *request = send_example(*state);
    assert_string_equal(request->method, "POST");
    assert_string_equal(request->url,
                        "https://api.twilio.com/2010-04-01/Accounts/" ACCOUNT "/Messages.json");
    assert_string_equal(request->user, ACCOUNT);
    assert_string_equal(request->password, "s3cret");
    assert_string_equal(request->content_type, "application/x-www-form-urlencoded");
    assert_string_equal(request->headers, "accept: application/json\n");
    assert_int_equal(request->timeout_ms, 10000);
    expect_field(request, "To", "whatsapp:+5215512345678");
    expect_field(request, "From", "whatsapp:+14155238886");
    expect_field(request, "Body", example_message().text);
    expect_field(request, "MessagingServiceSid", NULL);
    expect_field(request, "ContentSid", NULL);
    expect_field(request, "ContentVariables", NULL);
    assert_non_null(strstr(request->body, "To=whatsapp%3A%2B5215512345678&"));
    subject_stop(*state);
}

static void encodes_every_byte_that_a_form_could_take_for_its_own(void **state)
{
    set_account(*state);
    start(*state);
    const struct handoffd_attempt attempt = example_attempt(7, "whatsapp:+5215512345678");
    struct handoffd_message message = example_message();
    message.text = "a&b=c+d%20e f\nñ 🔔 \"'<>#?/\\-._~";
    expect_field(send_attempt(*state, &attempt, &message), "Body", message.text);
    subject_stop(*state);
}

static void uses_an_api_key_with_the_account_in_the_path(void **state)
{
    set_account(*state);
    subject_set(*state, "api_key_sid", KEY);
    subject_set(*state, "api_key_secret", "k3y");
    start(*state);
    const struct sent_request *request = send_example(*state);
    assert_string_equal(request->user, KEY);
    assert_string_equal(request->password, "k3y");
    assert_non_null(strstr(request->url, "/Accounts/" ACCOUNT "/"));
    subject_stop(*state);
}

static void sends_through_a_messaging_service(void **state)
{
    set_account(*state);
    subject_set(*state, "from", "");
    subject_set(*state, "messaging_service_sid", SERVICE);
    start(*state);
    const struct sent_request *request = send_example(*state);
    expect_field(request, "MessagingServiceSid", SERVICE);
    expect_field(request, "From", NULL);
    subject_stop(*state);
}

static void calls_a_stand_in_where_api_base_says_so(void **state)
{
    set_account(*state);
    subject_set(*state, "api_base", "http://127.0.0.1:4010/");
    subject_set(*state, "timeout", "1500ms");
    start(*state);
    const struct sent_request *request = send_example(*state);
    assert_string_equal(request->url,
                        "http://127.0.0.1:4010/2010-04-01/Accounts/" ACCOUNT "/Messages.json");
    assert_int_equal(request->timeout_ms, 1500);
    subject_stop(*state);
}

static void warns_where_credentials_would_travel_unencrypted(void **state)
{
    struct subject *subject = *state;
    set_account(subject);
    subject_set(subject, "api_base", "http://twilio.example.com");
    start(subject);
    assert_int_equal(subject->host->line_count, 1);
    assert_non_null(strstr(subject->host->lines[0], "warning: api_base"));
    subject_stop(subject);
}

/* ---- templates */

static cJSON *variables_of(const struct sent_request *request)
{
    char json[MOST_VALUE];
    assert_true(form_value(request->body, "ContentVariables", json));
    cJSON *variables = cJSON_Parse(json);
    assert_non_null(variables);
    return variables;
}

static void fills_a_template_in_the_order_of_its_variables(void **state)
{
    set_account(*state);
    subject_set(*state, "template.sid", CONTENT);
    subject_set(*state, "template.variables", "vendedor,cliente,telefono");
    start(*state);
    const struct sent_request *request = send_example(*state);
    expect_field(request, "ContentSid", CONTENT);
    expect_field(request, "Body", NULL);
    expect_field(request, "ContentVariables",
                 "{\"1\":\"Ana Torres\",\"2\":\"Juan Pérez\",\"3\":\"+5215512345678\"}");
    subject_stop(*state);
}

static void sends_a_template_without_variables(void **state)
{
    set_account(*state);
    subject_set(*state, "template.sid", CONTENT);
    start(*state);
    const struct sent_request *request = send_example(*state);
    expect_field(request, "ContentSid", CONTENT);
    expect_field(request, "ContentVariables", NULL);
    expect_field(request, "Body", NULL);
    subject_stop(*state);
}

static void makes_values_fit_for_a_template(void **state)
{
    static const struct {
        const char *value;
        const char *expected;
    } cases[] = {
        {NULL, "-"},
        {"", "-"},
        {" \t\n ", "-"},
        {"a\nb", "a b"},
        {"a\r\n\r\n\tb", "a b"},
        {"  a     b  ", "a b"},
        {"a\u00A0\u2003\u3000\u2028b", "a b"},
        {"a\x7F\x01z", "a z"},
        {"\"quoted\" \\ back", "\"quoted\" \\ back"},
        {"ñandú 🤖", "ñandú 🤖"},
    };
    set_account(*state);
    subject_set(*state, "template.sid", CONTENT);
    subject_set(*state, "template.variables", "motivo");
    start(*state);
    const struct handoffd_attempt attempt = example_attempt(7, "whatsapp:+5215512345678");
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *const name = "motivo";
        const struct handoffd_message message = {
            .size = sizeof message, .text = "x", .fields = {&name, &cases[i].value, 1}};
        cJSON *variables = variables_of(send_attempt(*state, &attempt, &message));
        const char *value = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(variables, "1"));
        assert_string_equal(value, cases[i].expected);
        cJSON_Delete(variables);
    }
    subject_stop(*state);
}

static size_t utf16_units(const char *text)
{
    size_t units = 0;
    for (; *text != '\0'; text++)
        units += ((unsigned char)*text & 0xC0) == 0x80 ? 0 : (unsigned char)*text >= 0xF0 ? 2 : 1;
    return units;
}

static void cuts_a_long_value_between_characters(void **state)
{
    static const char *const repeated[] = {"a", "ñ", "中", "🤖", "a🤖"};
    set_account(*state);
    subject_set(*state, "template.sid", CONTENT);
    subject_set(*state, "template.variables", "contexto");
    start(*state);
    const struct handoffd_attempt attempt = example_attempt(7, "whatsapp:+5215512345678");
    for (size_t i = 0; i < COUNT_OF(repeated); i++) {
        char text[MOST_VALUE] = "";
        while (strlen(text) + 8 < 4800)
            strcat(text, repeated[i]);
        const char *const name = "contexto";
        const char *const value = text;
        const struct handoffd_message message = {
            .size = sizeof message, .text = "x", .fields = {&name, &value, 1}};
        struct handoffd_message exact = message;
        cJSON *variables = variables_of(send_attempt(*state, &attempt, &message));
        char *cut = cJSON_GetObjectItemCaseSensitive(variables, "1")->valuestring;
        assert_true(is_utf8(cut));
        assert_in_range(utf16_units(cut), 1023, 1024);
        assert_string_equal(cut + strlen(cut) - 3, "…");
        cut[strlen(cut) - 3] = '\0';
        assert_memory_equal(cut, text, strlen(cut));
        const char *const short_value = cut;
        exact.fields.values = &short_value;
        cJSON *again = variables_of(send_attempt(*state, &attempt, &exact));
        assert_string_equal(cJSON_GetObjectItemCaseSensitive(again, "1")->valuestring, cut);
        cJSON_Delete(again);
        cJSON_Delete(variables);
    }
    subject_stop(*state);
}

/* ---- options */

struct faulty {
    const char *option;
    const char *value;
    const char *words;
};

static void refuses_options_that_make_no_sense_together(void **state)
{
    static const struct faulty cases[] = {
        {"account_sid", "AC12", "option \"account_sid\": a sid here is AC and 32"},
        {"account_sid", KEY, "option \"account_sid\""},
        {"api_key_sid", KEY, "api_key_secret is missing"},
        {"api_key_sid", ACCOUNT, "option \"api_key_sid\""},
        {"api_key_secret", "k3y", "api_key_sid is missing"},
        {"auth_token", "", "auth_token is missing"},
        {"from", "", "from is missing, or messaging_service_sid"},
        {"from", "4155238886", "option \"from\": has no country code"},
        {"from", "bot", "option \"from\": is no phone number"},
        {"messaging_service_sid", "x", "option \"messaging_service_sid\""},
        {"template.sid", "HX1", "option \"template: sid\""},
        {"template.variables", "cliente,nombre", "\"nombre\" is none of cliente"},
        {"api_base", "ftp://x", "neither https:// nor http://"},
        {"api_base", "api.twilio.com", "neither https:// nor http://"},
        {"content_base", "content", "option \"content_base\" starts with neither"},
        {"messaging_base", "ftp://x", "option \"messaging_base\" starts with neither"},
    };
    struct subject *subject = *state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char error[MOST_ERROR_BYTES];
        set_account(subject);
        subject_set(subject, cases[i].option, cases[i].value);
        assert_false(subject_start(subject, error, sizeof error));
        if (strstr(error, cases[i].words) == NULL)
            fail_msg("%s=%s: expected \"%s\" in \"%s\"", cases[i].option, cases[i].value,
                     cases[i].words, error);
        assert_null(strstr(error, "s3cret"));
        subject_forget(subject);
    }
}

/* The shipped vendors.yaml with nothing set, and what else the environment may leave empty. */
static void is_unconfigured_where_the_environment_leaves_it_empty(void **state)
{
    static const struct {
        const char *yaml;
        enum options_result result;
    } cases[] = {
        {"{account_sid: '${T_NOT:-}', auth_token: '${T_NOT:-}', from: '${T_NOT:-}', "
         "template: {sid: '${T_NOT:-}', variables: [cliente]}}",
         OPTIONS_UNCONFIGURED},
        {"{account_sid: a, auth_token: '${T_NOT:-}', from: b}", OPTIONS_UNCONFIGURED},
        {"{account_sid: a, auth_token: b, from: '${T_NOT:-}'}", OPTIONS_UNCONFIGURED},
        {"{account_sid: a, api_key_sid: b, api_key_secret: '${T_NOT:-}', from: c}",
         OPTIONS_UNCONFIGURED},
        {"{account_sid: a, auth_token: b, from: c, template: {sid: '${T_NOT:-}'}}", OPTIONS_FINE},
        {"{account_sid: a, auth_token: b, messaging_service_sid: c}", OPTIONS_FINE},
        {"{account_sid: a, api_key_sid: b, api_key_secret: c, from: d}", OPTIONS_FINE},
        {"{account_sid: a, auth_token: b}", OPTIONS_WRONG},
        {"{account_sid: a, from: b}", OPTIONS_WRONG},
    };
    struct subject *subject = *state;
    const struct mark owner = {"vendors.yaml", 1, 1};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct diagnostics *diagnostics = diagnostics_create();
        const struct value *map = value_read_bytes(
            "vendors.yaml", cases[i].yaml, strlen(cases[i].yaml), subject->arena, diagnostics);
        subject_forget(subject);
        assert_int_equal(options_read(&subject->plugin->contract.options, map, &owner, "channel",
                                      NULL, 0, subject->state, subject->arena, diagnostics),
                         cases[i].result);
        diagnostics_destroy(diagnostics);
    }
}

static void sends_free_text_where_the_template_has_no_sid(void **state)
{
    set_account(*state);
    subject_set(*state, "template.variables", "cliente");
    start(*state);
    const struct sent_request *request = send_example(*state);
    expect_field(request, "Body", example_message().text);
    expect_field(request, "ContentVariables", NULL);
    subject_stop(*state);
}

static void takes_the_sender_in_either_form(void **state)
{
    static const char *const forms[] = {"whatsapp:+14155238886", "+14155238886",
                                        "+1 (415) 523-8886"};
    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        set_account(*state);
        subject_set(*state, "from", forms[i]);
        start(*state);
        expect_field(send_example(*state), "From", "whatsapp:+14155238886");
        subject_stop(*state);
    }
}

static void says_what_it_is(void **state)
{
    const struct subject *subject = *state;
    const struct handoffd_channel *channel = &subject->plugin->channel;
    assert_string_equal(channel->medium, "WhatsApp");
    assert_string_equal(channel->provider, "Twilio");
    assert_string_equal(channel->setup_hint, "Check TWILIO_* environment variables.");
    assert_int_equal(channel->text_limit, 1600);
    assert_int_equal(channel->text_unit, HANDOFFD_UTF16_UNITS);
    assert_string_equal(channel->markup, "*_~`");
    assert_string_equal(channel->line_markup, ">-1");
    assert_true(channel->makes_links);
    assert_false(channel->is_repeat_safe);
    assert_true(channel->tells_delivery);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLUGIN_TEST(posts_a_form_with_basic_authentication),
        PLUGIN_TEST(encodes_every_byte_that_a_form_could_take_for_its_own),
        PLUGIN_TEST(uses_an_api_key_with_the_account_in_the_path),
        PLUGIN_TEST(sends_through_a_messaging_service),
        PLUGIN_TEST(calls_a_stand_in_where_api_base_says_so),
        PLUGIN_TEST(warns_where_credentials_would_travel_unencrypted),
        PLUGIN_TEST(fills_a_template_in_the_order_of_its_variables),
        PLUGIN_TEST(sends_a_template_without_variables),
        PLUGIN_TEST(makes_values_fit_for_a_template),
        PLUGIN_TEST(cuts_a_long_value_between_characters),
        PLUGIN_TEST(refuses_options_that_make_no_sense_together),
        PLUGIN_TEST(is_unconfigured_where_the_environment_leaves_it_empty),
        PLUGIN_TEST(sends_free_text_where_the_template_has_no_sid),
        PLUGIN_TEST(takes_the_sender_in_either_form),
        PLUGIN_TEST(says_what_it_is),
    };
    return run_plugin_tests("channel/twilio_whatsapp", tests);
}
