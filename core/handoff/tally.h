/* tally - how often attempts came to what: by channel, outcome and the provider's code. Since the
 * process began. */
#ifndef HANDOFF_TALLY_H
#define HANDOFF_TALLY_H

#include <stdint.h>

#include "handoff/steps.h"

struct tally;

struct tally *tally_create(void);
void tally_destroy(struct tally *tally);

/* What is more than a few hundred kinds is counted without its code. */
void tally_add(struct tally *tally, const char *channel, enum attempt_event event, int64_t code);

void tally_each(const struct tally *tally,
                void (*on_count)(void *context, const char *channel, enum attempt_event event,
                                 int64_t code, int64_t count),
                void *context);

#endif
