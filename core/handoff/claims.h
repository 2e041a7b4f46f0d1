/* claims - which handoff a message stands for that was found in a provider's list. What was found
 * is a guess: it gives way to the word of the provider itself. */
#ifndef HANDOFF_CLAIMS_H
#define HANDOFF_CLAIMS_H

#include <stdbool.h>
#include <stdint.h>

struct claims;

struct claims *claims_create(void);
void claims_destroy(struct claims *claims);

/* The message was found for this handoff; false: it stands for another. */
bool claims_guess(struct claims *claims, const char *message_id, int64_t handoff);

/* The message is this handoff's. Which other one it was guessed to be, or 0. */
int64_t claims_settle(struct claims *claims, const char *message_id, int64_t handoff);

#endif
