/* conformance_channel - a channel, from its addresses to its end: what it has is checked, once in
 * each of two lives. */
#include "conformance.h"

#include "base/memory.h"
#include "fault.h"
#include "loan.h"

enum { SEVERAL = 9, FIRST_ID = 100 };

/* ---------------------------------------------------------------- many at once */

/* A third of them each, as far as the channel can. */
static struct loan *begin_one(struct subject *subject, uint64_t id, const char *to)
{
    const struct handoffd_channel *channel = &subject->plugin->channel;
    const struct handoffd_attempt attempt = example_attempt(id, to);
    const struct handoffd_message message = example_message();
    struct loan *given = NULL;
    if (id % 3 == 0 && channel->find != NULL)
        subject_find(subject, &attempt, &message);
    else if (id % 3 == 1 && channel->probe != NULL)
        subject_probe(subject, id);
    else
        subject_deliver(subject, &attempt, &message, &given);
    return given;
}

static void count_report(const struct made_report *report, size_t counts[static SEVERAL])
{
    if (report->attempt_id < FIRST_ID || report->attempt_id >= FIRST_ID + SEVERAL)
        fault("law 4 (one verb back): reported on attempt %llu, which nobody has begun",
              (unsigned long long)report->attempt_id);
    counts[report->attempt_id - FIRST_ID]++;
}

static void check_several(struct subject *subject, const char *to)
{
    struct fake_host *host = subject->host;
    struct loan *given[SEVERAL];
    size_t counts[SEVERAL] = {0};
    fake_host_clear(host);
    for (uint64_t i = 0; i < SEVERAL; i++)
        given[i] = begin_one(subject, FIRST_ID + i, to);
    const struct handoffd_http_answer answer = http_answer(201, "{\"sid\":\"SM1\"}");
    while (fake_host_answer(host, &answer)) {
    }
    for (size_t i = 0; i < host->report_count; i++)
        count_report(&host->reports[i], counts);
    for (size_t i = 0; i < SEVERAL; i++) {
        if (counts[i] != 1)
            fault("law 4 (one verb back): of %d attempts at once not each was reported once",
                  SEVERAL);
        loan_end(given[i]);
    }
}

/* The minute was over, and the daemon asks while the first answer is still to come. */
static void check_find_during_deliver(struct subject *subject, const char *to)
{
    struct fake_host *host = subject->host;
    const struct handoffd_attempt attempt = example_attempt(FIRST_ID + SEVERAL, to);
    const struct handoffd_message message = example_message();
    struct loan *given = NULL;
    fake_host_clear(host);
    subject_deliver(subject, &attempt, &message, &given);
    loan_end(given);
    subject_find(subject, &attempt, &message);
    const struct handoffd_http_answer answer = http_answer(404, "");
    while (fake_host_answer(host, &answer)) {
    }
    if (host->report_count != 2)
        fault("law 4 (one verb back): %zu reports on an attempt that deliver and find are both at",
              host->report_count);
}

/* What the calls under way hold is the plugin's to free: LeakSanitizer looks. */
static void check_stop_under_way(struct subject *subject, const char *to)
{
    struct loan *given[3];
    fake_host_clear(subject->host);
    for (uint64_t i = 0; i < COUNT_OF(given); i++)
        given[i] = begin_one(subject, 2 * FIRST_ID + i, to);
    subject_stop(subject);
    for (size_t i = 0; i < COUNT_OF(given); i++)
        loan_end(given[i]);
    fake_host_clear(subject->host);
}

/* ---------------------------------------------------------------- the order of things */

static void check_life(struct subject *subject, const struct settings *settings, const char *to)
{
    const struct handoffd_channel *channel = &subject->plugin->channel;
    conformance_start(subject, settings);
    if (channel->limits != NULL)
        conformance_limits(subject);
    conformance_deliver(subject, to);
    if (channel->find != NULL) {
        conformance_find(subject, to);
        check_find_during_deliver(subject, to);
    }
    if (channel->receive != NULL)
        conformance_receive(subject, to);
    if (channel->probe != NULL)
        conformance_probe(subject, to);
    check_several(subject, to);
    check_stop_under_way(subject, to);
}

void conformance_channel(struct subject *subject, const struct settings *settings)
{
    conformance_addresses(subject, settings);
    if (subject->plugin->channel.explain != NULL)
        conformance_explain(subject);
    char to[MOST_ADDRESS_BYTES];
    char error[MOST_ERROR_BYTES];
    if (!subject_check_to(subject, settings->to, settings->country, sizeof to, to, sizeof error,
                          error))
        fault("check_to refuses the address of --to: %s", error);
    check_life(subject, settings, to);
    check_life(subject, settings, to); /* a second instance is like the first */
    conformance_start(subject, settings);
    subject_stop(subject);
}
