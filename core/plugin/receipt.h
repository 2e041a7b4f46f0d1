/* receipt - waits until everything that was reported during one call of a channel's `receive` is on
 * disk: only then may the provider be told that we have it. */
#ifndef PLUGIN_RECEIPT_H
#define PLUGIN_RECEIPT_H

#include <stdbool.h>
#include <stddef.h>

/* Embedded in its owner, zeroed at first. */
struct receipt {
    /* Nothing is outstanding any more; is_kept: all of it is on disk, or of no use. Once, and the
     * owner may be freed then. */
    void (*on_settled)(struct receipt *receipt, bool is_kept);

    size_t outstanding;
    bool is_lost;
};

/* One more report to wait for. NULL is fine, here and below. */
void receipt_expect(struct receipt *receipt);

/* One of them is done with. */
void receipt_settle(struct receipt *receipt, bool is_kept);

#endif
