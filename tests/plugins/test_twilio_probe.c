/* test_twilio_probe - `check --online`: what is fit for use, and words for what is not. */
#include "twilio_fixture.h"

#define SENDER "whatsapp:+5214420000001"
#define LIST   "{\"messages\":[],\"next_page_uri\":null}"
#define TEMPLATE                                                                                   \
    "{\"sid\":\"" CONTENT "\",\"types\":{\"twilio/text\":{\"body\":\"Hola {{1}}, soy {{2}}.\"}}}"
#define APPROVED "{\"whatsapp\":{\"status\":\"approved\",\"category\":\"UTILITY\"}}"
#define NO_NEXT  "\"meta\":{\"next_page_url\":null}}"
#define ONLINE   "{\"senders\":[{\"sender_id\":\"" SENDER "\",\"status\":\"ONLINE\"}]," NO_NEXT
#define PAGE_2   "https://messaging.twilio.com/v2/Channels/Senders?Page=1&PageToken=x"

enum { MOST_ANSWERS = 6 };

struct step {
    int32_t status; /* 0: nobody answers */
    const char *body;
};

static void set_everything(struct subject *subject)
{
    set_account(subject);
    subject_set(subject, "from", SENDER);
    subject_set(subject, "template.sid", CONTENT);
    subject_set(subject, "template.variables", "cliente,telefono");
}

/* Answers one request after the other; no more than there are steps may come. */
static const struct made_report *probed(struct subject *subject, const struct step steps[])
{
    fake_host_clear(subject->host);
    subject_probe(subject, 42);
    for (size_t i = 0; i < MOST_ANSWERS && subject->host->report_count == 0; i++) {
        struct handoffd_http_answer http =
            http_answer(steps[i].status, steps[i].body != NULL ? steps[i].body : "");
        http.result = steps[i].status == 0 ? HANDOFFD_HTTP_NO_ANSWER : HANDOFFD_HTTP_ANSWERED;
        http.error = steps[i].status == 0 ? "connection refused" : NULL;
        if (!fake_host_answer(subject->host, &http))
            fail_msg("nothing was asked at step %zu", i);
    }
    assert_int_equal(fake_host_report(subject->host)->attempt_id, 42);
    return fake_host_report(subject->host);
}

static void asks_for_credentials_template_and_sender(void **state)
{
    struct subject *subject = *state;
    const struct step steps[] = {{200, LIST}, {200, TEMPLATE}, {200, APPROVED}, {200, ONLINE}};
    set_everything(subject);
    start(subject);
    const struct made_report *report = probed(subject, steps);
    assert_int_equal(report->outcome, HANDOFFD_SENT);
    assert_string_equal(report->text, "");
    assert_int_equal(subject->host->request_count, 4);
    const struct sent_request *requests = subject->host->requests;
    assert_string_equal(requests[0].url, "https://api.twilio.com/2010-04-01/Accounts/" ACCOUNT
                                         "/Messages.json?PageSize=1");
    assert_string_equal(requests[1].url, "https://content.twilio.com/v1/Content/" CONTENT);
    assert_string_equal(requests[2].url,
                        "https://content.twilio.com/v1/Content/" CONTENT "/ApprovalRequests");
    assert_string_equal(
        requests[3].url,
        "https://messaging.twilio.com/v2/Channels/Senders?Channel=whatsapp&PageSize=100");
    for (size_t i = 0; i < 4; i++) {
        assert_string_equal(requests[i].method, "GET");
        assert_string_equal(requests[i].user, ACCOUNT);
        assert_string_equal(requests[i].password, "s3cret");
    }
    subject_stop(subject);
}

