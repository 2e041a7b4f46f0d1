/* codes - a table, because that is what it is: https://www.twilio.com/docs/api/errors/<code>
 *
 * Twilio publishes no retryable flag; the classes are ours. Codes that normally come later, by
 * callback, stand here too: nothing promises that they never come at once. */
#include "codes.h"

#include <stddef.h>

struct code {
    int32_t first;
    int32_t last;
    enum handoffd_outcome outcome;
    int64_t retry_after_ms;
};

static const struct code codes[] = {
    /* Surely not sent; may work later. */
    {.first = 14107,
     .last = 14107,
     .outcome = HANDOFFD_DEFERRED,
     .retry_after_ms = 30000}, /* 15 replies in 30 s */
    {.first = 20429,
     .last = 20429,
     .outcome = HANDOFFD_DEFERRED}, /* too many at once: never processed */
    {.first = 21611, .last = 21611, .outcome = HANDOFFD_DEFERRED}, /* the sender's queue is full */
    {.first = 30001, .last = 30001, .outcome = HANDOFFD_DEFERRED}, /* the same, by callback */
    {.first = 63017,
     .last = 63018,
     .outcome = HANDOFFD_DEFERRED}, /* rate of account, channel or pair */

    /* May have been sent: the page of 20500 says that a POST repeated may send twice; that of 20503
       says nothing. */
    {.first = 20500, .last = 20500, .outcome = HANDOFFD_UNKNOWN},
    {.first = 20503, .last = 20503, .outcome = HANDOFFD_UNKNOWN},

    /* Not to this person; to another, yes. */
    {.first = 21211, .last = 21211, .outcome = HANDOFFD_REFUSED_RECIPIENT}, /* no valid To */
    {.first = 21408,
     .last = 21408,
     .outcome = HANDOFFD_REFUSED_RECIPIENT}, /* region not permitted */
    {.first = 21604, .last = 21604, .outcome = HANDOFFD_REFUSED_RECIPIENT}, /* To is missing */
    {.first = 21610,
     .last = 21610,
     .outcome = HANDOFFD_REFUSED_RECIPIENT}, /* opted out with STOP */
    {.first = 21614, .last = 21614, .outcome = HANDOFFD_REFUSED_RECIPIENT}, /* not a mobile */
    {.first = 63003,
     .last = 63003,
     .outcome = HANDOFFD_REFUSED_RECIPIENT}, /* the channel finds no such To */
    {.first = 63014,
     .last = 63015,
     .outcome = HANDOFFD_REFUSED_RECIPIENT}, /* blocked us; not in the sandbox */
    {.first = 63024, .last = 63024, .outcome = HANDOFFD_REFUSED_RECIPIENT}, /* has no WhatsApp */
    {.first = 63031,
     .last = 63033,
     .outcome = HANDOFFD_REFUSED_RECIPIENT}, /* is From; in an experiment; blocked us */

    /* Not this content, to anybody. */
    {.first = 21602, .last = 21602, .outcome = HANDOFFD_REFUSED_MESSAGE}, /* no body */
    {.first = 21617, .last = 21617, .outcome = HANDOFFD_REFUSED_MESSAGE}, /* longer than 1600 */
    {.first = 21619,
     .last = 21619,
     .outcome = HANDOFFD_REFUSED_MESSAGE}, /* no body, no media, no template */
    {.first = 21654,
     .last = 21658,
     .outcome = HANDOFFD_REFUSED_MESSAGE}, /* ContentSid, ContentVariables */
    {.first = 63005, .last = 63006, .outcome = HANDOFFD_REFUSED_MESSAGE}, /* content not accepted */
    {.first = 63013, .last = 63013, .outcome = HANDOFFD_REFUSED_MESSAGE}, /* the channel's policy */
    {.first = 63016,
     .last = 63016,
     .outcome = HANDOFFD_REFUSED_MESSAGE}, /* free text outside the 24 hours */
    {.first = 63021, .last = 63021, .outcome = HANDOFFD_REFUSED_MESSAGE},
    {.first = 63027,
     .last = 63028,
     .outcome = HANDOFFD_REFUSED_MESSAGE}, /* template: language, count of variables */
    {.first = 63040,
     .last = 63042,
     .outcome = HANDOFFD_REFUSED_MESSAGE}, /* template rejected, paused, disabled */
    {.first = 63049,
     .last = 63049,
     .outcome = HANDOFFD_REFUSED_MESSAGE}, /* marketing template withheld */
    {.first = 92005,
     .last = 92005,
     .outcome = HANDOFFD_REFUSED_MESSAGE}, /* a parameter is too long */

    /* Nothing can be sent until somebody mends the account or vendors.yaml. */
    {.first = 10001, .last = 10001, .outcome = HANDOFFD_REFUSED_ACCOUNT}, /* account not active */
    {.first = 20003, .last = 20003, .outcome = HANDOFFD_REFUSED_ACCOUNT}, /* credentials */
    {.first = 20005, .last = 20005, .outcome = HANDOFFD_REFUSED_ACCOUNT}, /* account not active */
    {.first = 20404, .last = 20404, .outcome = HANDOFFD_REFUSED_ACCOUNT}, /* wrong account_sid */
    {.first = 21212, .last = 21212, .outcome = HANDOFFD_REFUSED_ACCOUNT}, /* no valid From */
    {.first = 21603, .last = 21603, .outcome = HANDOFFD_REFUSED_ACCOUNT}, /* From is missing */
    {.first = 21606,
     .last = 21606,
     .outcome = HANDOFFD_REFUSED_ACCOUNT}, /* From cannot send messages */
    {.first = 21609,
     .last = 21609,
     .outcome = HANDOFFD_REFUSED_ACCOUNT}, /* StatusCallback: our public URL */
    {.first = 21624, .last = 21624, .outcome = HANDOFFD_REFUSED_ACCOUNT}, /* validity period */
    {.first = 21700,
     .last = 21799,
     .outcome = HANDOFFD_REFUSED_ACCOUNT}, /* the Messaging Service */
    {.first = 21910,
     .last = 21910,
     .outcome = HANDOFFD_REFUSED_ACCOUNT}, /* From and To of different channels */
    {.first = 30002, .last = 30002, .outcome = HANDOFFD_REFUSED_ACCOUNT}, /* account suspended */
    {.first = 63001,
     .last = 63002,
     .outcome = HANDOFFD_REFUSED_ACCOUNT}, /* the channel's credentials, its From */
    {.first = 63007,
     .last = 63007,
     .outcome = HANDOFFD_REFUSED_ACCOUNT}, /* no WhatsApp sender with this From */
    {.first = 63020,
     .last = 63020,
     .outcome = HANDOFFD_REFUSED_ACCOUNT}, /* Meta's invitation not accepted */
    {.first = 63038,
     .last = 63038,
     .outcome = HANDOFFD_REFUSED_ACCOUNT}, /* the day's limit, though it is a 429 */
    {.first = 63051,
     .last = 63051,
     .outcome = HANDOFFD_REFUSED_ACCOUNT}, /* Meta locked the account */
    {.first = 90007, .last = 90007, .outcome = HANDOFFD_REFUSED_ACCOUNT}, /* validity period */
};

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
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        if (code >= codes[i].first && code <= codes[i].last)
            return (struct verdict){codes[i].outcome, codes[i].retry_after_ms};
    }
    return (struct verdict){.outcome = status_outcome(status)};
}
