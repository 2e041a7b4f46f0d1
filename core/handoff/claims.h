/* claims - which handoff a message stands for that was found in a provider's list. What was found
 * is a guess: it gives way to the word of the provider itself. */
#ifndef HANDOFF_CLAIMS_H
#define HANDOFF_CLAIMS_H

#include <stdbool.h>
#include <stdint.h>

struct claims;

struct claims *claims_create(void);
void claims_destroy(struct claims *claims);

/* A provider is asked what it has: whose messages are from now on is remembered until it has
 * answered, because nothing else may know by then. True: that was not so already. */
bool claims_listen(struct claims *claims, int64_t now_ms);

/* The message is surely this handoff's: until a question that was put by now is answered. */
void claims_hear(struct claims *claims, const char *message_id, int64_t handoff, int64_t now_ms);

/* It is not what was guessed. */
void claims_forget(struct claims *claims, const char *message_id, int64_t handoff);

/* The message was found for this handoff; false: it stands for another. */
bool claims_guess(struct claims *claims, const char *message_id, int64_t handoff);

/* The message is this handoff's. Which other one it was guessed to be, or 0. */
int64_t claims_settle(struct claims *claims, const char *message_id, int64_t handoff,
                      int64_t now_ms);

#endif
