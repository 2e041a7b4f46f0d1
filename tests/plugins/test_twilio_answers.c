/* test_twilio_answers - what each answer of Twilio means for the attempt. */
#include "twilio_fixture.h"

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
        {400, 63016, HANDOFFD_REFUSED_RECIPIENT},
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
        {400, 30008, HANDOFFD_DEFERRED},
        {400, 63010, HANDOFFD_DEFERRED},
        {500, 63010, HANDOFFD_UNKNOWN}, /* sure of nothing, whatever the code */
        {503, 20429, HANDOFFD_UNKNOWN},
        {302, 20429, HANDOFFD_UNKNOWN},
        {400, 63041, HANDOFFD_REFUSED_MESSAGE},
        {400, 63049, HANDOFFD_REFUSED_MESSAGE},
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
                     said_outcome(report->outcome));
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

/* The handoff goes on with the next person, and somebody has a template to set. */
static void calls_for_attention_where_a_person_can_mend_it(void **state)
{
    static const struct {
        const char *body;
        bool needs_attention;
    } cases[] = {
        {"{\"code\":63016}", true},  {"{\"code\":63015}", true},  {"{\"code\":21211}", true},
        {"{\"code\":63018}", false}, {"{\"code\":21602}", false},
    };
    struct subject *subject = *state;
    set_account(subject);
    start(subject);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct handoffd_http_answer answer = http_answer(400, cases[i].body);
        send_example(subject);
        fake_host_answer(subject->host, &answer);
        assert_int_equal(fake_host_report(subject->host)->needs_attention,
                         cases[i].needs_attention);
    }
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLUGIN_TEST(reads_every_answer_by_its_code_and_then_by_its_status),
        PLUGIN_TEST(reads_answers_of_any_shape),
        PLUGIN_TEST(cuts_a_long_reason),
        PLUGIN_TEST(passes_on_how_long_to_wait),
        PLUGIN_TEST(calls_for_attention_where_a_person_can_mend_it),
        PLUGIN_TEST(tells_what_surely_was_not_sent_from_what_may_have_been),
    };
    return run_plugin_tests("channel/twilio_whatsapp", tests);
}
