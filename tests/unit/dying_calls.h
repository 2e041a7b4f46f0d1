/* dying_calls - a system call that changes files is the last one, or fails, when a test wants it
 * to. */
#ifndef TESTS_DYING_CALLS_H
#define TESTS_DYING_CALLS_H

enum dying {
    CALLS_LIVE,
    CALLS_DIE, /* the process is killed instead of the call */
    CALLS_FAIL /* the call fails with an I/O error, once */
};

/* From now on: what becomes of the `number`th call (from 1) of link, rename, unlink, fsync,
 * fdatasync and ftruncate, by SQLite too. */
void dying_calls_set(enum dying dying, int number);

/* Whether there were so many. */
int dying_calls_reached(void);

#endif
