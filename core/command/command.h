/* command - the subcommands of handoffd, one file each. Exit codes: 0 fine, 1 the answer is no, 2
 * wrong use or wrong configuration. */
#ifndef COMMAND_COMMAND_H
#define COMMAND_COMMAND_H

#include "settings/settings.h"

/* Each takes the arguments behind its name, argv[0] being the name. `config` is what -c named. */
int command_serve(const char *config, int argc, char **argv);
int command_check(const char *config, int argc, char **argv);
int command_route(const char *config, int argc, char **argv);
int command_plugins(const char *config, int argc, char **argv);

/* For those that need the configuration: loads it, prints what is wrong with it on stderr. NULL:
 * exit with 2. */
struct settings *command_load(const char *config);

/* Loads it, starts its plugins as serve does, calls `use`, and stops them. Returns what `use`
 * returned, or 2. */
int command_with_plugins(const char *config, int (*use)(struct settings *settings, void *context),
                         void *context);

/* Says that an argument is not understood, and how to get help; returns 2. */
int command_misused(const char *command, const char *argument);

#endif
