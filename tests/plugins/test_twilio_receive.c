/* test_twilio_receive - what Twilio's status callbacks become, and who is not believed. */
#include "twilio_callback.h"

static struct subject *started(void *state)
{
    struct subject *subject = state;
    set_account(subject);
    start(subject);
    return subject;
}

static const struct made_report *reported(struct subject *subject, const struct callback *callback)
{
    fake_host_clear(subject->host);
    assert_int_equal(post(subject, callback), 204);
    return fake_host_report(subject->host);
}

static void expect_refused(struct subject *subject, const struct callback *callback,
                           uint32_t status)
{
    fake_host_clear(subject->host);
    assert_int_equal(post(subject, callback), status);
    assert_int_equal(subject->host->report_count, 0);
}

static void asks_to_be_called_back_where_it_can_be(void **state)
{
    struct subject *subject = started(*state);
    struct handoffd_attempt attempt = example_attempt(7, "whatsapp:+5215512345678");
    const struct handoffd_message message = example_message();
    assert_null(strstr(send_attempt(subject, &attempt, &message)->body, "StatusCallback"));
    attempt.callback_url = CALLBACK;
    assert_non_null(
        strstr(send_attempt(subject, &attempt, &message)->body,
               "&StatusCallback=https%3A%2F%2Fhandoff.example.com%2Fhooks%2Fwhatsapp%2F3f9a&"));
    subject_stop(subject);
}

static void reports_every_word_for_what_it_means(void **state)
{
    static const struct {
        const char *status;
        const char *code; /* NULL: none */
        uint32_t outcome;
        bool needs_attention;
    } cases[] = {
        {"accepted", NULL, HANDOFFD_SENT, false},
        {"scheduled", NULL, HANDOFFD_SENT, false},
        {"queued", NULL, HANDOFFD_SENT, false},
        {"sending", NULL, HANDOFFD_SENT, false},
        {"sent", NULL, HANDOFFD_SENT, false},
        {"delivered", NULL, HANDOFFD_DELIVERED, false},
        {"read", NULL, HANDOFFD_READ, false},
        {"undelivered", NULL, HANDOFFD_UNDELIVERED, false},
        {"failed", NULL, HANDOFFD_UNDELIVERED, false},
        {"canceled", NULL, HANDOFFD_UNDELIVERED, false},
        {"undelivered", "77777", HANDOFFD_UNDELIVERED, false},
        {"undelivered", "30003", HANDOFFD_UNDELIVERED, false},
        {"failed", "20500", HANDOFFD_UNDELIVERED, false},
        {"failed", "63016", HANDOFFD_REFUSED_RECIPIENT, true},
        {"undelivered", "63015", HANDOFFD_REFUSED_RECIPIENT, true},
        {"undelivered", "63024", HANDOFFD_REFUSED_RECIPIENT, true},
        {"undelivered", "63003", HANDOFFD_REFUSED_RECIPIENT, true},
        {"undelivered", "63033", HANDOFFD_REFUSED_RECIPIENT, true},
        {"failed", "30008", HANDOFFD_DEFERRED, false},
        {"failed", "63009", HANDOFFD_DEFERRED, false},
        {"failed", "63010", HANDOFFD_DEFERRED, false},
        {"failed", "63012", HANDOFFD_DEFERRED, false},
        {"failed", "63018", HANDOFFD_DEFERRED, false},
        {"failed", "63013", HANDOFFD_REFUSED_MESSAGE, true},
        {"failed", "63041", HANDOFFD_REFUSED_MESSAGE, true},
        {"failed", "63049", HANDOFFD_REFUSED_MESSAGE, true},
        {"failed", "63007", HANDOFFD_REFUSED_ACCOUNT, false},
        {"failed", "63038", HANDOFFD_REFUSED_ACCOUNT, false},
    };
    struct subject *subject = started(*state);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct callback callback = callback_of(cases[i].status);
        if (cases[i].code != NULL)
            add_pair(&callback, "ErrorCode", cases[i].code);
        const struct made_report *report = reported(subject, &callback);
        if (report->outcome != cases[i].outcome)
            fail_msg("%s with %s is %s", cases[i].status, cases[i].code,
                     said_outcome(report->outcome));
        assert_int_equal(report->attempt_id, 7);
        assert_string_equal(report->message_id, SID);
        assert_int_equal(report->code, cases[i].code != NULL ? atoi(cases[i].code) : 0);
        assert_int_equal(report->needs_attention, cases[i].needs_attention);
    }
    subject_stop(subject);
}

