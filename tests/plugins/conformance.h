/* conformance - the laws of plugin.h, checked on one plugin; each function ends the program at the
 * first fault. */
#ifndef TEST_CONFORMANCE_H
#define TEST_CONFORMANCE_H

#include "subject.h"

/* `NAME=VALUE` options of the instance, `person.NAME=VALUE` of a person, as they came on the
 * command line. */
struct settings {
    char **items;
    size_t count;
    const char *to;      /* an address that check_to takes */
    const char *country; /* or NULL */
};

/* Sets the options and starts; a start that says false is a fault. */
void conformance_start(struct subject *subject, const struct settings *settings);

void conformance_router(struct subject *subject, const struct settings *settings);
void conformance_channel(struct subject *subject, const struct settings *settings);

/* ---- a channel, piece by piece; each of these is for a channel that has the member */

/* Before start, without state. */
void conformance_addresses(const struct subject *subject, const struct settings *settings);
void conformance_explain(const struct subject *subject);

/* Between start and stop. `to` is a normal form. */
void conformance_limits(const struct subject *subject);
void conformance_deliver(struct subject *subject, const char *to);
void conformance_find(struct subject *subject, const char *to);
void conformance_receive(struct subject *subject, const char *to);
void conformance_probe(struct subject *subject, const char *to);

/* ---- what the provider may answer, whatever it was asked */

enum telling {
    TELLS_NOTHING, /* about a message: it could not be asked, or what it says is garbage */
    MAY_DENY,      /* an honest "there is no such message" could look like this */
    MAY_TELL       /* what became of a message may stand here */
};

struct answer_case {
    const char *name;
    struct handoffd_http_answer answer;
    enum telling telling;
};

struct answer_cases;

struct answer_cases *answer_cases_create(void);
void answer_cases_destroy(struct answer_cases *cases);

/* NULL behind the last one. */
const struct answer_case *answer_cases_at(const struct answer_cases *cases, size_t index);

/* The provider's ids in the answers above: of the message that was sent, and of another one. */
#define ANSWERED_ID "SM00000000000000000000000000000001"
#define TAKEN_ID    "SM00000000000000000000000000000009"

/* ---- one verb back */

/* Answers every request in the same way until there is a report, ends what was given (or NULL), and
 * answers whatever still waits. Ends the program unless there is exactly one, on this attempt, and
 * within the minute, though each answer takes as long as it may. */
const struct made_report *conformance_settle(struct subject *subject, const char *verb,
                                             uint64_t attempt_id, const struct answer_case *answer,
                                             struct loan *given);

/* Where deliver posts to, "" where it does not; for memory_free. */
char *conformance_sending_url(struct subject *subject, const char *to);

/* Nothing since the last clear was posted there. */
void conformance_sends_nothing(const struct subject *subject, const char *verb,
                               const char *sending_url);

/* Logs hold no customer, no address and no secret. */
void conformance_lines(const struct subject *subject, const char *to);

/* Whether an option that is a secret has a value. */
bool conformance_has_secret(const struct subject *subject);

#endif
