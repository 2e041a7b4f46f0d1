/* conformance_channel - a channel reads any address, reports once whatever the provider says, and
 * is silent about the customer. */
#include "conformance.h"

#include <string.h>

#include "base/memory.h"
#include "config/options.h"
#include "fault.h"
#include "loan.h"

enum { MOST_ANSWERS = 8, LONG_TEXT = 20000 };

/* ---------------------------------------------------------------- check_to */

static void check_text(const char *text, size_t size, const char *what)
{
    if (memchr(text, '\0', size) == NULL)
        fault("check_to: %s does not end in NUL", what);
    if (size > 8 && !is_utf8(text))
        fault("law 3 (ownership): not UTF-8: check_to's %s", what);
}

/* Whatever it says must be said properly, and a normal form must be its own. */
static void check_address(const struct subject *subject, const char *to, const char *country)
{
    char normal[MOST_ADDRESS_BYTES];
    char error[MOST_ERROR_BYTES];
    bool is_fine =
        subject_check_to(subject, to, country, sizeof normal, normal, sizeof error, error);
    if (!is_fine) {
        check_text(error, sizeof error, "error");
        if (error[0] == '\0')
            fault("check_to says false without words in error");
        return;
    }
    check_text(normal, sizeof normal, "normal");
    char again[MOST_ADDRESS_BYTES];
    if (!subject_check_to(subject, normal, country, sizeof again, again, sizeof error, error) ||
        strcmp(normal, again) != 0)
        fault("check_to: \"%s\" is a normal form, and not its own normal form", normal);
}

static void check_small_buffers(const struct subject *subject, const char *to, const char *country)
{
    char normal[MOST_ADDRESS_BYTES];
    char error[MOST_ERROR_BYTES];
    for (size_t size = 1; size <= 32; size++) {
        bool is_fine = subject_check_to(subject, to, country, size, normal, size, error);
        check_text(is_fine ? normal : error, size, is_fine ? "normal" : "error");
    }
}

static void check_addresses(const struct subject *subject, const struct settings *settings)
{
    static char longest[LONG_TEXT + 1];
    memset(longest, '1', LONG_TEXT);
    const char *const addresses[] = {settings->to,
                                     NULL,
                                     "",
                                     " ",
                                     "+",
                                     "whatsapp:",
                                     "+0",
                                     "442 000 0001",
                                     "+52 442 000 0001",
                                     "00524420000001",
                                     "%s%n%s",
                                     "ana@example.com",
                                     "ñandú 🤖",
                                     "\xC2\xA0+52\xE2\x80\x8B",
                                     "#equipo",
                                     longest};
    const char *const countries[] = {settings->country, NULL, "MX", "AR", "ZZ", ""};
    for (size_t i = 0; i < COUNT_OF(addresses); i++) {
        for (size_t k = 0; k < COUNT_OF(countries); k++)
            check_address(subject, addresses[i], countries[k]);
    }
    check_small_buffers(subject, settings->to, settings->country);
    check_small_buffers(subject, "no address at all", settings->country);
}

/* ---------------------------------------------------------------- deliver */

struct answer_case {
    const char *name;
    struct handoffd_http_answer answer;
};

static void check_outcome(const struct subject *subject, const struct answer_case *answer,
                          const struct made_report *report)
{
    const char *outcome = outcome_name(report->outcome);
    bool is_allowed = report->outcome == HANDOFFD_SENT ||
                      (report->outcome >= HANDOFFD_DEFERRED && report->outcome <= HANDOFFD_UNKNOWN);
    if (!is_allowed)
        fault("deliver reports \"%s\" after %s", outcome, answer->name);
    if (report->retry_after_ms < 0)
        fault("deliver reports a retry_after_ms below 0 after %s", answer->name);
    bool is_sure = subject->plugin->channel.is_repeat_safe;
    if (answer->answer.result == HANDOFFD_HTTP_NO_ANSWER && !is_sure &&
        report->outcome != HANDOFFD_UNKNOWN)
        fault("deliver reports \"%s\" after %s: it may have been sent, so it is unknown", outcome,
              answer->name);
    if (answer->answer.result == HANDOFFD_HTTP_NOT_SENT && report->outcome != HANDOFFD_DEFERRED)
        fault("deliver reports \"%s\" after %s: surely nothing was sent, so it is deferred",
              outcome, answer->name);
}

/* Logs hold no customer, no address and no secret. */
static void check_lines(const struct subject *subject, const char *to)
{
    static const char *const private_texts[] = {"5512345678", "Juan", "cotizaciones", "restaurante",
                                                "Ana Torres"};
    const struct handoffd_options *options = &subject->plugin->contract.options;
    for (size_t line = 0; line < subject->host->line_count; line++) {
        const char *text = subject->host->lines[line];
        for (size_t i = 0; i < COUNT_OF(private_texts); i++) {
            if (strstr(text, private_texts[i]) != NULL)
                fault("log: a line holds the customer's words or number");
        }
        if (strlen(to) > 4 && strstr(text, to) != NULL)
            fault("log: a line holds the person's address");
        for (size_t i = 0; i < options->count; i++) {
            struct handoffd_option row = options_row(options, i);
            const char *secret = NULL;
            if (row.secret && row.type == HANDOFFD_TEXT)
                memcpy(&secret, (const char *)subject->state + row.offset, sizeof secret);
            if (secret != NULL && strstr(text, secret) != NULL)
                fault("log: a line holds the secret \"%s\"", row.name);
        }
    }
}

