/* conformance_deliver - a channel reports once whatever the provider says, and is silent about the
 * customer. */
#include "conformance.h"

#include "fault.h"

#define CALLBACK_URL "https://handoff.example.com/hooks/whatsapp/h7m2k9q"

static void check_outcome(const struct subject *subject, const struct answer_case *answer,
                          const struct made_report *report)
{
    const char *outcome = said_outcome(report->outcome);
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

/* Every second attempt has a callback_url. */
static void check_answer(struct subject *subject, const char *to, uint64_t attempt_id,
                         const struct answer_case *answer)
{
    struct handoffd_attempt attempt = example_attempt(attempt_id, to);
    attempt.callback_url = attempt_id % 2 == 0 ? CALLBACK_URL : NULL;
    const struct handoffd_message message = example_message();
    struct loan *given = NULL;
    fake_host_clear(subject->host);
    subject_deliver(subject, &attempt, &message, &given);
    bool has_asked = subject->host->request_count > 0;
    const struct made_report *report =
        conformance_settle(subject, "deliver", attempt_id, answer, given);
    if (has_asked)
        check_outcome(subject, answer, report);
    else if (report->outcome == HANDOFFD_ABSENT)
        fault("deliver reports \"absent\", which is an answer to find");
    conformance_lines(subject, to);
}

void conformance_deliver(struct subject *subject, const char *to)
{
    struct answer_cases *cases = answer_cases_create();
    for (size_t i = 0; answer_cases_at(cases, i) != NULL; i++)
        check_answer(subject, to, i + 1, answer_cases_at(cases, i));
    answer_cases_destroy(cases);
}
