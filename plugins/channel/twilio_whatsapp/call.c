/* call - the calls of an instance are a list, so that stop finds all of them. */
#include "call.h"

#include <stdlib.h>

/* The daemon waits a minute for a report (plugin.h, law 4). */
enum { LONGEST_MS = 50 * 1000 };

void *call_create(struct twilio *twilio, uint64_t attempt_id, size_t size,
                  void (*deinit)(struct call *call))
{
    struct call *call = calloc(1, size);
    if (call == NULL)
        return NULL;
    *call = (struct call){
        .twilio = twilio,
        .attempt_id = attempt_id,
        .deadline_ms = twilio->host->now_ms(twilio->host) + LONGEST_MS,
        .deinit = deinit,
        .next = twilio->calls,
    };
    if (call->next != NULL)
        call->next->previous = call;
    twilio->calls = call;
    return call;
}

/* What is left for one more request; the wall clock may have been set meanwhile. */
static int64_t timeout_ms(const struct call *call)
{
    const struct twilio *twilio = call->twilio;
    int64_t left_ms = call->deadline_ms - twilio->host->now_ms(twilio->host);
    if (left_ms < 1)
        return 1;
    return left_ms < twilio->timeout_ms ? left_ms : twilio->timeout_ms;
}

static void send_request(struct call *call, struct handoffd_http_request *request,
                         call_answer_fn *on_answer)
{
    const struct twilio *twilio = call->twilio;
    bool has_key = twilio->api_key_sid != NULL;
    const char *const names[] = {"accept"};
    const char *const values[] = {"application/json"};
    request->size = sizeof *request;
    request->user = has_key ? twilio->api_key_sid : twilio->account_sid;
    request->password = has_key ? twilio->api_key_secret : twilio->auth_token;
    request->headers = (struct handoffd_fields){names, values, 1};
    request->timeout_ms = timeout_ms(call);
    twilio->host->http_send(twilio->host, request, on_answer, call);
}

void call_post(struct call *call, const char *url, const struct form *form,
               call_answer_fn *on_answer)
{
    struct handoffd_http_request request = {
        .method = "POST",
        .url = url,
        .content_type = "application/x-www-form-urlencoded",
        .body = form->bytes,
        .body_length = form->length,
    };
    send_request(call, &request, on_answer);
}

void call_get(struct call *call, const char *url, call_answer_fn *on_answer)
{
    struct handoffd_http_request request = {.method = "GET", .url = url};
    send_request(call, &request, on_answer);
}

static void call_destroy(struct call *call)
{
    if (call->next != NULL)
        call->next->previous = call->previous;
    if (call->previous != NULL)
        call->previous->next = call->next;
    else
        call->twilio->calls = call->next;
    if (call->deinit != NULL)
        call->deinit(call);
    free(call);
}

void call_report(struct call *call, const struct handoffd_report *report)
{
    const struct handoffd_host *host = call->twilio->host;
    host->report(host, call->attempt_id, report);
    call_destroy(call);
}

void call_destroy_all(struct twilio *twilio)
{
    while (twilio->calls != NULL)
        call_destroy(twilio->calls);
}