static void asks_a_stand_in_where_the_options_say_so(void **state)
{
    struct subject *subject = *state;
    const struct step steps[] = {{200, LIST}, {200, TEMPLATE}, {200, APPROVED}, {200, ONLINE}};
    set_everything(subject);
    subject_set(subject, "api_base", "http://127.0.0.1:4010/");
    subject_set(subject, "content_base", "http://127.0.0.1:4011/");
    subject_set(subject, "messaging_base", "http://127.0.0.1:4012//");
    start(subject);
    assert_int_equal(probed(subject, steps)->outcome, HANDOFFD_SENT);
    const struct sent_request *requests = subject->host->requests;
    assert_ptr_equal(strstr(requests[0].url, "http://127.0.0.1:4010/2010"), requests[0].url);
    assert_ptr_equal(strstr(requests[2].url, "http://127.0.0.1:4011/v1"), requests[2].url);
    assert_ptr_equal(strstr(requests[3].url, "http://127.0.0.1:4012/v2"), requests[3].url);
    subject_stop(subject);
}

static void says_what_is_unfit(void **state)
{
    static const struct {
        struct step steps[MOST_ANSWERS];
        uint32_t outcome;
        const char *words;
    } cases[] = {
        {{{401, "{\"code\":20003,\"message\":\"Authenticate\"}"}},
         HANDOFFD_REFUSED_ACCOUNT,
         "does not accept the credentials: Authenticate"},
        {{{403, "{\"code\":70051,\"message\":\"Forbidden\"}"}},
         HANDOFFD_REFUSED_ACCOUNT,
         "may not read messages"},
        {{{404, "{\"code\":20404,\"message\":\"nothing\"}"}},
         HANDOFFD_REFUSED_ACCOUNT,
         "no account of this account_sid: nothing"},
        {{{0, NULL}}, HANDOFFD_UNKNOWN, "could not be asked: connection refused"},
        {{{429, "{\"code\":20429}"}}, HANDOFFD_UNKNOWN, "could not be asked"},
        {{{500, ""}}, HANDOFFD_UNKNOWN, "could not be asked"},
        {{{200, "<html>"}}, HANDOFFD_UNKNOWN, "could not be asked"},
        {{{200, LIST}, {404, "{\"code\":20404}"}},
         HANDOFFD_REFUSED_MESSAGE,
         "the template " CONTENT " does not exist in this account"},
        {{{200, LIST}, {503, ""}}, HANDOFFD_UNKNOWN, "could not be asked"},
        {{{200, LIST},
          {200, "{\"types\":{\"twilio/text\":{\"body\":\"{{1}} {{x}} {{9999999}} {{3}\"},"
                "\"whatsapp/card\":{\"actions\":[{\"url\":\"u?{{3}}\"}]}}}"}},
         HANDOFFD_REFUSED_MESSAGE,
         "has {{3}}, but template.variables fills only 2"},
        {{{200, LIST}, {200, TEMPLATE}, {404, "{\"code\":20404}"}},
         HANDOFFD_REFUSED_MESSAGE,
         "the template " CONTENT " was not sent to approval"},
        {{{200, LIST}, {200, TEMPLATE}, {200, "{\"whatsapp\":null}"}},
         HANDOFFD_REFUSED_MESSAGE,
         "was not sent to approval"},
        {{{200, LIST}, {200, TEMPLATE}, {200, "{\"whatsapp\":{\"status\":\"pending\"}}"}},
         HANDOFFD_REFUSED_MESSAGE,
         "is not approved yet"},
        {{{200, LIST},
          {200, TEMPLATE},
          {200, "{\"whatsapp\":{\"status\":\"rejected\",\"rejection_reason\":\"TAG_CONTENT\"}}"}},
         HANDOFFD_REFUSED_MESSAGE,
         "was rejected: TAG_CONTENT"},
        {{{200, LIST},
          {200, TEMPLATE},
          {200, "{\"whatsapp\":{\"status\":\"paused\",\"rejection_reason\":\"\"}}"}},
         HANDOFFD_REFUSED_MESSAGE,
         "the template " CONTENT " is paused"},
        {{{200, LIST}, {200, TEMPLATE}, {200, "{\"whatsapp\":{\"status\":\"disabled\"}}"}},
         HANDOFFD_REFUSED_MESSAGE,
         "is disabled"},
        {{{200, LIST}, {200, TEMPLATE}, {200, "{\"whatsapp\":{\"status\":\"in_appeal\"}}"}},
         HANDOFFD_REFUSED_MESSAGE,
         "is not approved"},
        {{{200, LIST}, {200, TEMPLATE}, {500, ""}}, HANDOFFD_UNKNOWN, "could not be asked"},
        {{{200, LIST}, {200, TEMPLATE}, {200, APPROVED}, {200, "{\"senders\":[]," NO_NEXT}},
         HANDOFFD_REFUSED_ACCOUNT,
         "from is not a WhatsApp sender of this account"},
        {{{200, LIST},
          {200, TEMPLATE},
          {200, APPROVED},
          {200, "{\"senders\":[null,{\"sender_id\":\"whatsapp:+1\",\"status\":\"ONLINE\"},"
                "{\"sender_id\":\"" SENDER "\",\"status\":\"OFFLINE\",\"offline_reasons\":"
                "[{\"code\":\"63020\",\"message\":\"no invitation\"}]}]," NO_NEXT}},
         HANDOFFD_REFUSED_ACCOUNT,
         "its state is OFFLINE: no invitation"},
        {{{200, LIST}, {200, TEMPLATE}, {200, APPROVED}, {500, ""}},
         HANDOFFD_UNKNOWN,
         "could not be asked"},
        {{{200, LIST}, {200, TEMPLATE}, {200, APPROVED}, {200, "{}"}},
         HANDOFFD_UNKNOWN,
         "could not be asked"},
    };
    struct subject *subject = *state;
    set_everything(subject);
    start(subject);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct made_report *report = probed(subject, cases[i].steps);
        if (report->outcome != cases[i].outcome || strstr(report->text, cases[i].words) == NULL)
            fail_msg("case %zu: %s: %s", i, said_outcome(report->outcome), report->text);
    }
    subject_stop(subject);
}

