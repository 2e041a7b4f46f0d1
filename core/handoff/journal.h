/* journal - writes what has become of a handoff: its state, its attempts and the next line of its
 * story, as one change. */
#ifndef HANDOFF_JOURNAL_H
#define HANDOFF_JOURNAL_H

#include "handoff/handoff.h"

/* What a change says beside the handoff's present state and its present attempt. */
struct entry {
    const char *kind;             /* the event's */
    const char *detail;           /* the event's, or NULL; no personal data */
    const struct attempt *former; /* an attempt that ended with this change, or NULL; */
    const char *failure;          /* why it did: an event of its own, before the other */
    const char *const *turn_labels;
    size_t turn_count;
    int64_t turn;
};

/* Copies what it needs. `then` runs when the disk has it; handoff->commits counts it until then.
 * Texts of the entry live as long as the handoff. */
void journal_write(struct store *store, struct handoff *handoff, const struct entry *entry,
                   void (*then)(struct handoff *handoff, enum store_result result));

#endif
