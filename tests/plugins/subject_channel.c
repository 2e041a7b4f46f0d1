/* subject_channel - check_to and deliver of a channel under test. */
#include <string.h>

#include "base/memory.h"
#include "fault.h"
#include "loan.h"
#include "subject.h"

bool subject_check_to(const struct subject *subject, const char *to, const char *country,
                      size_t normal_size, char normal[MOST_ADDRESS_BYTES], size_t error_size,
                      char error[MOST_ERROR_BYTES])
{
    struct loan *given = loan_create();
    const char *lent_to = loan_text(given, to);
    const char *lent_country = loan_text(given, country);
    loan_protect(given);
    struct loan *written = loan_create();
    memset(normal, 0, MOST_ADDRESS_BYTES);
    memset(error, 0, MOST_ERROR_BYTES);
    char *lent_normal = loan_copy(written, normal, normal_size);
    char *lent_error = loan_copy(written, error, error_size);
    fault_enter("check_to");
    bool is_fine = subject->plugin->channel.check_to(lent_to, lent_country, lent_normal,
                                                     normal_size, lent_error, error_size);
    fault_leave();
    memcpy(normal, lent_normal, normal_size);
    memcpy(error, lent_error, error_size);
    loan_end(given);
    loan_end(written);
    return is_fine;
}

static struct handoffd_attempt *lend_attempt(struct loan *loan,
                                             const struct handoffd_attempt *attempt)
{
    struct handoffd_attempt lent = *attempt;
    lent.handoff_id = loan_text(loan, attempt->handoff_id);
    lent.vendor_id = loan_text(loan, attempt->vendor_id);
    lent.to = loan_text(loan, attempt->to);
    return loan_copy(loan, &lent, sizeof lent);
}

static const char *const *lend_column(struct loan *loan, const char *const texts[], size_t count)
{
    CLEANUP(memory_free) const char **lent = memory_zeroed(count, sizeof lent[0]);
    for (size_t i = 0; i < count; i++)
        lent[i] = loan_text(loan, texts[i]);
    return loan_copy(loan, lent, count * sizeof lent[0]);
}

static struct handoffd_message *lend_message(struct loan *loan,
                                             const struct handoffd_message *message)
{
    const struct handoffd_message lent = {
        .size = message->size,
        .text = loan_text(loan, message->text),
        .fields = {lend_column(loan, message->fields.names, message->fields.count),
                   lend_column(loan, message->fields.values, message->fields.count),
                   message->fields.count},
    };
    return loan_copy(loan, &lent, sizeof lent);
}

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
