/* mask - a provider's words, fit for a log, an alert and a history: without the people in it. Pure.
 */
#ifndef HANDOFF_MASK_H
#define HANDOFF_MASK_H

#include "base/arena.h"
#include "plugin.h"

/* `text` through log_masked, and without the words that stand in what the customer said or in the
 * vendor's name (or NULL): a provider may repeat the message. One of four letters or more counts
 * too where it only begins one of theirs, as in a text that was cut. In the arena. */
const char *mask_text(const char *text, const struct handoffd_handoff *handoff,
                      const char *vendor_name, struct arena *arena);

#endif
