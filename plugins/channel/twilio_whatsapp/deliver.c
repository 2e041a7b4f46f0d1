/* deliver - one POST Messages.json for each attempt; free text, or a template where one is set.
 *
 * Nothing is repeated here: Twilio has no idempotency key, so only the daemon, which knows what may
 * have been sent, may try again.
 *
 * https://www.twilio.com/docs/messaging/api/message-resource#create-a-message-resource */
#include "deliver.h"

#include <stdio.h>
#include <stdlib.h>

#include "answer.h"
#include "call.h"

static void on_taken(void *context, const struct handoffd_http_answer *http);

static void write_form(const struct twilio *twilio, const struct handoffd_attempt *attempt,
                       const struct handoffd_message *message, struct form *form)
{
    form_add(form, "To", attempt->to);
    form_add(form, "From", twilio->sender[0] != '\0' ? twilio->sender : NULL);
    form_add(form, "MessagingServiceSid", twilio->messaging_service_sid);
    form_add(form, "StatusCallback", attempt->callback_url);
    form_add(form, "ContentSid", twilio->template.sid);
    if (twilio->template.sid == NULL) {
        form_add(form, "Body", message->text);
    } else if (twilio->template.variables.count > 0) {
        char *variables = form_variables(&twilio->template.variables, &message->fields);
        form_add(form, "ContentVariables", variables);
        form->is_broken |= variables == NULL;
        free(variables);
    }
}

void deliver(void *state, const struct handoffd_attempt *attempt,
             const struct handoffd_message *message)
{
    struct twilio *twilio = state;
    struct form form = {0};
    write_form(twilio, attempt, message, &form);
    struct call *call =
        form.is_broken ? NULL : call_create(twilio, attempt->id, sizeof *call, NULL);
    if (call != NULL) {
        char url[URL_SIZE];
        snprintf(url, sizeof url, "%s/2010-04-01/Accounts/%s/Messages.json", twilio->api,
                 twilio->account_sid);
        call_post(call, url, &form, on_taken);
    } else {
        const struct handoffd_report report = {
            .size = sizeof report, .outcome = HANDOFFD_DEFERRED, .text = "out of memory"};
        twilio->host->report(twilio->host, attempt->id, &report);
    }
    form_deinit(&form);
}

static void on_taken(void *context, const struct handoffd_http_answer *http)
{
    struct answer answer;
    answer_read(http, &answer);
    call_report(context, &answer.report);
}
