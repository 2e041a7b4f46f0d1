/* receive - nothing is believed, nor even read, before its signature is right.
 *
 * Callbacks come twice, in any order, and not at all: each is reported as it is, and the daemon's
 * states only move forward.
 * https://www.twilio.com/docs/messaging/guides/track-outbound-message-status */
#include "receive.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "answer.h"
#include "json.h"
#include "parameters.h"
#include "signature.h"
#include "twilio.h"

static bool is_a_form_for_us(const struct handoffd_request *request,
                             struct handoffd_answer *answer);
static bool is_from_twilio(struct twilio *twilio, const struct handoffd_request *request,
                           const struct parameters *parameters);
static void report_status(struct twilio *twilio, uint64_t attempt_id,
                          const struct parameters *parameters);

static void refuse(struct handoffd_answer *answer, uint32_t status, const char *why)
{
    answer->status = status;
    answer->body = why;
}

void receive(void *state, const struct handoffd_request *request, struct handoffd_answer *answer)
{
    struct twilio *twilio = state;
    struct parameters parameters = {0};
    if (!is_a_form_for_us(request, answer))
        return;
    if (!parameters_read(request->body, request->body_length, &parameters))
        refuse(answer, 503, "out of memory\n");
    else if (!is_from_twilio(twilio, request, &parameters))
        refuse(answer, 403, "not signed by this account\n");
    else
        report_status(twilio, request->attempt_id, &parameters);
    parameters_deinit(&parameters);
}

/* ---------------------------------------------------------------- what it is */

/* The only header of this name; NULL: there is none, or there are two. */
static const char *header(const struct handoffd_request *request, const char *name)
{
    const char *value = NULL;
    for (size_t i = 0; i < request->headers.count; i++) {
        if (strcmp(request->headers.names[i], name) != 0)
            continue;
        if (value != NULL)
            return NULL;
        value = request->headers.values[i];
    }
    return value;
}

static bool is_form(const char *content_type)
{
    static const char form[] = "application/x-www-form-urlencoded";
    return content_type != NULL && strncasecmp(content_type, form, sizeof form - 1) == 0 &&
           strchr("; \t", content_type[sizeof form - 1]) != NULL;
}

static bool is_a_form_for_us(const struct handoffd_request *request, struct handoffd_answer *answer)
{
    if (strcmp(request->method, "POST") != 0)
        refuse(answer, 405, "POST only\n");
    else if (request->attempt_id == 0)
        refuse(answer, 404, "no such message\n");
    else if (!is_form(header(request, "content-type")))
        refuse(answer, 415, "application/x-www-form-urlencoded only\n");
    else
        return true;
    return false;
}

/* ---------------------------------------------------------------- who it is */

/* At the 1st, the 10th, the 100th, …: whoever guesses signatures does not fill the log. */
static void log_refused(struct twilio *twilio)
{
    char line[192];
    uint64_t round = ++twilio->refused_callbacks;
    while (round % 10 == 0)
        round /= 10;
    if (round != 1)
        return;
    snprintf(line, sizeof line,
             "status callback refused: it is not signed by this account (%" PRIu64
             " so far). If they are Twilio's: check auth_token, account_sid and server.public_url",
             twilio->refused_callbacks);
    twilio->host->log(twilio->host, HANDOFFD_LOG_WARNING, line);
}

static void log_no_token(struct twilio *twilio)
{
    if (!twilio->has_said_token)
        twilio->host->log(twilio->host, HANDOFFD_LOG_WARNING,
                          "status callbacks are refused: Twilio signs them with the account's "
                          "primary auth token. Set auth_token beside the API key");
    twilio->has_said_token = true;
}

static bool is_from_twilio(struct twilio *twilio, const struct handoffd_request *request,
                           const struct parameters *parameters)
{
    if (twilio->auth_token == NULL) {
        log_no_token(twilio);
        return false;
    }
    const char *account = parameters_value(parameters, "AccountSid");
    bool is_signed =
        signature_is_right(twilio->auth_token, request->url, parameters, request->body,
                           request->body_length, header(request, "x-twilio-signature"));
    bool is_ours = is_signed && account != NULL && strcmp(account, twilio->account_sid) == 0;
    if (!is_ours)
        log_refused(twilio);
    return is_ours;
}

/* ---------------------------------------------------------------- what it says */

static const char *either(const struct parameters *parameters, const char *name, const char *other)
{
    const char *value = parameters_value(parameters, name);
    return value != NULL ? value : parameters_value(parameters, other);
}

/* A status word that we do not know is taken and ignored: Twilio may add one any day. */
static void report_status(struct twilio *twilio, uint64_t attempt_id,
                          const struct parameters *parameters)
{
    const char *event = parameters_value(parameters, "EventType");
    bool is_read = event != NULL && strcasecmp(event, "READ") == 0;
    const struct message_status status = {
        .message_id = either(parameters, "MessageSid", "SmsSid"),
        .word = is_read ? "read" : either(parameters, "MessageStatus", "SmsStatus"),
        .code = json_code_of(parameters_value(parameters, "ErrorCode")),
        .reason = either(parameters, "ErrorMessage", "ChannelStatusMessage"),
    };
    struct answer answer;
    if (answer_status(&status, &answer))
        twilio->host->report(twilio->host, attempt_id, &answer.report);
}