static void waits_a_minute_where_whatsapp_says_slower(void **state)
{
    struct subject *subject = started(*state);
    struct callback callback = callback_of("failed");
    add_pair(&callback, "ErrorCode", "63018");
    assert_int_equal(reported(subject, &callback)->retry_after_ms, 60000);
    subject_stop(subject);
}

static void reads_the_event_of_whatsapp(void **state)
{
    struct subject *subject = started(*state);
    struct callback callback = callback_of("delivered");
    add_pair(&callback, "EventType", "READ");
    assert_int_equal(reported(subject, &callback)->outcome, HANDOFFD_READ);
    callback = callback_of("delivered");
    add_pair(&callback, "EventType", "DELIVERED");
    assert_int_equal(reported(subject, &callback)->outcome, HANDOFFD_DELIVERED);
    subject_stop(subject);
}

static void passes_on_why(void **state)
{
    struct subject *subject = started(*state);
    struct callback callback = callback_of("failed");
    assert_string_equal(reported(subject, &callback)->text, "failed");
    add_pair(&callback, "ChannelStatusMessage", "Se\xF1or \xC3\xB1\ncayó");
    assert_string_equal(reported(subject, &callback)->text, "Se?or ñ cayó");
    add_pair(&callback, "ErrorMessage", "Message undelivered");
    assert_string_equal(reported(subject, &callback)->text, "Message undelivered");
    subject_stop(subject);
}

static void takes_the_old_names(void **state)
{
    struct subject *subject = started(*state);
    struct callback callback = callback_of("delivered");
    callback.pairs[2] = (struct pair){"x", ""};
    callback.pairs[6] = (struct pair){"y", ""};
    const struct made_report *report = reported(subject, &callback);
    assert_int_equal(report->outcome, HANDOFFD_DELIVERED);
    assert_string_equal(report->message_id, SID);
    subject_stop(subject);
}

static void ignores_words_that_it_does_not_know(void **state)
{
    static const char *const words[] = {"", "Delivered", "partially_delivered", "beamed",
                                        "receiving"};
    struct subject *subject = started(*state);
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        const struct callback callback = callback_of(words[i]);
        expect_refused(subject, &callback, 204);
    }
    subject_stop(subject);
}

static void takes_parameters_that_it_does_not_know(void **state)
{
    struct subject *subject = started(*state);
    struct callback callback = callback_of("delivered");
    add_pair(&callback, "ZukunftsMusik", "  ñ + & = % 🤖 ");
    add_pair(&callback, "", "a value without a name");
    add_pair(&callback, "Empty", "");
    add_pair(&callback, "messageStatus", "failed");
    assert_int_equal(reported(subject, &callback)->outcome, HANDOFFD_DELIVERED);
    subject_stop(subject);
}

/* ---- who is not believed */

static void refuses_what_twilio_did_not_sign(void **state)
{
    static const char *const signatures[] = {"-",
                                             "",
                                             "x",
                                             "RSOYDt4T1cUTdK1PDd93/VVr8B8=",
                                             "RSOYDt4T1cUTdK1PDd93/VVr8B8",
                                             "RSOYDt4T1cUTdK1PDd93/VVr8B8==",
                                             "aaaaaaaaaaaaaaaaaaaaaaaaaaaa"};
    struct subject *subject = started(*state);
    for (size_t i = 0; i < COUNT_OF(signatures); i++) {
        struct callback callback = callback_of("delivered");
        callback.signature = signatures[i];
        expect_refused(subject, &callback, 403);
    }
    subject_stop(subject);
}

