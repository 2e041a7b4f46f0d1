/* fake_host - the daemon's side of plugin.h without a daemon: a clock that stands, an HTTP client
 * that answers when the test says so, and a record of every request, report and line.
 *
 * What a plugin hands over is checked at once (law 2: sizes; law 3: valid texts), and copied. */
#ifndef TEST_FAKE_HOST_H
#define TEST_FAKE_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "plugin.h"

enum { MOST_RECORDS = 64 };

struct sent_request {
    char *method;
    char *url;
    char *user;
    char *password;
    char *content_type;
    char *headers; /* "name: value\n" each */
    char *body;
    size_t body_length;
    int64_t timeout_ms;
    void (*on_answer)(void *context, const struct handoffd_http_answer *answer);
    void *context;
    bool is_answered;
};

struct made_report {
    uint64_t attempt_id;
    uint32_t outcome;
    int32_t code;
    char *message_id;
    char *text;
    int64_t retry_after_ms;
    bool needs_attention;
};

struct fake_host {
    struct handoffd_host table;
    int64_t now_ms;
    struct sent_request requests[MOST_RECORDS];
    size_t request_count;
    struct made_report reports[MOST_RECORDS];
    size_t report_count;
    char *lines[MOST_RECORDS]; /* "warning: text" */
    size_t line_count;
};

struct fake_host *fake_host_create(void);
void fake_host_destroy(struct fake_host *host);

/* Forgets what was recorded. */
void fake_host_clear(struct fake_host *host);

/* The oldest request that waits for its answer; NULL: none does. */
const struct sent_request *fake_host_waiting(const struct fake_host *host);

/* Answers the oldest request that waits; false: none does. The answer ends with the call, as the
 * daemon's does. */
bool fake_host_answer(struct fake_host *host, const struct handoffd_http_answer *answer);

/* The only report since the last clear. */
const struct made_report *fake_host_report(const struct fake_host *host);

/* ANSWERED with this status and body. */
struct handoffd_http_answer http_answer(int32_t status, const char *body);

/* "sent", "deferred", … */
const char *said_outcome(uint32_t outcome);

/* Strict UTF-8. */
bool is_utf8(const char *text);

#endif
