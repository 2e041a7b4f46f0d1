/* answer - what Twilio's answers mean for the attempt. */
#ifndef TWILIO_ANSWER_H
#define TWILIO_ANSWER_H

#include <stdbool.h>

#include "plugin.h"

enum { ANSWER_ID_SIZE = 48, ANSWER_TEXT_SIZE = 512 };

/* The report and the memory that its texts are in: it points into itself, and is not to be copied.
 */
struct answer {
    struct handoffd_report report;
    char message_id[ANSWER_ID_SIZE];
    char text[ANSWER_TEXT_SIZE];
};

/* What Twilio says of one message, in a callback or where it was asked; borrowed. */
struct message_status {
    const char *message_id; /* may be NULL */
    const char *word;       /* "delivered"; may be NULL */
    int32_t code;           /* 0: none */
    const char *reason;     /* in Twilio's words; may be NULL */
};

/* The answer to POST Messages.json: SENT, DEFERRED, REFUSED_* or UNKNOWN. */
void answer_read(const struct handoffd_http_answer *http, struct answer *answer);

/* UNKNOWN, because a question brought no answer that could be used; says which. `http` may be
 * ANSWERED with any status. */
void answer_unasked(const struct handoffd_http_answer *http, struct answer *answer);

/* UNKNOWN, with these words of ours. */
void answer_unknown(const char *why, struct answer *answer);

/* False: the word is none that we know, or tells nothing; the answer is then SENT. */
bool answer_status(const struct message_status *status, struct answer *answer);

#endif
