/* fuzz_twilio_answers - whatever answers in Twilio's place: there is one report, what may have been
 * sent is never called unsent, and the credentials go to Twilio alone. The first byte says what was
 * asked; each part is an answer: `STATUS RETRY_AFTER DATE`, all in digits, or a word for none, and
 * the body behind it. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/require.h"
#include "call.h"
#include "deliver.h"
#include "find.h"
#include "input.h"
#include "probe.h"
#include "provider_host.h"
#include "twilio.h"

enum { MOST_BYTES = 16384, MOST_REQUESTS = 12, MOST_NUMBER = 1000000000 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum verb { DELIVER, FIND_BY_ID, FIND_IN_LIST, PROBE, VERBS };

/* What the last answer was. */
struct told {
    struct handoffd_http_answer http;
    char *line;
    char *body;
};

static int64_t take_number(char **at)
{
    int64_t number = strtol(*at, at, 10);
    return number >= 0 && number <= MOST_NUMBER ? number : 0;
}

static void read_answer(struct input *input, struct told *told)
{
    size_t length = 0;
    CLEANUP(memory_free) char *part = input_until(input, INPUT_PART, &length);
    struct input rest = {(const uint8_t *)part, length};
    told->line = input_line(&rest);
    told->http = (struct handoffd_http_answer){.size = sizeof told->http};
    told->body = input_rest(&rest, &told->http.body_length);
    char *at = told->line;
    told->http.status = (int32_t)take_number(&at);
    told->http.retry_after_ms = take_number(&at) * 1000;
    told->http.date_ms = take_number(&at) * 1000;
    told->http.result = HANDOFFD_HTTP_ANSWERED;
    if (told->http.status >= 200 && told->http.status <= 999) {
        told->http.body = told->body;
        return;
    }
    told->http.result = told->line[0] == 'n' ? HANDOFFD_HTTP_NOT_SENT : HANDOFFD_HTTP_NO_ANSWER;
    told->http.status = 0;
    told->http.error = told->line;
    told->http.body = "";
    told->http.body_length = 0;
}

static void free_told(struct told *told)
{
    free(told->line);
    free(told->body);
    *told = (struct told){0};
}

/* ---- what was asked */

static void ask(struct twilio *twilio, enum verb verb)
{
    static const char *const names[] = {"cliente", "telefono", "motivo", "conversacion", "id"};
    static const char *const values[] = {"Juan", "+5215512345678", "Quiero una cotización", "c1",
                                         "ho_1"};
    static const char *const taken[] = {"SM9"};
    const struct handoffd_message message = {
        .size = sizeof message,
        .text = "Cliente: Juan\nTeléfono: +5215512345678\nMotivo: Quiero una cotización",
        .fields = {names, values, COUNT_OF(names)},
    };
    const struct handoffd_attempt attempt = {
        .size = sizeof attempt,
        .id = PROVIDER_ATTEMPT,
        .handoff_id = "ho_1",
        .vendor_id = "ana",
        .to = "whatsapp:+5215500000001",
        .started_ms = PROVIDER_NOW_MS - 90 * 1000,
        .message_id = verb == FIND_BY_ID ? "SM1" : NULL,
        .taken_ids = {taken, COUNT_OF(taken)},
    };
    if (verb == DELIVER)
        deliver(twilio, &attempt, &message);
    else if (verb == PROBE)
        probe(twilio, attempt.id);
    else
        find(twilio, &attempt, &message);
}

/* ---- what was reported */

static void check_delivery(const struct provider_host *host,
                           const struct handoffd_http_answer *http)
{
    uint32_t outcome = host->report.outcome;
    bool is_answered = http->result == HANDOFFD_HTTP_ANSWERED;
    bool is_success = is_answered && http->status <= 299;
    bool is_refusal = is_answered && http->status >= 400 && http->status <= 499;
    require(host->is_post && host->requests == 1);
    require((outcome == HANDOFFD_SENT) == (is_success && host->message_id[0] != '\0'));
    require(outcome == HANDOFFD_SENT || outcome >= HANDOFFD_DEFERRED);
    require(outcome != HANDOFFD_ABSENT);
    if (outcome == HANDOFFD_DEFERRED)
        require(is_refusal || http->result == HANDOFFD_HTTP_NOT_SENT);
    if (is_success || http->result == HANDOFFD_HTTP_NO_ANSWER)
        require(outcome == HANDOFFD_SENT || outcome == HANDOFFD_UNKNOWN);
}

static void check_finding(const struct provider_host *host, const struct handoffd_http_answer *http,
                          bool has_id)
{
    uint32_t outcome = host->report.outcome;
    bool is_answered = http->result == HANDOFFD_HTTP_ANSWERED;
    require(!host->is_post);
    require(is_answered || outcome == HANDOFFD_UNKNOWN);
    if (outcome == HANDOFFD_ABSENT)
        require(http->status == (has_id ? 404 : 200));
    if (outcome != HANDOFFD_ABSENT && outcome != HANDOFFD_UNKNOWN)
        require(http->status == 200);
    if (outcome == HANDOFFD_SENT || outcome == HANDOFFD_DELIVERED || outcome == HANDOFFD_READ)
        require(host->message_id[0] != '\0' && strcmp(host->message_id, "SM9") != 0);
    require(!has_id || host->message_id[0] == '\0' || strcmp(host->message_id, "SM1") == 0);
}

static void check_probe(const struct provider_host *host)
{
    uint32_t outcome = host->report.outcome;
    require(!host->is_post);
    require(outcome == HANDOFFD_SENT || outcome == HANDOFFD_REFUSED_ACCOUNT ||
            outcome == HANDOFFD_REFUSED_MESSAGE || outcome == HANDOFFD_UNKNOWN);
}

static void run(struct twilio *twilio, struct provider_host *host, enum verb verb,
                struct input *input)
{
    struct told told = {0};
    ask(twilio, verb);
    while (host->on_answer != NULL) {
        void (*on_answer)(void *context, const struct handoffd_http_answer *answer) =
            host->on_answer;
        require(host->requests <= MOST_REQUESTS && host->reports == 0);
        free_told(&told);
        read_answer(input, &told);
        host->on_answer = NULL;
        on_answer(host->context, &told.http);
    }
    require(host->reports == 1 && twilio->calls == NULL);
    if (verb == DELIVER)
        check_delivery(host, &told.http);
    else if (verb == PROBE)
        check_probe(host);
    else
        check_finding(host, &told.http, verb == FIND_BY_ID);
    free_told(&told);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const variables[] = {"cliente", "motivo", "id"};
    struct input input = {data, size};
    struct provider_host host;
    if (size > MOST_BYTES)
        return 0;
    unsigned flags = input_byte(&input);
    provider_host_init(&host);
    struct twilio twilio = {
        .account_sid = "AC1",
        .auth_token = "12345",
        .timeout_ms = 10000,
        .host = &host.table,
        .api = "https://api.twilio.com",
        .content = "https://content.twilio.com",
        .messaging = "https://messaging.twilio.com",
        .sender = "whatsapp:+5215500000009",
    };
    if (flags & 8)
        twilio.template = (struct template){"HX1", {variables, COUNT_OF(variables)}};
    if (flags & 16) {
        twilio.messaging_service_sid = "MG1";
        twilio.sender[0] = '\0';
    }
    run(&twilio, &host, (enum verb)(flags % VERBS), &input);
    return 0;
}