static void refuses_one_flipped_bit_anywhere(void **state)
{
    struct subject *subject = started(*state);
    const struct callback honest = callback_of("delivered");
    char right[32];
    sign(&honest, right);
    for (size_t i = 0; i < strlen(right); i++) {
        struct callback callback = honest;
        char forged[32];
        strcpy(forged, right);
        forged[i] ^= 1;
        callback.signature = forged;
        expect_refused(subject, &callback, 403);
    }
    for (size_t i = 0; i < pair_count(&honest); i++) {
        struct callback callback = honest;
        char value[64];
        snprintf(value, sizeof value, "%s", honest.pairs[i].value);
        value[strlen(value) - 1] ^= 1;
        callback.pairs[i].value = value;
        callback.signature = right;
        expect_refused(subject, &callback, 403);
    }
    subject_stop(subject);
}

static void refuses_another_url_and_another_token(void **state)
{
    struct subject *subject = started(*state);
    char right[32];
    struct callback callback = callback_of("delivered");
    sign(&callback, right);
    callback.signature = right;
    callback.url = "https://handoff.example.com/hooks/whatsapp/3f9b";
    expect_refused(subject, &callback, 403);
    callback = callback_of("delivered");
    callback.token = "s3creu";
    expect_refused(subject, &callback, 403);
    subject_stop(subject);
}

static void refuses_another_account(void **state)
{
    struct subject *subject = started(*state);
    struct callback callback = callback_of("delivered");
    set_pair(&callback, "AccountSid", "AC00000000000000000000000000000002");
    expect_refused(subject, &callback, 403);
    callback.pairs[7] = (struct pair){"x", ""};
    expect_refused(subject, &callback, 403);
    subject_stop(subject);
}

static void refuses_what_is_no_form_for_one_of_our_messages(void **state)
{
    struct subject *subject = started(*state);
    struct callback callback = callback_of("delivered");
    callback.method = "GET";
    expect_refused(subject, &callback, 405);
    callback = callback_of("delivered");
    callback.attempt_id = 0;
    expect_refused(subject, &callback, 404);
    callback = callback_of("delivered");
    callback.content_type = "application/json";
    expect_refused(subject, &callback, 415);
    callback.content_type = "application/x-www-form-urlencodedx";
    expect_refused(subject, &callback, 415);
    callback.content_type = NULL;
    expect_refused(subject, &callback, 415);
    callback.content_type = "Application/X-WWW-Form-URLencoded";
    assert_int_equal(reported(subject, &callback)->outcome, HANDOFFD_DELIVERED);
    subject_stop(subject);
}

static void believes_no_parameter_with_two_values(void **state)
{
    struct subject *subject = started(*state);
    struct callback callback = callback_of("delivered");
    add_pair(&callback, "MessageStatus", "failed");
    set_pair(&callback, "SmsStatus", "delivered");
    callback.pairs[2].value = "delivered"; /* MessageStatus twice; the old name still speaks */
    assert_int_equal(reported(subject, &callback)->outcome, HANDOFFD_DELIVERED);
    callback.pairs[1] = (struct pair){"x", ""};
    expect_refused(subject, &callback, 204);
    subject_stop(subject);
}

static void takes_a_port_as_written_or_left_out(void **state)
{
    struct subject *subject = started(*state);
    char with_port[32];
    char without_port[32];
    struct callback callback = callback_of("delivered");
    callback.url = "https://handoff.example.com:8443/hooks/whatsapp/3f9a";
    sign(&callback, with_port);
    callback.url = CALLBACK;
    sign(&callback, without_port);
    callback.url = "https://handoff.example.com:8443/hooks/whatsapp/3f9a";
    callback.signature = with_port;
    assert_int_equal(reported(subject, &callback)->outcome, HANDOFFD_DELIVERED);
    callback.signature = without_port;
    assert_int_equal(reported(subject, &callback)->outcome, HANDOFFD_DELIVERED);
    callback.url = "https://handoff.example.com:8444/hooks/whatsapp/3f9a";
    callback.signature = with_port;
    expect_refused(subject, &callback, 403);
    subject_stop(subject);
}

