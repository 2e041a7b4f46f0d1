/* daemon - builds the parts, owns the signals, and stops everything in reverse order. */
#ifndef DAEMON_H
#define DAEMON_H

#include "settings/settings.h"

/* Serves until SIGTERM or SIGINT, or until its terminal is gone; SIGHUP reads the file at `path`
 * anew. Owns the settings. Returns the exit code: 0 after a clean stop, 1 where the store failed on
 * the way, 2 where something could not start (said on stderr). */
int daemon_run(struct settings *settings, const char *path);

#endif
