/* alerts - tells the company's people that something is wrong with its handoffs: once for each
 * cause, and once more when it is mended. `alerts:` of vendors.yaml says whom, and what to run.
 *
 * What stands is kept in the store, so that a restart does not tell it again. Texts hold no
 * personal data of a customer. */
#ifndef ALERT_ALERTS_H
#define ALERT_ALERTS_H

#include "base/error.h"
#include "base/loop.h"
#include "plugin.h"
#include "routing/roster.h"
#include "store/store.h"

struct alerts;

/* What vendors.yaml says; another one may take its place at any time. Borrowed. */
struct alerts_setup {
    const struct roster *roster;
    const char *const *people; /* vendor ids */
    size_t people_count;
    const char *command; /* for /bin/sh, with the text on its standard input; or NULL */
};

/* Reads what stands; tells nobody yet. */
struct alerts *alerts_create(struct loop *loop, struct store *store,
                             const struct alerts_setup *setup, struct error *error) MUST_CHECK;

/* The channels run: what the process before this one did not come to say is said. */
void alerts_start(struct alerts *alerts);

/* What stands because of a person or a channel that is gone is over. */
void alerts_adopt(struct alerts *alerts, const struct alerts_setup *setup);

/* The store is closed. NULL is fine. */
void alerts_destroy(struct alerts *alerts);

/* Something is wrong; see cause.h. Where the cause stands already it is told again only when it was
 * told long ago. */
void alerts_raise(struct alerts *alerts, const char *cause, const char *text);

/* It is mended; nothing happens where it did not stand. */
void alerts_mend(struct alerts *alerts, const char *cause);

/* A handoff is stuck because of `cause` (NULL: no longer), and was because of `former` (NULL: it
 * was not). The cause stands for as long as there is such a handoff. */
void alerts_stuck(struct alerts *alerts, const char *former, const char *cause, const char *text);

/* The provider took a message to this person; `has_arrived`: it is on their phone, as far as the
 * channel can tell. */
void alerts_told(struct alerts *alerts, const char *vendor_id, const char *channel,
                 bool has_arrived);

/* Reports for attempts of this number are about alerts. */
enum { ALERTS_NUMBER = 0 };
void alerts_report(struct alerts *alerts, uint64_t attempt_id,
                   const struct handoffd_report *report);

/* Those that stand. */
size_t alerts_count(const struct alerts *alerts);
void alerts_each(const struct alerts *alerts,
                 void (*on_alert)(void *context, const struct store_alert *alert), void *context);

#endif
