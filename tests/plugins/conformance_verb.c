/* conformance_verb - one verb back, exactly once; and nothing said in the log that is not for it.
 */
#include "conformance.h"

#include <string.h>

#include "base/memory.h"
#include "config/options.h"
#include "fault.h"
#include "loan.h"

enum {
    MOST_ANSWERS = 32,
    DEFAULT_TIMEOUT_MS = 10 * 1000,
    LONGEST_TIMEOUT_MS = 50 * 1000,
    MINUTE_MS = 60 * 1000,
    SENDING_ID = 76
};

/* The provider takes as long as it is let; false: nothing waits. */
static bool answer_late(struct fake_host *host, const struct handoffd_http_answer *answer)
{
    const struct sent_request *waiting = fake_host_waiting(host);
    if (waiting == NULL)
        return false;
    int64_t timeout_ms = waiting->timeout_ms > 0 ? waiting->timeout_ms : DEFAULT_TIMEOUT_MS;
    host->now_ms += timeout_ms < LONGEST_TIMEOUT_MS ? timeout_ms : LONGEST_TIMEOUT_MS;
    return fake_host_answer(host, answer);
}

const struct made_report *conformance_settle(struct subject *subject, const char *verb,
                                             uint64_t attempt_id, const struct answer_case *answer,
                                             struct loan *given)
{
    struct fake_host *host = subject->host;
    int64_t start_ms = host->now_ms;
    size_t answers = 0;
    while (host->report_count == 0 && answer_late(host, &answer->answer)) {
        if (++answers > MOST_ANSWERS)
            fault("%s asks again and again after %s", verb, answer->name);
    }
    if (host->report_count == 0)
        fault("law 4 (one verb back): %s never reported after %s", verb, answer->name);
    if (host->now_ms - start_ms > MINUTE_MS)
        fault("law 4 (one verb back): %s reported after its minute, after %s each time", verb,
              answer->name);
    loan_end(given);
    while (answer_late(host, &answer->answer)) {
        if (++answers > MOST_ANSWERS)
            fault("%s asks again and again behind its report", verb);
    }
    const struct made_report *report = fake_host_report(host);
    if (report->attempt_id != attempt_id)
        fault("law 4 (one verb back): reported on attempt %llu, was given %llu",
              (unsigned long long)report->attempt_id, (unsigned long long)attempt_id);
    return report;
}

/* ---------------------------------------------------------------- asking is not sending */

static bool is_post(const struct sent_request *request)
{
    return request != NULL && strcmp(request->method, "POST") == 0;
}

char *conformance_sending_url(struct subject *subject, const char *to)
{
    const struct handoffd_attempt attempt = example_attempt(SENDING_ID, to);
    const struct handoffd_message message = example_message();
    const struct handoffd_http_answer answer = http_answer(503, "");
    struct loan *given = NULL;
    fake_host_clear(subject->host);
    subject_deliver(subject, &attempt, &message, &given);
    const struct sent_request *request = fake_host_waiting(subject->host);
    char *url = memory_text(is_post(request) ? request->url : "");
    while (fake_host_answer(subject->host, &answer)) {
    }
    loan_end(given);
    return url;
}

void conformance_sends_nothing(const struct subject *subject, const char *verb,
                               const char *sending_url)
{
    const struct fake_host *host = subject->host;
    for (size_t i = 0; i < host->request_count; i++) {
        if (is_post(&host->requests[i]) && strcmp(host->requests[i].url, sending_url) == 0)
            fault("%s posts to where deliver does: it must send no message", verb);
    }
}

/* ---------------------------------------------------------------- secrets */

static bool holds(const char *line, const char *text)
{
    return text != NULL && text[0] != '\0' && (line == NULL || strstr(line, text) != NULL);
}

static bool holds_one(const char *line, const char *const texts[], size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (holds(line, texts[i]))
            return true;
    }
    return false;
}

static bool holds_value(const char *line, const struct handoffd_option *row, const char *member)
{
    const char *text = NULL;
    struct handoffd_list list = {0};
    struct handoffd_fields map = {0};
    switch (row->type) {
    case HANDOFFD_TEXT:
        memcpy(&text, member, sizeof text);
        return holds(line, text);
    case HANDOFFD_LIST:
        memcpy(&list, member, sizeof list);
        return holds_one(line, list.items, list.count);
    case HANDOFFD_MAP:
        memcpy(&map, member, sizeof map);
        return holds_one(line, map.values, map.count);
    default:
        return false;
    }
}

/* The name of a secret that the line holds; where line is NULL, of any that has a value. */
static const char *find_secret(const char *line, const struct handoffd_options *options,
                               const char *target)
{
    for (size_t i = 0; i < options->count; i++) {
        struct handoffd_option row = options_row(options, i);
        const char *inner =
            row.record != NULL ? find_secret(line, row.record, target + row.offset) : NULL;
        if (inner != NULL)
            return inner;
        if (row.secret && holds_value(line, &row, target + row.offset))
            return row.name;
    }
    return NULL;
}

bool conformance_has_secret(const struct subject *subject)
{
    return find_secret(NULL, &subject->plugin->contract.options, subject->state) != NULL;
}

void conformance_lines(const struct subject *subject, const char *to)
{
    static const char *const private_texts[] = {"5512345678", "Juan", "cotizaciones", "restaurante",
                                                "Ana Torres"};
    for (size_t line = 0; line < subject->host->line_count; line++) {
        const char *text = subject->host->lines[line];
        for (size_t i = 0; i < sizeof private_texts / sizeof private_texts[0]; i++) {
            if (strstr(text, private_texts[i]) != NULL)
                fault("log: a line holds the customer's words or number");
        }
        if (strlen(to) > 4 && strstr(text, to) != NULL)
            fault("log: a line holds the person's address");
        const char *secret = find_secret(text, &subject->plugin->contract.options, subject->state);
        if (secret != NULL)
            fault("log: a line holds the secret \"%s\"", secret);
    }
}
