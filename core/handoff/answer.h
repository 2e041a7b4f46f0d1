/* answer - what can be said of a handoff to the client who asked. */
#ifndef HANDOFF_ANSWER_H
#define HANDOFF_ANSWER_H

#include <stdbool.h>

enum answer_kind {
    ANSWER_SENT,   /* the provider took it */
    ANSWER_QUEUED, /* stored; somebody will be told */
    ANSWER_FAILED, /* stored; nobody told: refused by all, by the account, or held. See detail */
    ANSWER_UNCONFIGURED, /* nothing stored: nobody can be told. See detail */
    ANSWER_OVERLOADED,   /* nothing stored: no room now */
    ANSWER_CONFLICT,     /* nothing stored: the key was used for another body */
    ANSWER_LOST          /* the store failed: perhaps stored, perhaps not */
};

/* Texts that do not apply are NULL. */
struct answer {
    enum answer_kind kind;
    bool is_duplicate;
    const char *handoff_id;
    const char *vendor_id;
    const char *vendor_name;
    const char *message_id;
    const char *detail; /* "Twilio error sending WhatsApp: …" */
};

#endif
