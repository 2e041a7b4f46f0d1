/* fake_host - records; every record is a copy, so that the plugin's own memory may go. */
#include "fake_host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/utf8.h"
#include "fault.h"
#include "loan.h"

enum {
    NOON_S = 1767268800, /* 2026-01-01 12:00 UTC */
    FIRST_REPORT_SIZE =  /* in contract 1.0 */
    offsetof(struct handoffd_report, retry_after_ms) + sizeof(int64_t),
    MOST_ID_BYTES = 128
};

bool is_utf8(const char *text)
{
    return utf8_is_valid(text, strlen(text));
}

const char *said_outcome(uint32_t outcome)
{
    static const char *const names[] = {
        [0] = "none",
        [HANDOFFD_SENT] = "sent",
        [HANDOFFD_DELIVERED] = "delivered",
        [HANDOFFD_READ] = "read",
        [HANDOFFD_UNDELIVERED] = "undelivered",
        [HANDOFFD_DEFERRED] = "deferred",
        [HANDOFFD_REFUSED_RECIPIENT] = "refused_recipient",
        [HANDOFFD_REFUSED_MESSAGE] = "refused_message",
        [HANDOFFD_REFUSED_ACCOUNT] = "refused_account",
        [HANDOFFD_UNKNOWN] = "unknown",
        [HANDOFFD_ABSENT] = "absent",
    };
    return outcome < COUNT_OF(names) ? names[outcome] : "of no known number";
}

static struct fake_host *of(const struct handoffd_host *table)
{
    return table->instance;
}

/* Stops where a record would not fit: no plugin here has a reason for so many. */
static size_t next_record(size_t *count, const char *what)
{
    if (*count == MOST_RECORDS)
        fault("law 4 (one verb back): more than %d times: %s", MOST_RECORDS, what);
    return (*count)++;
}

static char *copied_text(const char *text, const char *what)
{
    if (text != NULL && !is_utf8(text))
        fault("law 3 (ownership): not UTF-8: %s", what);
    return memory_text(text);
}

/* ---------------------------------------------------------------- what the plugin calls */

static void on_log(const struct handoffd_host *table, uint32_t level, const char *text)
{
    static const char *const names[] = {"debug", "info", "warning", "error"};
    struct fake_host *host = of(table);
    if (level > HANDOFFD_LOG_ERROR)
        fault("log: level %u is none", level);
    if (text == NULL || !is_utf8(text) || strchr(text, '\n') != NULL)
        fault("log: not one line of UTF-8");
    char line[1024];
    snprintf(line, sizeof line, "%s: %s", names[level], text);
    host->lines[next_record(&host->line_count, "log")] = memory_text(line);
}

static int64_t on_now_ms(const struct handoffd_host *table)
{
    return of(table)->now_ms;
}

static char *join_headers(const struct handoffd_fields *headers)
{
    char *text = memory_text("");
    for (size_t i = 0; i < headers->count; i++) {
        const char *name = headers->names[i];
        const char *value = headers->values[i];
        if (strpbrk(name, "\r\n:") != NULL || strpbrk(value, "\r\n") != NULL)
            fault("http_send: a header has a line break or a colon in its name");
        size_t length = strlen(text);
        size_t more = strlen(name) + strlen(value) + 4;
        text = memory_resized(text, length + more);
        snprintf(text + length, more, "%s: %s\n", name, value);
    }
    return text;
}

static void check_request(const struct handoffd_http_request *request)
{
    if (request->size < sizeof *request)
        fault("law 2 (versions): http_send: the request has size %zu", request->size);
    bool is_method = request->method != NULL &&
                     (strcmp(request->method, "GET") == 0 || strcmp(request->method, "POST") == 0);
    if (!is_method)
        fault("http_send: the method is neither GET nor POST");
    if (request->url == NULL ||
        (strncmp(request->url, "https://", 8) != 0 && strncmp(request->url, "http://", 7) != 0))
        fault("http_send: the URL starts with neither https:// nor http://");
    if (request->body == NULL && request->body_length > 0)
        fault("http_send: a body of %zu bytes that is NULL", request->body_length);
    if (request->timeout_ms < 0)
        fault("http_send: a timeout below 0");
}

