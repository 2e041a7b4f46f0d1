/* call - something asked of Twilio that waits for its answer, under the id that it reports on.
 *
 * deliver, find and probe each have a struct that begins with a struct call. It is freed in exactly
 * one of two places: call_report, its last step, and call_destroy_all, in stop. */
#ifndef TWILIO_CALL_H
#define TWILIO_CALL_H

#include <stddef.h>
#include <stdint.h>

#include "form.h"
#include "twilio.h"

struct call {
    struct twilio *twilio;
    uint64_t attempt_id;
    int64_t deadline_ms;               /* of all its requests together */
    void (*deinit)(struct call *call); /* of what the struct around it owns; NULL: nothing */
    struct call *previous;
    struct call *next;
};

typedef void call_answer_fn(void *call, const struct handoffd_http_answer *answer);

/* `size` zeroed bytes that begin with a struct call; NULL: there is no memory. */
void *call_create(struct twilio *twilio, uint64_t attempt_id, size_t size,
                  void (*deinit)(struct call *call));

/* Both with the account's credentials; on_answer is given the call. */
void call_post(struct call *call, const char *url, const struct form *form,
               call_answer_fn *on_answer);
void call_get(struct call *call, const char *url, call_answer_fn *on_answer);

/* Reports, and ends the call. */
void call_report(struct call *call, const struct handoffd_report *report);

/* Without a report. */
void call_destroy_all(struct twilio *twilio);

#endif
