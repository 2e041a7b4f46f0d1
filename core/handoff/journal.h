/* journal - writes what has become of a handoff: its state, its attempts and the next line of its
 * story, as one change.
 *
 * The changes of one handoff reach the disk one after the other. Where the disk has no room, a
 * change of a handoff that is stored already waits until it has: nothing of its story is lost. */
#ifndef HANDOFF_JOURNAL_H
#define HANDOFF_JOURNAL_H

#include "handoff/handoff.h"

struct receipt;

/* What a change says beside the handoff's present state and its present attempt. */
struct entry {
    const char *kind;   /* the event's; NULL: no event */
    const char *detail; /* the event's, or NULL; no personal data */
    const struct attempt
        *former;               /* an attempt that moved or ended before the present one, or NULL */
    const char *former_detail; /* of the event of its state, which comes before the other */
    const char *const *turn_labels;
    size_t turn_count;
    int64_t turn;
    const struct store_address *address; /* learnt by it, or NULL */
};

/* Copies what it needs; the entry's texts live as long as the handoff. `then` runs when the disk
 * has it, or when it surely or perhaps has not: FULL only for a handoff that was never stored.
 * Until then handoff->commits is not NULL. */
void journal_write(struct handoff *handoff, const struct entry *entry,
                   void (*then)(struct handoff *handoff, enum store_result result));

/* Settles the receipt when everything written so far has reached the disk, or now where it has. */
void journal_follow(struct handoff *handoff, struct receipt *receipt);

/* Forgets what still waits; the store is closed. */
void journal_abandon(struct handoff *handoff);

#endif