/* It may send even so. */
static void says_what_a_key_may_not_read(void **state)
{
    static const struct {
        struct step steps[MOST_ANSWERS];
        const char *words;
    } cases[] = {
        {{{200, LIST}, {403, ""}, {200, ONLINE}}, "the template was not checked"},
        {{{200, LIST}, {401, ""}, {200, ONLINE}}, "the template was not checked"},
        {{{200, LIST}, {200, TEMPLATE}, {403, ""}, {200, ONLINE}}, "the template was not checked"},
        {{{200, LIST}, {200, TEMPLATE}, {200, APPROVED}, {401, ""}}, "the sender was not checked"},
        {{{200, LIST}, {200, TEMPLATE}, {200, APPROVED}, {403, ""}}, "the sender was not checked"},
        {{{200, LIST}, {200, TEMPLATE}, {200, APPROVED}, {404, ""}}, "the sender was not checked"},
        {{{200, LIST}, {403, ""}, {403, ""}}, "Content API; the sender was not checked"},
        {{{200, LIST},
          {200, TEMPLATE},
          {200, "{\"whatsapp\":{\"status\":\"approved\",\"category\":\"MARKETING\"}}"},
          {200, ONLINE}},
         "MARKETING"},
        {{{200, LIST},
          {200, TEMPLATE},
          {200, APPROVED},
          {200, "{\"senders\":[],\"meta\":{\"next_page_url\":\"https://evil.example.com/v2/\"}}"}},
         "the sender was not checked"},
        {{{200, LIST},
          {200, TEMPLATE},
          {200, APPROVED},
          {200, "{\"senders\":[],\"meta\":{\"next_page_url\":"
                "\"https://messaging.twilio.com.evil.example.com/v2/\"}}"}},
         "the sender was not checked"},
        {{{200, LIST},
          {200, TEMPLATE},
          {200, APPROVED},
          {200, "{\"senders\":[],\"meta\":{\"next_page_url\":"
                "\"https://messaging.twilio.com/v2/\\u0001\\u007f\\u00e9\"}}"}},
         "the sender was not checked"},
    };
    struct subject *subject = *state;
    set_everything(subject);
    start(subject);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct made_report *report = probed(subject, cases[i].steps);
        if (report->outcome != HANDOFFD_SENT || strstr(report->text, cases[i].words) == NULL)
            fail_msg("case %zu: %s: %s", i, said_outcome(report->outcome), report->text);
    }
    subject_stop(subject);
}

