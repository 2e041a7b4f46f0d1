/* alerts - tells the company's people that something is wrong with its handoffs: once for each
 * cause, and once more when it is mended. `alerts:` of vendors.yaml says whom, and what to run.
 *
 * What stands is kept in the store, so that a restart does not tell it again. */
#ifndef ALERT_ALERTS_H
#define ALERT_ALERTS_H

#include "base/error.h"
#include "base/loop.h"
#include "plugin/instance.h"
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

struct alerts *alerts_create(struct loop *loop, struct store *store,
                             const struct alerts_setup *setup, struct error *error) MUST_CHECK;
void alerts_adopt(struct alerts *alerts, const struct alerts_setup *setup);

/* The store is closed. NULL is fine. */
void alerts_destroy(struct alerts *alerts);

/* Something is wrong. Nothing happens where the cause stands already, unless it has stood for a
 * day: then it is told again. `words`, without personal data, is what people read, unless we have
 * better ones. */
void alerts_raise(struct alerts *alerts, const char *cause, const char *words);

/* It is mended; nothing happens where it did not stand. */
void alerts_mend(struct alerts *alerts, const char *cause);

/* A message went through: what its provider refused before, or the want of anybody, is mended where
 * it has not come for an hour; an account's refusal, where it is of a process before this one. */
void alerts_reached(struct alerts *alerts, const char *channel);

/* Reports for attempts of this number are about alerts. */
enum { ALERTS_NUMBER = 0 };
void alerts_report(struct alerts *alerts, uint64_t attempt_id,
                   const struct handoffd_report *report);

/* Those that stand. */
size_t alerts_count(const struct alerts *alerts);
void alerts_each(const struct alerts *alerts,
                 void (*on_alert)(void *context, const struct store_alert *alert), void *context);

#endif
