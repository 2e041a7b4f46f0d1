/* twilio_fixture - an account, and an example sent with it. */
#ifndef TEST_TWILIO_FIXTURE_H
#define TEST_TWILIO_FIXTURE_H

#include "plugin_test.h"

#define ACCOUNT "AC00000000000000000000000000000001"
#define KEY     "SK00000000000000000000000000000001"
#define SERVICE "MG00000000000000000000000000000001"
#define CONTENT "HX00000000000000000000000000000001"

static inline void set_account(struct subject *subject)
{
    subject_set(subject, "account_sid", ACCOUNT);
    subject_set(subject, "auth_token", "s3cret");
    subject_set(subject, "from", "whatsapp:+14155238886");
}

static inline void start(struct subject *subject)
{
    char error[MOST_ERROR_BYTES];
    if (!subject_start(subject, error, sizeof error))
        fail_msg("%s", error);
}

static inline const struct sent_request *send_attempt(struct subject *subject,
                                                      const struct handoffd_attempt *attempt,
                                                      const struct handoffd_message *message)
{
    struct loan *given = NULL;
    fake_host_clear(subject->host);
    subject_deliver(subject, attempt, message, &given);
    loan_end(given); /* http_send has copied what it needs */
    assert_int_equal(subject->host->request_count, 1);
    return &subject->host->requests[0];
}

static inline const struct sent_request *send_example(struct subject *subject)
{
    const struct handoffd_attempt attempt = example_attempt(7, "whatsapp:+5215512345678");
    const struct handoffd_message message = example_message();
    return send_attempt(subject, &attempt, &message);
}

#endif
