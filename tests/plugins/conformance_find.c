/* conformance_find - a channel that is asked what became of a message says no more than the
 * provider said: a wrong "delivered" is a customer whom nobody calls, a wrong "absent" is somebody
 * told twice. */
#include "conformance.h"

#include <string.h>

#include "base/memory.h"
#include "fault.h"

static void check_telling(const struct answer_case *answer, const struct made_report *report)
{
    const char *outcome = said_outcome(report->outcome);
    if (report->outcome < HANDOFFD_SENT || report->outcome > HANDOFFD_ABSENT)
        fault("find reports an outcome %s after %s", outcome, answer->name);
    if (answer->telling == TELLS_NOTHING && report->outcome != HANDOFFD_UNKNOWN)
        fault("find reports \"%s\" after %s: that tells nothing, so it is unknown", outcome,
              answer->name);
    if (answer->telling == MAY_DENY && report->outcome != HANDOFFD_UNKNOWN &&
        report->outcome != HANDOFFD_ABSENT)
        fault("find reports \"%s\" after %s: there is no such message in it", outcome,
              answer->name);
}

static void check_id(const struct handoffd_attempt *attempt, const struct answer_case *answer,
                     const struct made_report *report)
{
    if (report->outcome == HANDOFFD_SENT && report->message_id == NULL)
        fault("find reports \"sent\" without the message's id after %s", answer->name);
    if (report->message_id == NULL)
        return;
    if (attempt->message_id != NULL && strcmp(attempt->message_id, report->message_id) != 0)
        fault("find was asked about one message and reports on another after %s", answer->name);
    for (size_t i = 0; i < attempt->taken_ids.count; i++) {
        if (strcmp(attempt->taken_ids.items[i], report->message_id) == 0)
            fault("find takes the message of another attempt for its own after %s", answer->name);
    }
}

static void check_answer(struct subject *subject, const struct handoffd_attempt *attempt,
                         const struct answer_case *answer, const char *sending_url)
{
    const struct handoffd_message message = example_message();
    fake_host_clear(subject->host);
    subject->host->now_ms = attempt->started_ms;
    subject_find(subject, attempt, &message);
    bool has_asked = subject->host->request_count > 0;
    const struct made_report *report =
        conformance_settle(subject, "find", attempt->id, answer, NULL);
    if (has_asked)
        check_telling(answer, report);
    check_id(attempt, answer, report);
    if (report->retry_after_ms < 0)
        fault("find reports a retry_after_ms below 0 after %s", answer->name);
    conformance_sends_nothing(subject, "find", sending_url);
    conformance_lines(subject, attempt->to);
}

/* By the provider's id, where it is known; else by what was sent. */
void conformance_find(struct subject *subject, const char *to)
{
    static const char *const taken[] = {"SM00000000000000000000000000000008", TAKEN_ID};
    struct handoffd_attempt known = example_attempt(7, to);
    known.message_id = ANSWERED_ID;
    struct handoffd_attempt alone = example_attempt(8, to);
    struct handoffd_attempt among = example_attempt(9, to);
    among.taken_ids = (struct handoffd_list){taken, COUNT_OF(taken)};
    CLEANUP(memory_free) char *sending_url = conformance_sending_url(subject, to);
    struct answer_cases *cases = answer_cases_create();
    for (size_t i = 0; answer_cases_at(cases, i) != NULL; i++) {
        const struct answer_case *answer = answer_cases_at(cases, i);
        bool is_others = strstr(answer->name, "another's") != NULL;
        check_answer(subject, &known, answer, sending_url);
        check_answer(subject, &among, answer, sending_url);
        if (!is_others)
            check_answer(subject, &alone, answer, sending_url);
    }
    answer_cases_destroy(cases);
}
