/* twilio - one instance: what vendors.yaml says of it, and what it has under way. */
#ifndef TWILIO_TWILIO_H
#define TWILIO_TWILIO_H

#include <stdint.h>

#include "address.h"
#include "plugin.h"

/* A URL is a base, at most BASE_SIZE with its NUL, and a path of ours or of a page that Twilio
 * names. */
enum { BASE_SIZE = 256, URL_SIZE = 2048 };

/* The sandbox's number, the same for everybody. */
#define SANDBOX_SENDER "whatsapp:+14155238886"

struct template
{
    const char *sid;
    struct handoffd_list variables;
};

struct call;

struct twilio {
    /* options */
    const char *account_sid;
    const char *auth_token;
    const char *api_key_sid;
    const char *api_key_secret;
    const char *from;
    const char *messaging_service_sid;
    struct template template;
    const char *api_base;
    const char *content_base;
    const char *messaging_base;
    int64_t timeout_ms;

    /* since start */
    const struct handoffd_host *host;
    char api[BASE_SIZE]; /* the three bases, without a slash at their end */
    char content[BASE_SIZE];
    char messaging[BASE_SIZE];
    char sender[ADDRESS_SIZE];  /* "": the messaging service chooses */
    struct call *calls;         /* that wait for an answer */
    uint64_t refused_callbacks; /* whose signature was wrong */
    bool has_said_token;        /* that callbacks need auth_token */
};

#endif
