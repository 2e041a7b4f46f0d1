/* test_twilio_whatsapp - the request that Twilio gets, what its answers mean, and how people write
 * numbers. */
#include <cjson/cJSON.h>

#include "plugin_test.h"

#define ACCOUNT "AC00000000000000000000000000000001"
#define KEY     "SK00000000000000000000000000000001"
#define SERVICE "MG00000000000000000000000000000001"
#define CONTENT "HX00000000000000000000000000000001"

enum { MOST_VALUE = 8192 };

static void set_account(struct subject *subject)
{
    subject_set(subject, "account_sid", ACCOUNT);
    subject_set(subject, "auth_token", "s3cret");
    subject_set(subject, "from", "whatsapp:+14155238886");
}

static void start(struct subject *subject)
{
    char error[MOST_ERROR_BYTES];
    if (!subject_start(subject, error, sizeof error))
        fail_msg("%s", error);
}

static const struct sent_request *send_attempt(struct subject *subject,
                                               const struct handoffd_attempt *attempt,
                                               const struct handoffd_message *message)
{
    struct loan *given = NULL;
    fake_host_clear(subject->host);
    subject_deliver(subject, attempt, message, &given);
    loan_end(given); /* http_send has copied what it needs */
    assert_int_equal(subject->host->request_count, 1);
    return &subject->host->requests[0];
}

static const struct sent_request *send_example(struct subject *subject)
{
    const struct handoffd_attempt attempt = example_attempt(7, "whatsapp:+5215512345678");
    const struct handoffd_message message = example_message();
    return send_attempt(subject, &attempt, &message);
}

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
    expect_field(request, "StatusCallback", NULL);
    assert_non_null(strstr(request->body, "To=whatsapp%3A%2B5215512345678&"));
    subject_stop(*state);
}

