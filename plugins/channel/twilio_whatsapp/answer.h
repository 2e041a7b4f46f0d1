/* answer - what Twilio's answer means for the attempt. */
#ifndef TWILIO_ANSWER_H
#define TWILIO_ANSWER_H

#include "plugin.h"

enum { ANSWER_ID_SIZE = 48, ANSWER_TEXT_SIZE = 512 };

/* The report and the memory that its texts are in. */
struct answer {
    struct handoffd_report report;
    char message_id[ANSWER_ID_SIZE];
    char text[ANSWER_TEXT_SIZE];
};

void answer_read(const struct handoffd_http_answer *http, struct answer *answer);

#endif
