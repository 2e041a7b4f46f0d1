/* subject_attempt - what a channel under test does: deliver, find, probe and receive. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "fault.h"
#include "loan.h"
#include "subject.h"

static const char *const *lend_column(struct loan *loan, const char *const texts[], size_t count)
{
    if (count == 0)
        return NULL;
    CLEANUP(memory_free) const char **lent = memory_zeroed(count, sizeof lent[0]);
    for (size_t i = 0; i < count; i++)
        lent[i] = loan_text(loan, texts[i]);
    return loan_copy(loan, lent, count * sizeof lent[0]);
}

static struct handoffd_fields lend_fields(struct loan *loan, const struct handoffd_fields *fields)
{
    return (struct handoffd_fields){lend_column(loan, fields->names, fields->count),
                                    lend_column(loan, fields->values, fields->count),
                                    fields->count};
}

static struct handoffd_attempt *lend_attempt(struct loan *loan,
                                             const struct handoffd_attempt *attempt)
{
    struct handoffd_attempt lent = *attempt;
    lent.handoff_id = loan_text(loan, attempt->handoff_id);
    lent.vendor_id = loan_text(loan, attempt->vendor_id);
    lent.to = loan_text(loan, attempt->to);
    lent.callback_url = loan_text(loan, attempt->callback_url);
    lent.message_id = loan_text(loan, attempt->message_id);
    lent.taken_ids.items = lend_column(loan, attempt->taken_ids.items, attempt->taken_ids.count);
    return loan_copy(loan, &lent, sizeof lent);
}

static struct handoffd_message *lend_message(struct loan *loan,
                                             const struct handoffd_message *message)
{
    const struct handoffd_message lent = {
        .size = message->size,
        .text = loan_text(loan, message->text),
        .fields = lend_fields(loan, &message->fields),
    };
    return loan_copy(loan, &lent, sizeof lent);
}

/* ---- deliver, find, probe */

void subject_deliver(struct subject *subject, const struct handoffd_attempt *attempt,
                     const struct handoffd_message *message, struct loan **given)
{
    *given = loan_create();
    const struct handoffd_attempt *lent_attempt = lend_attempt(*given, attempt);
    const struct handoffd_message *lent_message = lend_message(*given, message);
    loan_protect(*given);
    fault_enter("deliver");
    subject->plugin->channel.deliver(subject->state, lent_attempt, lent_message);
    fault_leave();
}

void subject_end_attempt(struct loan *given)
{
    loan_end(given);
}

void subject_find(struct subject *subject, const struct handoffd_attempt *attempt,
                  const struct handoffd_message *message)
{
    struct loan *given = loan_create();
    const struct handoffd_attempt *lent_attempt = lend_attempt(given, attempt);
    const struct handoffd_message *lent_message = lend_message(given, message);
    loan_protect(given);
    fault_enter("find");
    subject->plugin->channel.find(subject->state, lent_attempt, lent_message);
    fault_leave();
    loan_end(given);
}

void subject_probe(struct subject *subject, uint64_t attempt_id)
{
    fault_enter("probe");
    subject->plugin->channel.probe(subject->state, attempt_id);
    fault_leave();
}

/* ---- receive */

static struct handoffd_request *lend_request(struct loan *loan,
                                             const struct handoffd_request *request)
{
    struct handoffd_request lent = *request;
    CLEANUP(memory_free) char *body = memory_zeroed(1, request->body_length + 1);
    if (request->body_length > 0)
        memcpy(body, request->body, request->body_length);
    lent.method = loan_text(loan, request->method);
    lent.url = loan_text(loan, request->url);
    lent.path = loan_text(loan, request->path);
    lent.headers = lend_fields(loan, &request->headers);
    lent.body = loan_copy(loan, body, request->body_length + 1);
    return loan_copy(loan, &lent, sizeof lent);
}

/* What the answer points at is the plugin's: looking at it may be what goes wrong. */
static struct received copy_answer(const struct handoffd_answer *answer)
{
    fault_enter("the answer of receive");
    struct received received = {
        .status = answer->status,
        .content_type = memory_text(answer->content_type),
        .body = memory_text(answer->body),
    };
    fault_leave();
    return received;
}

struct received subject_receive(struct subject *subject, const struct handoffd_request *request)
{
    struct handoffd_answer answer = {.size = sizeof answer, .status = 204};
    struct loan *given = loan_create();
    struct loan *written = loan_create();
    const struct handoffd_request *lent_request = lend_request(given, request);
    struct handoffd_answer *lent_answer = loan_copy(written, &answer, sizeof answer);
    loan_protect(given);
    fault_enter("receive");
    subject->plugin->channel.receive(subject->state, lent_request, lent_answer);
    fault_leave();
    loan_end(given);
    answer = *lent_answer;
    loan_end(written);
    return copy_answer(&answer);
}

void received_deinit(struct received *received)
{
    free(received->content_type);
    free(received->body);
    *received = (struct received){0};
}

/* ---- the example */

struct handoffd_attempt example_attempt(uint64_t id, const char *to)
{
    return (struct handoffd_attempt){
        .size = sizeof(struct handoffd_attempt),
        .id = id,
        .handoff_id = "ho_7m2k9q",
        .vendor_id = "ana",
        .to = to,
        .started_ms = INT64_C(1767268800000),
    };
}

struct handoffd_message example_message(void)
{
    static const char *const names[] = {"cliente",      "telefono", "motivo",
                                        "conversacion", "contexto", "vendedor"};
    static const char *const values[] = {"Juan Pérez",
                                         "+5215512345678",
                                         "Cliente desea información sobre cotizaciones",
                                         "conv_abc123",
                                         "El cliente preguntó por robots para restaurante",
                                         "Ana Torres"};
    return (struct handoffd_message){
        .size = sizeof(struct handoffd_message),
        .text = "🔔 *Nuevo cliente solicita atención humana*\n\n👤 *Cliente:* Juan Pérez\n"
                "📱 *Teléfono:* +5215512345678\n",
        .fields = {names, values, COUNT_OF(names)},
    };
}