static void asks_for_callbacks_where_there_is_an_address_for_them(void **state)
{
    set_account(*state);
    start(*state);
    struct handoffd_attempt attempt = example_attempt(7, "whatsapp:+5215512345678");
    const struct handoffd_message message = example_message();
    attempt.callback_url = "https://example.com/hooks/whatsapp/a?b=c&d=e";
    expect_field(send_attempt(*state, &attempt, &message), "StatusCallback", attempt.callback_url);
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

/* ---- answers */

static void reads_every_answer_by_its_code_and_then_by_its_status(void **state)
{
    static const struct {
        int32_t status;
        int32_t code; /* 0: an error without code */
        uint32_t outcome;
    } cases[] = {
        {400, 21211, HANDOFFD_REFUSED_RECIPIENT},
        {400, 21614, HANDOFFD_REFUSED_RECIPIENT},
        {400, 21604, HANDOFFD_REFUSED_RECIPIENT},
        {400, 21610, HANDOFFD_REFUSED_RECIPIENT},
        {400, 21408, HANDOFFD_REFUSED_RECIPIENT},
        {400, 63003, HANDOFFD_REFUSED_RECIPIENT},
        {400, 63014, HANDOFFD_REFUSED_RECIPIENT},
        {400, 63015, HANDOFFD_REFUSED_RECIPIENT},
        {400, 63024, HANDOFFD_REFUSED_RECIPIENT},
        {400, 63032, HANDOFFD_REFUSED_RECIPIENT},
        {400, 63033, HANDOFFD_REFUSED_RECIPIENT},
        {400, 21617, HANDOFFD_REFUSED_MESSAGE},
        {400, 21656, HANDOFFD_REFUSED_MESSAGE},
        {400, 21658, HANDOFFD_REFUSED_MESSAGE},
        {400, 63013, HANDOFFD_REFUSED_MESSAGE},
        {400, 63016, HANDOFFD_REFUSED_MESSAGE},
        {400, 63027, HANDOFFD_REFUSED_MESSAGE},
        {400, 63028, HANDOFFD_REFUSED_MESSAGE},
        {400, 63040, HANDOFFD_REFUSED_MESSAGE},
        {400, 63042, HANDOFFD_REFUSED_MESSAGE},
        {400, 21602, HANDOFFD_REFUSED_MESSAGE},
        {400, 21619, HANDOFFD_REFUSED_MESSAGE},
        {400, 92005, HANDOFFD_REFUSED_MESSAGE},
        {401, 20003, HANDOFFD_REFUSED_ACCOUNT},
        {403, 20005, HANDOFFD_REFUSED_ACCOUNT},
        {404, 20404, HANDOFFD_REFUSED_ACCOUNT},
        {400, 63007, HANDOFFD_REFUSED_ACCOUNT},
        {400, 21212, HANDOFFD_REFUSED_ACCOUNT},
        {400, 21603, HANDOFFD_REFUSED_ACCOUNT},
        {400, 21606, HANDOFFD_REFUSED_ACCOUNT},
        {400, 21910, HANDOFFD_REFUSED_ACCOUNT},
        {400, 63001, HANDOFFD_REFUSED_ACCOUNT},
        {400, 63002, HANDOFFD_REFUSED_ACCOUNT},
        {400, 63020, HANDOFFD_REFUSED_ACCOUNT},
        {429, 63038, HANDOFFD_REFUSED_ACCOUNT}, /* the day's limit: not every 429 passes */
        {400, 63051, HANDOFFD_REFUSED_ACCOUNT},
        {400, 10001, HANDOFFD_REFUSED_ACCOUNT},
        {400, 30002, HANDOFFD_REFUSED_ACCOUNT},
        {400, 21703, HANDOFFD_REFUSED_ACCOUNT},
        {429, 20429, HANDOFFD_DEFERRED},
        {400, 21611, HANDOFFD_DEFERRED},
        {400, 14107, HANDOFFD_DEFERRED},
        {400, 63017, HANDOFFD_DEFERRED},
        {400, 63018, HANDOFFD_DEFERRED},
        {500, 20500, HANDOFFD_UNKNOWN},
        {503, 20503, HANDOFFD_UNKNOWN},
        {429, 0, HANDOFFD_DEFERRED},
        {408, 0, HANDOFFD_DEFERRED},
        {400, 0, HANDOFFD_REFUSED_MESSAGE},
        {400, 77777, HANDOFFD_REFUSED_MESSAGE},
        {409, 0, HANDOFFD_REFUSED_MESSAGE},
        {401, 0, HANDOFFD_REFUSED_ACCOUNT},
        {403, 77777, HANDOFFD_REFUSED_ACCOUNT},
        {404, 0, HANDOFFD_REFUSED_ACCOUNT},
        {500, 0, HANDOFFD_UNKNOWN},
        {502, 77777, HANDOFFD_UNKNOWN},
        {503, 0, HANDOFFD_UNKNOWN},
        {302, 0, HANDOFFD_UNKNOWN},
        {999, 0, HANDOFFD_UNKNOWN},
    };
    struct subject *subject = *state;
    set_account(subject);
    start(subject);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char body[128];
        snprintf(body, sizeof body, "{\"code\":%d,\"message\":\"m\",\"status\":%d}", cases[i].code,
                 cases[i].status);
        const struct handoffd_http_answer answer =
            http_answer(cases[i].status, cases[i].code != 0 ? body : "{\"message\":\"m\"}");
        send_example(subject);
        assert_true(fake_host_answer(subject->host, &answer));
        const struct made_report *report = fake_host_report(subject->host);
        if (report->outcome != cases[i].outcome)
            fail_msg("%d with code %d is %s", cases[i].status, cases[i].code,
                     outcome_name(report->outcome));
        assert_int_equal(report->attempt_id, 7);
        assert_int_equal(report->code, cases[i].code);
        assert_string_equal(report->text, "m");
    }
    subject_stop(subject);
}

