/* lock - one daemon for one store: a lock file that dies with its process. */
#ifndef STORE_LOCK_H
#define STORE_LOCK_H

#include "base/error.h"

/* Locks `<path>.lock` (makes its folder and an empty database where they are missing), and writes
 * our process id in it. The descriptor, to be closed by lock_release; -1 with an error that names
 * the process that has it. */
int lock_take(const char *path, struct error *error) MUST_CHECK;

void lock_release(int descriptor);

#endif