static void looks_for_the_sender_on_further_pages(void **state)
{
    const struct step steps[] = {
        {200, LIST},
        {200, TEMPLATE},
        {200, APPROVED},
        {200, "{\"senders\":[],\"meta\":{\"next_page_url\":\"" PAGE_2 "\"}}"},
        {200, "{\"senders\":[{\"sender_id\":\"" SENDER "\",\"status\":\"ONLINE:UPDATING\"}]}"}};
    struct subject *subject = *state;
    set_everything(subject);
    start(subject);
    assert_int_equal(probed(subject, steps)->outcome, HANDOFFD_SENT);
    assert_string_equal(subject->host->requests[4].url, PAGE_2);
    subject_stop(subject);
}

static void knows_the_sandbox_and_a_service_without_asking(void **state)
{
    const struct step steps[] = {{200, LIST}};
    struct subject *subject = *state;
    set_account(subject);
    start(subject);
    assert_int_equal(probed(subject, steps)->outcome, HANDOFFD_SENT);
    assert_non_null(strstr(fake_host_report(subject->host)->text, "from is the sandbox"));
    assert_int_equal(subject->host->request_count, 1);
    subject_stop(subject);
    set_account(subject);
    subject_set(subject, "from", "");
    subject_set(subject, "messaging_service_sid", SERVICE);
    start(subject);
    assert_int_equal(probed(subject, steps)->outcome, HANDOFFD_SENT);
    assert_non_null(strstr(fake_host_report(subject->host)->text, "the Messaging Service chooses"));
    assert_int_equal(subject->host->request_count, 1);
    subject_stop(subject);
}

static void speaks_spanish_where_the_operator_does(void **state)
{
    const struct step steps[] = {
        {200, LIST},
        {200, TEMPLATE},
        {200, "{\"whatsapp\":{\"status\":\"paused\",\"rejection_reason\":\"QUALITY\"}}"}};
    struct subject *subject = *state;
    set_everything(subject);
    start(subject);
    setenv("LC_ALL", "es_MX.UTF-8", 1);
    const char *text = probed(subject, steps)->text;
    setenv("LC_ALL", "C", 1);
    assert_string_equal(text, "la plantilla " CONTENT " está en pausa: QUALITY");
    subject_stop(subject);
}

static void can_be_stopped_at_any_step(void **state)
{
    struct subject *subject = *state;
    const struct handoffd_http_answer list = http_answer(200, LIST);
    for (int i = 0; i < 2; i++) {
        set_everything(subject);
        start(subject);
        fake_host_clear(subject->host);
        subject_probe(subject, 42);
        if (i > 0)
            assert_true(fake_host_answer(subject->host, &list));
        subject_stop(subject);
        assert_int_equal(subject->host->report_count, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLUGIN_TEST(asks_for_credentials_template_and_sender),
        PLUGIN_TEST(asks_a_stand_in_where_the_options_say_so),
        PLUGIN_TEST(says_what_is_unfit),
        PLUGIN_TEST(says_what_a_key_may_not_read),
        PLUGIN_TEST(looks_for_the_sender_on_further_pages),
        PLUGIN_TEST(knows_the_sandbox_and_a_service_without_asking),
        PLUGIN_TEST(speaks_spanish_where_the_operator_does),
        PLUGIN_TEST(can_be_stopped_at_any_step),
    };
    return run_plugin_tests("channel/twilio_whatsapp", tests);
}
