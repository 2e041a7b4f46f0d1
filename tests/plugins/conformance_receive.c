/* conformance_receive - a channel's door to the outside: whoever finds the address may send
 * anything, and it changes nothing.
 *
 * What the suite sends is signed by nobody: it knows no secret. A channel that has one reports
 * nothing on any of it. */
#include "conformance.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "fault.h"
#include "loan.h"

enum { CALLED_ID = 500, LONG_BODY = 64 * 1024, MANY_HEADERS = 100, FLOOD = 50, MOST_LINES = 12 };

#define PUBLIC_URL "https://handoff.example.com/hooks/whatsapp/"
#define TOKEN      "h7m2k9q"

struct request_case {
    const char *name;
    const char *method;
    const char *rest; /* of the URL, behind the token */
    struct handoffd_fields headers;
    const char *body;
    size_t body_length;
};

/* ---------------------------------------------------------------- one request */

static void check_answer(const struct received *received, const char *name)
{
    if (received->status < 200 || received->status > 599)
        fault("receive answers %u after %s: no status of HTTP's 200 to 599", received->status,
              name);
    for (const char *at = received->content_type; at != NULL && *at != '\0'; at++) {
        if (*at < ' ' || *at > '~')
            fault("receive: its content_type is not one line of ASCII after %s", name);
    }
    if (received->body != NULL && !is_utf8(received->body))
        fault("law 3 (ownership): not UTF-8: receive's body after %s", name);
}

static void check_reports(const struct subject *subject, uint64_t attempt_id, const char *name)
{
    for (size_t i = 0; i < subject->host->report_count; i++) {
        const struct made_report *report = &subject->host->reports[i];
        if (attempt_id == 0)
            fault("receive reports though nobody's address was called, after %s", name);
        if (report->attempt_id != attempt_id)
            fault("receive was called for attempt %llu and reports on %llu after %s",
                  (unsigned long long)attempt_id, (unsigned long long)report->attempt_id, name);
        if (report->outcome < HANDOFFD_SENT || report->outcome > HANDOFFD_UNKNOWN)
            fault("receive reports \"%s\" after %s", said_outcome(report->outcome), name);
        if (conformance_has_secret(subject))
            fault("receive believes a request that nobody signed: %s", name);
    }
}

static void call_once(struct subject *subject, const char *to, uint64_t attempt_id,
                      const struct request_case *made)
{
    char path[LONG_BODY / 4];
    char url[LONG_BODY / 4];
    size_t path_length = strcspn(made->rest, "?");
    snprintf(path, sizeof path, "%s%.*s", TOKEN, (int)path_length, made->rest);
    snprintf(url, sizeof url, "%s%s%s", PUBLIC_URL, TOKEN, made->rest);
    const struct handoffd_request request = {
        .size = sizeof request,
        .attempt_id = attempt_id,
        .method = made->method,
        .url = url,
        .path = path,
        .headers = made->headers,
        .body = made->body,
        .body_length = made->body_length,
    };
    struct received received = subject_receive(subject, &request);
    check_answer(&received, made->name);
    check_reports(subject, attempt_id, made->name);
    conformance_lines(subject, to);
    received_deinit(&received);
}

static void check_request(struct subject *subject, const char *to, const struct request_case *made)
{
    fake_host_clear(subject->host);
    call_once(subject, to, CALLED_ID, made);
    fake_host_clear(subject->host);
    call_once(subject, to, 0, made);
}

/* ---------------------------------------------------------------- what anybody may send */

#define FORM "application/x-www-form-urlencoded"
#define JSON "application/json"

#define STATUS_FORM                                                                                \
    "MessageSid=" ANSWERED_ID "&MessageStatus=delivered&To=whatsapp%3A%2B5215512345678"            \
    "&AccountSid=AC00000000000000000000000000000001&Body=Juan+cotizaciones"
#define STATUS_JSON                                                                                \
    "{\"id\":\"" ANSWERED_ID "\",\"status\":\"delivered\",\"to\":\"+5215512345678\"}"