static void check_answer(struct subject *subject, const char *to, uint64_t attempt_id,
                         const struct answer_case *answer)
{
    struct fake_host *host = subject->host;
    struct handoffd_attempt attempt = example_attempt(attempt_id, to);
    const struct handoffd_message message = example_message();
    struct loan *given = NULL;
    fake_host_clear(host);
    subject_deliver(subject, &attempt, &message, &given);
    size_t answers = 0;
    while (host->report_count == 0 && fake_host_answer(host, &answer->answer)) {
        if (++answers > MOST_ANSWERS)
            fault("deliver asks again and again after %s", answer->name);
    }
    if (host->report_count == 0)
        fault("law 4 (one verb back): deliver never reported after %s", answer->name);
    loan_end(given);
    bool has_asked = host->request_count > 0;
    while (fake_host_answer(host, &answer->answer)) {
    }
    const struct made_report *report = fake_host_report(host);
    if (report->attempt_id != attempt_id)
        fault("law 4 (one verb back): reported on attempt %llu, was given %llu",
              (unsigned long long)report->attempt_id, (unsigned long long)attempt_id);
    if (has_asked)
        check_outcome(subject, answer, report);
    check_lines(subject, to);
}

static struct handoffd_http_answer no_answer(uint32_t result)
{
    struct handoffd_http_answer answer = http_answer(0, "");
    answer.result = result;
    answer.error = "connection reset";
    return answer;
}

static char *make_deep_json(void)
{
    char *text = memory_zeroed(LONG_TEXT + 1, 1);
    memset(text, '[', LONG_TEXT);
    return text;
}

static void check_answers(struct subject *subject, const char *to)
{
    CLEANUP(memory_free) char *deep = make_deep_json();
    struct handoffd_http_answer limited = http_answer(429, "{\"code\":20429,\"message\":\"m\"}");
    limited.retry_after_ms = 7000;
    struct handoffd_http_answer binary = http_answer(500, "");
    binary.body = "\0\xFF\0{}";
    binary.body_length = 5;
    const struct answer_case cases[] = {
        {"200 {}", http_answer(200, "{}")},
        {"201 with an id",
         http_answer(201, "{\"sid\":\"SM00000000000000000000000000000001\",\"id\":\"1\"}")},
        {"204", http_answer(204, "")},
        {"200 null", http_answer(200, "null")},
        {"200 with other types", http_answer(200, "{\"sid\":5,\"code\":[],\"message\":{}}")},
        {"302", http_answer(302, "")},
        {"400", http_answer(400, "{\"code\":21211,\"message\":\"Invalid\",\"status\":400}")},
        {"400 with other types", http_answer(400, "{\"code\":\"x\",\"message\":7}")},
        {"400 that is not UTF-8", http_answer(400, "{\"message\":\"\xFF\xC3\"}")},
        {"401 <html>", http_answer(401, "<html>")},
        {"404", http_answer(404, "")},
        {"429 with Retry-After", limited},
        {"500", http_answer(500, "{")},
        {"500 with bytes", binary},
        {"503 of deep JSON", http_answer(503, deep)},
        {"status 999", http_answer(999, "\xEF\xBB\xBF")},
        {"an answer that was not sent", no_answer(HANDOFFD_HTTP_NOT_SENT)},
        {"no answer", no_answer(HANDOFFD_HTTP_NO_ANSWER)},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        check_answer(subject, to, i + 1, &cases[i]);
}

/* Many at once, answered in any order. */
static void check_several(struct subject *subject, const char *to)
{
    enum { SEVERAL = 7 };
    struct fake_host *host = subject->host;
    struct loan *given[SEVERAL];
    const struct handoffd_message message = example_message();
    fake_host_clear(host);
    for (uint64_t i = 0; i < SEVERAL; i++) {
        const struct handoffd_attempt attempt = example_attempt(100 + i, to);
        subject_deliver(subject, &attempt, &message, &given[i]);
    }
    const struct handoffd_http_answer answer = http_answer(201, "{\"sid\":\"SM1\"}");
    while (fake_host_answer(host, &answer)) {
    }
    uint64_t sum = 0;
    for (size_t i = 0; i < host->report_count; i++)
        sum += host->reports[i].attempt_id;
    if (host->report_count != SEVERAL || sum != SEVERAL * 100 + SEVERAL * (SEVERAL - 1) / 2)
        fault("law 4 (one verb back): of %d attempts at once not each was reported once", SEVERAL);
    for (size_t i = 0; i < SEVERAL; i++)
        loan_end(given[i]);
}

static void check_stop_under_way(struct subject *subject, const char *to)
{
    struct loan *given = NULL;
    const struct handoffd_attempt attempt = example_attempt(200, to);
    const struct handoffd_message message = example_message();
    fake_host_clear(subject->host);
    subject_deliver(subject, &attempt, &message, &given);
    subject_stop(
        subject); /* what the calls under way hold is the plugin's to free: LeakSanitizer looks */
    loan_end(given);
    fake_host_clear(subject->host);
}

void conformance_channel(struct subject *subject, const struct settings *settings)
{
    check_addresses(subject, settings); /* before start, without state */
    char to[MOST_ADDRESS_BYTES];
    char error[MOST_ERROR_BYTES];
    if (!subject_check_to(subject, settings->to, settings->country, sizeof to, to, sizeof error,
                          error))
        fault("check_to refuses the address of --to: %s", error);
    for (int life = 0; life < 2; life++) { /* a second instance is like the first */
        conformance_start(subject, settings);
        check_answers(subject, to);
        check_several(subject, to);
        check_stop_under_way(subject, to);
    }
    conformance_start(subject, settings);
    subject_stop(subject);
}
