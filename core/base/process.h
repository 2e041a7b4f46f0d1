/* process - runs a program beside us, with a text on its standard input, and forgets it when it has
 * ended. */
#ifndef BASE_PROCESS_H
#define BASE_PROCESS_H

#include "base/loop.h"

struct processes;

struct processes *processes_create(struct loop *loop);

/* What still runs is killed; frees itself when the loop has let go. NULL is fine. */
void processes_close(struct processes *processes);

/* Runs `/bin/sh -c command` with our environment and no open files of ours but stderr; `input` is
 * copied. What does not end within timeout_ms is killed. `name` stands in the log where it fails or
 * cannot be started. */
void process_run(struct processes *processes, const char *command, const char *input,
                 int64_t timeout_ms, const char *name);

#endif