/* By the names that providers use; none is right, for whoever wrote them had no secret. */
static const char *const signature_names[] = {"content-type",
                                              "x-twilio-signature",
                                              "x-hub-signature-256",
                                              "x-signature",
                                              "x-telegram-bot-api-secret-token",
                                              "authorization",
                                              "i-twilio-idempotency-token"};
static const char *const wrong_signatures[] = {
    FORM, "RSOYDt4T1cUTdK1PDd93/VVr8B8=", "sha256=00", "AAAA", "AAAA", "Basic Og==", "x"};
static const char *const empty_signatures[] = {FORM, "", "", "", "", "", ""};
static const char *const long_signatures[] = {
    FORM,
    "////////////////////////////////////////////////////",
    "sha256=\xC3\xB1",
    " ",
    "\t",
    "Bearer",
    ","};
static const char *const twice_names[] = {"x-twilio-signature", "x-twilio-signature",
                                          "content-type", "content-type"};
static const char *const twice_values[] = {"AAAA", "BBBB", FORM, JSON};
static const char *const form_name[] = {"content-type"};
static const char *const form_value[] = {FORM};
static const char *const json_value[] = {JSON "; charset=utf-8"};
static const char *const odd_value[] = {"multipart/form-data; boundary="};

#define FIELDS(names, values) {names, values, COUNT_OF(names)}
#define TEXT(text)            text, sizeof(text) - 1