static void reads_answers_of_any_shape(void **state)
{
    static const struct {
        int32_t status;
        const char *body;
        uint32_t outcome;
        int32_t code;
        const char *message_id;
        const char *text;
    } cases[] = {
        {201, "{\"sid\":\"SM1\",\"status\":\"queued\"}", HANDOFFD_SENT, 0, "SM1", ""},
        {200, "{\"sid\":\"MM1\",\"status\":\"accepted\"}", HANDOFFD_SENT, 0, "MM1", ""},
        {201, "{\"sid\":null}", HANDOFFD_UNKNOWN, 0, NULL, "HTTP 201 without a message id"},
        {201, "{\"sid\":\"\"}", HANDOFFD_UNKNOWN, 0, NULL, "HTTP 201 without a message id"},
        {201, "{\"sid\":\"SM", HANDOFFD_UNKNOWN, 0, NULL, "HTTP 201 without a message id"},
        {204, "", HANDOFFD_UNKNOWN, 0, NULL, "HTTP 204 without a message id"},
        {400, "{\"code\":21211,\"message\":\"The 'To' number is not valid.\",\"status\":400}",
         HANDOFFD_REFUSED_RECIPIENT, 21211, NULL, "The 'To' number is not valid."},
        {400,
         "{\"type\":\"about:blank\",\"title\":\"Bad\",\"detail\":\"No such To\",\"code\":21211}",
         HANDOFFD_REFUSED_RECIPIENT, 21211, NULL, "No such To"},
        {429, "{\"title\":\"Too many\",\"status\":429,\"code\":20429}", HANDOFFD_DEFERRED, 20429,
         NULL, "Too many"},
        {400, "{\"code\":\"63007\",\"message\":\"m\"}", HANDOFFD_REFUSED_ACCOUNT, 63007, NULL, "m"},
        {400, "{\"code\":1e99}", HANDOFFD_REFUSED_MESSAGE, 0, NULL, "HTTP 400 without a reason"},
        {400, "{\"code\":-5}", HANDOFFD_REFUSED_MESSAGE, 0, NULL, "HTTP 400 without a reason"},
        {401, "<html>Unauthorized</html>", HANDOFFD_REFUSED_ACCOUNT, 0, NULL,
         "HTTP 401 without a reason"},
        {502, "<html>Bad Gateway</html>", HANDOFFD_UNKNOWN, 0, NULL, "HTTP 502 without a reason"},
        {400, "{\"message\":\"se\xF1or\\nx\"}", HANDOFFD_REFUSED_MESSAGE, 0, NULL, "se?or x"},
        {400, "[1]", HANDOFFD_REFUSED_MESSAGE, 0, NULL, "HTTP 400 without a reason"},
    };
    struct subject *subject = *state;
    set_account(subject);
    start(subject);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct handoffd_http_answer answer = http_answer(cases[i].status, cases[i].body);
        send_example(subject);
        assert_true(fake_host_answer(subject->host, &answer));
        const struct made_report *report = fake_host_report(subject->host);
        assert_int_equal(report->outcome, cases[i].outcome);
        assert_int_equal(report->code, cases[i].code);
        assert_string_equal(report->text, cases[i].text);
        if (cases[i].message_id == NULL)
            assert_null(report->message_id);
        else
            assert_string_equal(report->message_id, cases[i].message_id);
    }
    subject_stop(subject);
}

static void cuts_a_long_reason(void **state)
{
    struct subject *subject = *state;
    char body[4096] = "{\"message\":\"";
    while (strlen(body) < 4000)
        strcat(body, "ñ");
    strcat(body, "\"}");
    const struct handoffd_http_answer answer = http_answer(400, body);
    set_account(subject);
    start(subject);
    send_example(subject);
    fake_host_answer(subject->host, &answer);
    const char *text = fake_host_report(subject->host)->text;
    assert_true(is_utf8(text));
    assert_in_range(strlen(text), 500, 511);
    subject_stop(subject);
}

static void passes_on_how_long_to_wait(void **state)
{
    struct subject *subject = *state;
    set_account(subject);
    start(subject);
    struct handoffd_http_answer answer = http_answer(429, "{\"code\":20429}");
    answer.retry_after_ms = 9000;
    send_example(subject);
    fake_host_answer(subject->host, &answer);
    assert_int_equal(fake_host_report(subject->host)->retry_after_ms, 9000);
    answer = http_answer(400, "{\"code\":14107}");
    send_example(subject);
    fake_host_answer(subject->host, &answer);
    assert_int_equal(fake_host_report(subject->host)->retry_after_ms, 30000);
    subject_stop(subject);
}

