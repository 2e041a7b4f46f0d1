/* conformance_probe - `check --online` says what is wrong, and sends nothing to find out. */
#include "conformance.h"

#include "base/memory.h"
#include "fault.h"

enum { PROBE_ID = 77 };

static void check_outcome(const struct answer_case *answer, const struct made_report *report)
{
    const char *outcome = said_outcome(report->outcome);
    bool is_refusal =
        report->outcome == HANDOFFD_REFUSED_ACCOUNT || report->outcome == HANDOFFD_REFUSED_MESSAGE;
    bool has_answer =
        answer->answer.result == HANDOFFD_HTTP_ANSWERED && answer->answer.status < 500;
    bool is_fine = has_answer && answer->answer.status >= 200 && answer->answer.status < 300;
    if (report->outcome != HANDOFFD_SENT && report->outcome != HANDOFFD_UNKNOWN && !is_refusal)
        fault("probe reports \"%s\" after %s", outcome, answer->name);
    if (!has_answer && report->outcome != HANDOFFD_UNKNOWN)
        fault("probe reports \"%s\" after %s: it could not be asked, so it is unknown", outcome,
              answer->name);
    if (!is_fine && report->outcome == HANDOFFD_SENT)
        fault("probe reports that all is well after %s", answer->name);
    if (is_refusal && (report->text == NULL || report->text[0] == '\0'))
        fault("probe does not say what is wrong after %s", answer->name);
}

void conformance_probe(struct subject *subject, const char *to)
{
    CLEANUP(memory_free) char *sending_url = conformance_sending_url(subject, to);
    struct answer_cases *cases = answer_cases_create();
    for (size_t i = 0; answer_cases_at(cases, i) != NULL; i++) {
        const struct answer_case *answer = answer_cases_at(cases, i);
        fake_host_clear(subject->host);
        subject_probe(subject, PROBE_ID);
        bool has_asked = subject->host->request_count > 0;
        const struct made_report *report =
            conformance_settle(subject, "probe", PROBE_ID, answer, NULL);
        if (has_asked)
            check_outcome(answer, report);
        conformance_sends_nothing(subject, "probe", sending_url);
        conformance_lines(subject, to);
    }
    answer_cases_destroy(cases);
}