static void
on_http_send(const struct handoffd_host *table, const struct handoffd_http_request *request,
             void (*on_answer)(void *context, const struct handoffd_http_answer *answer),
             void *context)
{
    struct fake_host *host = of(table);
    check_request(request);
    char *body = memory_zeroed(1, request->body_length + 1);
    if (request->body_length > 0)
        memcpy(body, request->body, request->body_length);
    host->requests[next_record(&host->request_count, "http_send")] = (struct sent_request){
        .method = copied_text(request->method, "method"),
        .url = copied_text(request->url, "url"),
        .user = copied_text(request->user, "user"),
        .password = copied_text(request->password, "password"),
        .content_type = copied_text(request->content_type, "content_type"),
        .headers = join_headers(&request->headers),
        .body = body,
        .body_length = request->body_length,
        .timeout_ms = request->timeout_ms,
        .on_answer = on_answer,
        .context = context,
    };
}

static void check_id(const char *id)
{
    for (size_t i = 0; id != NULL && id[i] != '\0'; i++) {
        if (i == MOST_ID_BYTES || id[i] <= ' ' || id[i] > '~')
            fault("report: message_id is not %d visible ASCII characters at most", MOST_ID_BYTES);
    }
}

static void on_report(const struct handoffd_host *table, uint64_t attempt_id,
                      const struct handoffd_report *given)
{
    struct fake_host *host = of(table);
    if (given->size < FIRST_REPORT_SIZE)
        fault("law 2 (versions): report: its size is %zu", given->size);
    struct handoffd_report report = {0};
    memcpy(&report, given, given->size < sizeof report ? given->size : sizeof report);
    check_id(report.message_id);
    host->reports[next_record(&host->report_count, "report")] = (struct made_report){
        .attempt_id = attempt_id,
        .outcome = report.outcome,
        .code = report.code,
        .message_id = copied_text(report.message_id, "report.message_id"),
        .text = copied_text(report.text, "report.text"),
        .retry_after_ms = report.retry_after_ms,
        .needs_attention = report.needs_attention,
    };
}

/* ---------------------------------------------------------------- what the test calls */

struct fake_host *fake_host_create(void)
{
    struct fake_host *host = memory_zeroed(1, sizeof *host);
    host->table = (struct handoffd_host){
        .size = sizeof host->table,
        .instance = host,
        .log = on_log,
        .now_ms = on_now_ms,
        .http_send = on_http_send,
        .report = on_report,
    };
    host->now_ms = (int64_t)NOON_S * 1000;
    return host;
}

static void free_request(struct sent_request *request)
{
    free(request->method);
    free(request->url);
    free(request->user);
    free(request->password);
    free(request->content_type);
    free(request->headers);
    free(request->body);
}

void fake_host_clear(struct fake_host *host)
{
    for (size_t i = 0; i < host->request_count; i++)
        free_request(&host->requests[i]);
    for (size_t i = 0; i < host->report_count; i++) {
        free(host->reports[i].message_id);
        free(host->reports[i].text);
    }
    for (size_t i = 0; i < host->line_count; i++)
        free(host->lines[i]);
    host->request_count = host->report_count = host->line_count = 0;
}

void fake_host_destroy(struct fake_host *host)
{
    if (host == NULL)
        return;
    fake_host_clear(host);
    free(host);
}

/* request_count: none waits. */
static size_t find_waiting(const struct fake_host *host)
{
    size_t index = 0;
    while (index < host->request_count && host->requests[index].is_answered)
        index++;
    return index;
}

const struct sent_request *fake_host_waiting(const struct fake_host *host)
{
    size_t index = find_waiting(host);
    return index < host->request_count ? &host->requests[index] : NULL;
}

bool fake_host_answer(struct fake_host *host, const struct handoffd_http_answer *answer)
{
    size_t index = find_waiting(host);
    if (index == host->request_count)
        return false;
    struct sent_request *waiting = &host->requests[index];
    waiting->is_answered = true;
    struct loan *loan = loan_create();
    struct handoffd_http_answer lent = *answer;
    lent.body = loan_copy(loan, answer->body, answer->body_length + 1);
    lent.error = loan_text(loan, answer->error);
    const struct handoffd_http_answer *lent_answer = loan_copy(loan, &lent, sizeof lent);
    loan_protect(loan);
    fault_enter("on_answer");
    waiting->on_answer(waiting->context, lent_answer);
    fault_leave();
    loan_end(loan);
    return true;
}

const struct made_report *fake_host_report(const struct fake_host *host)
{
    if (host->report_count != 1)
        fault("law 4 (one verb back): %zu reports where one was due", host->report_count);
    return &host->reports[0];
}

struct handoffd_http_answer http_answer(int32_t status, const char *body)
{
    return (struct handoffd_http_answer){
        .size = sizeof(struct handoffd_http_answer),
        .result = HANDOFFD_HTTP_ANSWERED,
        .status = status,
        .body = body,
        .body_length = strlen(body),
    };
}
