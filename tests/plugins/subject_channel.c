/* subject_channel - what a channel under test knows: addresses and limits. */
#include <string.h>

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

bool subject_other_to(const struct subject *subject, const char *to, size_t other_size,
                      char other[MOST_ADDRESS_BYTES])
{
    struct loan *given = loan_create();
    const char *lent_to = loan_text(given, to);
    loan_protect(given);
    struct loan *written = loan_create();
    memset(other, 0, MOST_ADDRESS_BYTES);
    char *lent_other = loan_copy(written, other, other_size);
    fault_enter("other_to");
    bool has_other = subject->plugin->channel.other_to(lent_to, lent_other, other_size);
    fault_leave();
    memcpy(other, lent_other, other_size);
    loan_end(given);
    loan_end(written);
    return has_other;
}

struct handoffd_limits subject_limits(const struct subject *subject)
{
    struct handoffd_limits limits = {.size = sizeof limits};
    struct loan *written = loan_create();
    struct handoffd_limits *lent = loan_copy(written, &limits, sizeof limits);
    loan_protect(subject->state_loan);
    fault_enter("limits");
    subject->plugin->channel.limits(subject->state, lent);
    fault_leave();
    loan_release(subject->state_loan);
    limits = *lent;
    loan_end(written);
    return limits;
}
