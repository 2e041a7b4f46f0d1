/* pigeon - a whole channel that keeps the laws, for plugins of which one member is their own:
 *
 *     static const struct handoffd_channel channel = {PIGEON_CHANNEL, .find = find};
 *     PIGEON("its_name");
 *
 * An address is any text; "0…" and "+…" are two ways to write the same one. */
#ifndef TEST_PIGEON_H
#define TEST_PIGEON_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugin.h"

#define PIGEON_ID "pigeon-1"

struct question;

struct pigeon {
    const char *token;               /* option; NULL: whoever calls back is believed */
    struct handoffd_fields outcomes; /* option */
    const struct handoffd_host *host;
    struct question *questions;
};

/* One call under way; freed when it is answered, or in stop. */
struct question {
    struct pigeon *pigeon;
    uint64_t attempt_id;
    struct question *next;
    struct question **previous;
};

typedef void (*on_pigeon_answer)(void *context, const struct handoffd_http_answer *answer);

static inline void pigeon_report(const struct pigeon *pigeon, uint64_t attempt_id, uint32_t outcome)
{
    const struct handoffd_report report = {
        .size = sizeof report,
        .outcome = outcome,
        .message_id = outcome == HANDOFFD_SENT ? PIGEON_ID : NULL,
        .text = "the loft said so",
    };
    pigeon->host->report(pigeon->host, attempt_id, &report);
}

static inline void pigeon_send(const struct pigeon *pigeon, const char *method, const char *url,
                               on_pigeon_answer on_answer, void *context)
{
    const struct handoffd_http_request request = {
        .size = sizeof request, .method = method, .url = url};
    pigeon->host->http_send(pigeon->host, &request, on_answer, context);
}

/* The context of on_answer is a question: pigeon_end gives its attempt. */
static inline void pigeon_ask(struct pigeon *pigeon, const char *method, uint64_t attempt_id,
                              on_pigeon_answer on_answer)
{
    struct question *question = calloc(1, sizeof *question);
    if (question == NULL)
        abort();
    *question = (struct question){pigeon, attempt_id, pigeon->questions, &pigeon->questions};
    if (question->next != NULL)
        question->next->previous = &question->next;
    pigeon->questions = question;
    pigeon_send(pigeon, method, "https://loft.example.com/pigeons", on_answer, question);
}

static inline uint64_t pigeon_end(struct question *question)
{
    uint64_t attempt_id = question->attempt_id;
    *question->previous = question->next;
    if (question->next != NULL)
        question->next->previous = question->previous;
    free(question);
    return attempt_id;
}

/* ---- the sound members */

static inline bool pigeon_check_to(const char *to, const char *country, char *normal,
                                   size_t normal_size, char *error, size_t error_size)
{
    (void)country;
    int length = snprintf(normal, normal_size, "%s", to != NULL ? to : "");
    snprintf(error, error_size, "too long");
    return length >= 0 && (size_t)length < normal_size;
}

static inline void pigeon_deliver(void *state, const struct handoffd_attempt *attempt,
                                  const struct handoffd_message *message)
{
    (void)message;
    pigeon_report(state, attempt->id, HANDOFFD_SENT);
}

static inline void pigeon_on_found(void *context, const struct handoffd_http_answer *answer)
{
    struct question *question = context;
    const struct pigeon *pigeon = question->pigeon;
    bool is_absent = answer->result == HANDOFFD_HTTP_ANSWERED && answer->status == 404;
    pigeon_report(pigeon, pigeon_end(question), is_absent ? HANDOFFD_ABSENT : HANDOFFD_UNKNOWN);
}

static inline void pigeon_find(void *state, const struct handoffd_attempt *attempt,
                               const struct handoffd_message *message)
{
    (void)message;
    pigeon_ask(state, "GET", attempt->id, pigeon_on_found);
}