static void logs_forgers_without_flooding(void **state)
{
    struct subject *subject = started(*state);
    struct callback callback = callback_of("delivered");
    callback.signature = "aaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    for (int i = 0; i < 1000; i++)
        assert_int_equal(post(subject, &callback), 403);
    assert_int_equal(subject->host->line_count, 4);
    assert_non_null(strstr(subject->host->lines[0], "warning: status callback refused"));
    assert_non_null(strstr(subject->host->lines[0], "(1 so far)"));
    assert_non_null(strstr(subject->host->lines[3], "(1000 so far)"));
    assert_null(strstr(subject->host->lines[0], "s3cret"));
    subject_stop(subject);
}

static void needs_the_auth_token_even_beside_an_api_key(void **state)
{
    struct subject *subject = *state;
    set_account(subject);
    subject_set(subject, "auth_token", "");
    subject_set(subject, "api_key_sid", KEY);
    subject_set(subject, "api_key_secret", "s3cret");
    start(subject);
    const struct callback callback = callback_of("delivered");
    for (int i = 0; i < 5; i++)
        assert_int_equal(post(subject, &callback), 403);
    assert_int_equal(subject->host->report_count, 0);
    assert_int_equal(subject->host->line_count, 1);
    assert_non_null(strstr(subject->host->lines[0], "Set auth_token beside the API key"));
    subject_stop(subject);
}

static void checks_with_the_auth_token_where_an_api_key_sends(void **state)
{
    struct subject *subject = *state;
    set_account(subject);
    subject_set(subject, "api_key_sid", KEY);
    subject_set(subject, "api_key_secret", "k3y");
    start(subject);
    const struct callback callback = callback_of("read");
    assert_int_equal(reported(subject, &callback)->outcome, HANDOFFD_READ);
    subject_stop(subject);
}

static void reads_a_form_of_the_largest_size(void **state)
{
    struct subject *subject = started(*state);
    struct callback callback = callback_of("delivered");
    static char long_value[40000];
    memset(long_value, 'a', sizeof long_value - 1);
    add_pair(&callback, "Later", long_value);
    assert_int_equal(reported(subject, &callback)->outcome, HANDOFFD_DELIVERED);
    subject_stop(subject);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLUGIN_TEST(asks_to_be_called_back_where_it_can_be),
        PLUGIN_TEST(reports_every_word_for_what_it_means),
        PLUGIN_TEST(waits_a_minute_where_whatsapp_says_slower),
        PLUGIN_TEST(reads_the_event_of_whatsapp),
        PLUGIN_TEST(passes_on_why),
        PLUGIN_TEST(takes_the_old_names),
        PLUGIN_TEST(ignores_words_that_it_does_not_know),
        PLUGIN_TEST(takes_parameters_that_it_does_not_know),
        PLUGIN_TEST(refuses_what_twilio_did_not_sign),
        PLUGIN_TEST(refuses_one_flipped_bit_anywhere),
        PLUGIN_TEST(refuses_another_url_and_another_token),
        PLUGIN_TEST(refuses_another_account),
        PLUGIN_TEST(refuses_what_is_no_form_for_one_of_our_messages),
        PLUGIN_TEST(believes_no_parameter_with_two_values),
        PLUGIN_TEST(takes_a_port_as_written_or_left_out),
        PLUGIN_TEST(logs_forgers_without_flooding),
        PLUGIN_TEST(needs_the_auth_token_even_beside_an_api_key),
        PLUGIN_TEST(checks_with_the_auth_token_where_an_api_key_sends),
        PLUGIN_TEST(reads_a_form_of_the_largest_size),
    };
    return run_plugin_tests("channel/twilio_whatsapp", tests);
}
