/* recovery - what a start reads from the store into memory. */
#ifndef HANDOFF_RECOVERY_H
#define HANDOFF_RECOVERY_H

#include "handoff/delivery.h"

struct known;
struct registry;

/* Called once, before the loop runs. */
bool recovery_read(struct delivery *delivery, struct known *known, struct registry *registry,
                   int64_t dedupe_window_ms, struct error *error) MUST_CHECK;

#endif
