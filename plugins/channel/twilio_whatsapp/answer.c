/* answer - reads the JSON where there is any, and never needs it: a proxy may have answered, or
 * nobody. */
#include "answer.h"

#include <stdio.h>
#include <string.h>

#include "codes.h"
#include "json.h"
#include "text.h"

static void answer_init(struct answer *answer)
{
    memset(answer, 0, sizeof *answer);
    answer->report.size = sizeof answer->report;
    answer->report.text = answer->text;
}

/* SM… or MM…, or what comes to Twilio's mind next: anything that a report may carry. */
static void set_message_id(struct answer *answer, const char *id)
{
    size_t length = id != NULL ? strlen(id) : 0;
    if (length == 0 || length >= sizeof answer->message_id)
        return;
    for (size_t i = 0; i < length; i++) {
        if (id[i] <= ' ' || id[i] > '~')
            return;
    }
    memcpy(answer->message_id, id, length + 1);
    answer->report.message_id = answer->message_id;
}

static void set_verdict(struct answer *answer, const struct verdict *verdict)
{
    answer->report.outcome = verdict->outcome;
    answer->report.retry_after_ms =
        verdict->outcome == HANDOFFD_DEFERRED ? verdict->retry_after_ms : 0;
    answer->report.needs_attention = verdict->needs_attention;
    answer->report.in_any_form = verdict->in_any_form;
}

/* ---------------------------------------------------------------- of a delivery */

static void read_success(const cJSON *body, int32_t status, struct answer *answer)
{
    set_message_id(answer, json_text(body, "sid"));
    bool is_sent = answer->report.message_id != NULL;
    answer->report.outcome = is_sent ? HANDOFFD_SENT : HANDOFFD_UNKNOWN;
    if (!is_sent)
        snprintf(answer->text, sizeof answer->text, "HTTP %d without a message id", status);
}

static void read_reason(const cJSON *body, int32_t status, struct answer *answer)
{
    const char *reason = json_reason(body);
    if (reason != NULL)
        text_copy(answer->text, sizeof answer->text, reason);
    else
        snprintf(answer->text, sizeof answer->text, "HTTP %d without a reason", status);
}

static void read_refusal(const cJSON *body, const struct handoffd_http_answer *http,
                         struct answer *answer)
{
    answer->report.code = json_code(body, "code");
    const struct verdict verdict = codes_verdict(answer->report.code, http->status);
    set_verdict(answer, &verdict);
    if (verdict.outcome == HANDOFFD_DEFERRED && http->retry_after_ms > 0)
        answer->report.retry_after_ms = http->retry_after_ms;
    read_reason(body, http->status, answer);
}

static void read_error(const struct handoffd_http_answer *http, struct answer *answer)
{
    text_copy(answer->text, sizeof answer->text, http->error != NULL ? http->error : "no answer");
}

void answer_read(const struct handoffd_http_answer *http, struct answer *answer)
{
    answer_init(answer);
    if (http->result != HANDOFFD_HTTP_ANSWERED) {
        bool is_unsent = http->result == HANDOFFD_HTTP_NOT_SENT;
        answer->report.outcome = is_unsent ? HANDOFFD_DEFERRED : HANDOFFD_UNKNOWN;
        read_error(http, answer);
        return;
    }
    cJSON *body = json_body(http);
    if (http->status >= 200 && http->status <= 299)
        read_success(body, http->status, answer);
    else
        read_refusal(body, http, answer);
    cJSON_Delete(body);
}

/* ---------------------------------------------------------------- of a question */

void answer_unknown(const char *why, struct answer *answer)
{
    answer_init(answer);
    answer->report.outcome = HANDOFFD_UNKNOWN;
    text_copy(answer->text, sizeof answer->text, why);
}

void answer_unasked(const struct handoffd_http_answer *http, struct answer *answer)
{
    answer_init(answer);
    answer->report.outcome = HANDOFFD_UNKNOWN;
    if (http->result != HANDOFFD_HTTP_ANSWERED) {
        read_error(http, answer);
        return;
    }
    if (http->status >= 200 && http->status <= 299) {
        snprintf(answer->text, sizeof answer->text, "HTTP %d that cannot be read", http->status);
        return;
    }
    cJSON *body = json_body(http);
    answer->report.code = json_code(body, "code");
    read_reason(body, http->status, answer);
    cJSON_Delete(body);
}

/* ---------------------------------------------------------------- of a message */

/* https://www.twilio.com/docs/messaging/api/message-resource#message-status-values */
static const struct {
    const char *word;
    enum handoffd_outcome outcome;
} words_of_status[] = {
    {"accepted", HANDOFFD_SENT},
    {"scheduled", HANDOFFD_SENT},
    {"queued", HANDOFFD_SENT},
    {"sending", HANDOFFD_SENT},
    {"sent", HANDOFFD_SENT},
    {"delivered", HANDOFFD_DELIVERED},
    {"read", HANDOFFD_READ},
    {"failed", HANDOFFD_UNDELIVERED},
    {"canceled", HANDOFFD_UNDELIVERED},
    {"undelivered", HANDOFFD_UNDELIVERED},
};

static enum handoffd_outcome outcome_of(const char *word)
{
    for (size_t i = 0; word != NULL && i < sizeof words_of_status / sizeof words_of_status[0];
         i++) {
        if (strcmp(words_of_status[i].word, word) == 0)
            return words_of_status[i].outcome;
    }
    return 0;
}

static void read_failure(const struct message_status *status, struct answer *answer)
{
    const struct verdict verdict = codes_late_verdict(status->code);
    set_verdict(answer, &verdict);
    answer->report.code = status->code;
    text_copy(answer->text, sizeof answer->text,
              status->reason != NULL ? status->reason : status->word);
}

bool answer_status(const struct message_status *status, struct answer *answer)
{
    answer_init(answer);
    set_message_id(answer, status->message_id);
    enum handoffd_outcome outcome = outcome_of(status->word);
    if (outcome == HANDOFFD_UNDELIVERED)
        read_failure(status, answer);
    else
        answer->report.outcome = outcome != 0 ? outcome : HANDOFFD_SENT;
    return outcome != 0;
}
