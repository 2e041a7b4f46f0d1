/* worker - one thread that takes everything waiting at once and hands it back to the loop thread:
 * the shape of a group commit. */
#ifndef BASE_WORKER_H
#define BASE_WORKER_H

#include "base/loop.h"

/* One piece of work, embedded in its owner. It belongs to the worker from worker_submit until
 * on_done, which runs on the loop thread and may free it. */
struct work {
    void (*on_done)(struct work *work);
    struct work *next;
};

struct worker;

/* `process` runs on the worker's thread with a list of one or more, in the order of submitting, and
 * keeps the list as it is; afterwards every on_done of the list runs, in that order. */
struct worker *worker_start(struct loop *loop, void (*process)(void *context, struct work *list),
                            void *context);

void worker_submit(struct worker *worker, struct work *work);

/* Work submitted and not yet done. */
size_t worker_pending(const struct worker *worker);

/* Waits for what was submitted (every on_done has run when this returns), ends the thread, and
 * frees the worker when the loop has let go of its handle; on_stopped (may be NULL) runs then. May
 * be called from inside on_done of its own work: the on_done of what was submitted later run inside
 * it then, in the same order as ever. */
void worker_stop(struct worker *worker, void (*on_stopped)(void *context), void *context);

#endif
