/* retry - how long a deferred attempt rests: exponential back-off with full jitter, and the
 * provider's own wish. Pure. */
#ifndef HANDOFF_RETRY_H
#define HANDOFF_RETRY_H

#include <stdint.h>

/* The longest rest that a provider may wish for, or a back-off take. */
enum { RETRY_MOST_MS = 24 * 60 * 60 * 1000 };

/* `tries` is how often it was tried (from 1), `random` any number, retry_after_ms the provider's
 * wish (0: none). At least half a second, so that a provider in trouble is left in peace. */
int64_t retry_delay_ms(int64_t tries, int64_t retry_after_ms, uint64_t random);

/* How long an account that refuses everything rests: somebody has to mend it first. */
int64_t retry_account_delay_ms(uint64_t random);

#endif