static void tells_what_surely_was_not_sent_from_what_may_have_been(void **state)
{
    struct subject *subject = *state;
    set_account(subject);
    start(subject);
    struct handoffd_http_answer answer = http_answer(0, "");
    answer.result = HANDOFFD_HTTP_NOT_SENT;
    answer.error = "could not resolve host";
    send_example(subject);
    fake_host_answer(subject->host, &answer);
    assert_int_equal(fake_host_report(subject->host)->outcome, HANDOFFD_DEFERRED);
    assert_string_equal(fake_host_report(subject->host)->text, "could not resolve host");
    answer.result = HANDOFFD_HTTP_NO_ANSWER;
    answer.status = 201; /* read, and then cut */
    answer.error = "connection reset";
    send_example(subject);
    fake_host_answer(subject->host, &answer);
    assert_int_equal(fake_host_report(subject->host)->outcome, HANDOFFD_UNKNOWN);
    subject_stop(subject);
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
    assert_string_equal(channel->line_markup, ">-");
    assert_false(channel->is_repeat_safe);
}

/* ---- addresses */

static void reads_numbers_as_people_write_them(void **state)
{
    static const struct {
        const char *to;
        const char *country;
        const char *normal; /* NULL: refused, */
        const char *words;  /* in these words */
    } cases[] = {
        {"whatsapp:+5215512345678", NULL, "whatsapp:+5215512345678", NULL},
        {"WhatsApp: +52 1 55 1234 5678", "MX", "whatsapp:+5215512345678", NULL},
        {"+52 442 000 0001", NULL, "whatsapp:+524420000001", NULL},
        {"+52 (442) 000-00.01", "AR", "whatsapp:+524420000001", NULL},
        {"0052 442 000 0001", NULL, "whatsapp:+524420000001", NULL},
        {"442 000 0001", "MX", "whatsapp:+524420000001", NULL},
        {"442 000 0001", "mx", "whatsapp:+524420000001", NULL},
        {"044 442 000 0001", "MX", "whatsapp:+524420000001", NULL},
        {"01 442 000 0001", "MX", "whatsapp:+524420000001", NULL},
        {"524420000001", "MX", "whatsapp:+524420000001", NULL},
        {"5215512345678", "MX", "whatsapp:+5215512345678", NULL},
        {"\u202A+52\u00A0442\u2011000\u20110001\u202C", NULL, "whatsapp:+524420000001", NULL},
        {"11 2345 6789", "AR", "whatsapp:+5491123456789", NULL},
        {"011 2345 6789", "AR", "whatsapp:+5491123456789", NULL},
        {"9 11 2345 6789", "AR", "whatsapp:+5491123456789", NULL},
        {"+54 9 11 2345 6789", NULL, "whatsapp:+5491123456789", NULL},
        {"+54 11 2345 6789", NULL, "whatsapp:+541123456789", NULL}, /* a landline, as written */
        {"(11) 98765-4321", "BR", "whatsapp:+5511987654321", NULL},
        {"11 8765 4321", "BR", "whatsapp:+551187654321", NULL},
        {"612 345 678", "ES", "whatsapp:+34612345678", NULL},
        {"9 8765 4321", "CL", "whatsapp:+56987654321", NULL},
        {"300 123 4567", "CO", "whatsapp:+573001234567", NULL},
        {"999 888 777", "PE", "whatsapp:+51999888777", NULL},
        {"0414 123 4567", "VE", "whatsapp:+584141234567", NULL},
        {"099 123 456", "UY", "whatsapp:+59899123456", NULL},
        {"099 123 4567", "EC", "whatsapp:+593991234567", NULL},
        {"0981 123 456", "PY", "whatsapp:+595981123456", NULL},
        {"1 809 555 0001", "DO", "whatsapp:+18095550001", NULL},
        {"512 000 0003", "US", "whatsapp:+15120000003", NULL},
        {"+49 151 23456789", "MX", "whatsapp:+4915123456789",
         NULL}, /* a country we have no row for */
        {"442 000 0001", NULL, NULL, "has no country code"},
        {"442 000 0001", "ZZ", NULL, "has no country code"},
        {"442 000 001", "MX", NULL,
         "has 9 digits without the country's code; numbers of +52 have 10"},
        {"+52 442 000 001", NULL, NULL, "numbers of +52 have 10"},
        {"+52 2 442 000 0001", NULL, NULL, "numbers of +52 have 10"}, /* only a 1 may stand there */
        {"+51 1 234 56", NULL, NULL, "numbers of +51 have 8 or 9"},
        {"15 2345 6789 12", "AR", NULL, "numbers of +54 have 10"},
        {"", "MX", NULL, "is empty"},
        {NULL, "MX", NULL, "is empty"},
        {"whatsapp:", "MX", NULL, "is empty"},
        {" + ", "MX", NULL, "is empty"},
        {"ana", "MX", NULL, "other characters than digits"},
        {"+52 442 000 0001 ext 5", "MX", NULL, "other characters than digits"},
        {"+52+442", "MX", NULL, "other characters than digits"},
        {"+0 442 000 0001", NULL, NULL, "is no international number"},
        {"+999", NULL, NULL, "is no international number"},
        {"+9991234567890123", NULL, NULL, "is no international number"},
        {"1234567890123456789012345", "MX", NULL, "too many digits"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char normal[MOST_ADDRESS_BYTES];
        char error[MOST_ERROR_BYTES];
        bool is_fine = subject_check_to(*state, cases[i].to, cases[i].country, sizeof normal,
                                        normal, sizeof error, error);
        const char *said = is_fine ? normal : error;
        const char *expected = is_fine ? cases[i].normal : cases[i].words;
        if (expected == NULL || strstr(said, expected) == NULL)
            fail_msg("\"%s\" in %s: \"%s\"", cases[i].to, cases[i].country, said);
    }
}

static void says_it_in_spanish_where_the_operator_reads_spanish(void **state)
{
    char normal[MOST_ADDRESS_BYTES];
    char error[MOST_ERROR_BYTES];
    setenv("LC_ALL", "es_MX.UTF-8", 1);
    assert_false(
        subject_check_to(*state, "442 000 001", "MX", sizeof normal, normal, sizeof error, error));
    setenv("LC_ALL", "C", 1);
    assert_non_null(strstr(error, "tiene 9 dígitos sin el código del país"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLUGIN_TEST(posts_a_form_with_basic_authentication),
        PLUGIN_TEST(asks_for_callbacks_where_there_is_an_address_for_them),
        PLUGIN_TEST(encodes_every_byte_that_a_form_could_take_for_its_own),
        PLUGIN_TEST(uses_an_api_key_with_the_account_in_the_path),
        PLUGIN_TEST(sends_through_a_messaging_service),
        PLUGIN_TEST(calls_a_stand_in_where_api_base_says_so),
        PLUGIN_TEST(warns_where_credentials_would_travel_unencrypted),
        PLUGIN_TEST(fills_a_template_in_the_order_of_its_variables),
        PLUGIN_TEST(sends_a_template_without_variables),
        PLUGIN_TEST(makes_values_fit_for_a_template),
        PLUGIN_TEST(cuts_a_long_value_between_characters),
        PLUGIN_TEST(reads_every_answer_by_its_code_and_then_by_its_status),
        PLUGIN_TEST(reads_answers_of_any_shape),
        PLUGIN_TEST(cuts_a_long_reason),
        PLUGIN_TEST(passes_on_how_long_to_wait),
        PLUGIN_TEST(tells_what_surely_was_not_sent_from_what_may_have_been),
        PLUGIN_TEST(refuses_options_that_make_no_sense_together),
        PLUGIN_TEST(takes_the_sender_in_either_form),
        PLUGIN_TEST(says_what_it_is),
        PLUGIN_TEST(reads_numbers_as_people_write_them),
        PLUGIN_TEST(says_it_in_spanish_where_the_operator_reads_spanish),
    };
    return run_plugin_tests("channel/twilio_whatsapp", tests);
}