static void check_requests(struct subject *subject, const char *to)
{
    static const struct request_case cases[] = {
        {"GET without headers", "GET", "", {0}, TEXT("")},
        {"POST without headers", "POST", "", {0}, TEXT("")},
        {"POST of a status without headers", "POST", "", {0}, TEXT(STATUS_FORM)},
        {"PUT", "PUT", "", FIELDS(form_name, form_value), TEXT(STATUS_FORM)},
        {"DELETE", "DELETE", "", {0}, TEXT("")},
        {"HEAD", "HEAD", "", {0}, TEXT("")},
        {"a method of its own", "M-SEARCH", "", {0}, TEXT("x")},
        {"an empty form", "POST", "", FIELDS(form_name, form_value), TEXT("")},
        {"a form without a signature", "POST", "", FIELDS(form_name, form_value),
         TEXT(STATUS_FORM)},
        {"a form with a wrong signature", "POST", "", FIELDS(signature_names, wrong_signatures),
         TEXT(STATUS_FORM)},
        {"a form with an empty signature", "POST", "", FIELDS(signature_names, empty_signatures),
         TEXT(STATUS_FORM)},
        {"a form with a long signature", "POST", "", FIELDS(signature_names, long_signatures),
         TEXT(STATUS_FORM)},
        {"a form with two signatures", "POST", "", FIELDS(twice_names, twice_values),
         TEXT(STATUS_FORM)},
        {"broken escapes", "POST", "?a=%zz&%", FIELDS(signature_names, wrong_signatures),
         TEXT("%&%4&%zz=%&a=%00&=&==&&&a=1&a=1&a[]=2&+=%2B&%C3=%28&\xFF=\xC3")},
        {"bytes", "POST", "", FIELDS(form_name, form_value), TEXT("\xFF\xFE\x01\x7F\x1B[2J")},
        {"a form with NULs", "POST", "", FIELDS(signature_names, wrong_signatures),
         TEXT("a=\0b\0&MessageStatus=delivered\0")},
        {"JSON without a signature", "POST", "", FIELDS(form_name, json_value), TEXT(STATUS_JSON)},
        {"JSON with a digest of another body", "POST",
         "?bodySHA256=00&bodySHA256=", FIELDS(form_name, json_value), TEXT(STATUS_JSON)},
        {"JSON of other types", "POST", "", FIELDS(form_name, json_value),
         TEXT("{\"id\":{},\"status\":[null],\"entry\":5}")},
        {"cut JSON", "POST", "", FIELDS(form_name, json_value), TEXT("{\"id\":\"\\ud8")},
        {"a multipart body without a boundary", "POST", "", FIELDS(form_name, odd_value),
         TEXT("--\r\n\r\n----")},
        {"an address with more behind it", "POST", "/../../%2e%2e?&&=?%", {0}, TEXT(STATUS_FORM)},
        {"<html>", "POST", "", {0}, TEXT("<html><script>")},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        check_request(subject, to, &cases[i]);
}

static char *repeated(const char *piece, size_t length)
{
    char *text = memory_zeroed(length + 1, 1);
    for (size_t i = 0; i < length; i++)
        text[i] = piece[i % strlen(piece)];
    return text;
}

static void check_long_bodies(struct subject *subject, const char *to)
{
    static const char *const pieces[] = {"a", "&",       "=",  "%41", "a=1&",
                                         "[", "{\"a\":", "\"", "\xF0"};
    for (size_t i = 0; i < COUNT_OF(pieces); i++) {
        CLEANUP(memory_free) char *body = repeated(pieces[i], LONG_BODY);
        struct request_case made = {
            "64 KB", "POST", "", FIELDS(signature_names, wrong_signatures), body, LONG_BODY};
        check_request(subject, to, &made);
        made.headers = (struct handoffd_fields)FIELDS(form_name, json_value);
        check_request(subject, to, &made);
    }
}

static void check_long_heads(struct subject *subject, const char *to)
{
    const char *names[MANY_HEADERS];
    const char *values[MANY_HEADERS];
    CLEANUP(memory_free) char *value = repeated("x", 4000);
    CLEANUP(memory_free) char *rest = repeated("?a=%zz&", 8000);
    for (size_t i = 0; i < MANY_HEADERS; i++) {
        names[i] = i % 2 == 0 ? "x-twilio-signature" : "x-hub-signature-256";
        values[i] = i % 3 == 0 ? value : "";
    }
    const struct request_case many = {"many headers", "POST", "", FIELDS(names, values),
                                      TEXT(STATUS_FORM)};
    check_request(subject, to, &many);
    const struct request_case lengthy = {
        "a long URL", "POST", rest, FIELDS(signature_names, wrong_signatures), TEXT(STATUS_FORM)};
    check_request(subject, to, &lengthy);
}

/* ---------------------------------------------------------------- again and again */

/* The log is for the operator: whoever knocks a million times must not fill it. */
static void check_flood(struct subject *subject, const char *to)
{
    static const struct request_case made = {"the same again and again", "POST", "",
                                             FIELDS(signature_names, wrong_signatures),
                                             TEXT(STATUS_FORM)};
    fake_host_clear(subject->host);
    for (size_t i = 0; i < FLOOD; i++) {
        call_once(subject, to, CALLED_ID, &made);
        if (subject->host->line_count > MOST_LINES)
            fault("receive: a line in the log for every bad request: whoever finds the address "
                  "fills the disk");
    }
}

/* A callback may come before the answer to what it is about; where it is believed, what deliver was
 * given ends with it. */
static void check_before_the_answer(struct subject *subject, const char *to)
{
    static const struct request_case made = {"a callback before the answer", "POST", "",
                                             FIELDS(signature_names, wrong_signatures),
                                             TEXT(STATUS_FORM)};
    struct fake_host *host = subject->host;
    const struct handoffd_http_answer answer = http_answer(201, "{\"sid\":\"" ANSWERED_ID "\"}");
    const struct handoffd_attempt attempt = example_attempt(CALLED_ID, to);
    const struct handoffd_message message = example_message();
    struct loan *given = NULL;
    fake_host_clear(host);
    subject_deliver(subject, &attempt, &message, &given);
    bool is_waiting = fake_host_waiting(host) != NULL && host->report_count == 0;
    if (!is_waiting)
        fake_host_clear(host);
    call_once(subject, to, CALLED_ID, &made);
    size_t called_back = host->report_count;
    if (called_back > 0)
        loan_end(given); /* the first report, whoever made it */
    while (fake_host_answer(host, &answer)) {
    }
    if (is_waiting && host->report_count != called_back + 1)
        fault("law 4 (one verb back): a callback came before the answer, and deliver reported %zu "
              "times",
              host->report_count - called_back);
    subject_end_attempt(given);
}

void conformance_receive(struct subject *subject, const char *to)
{
    check_requests(subject, to);
    check_long_bodies(subject, to);
    check_long_heads(subject, to);
    check_flood(subject, to);
    check_before_the_answer(subject, to);
}