static inline bool pigeon_knows(const struct pigeon *pigeon, const struct handoffd_request *request)
{
    bool is_known = pigeon->token == NULL;
    for (size_t i = 0; i < request->headers.count; i++)
        is_known |= pigeon->token != NULL &&
                    strcmp(request->headers.names[i], "authorization") == 0 &&
                    strcmp(request->headers.values[i], pigeon->token) == 0;
    return is_known;
}

static inline void pigeon_receive(void *state, const struct handoffd_request *request,
                                  struct handoffd_answer *answer)
{
    if (request->attempt_id == 0)
        answer->status = 404;
    else if (strcmp(request->method, "POST") != 0)
        answer->status = 405;
    else if (!pigeon_knows(state, request))
        answer->status = 403;
    else
        pigeon_report(state, request->attempt_id, HANDOFFD_DELIVERED);
    answer->content_type = "text/plain; charset=utf-8";
    answer->body = "coo ñ";
}

static inline void pigeon_limits(const void *state, struct handoffd_limits *limits)
{
    (void)state;
    limits->channel = (struct handoffd_rate){.count = 80, .period_ms = 1000, .burst = 80};
    limits->recipient = (struct handoffd_rate){.count = 1, .period_ms = 6000, .burst = 45};
    limits->per_day = 1000;
}

static inline bool pigeon_other_to(const char *to, char *other, size_t other_size)
{
    if (to[0] != '+' && to[0] != '0')
        return false;
    int length = snprintf(other, other_size, "%c%s", to[0] == '+' ? '0' : '+', to + 1);
    return length > 0 && (size_t)length < other_size;
}

static inline const char *pigeon_explain(int32_t code)
{
    return code == 63016 ? "feed the pigeon: it flies no further than ñ miles" : NULL;
}

static inline void pigeon_on_probed(void *context, const struct handoffd_http_answer *answer)
{
    struct question *question = context;
    const struct pigeon *pigeon = question->pigeon;
    bool has_answer = answer->result == HANDOFFD_HTTP_ANSWERED && answer->status < 500;
    bool is_fine = has_answer && answer->status >= 200 && answer->status < 300;
    uint64_t attempt_id = pigeon_end(question);
    pigeon_report(pigeon, attempt_id,
                  is_fine      ? HANDOFFD_SENT
                  : has_answer ? HANDOFFD_REFUSED_ACCOUNT
                               : HANDOFFD_UNKNOWN);
}

static inline void pigeon_probe(void *state, uint64_t attempt_id)
{
    pigeon_ask(state, "GET", attempt_id, pigeon_on_probed);
}

/* ---- the plugin */

static inline bool pigeon_start(void *state, const struct handoffd_host *host, char *error,
                                size_t error_size)
{
    struct pigeon *pigeon = state;
    (void)error;
    (void)error_size;
    pigeon->host = host;
    return true;
}

static inline void pigeon_stop(void *state)
{
    struct pigeon *pigeon = state;
    while (pigeon->questions != NULL)
        pigeon_end(pigeon->questions);
}

static const struct handoffd_option pigeon_rows[] = {
    HANDOFFD_OPTION_TEXT("token", struct pigeon, token, .secret = true, .otherwise = "s3cret"),
    HANDOFFD_OPTION_MAP("outcomes", struct pigeon, outcomes, .help = "what a code means",
                        .help_es = "qué significa un código"),
};

#define PIGEON_CHANNEL                                                                             \
    .size = sizeof(struct handoffd_channel), .medium = "Pigeon", .provider = "Loft",               \
    .check_to = pigeon_check_to, .deliver = pigeon_deliver

#define PIGEON(name_)                                                                              \
    const struct handoffd_plugin handoffd_plugin = {                                               \
        HANDOFFD_PLUGIN_HEADER,                                                                    \
        .name = (name_),                                                                           \
        .version = "1.0.0",                                                                        \
        .summary = "for the tests",                                                                \
        .state_size = sizeof(struct pigeon),                                                       \
        .options = HANDOFFD_OPTIONS(pigeon_rows),                                                  \
        .start = pigeon_start,                                                                     \
        .stop = pigeon_stop,                                                                       \
        .channel = &channel,                                                                       \
    }

#endif
