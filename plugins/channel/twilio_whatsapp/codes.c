/* codes - a table, because that is what it is: https://www.twilio.com/docs/api/errors/<code>
 *
 * Twilio publishes no retryable flag; the classes are ours. Nothing promises which codes come at
 * once and which by callback, so both are read with the same table. */
#include "codes.h"

#include <stddef.h>

enum kind {
    LATER,   /* surely not sent; may work later */
    IN_30_S, /* the same */
    IN_60_S, /* the same */
    MAYBE,   /* may have been sent */
    NUMBER, /* not to this number: another form of it, or another person. Somebody should mend it */
    PERSON, /* not to this person, however their number is written. Somebody should ask them */
    CONTENT,  /* not this content, to anybody */
    TEMPLATE, /* the same, and what is wrong is in somebody's hands */
    ACCOUNT   /* nothing, until the account or vendors.yaml is mended */
};

static const struct verdict verdicts[] = {
    [LATER] = {.outcome = HANDOFFD_DEFERRED},
    [IN_30_S] = {.outcome = HANDOFFD_DEFERRED, .retry_after_ms = 30000},
    [IN_60_S] = {.outcome = HANDOFFD_DEFERRED, .retry_after_ms = 60000},
    [MAYBE] = {.outcome = HANDOFFD_UNKNOWN},
    [NUMBER] = {.outcome = HANDOFFD_REFUSED_RECIPIENT, .needs_attention = true},
    [PERSON] = {.outcome = HANDOFFD_REFUSED_RECIPIENT,
                .needs_attention = true,
                .in_any_form = true},
    [CONTENT] = {.outcome = HANDOFFD_REFUSED_MESSAGE},
    [TEMPLATE] = {.outcome = HANDOFFD_REFUSED_MESSAGE, .needs_attention = true},
    [ACCOUNT] = {.outcome = HANDOFFD_REFUSED_ACCOUNT},
};

struct code {
    int32_t first;
    int32_t last;
    enum kind kind;
};

static const struct code codes[] = {
    {10001, 10001, ACCOUNT},  /* account not active */
    {14107, 14107, IN_30_S},  /* 15 replies to one number in 30 s */
    {20003, 20003, ACCOUNT},  /* credentials */
    {20005, 20005, ACCOUNT},  /* account not active */
    {20404, 20404, ACCOUNT},  /* no such account */
    {20429, 20429, LATER},    /* too many calls at once: never processed */
    {20500, 20500, MAYBE},    /* internal error: "may send twice" if repeated */
    {20503, 20503, MAYBE},    /* unavailable; its page does not say */
    {21211, 21211, NUMBER},   /* To is no valid number */
    {21212, 21212, ACCOUNT},  /* From is no valid sender */
    {21408, 21408, PERSON},   /* the account may not send to that country */
    {21602, 21602, CONTENT},  /* no body */
    {21603, 21603, ACCOUNT},  /* From is missing */
    {21604, 21604, NUMBER},   /* To is missing */
    {21606, 21606, ACCOUNT},  /* From cannot send messages */
    {21609, 21609, ACCOUNT},  /* StatusCallback: our public_url */
    {21610, 21610, PERSON},   /* opted out with STOP */
    {21611, 21611, LATER},    /* the sender's queue is full */
    {21614, 21614, NUMBER},   /* To is no mobile */
    {21617, 21617, TEMPLATE}, /* longer than 1600 characters */
    {21619, 21619, CONTENT},  /* no body, no media, no template */
    {21624, 21624, ACCOUNT},  /* validity period */
    {21654, 21658, TEMPLATE}, /* ContentSid, ContentVariables */
    {21700, 21799, ACCOUNT},  /* the Messaging Service */
    {21910, 21910, ACCOUNT},  /* From and To of different channels */
    {30001, 30001, LATER},    /* the sender's queue is full */
    {30002, 30002, ACCOUNT},  /* account suspended */
    {30005, 30005, NUMBER},   /* unknown destination */
    {30007, 30007, CONTENT},  /* filtered */
    {30008, 30008, LATER},    /* "unknown error" on the way */
    {63001, 63002, ACCOUNT},  /* the channel's credentials, its From */
    {63003, 63003, NUMBER},   /* WhatsApp finds no such To */
    {63005, 63006, CONTENT},  /* content not accepted */
    {63007, 63007, ACCOUNT},  /* no WhatsApp sender with this From */
    {63009, 63010, LATER},    /* internal error, the provider's or Twilio's */
    {63012, 63012, LATER},    /* the same */
    {63013, 63013, TEMPLATE}, /* the channel's policy */
    {63014, 63014, PERSON},   /* blocked us */
    {63015, 63015, NUMBER},   /* has not joined the sandbox */
    {63016, 63016, PERSON},   /* free text outside this person's 24 hours */
    {63017, 63017, LATER},    /* rate of the account */
    {63018, 63018, IN_60_S},  /* rate of sender, portfolio or pair */
    {63020, 63020, ACCOUNT},  /* Meta's invitation not accepted */
    {63021, 63021, CONTENT},  /* content not accepted */
    {63024, 63024, NUMBER},   /* has no WhatsApp, or too old a one */
    {63027, 63028, TEMPLATE}, /* template: language, count of variables */
    {63031, 63031, PERSON},   /* To is From */
    {63032, 63033, PERSON},   /* in Meta's experiment; blocked us */
    {63038, 63038, ACCOUNT},  /* the day's limit, though it comes as a 429 */
    {63040, 63042, TEMPLATE}, /* template rejected, paused, disabled */
    {63049, 63049, TEMPLATE}, /* marketing template withheld by Meta */
    {63051, 63051, ACCOUNT},  /* Meta locked the business account */
    {90007, 90007, ACCOUNT},  /* validity period */
    {92005, 92005, CONTENT},  /* a parameter is too long */
};

static const struct code *find_code(int32_t code)
{
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        if (code >= codes[i].first && code <= codes[i].last)
            return &codes[i];
    }
    return NULL;
}

static enum handoffd_outcome status_outcome(int32_t status)
{
    switch (status) {
    case 408: /* the server did not get the whole request (RFC 9110, 15.5.9) */
    case 425:
    case 429: /* Twilio: never processed */
        return HANDOFFD_DEFERRED;
    case 401:
    case 402:
    case 403:
    case 404:
    case 407:
        return HANDOFFD_REFUSED_ACCOUNT;
    default:
        break;
    }
    /* A code that we do not know: of the three refusals, this one touches the least. It ends one
     * handoff, visibly, and neither holds everybody's nor gives up a person for good. */
    if (status >= 400 && status <= 499)
        return HANDOFFD_REFUSED_MESSAGE;
    return HANDOFFD_UNKNOWN;
}

struct verdict codes_verdict(int32_t code, int32_t status)
{
    const struct code *row = find_code(code);
    if (row == NULL)
        return (struct verdict){.outcome = status_outcome(status)};
    /* "Internal error" in an answer that is itself an error of the server: who knows. */
    bool is_doubtful =
        verdicts[row->kind].outcome == HANDOFFD_DEFERRED && (status < 400 || status > 499);
    return verdicts[is_doubtful ? MAYBE : row->kind];
}

struct verdict codes_late_verdict(int32_t code)
{
    const struct code *row = find_code(code);
    if (row == NULL || row->kind == MAYBE)
        return (struct verdict){.outcome = HANDOFFD_UNDELIVERED};
    return verdicts[row->kind];
}
