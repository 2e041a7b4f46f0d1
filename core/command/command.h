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
int command_handoffs(const char *config, int argc, char **argv);
int command_alerts(const char *config, int argc, char **argv);
int command_retry(const char *config, int argc, char **argv);
int command_cancel(const char *config, int argc, char **argv);
int command_close(const char *config, int argc, char **argv);
int command_reload(const char *config, int argc, char **argv);
int command_backup(const char *config, int argc, char **argv);
int command_restore(const char *config, int argc, char **argv);
int command_verify(const char *config, int argc, char **argv);
int command_key(const char *config, int argc, char **argv);
int command_send_test(const char *config, int argc, char **argv);

/* For those that need the configuration: loads it, prints what is wrong with it on stderr. NULL:
 * exit with 2. */
struct settings *command_load(const char *config);

/* Where the store and the socket are; NULLs where the configuration cannot be read, which is said.
 * What else is wrong in it, or with the .env, is not, unless a place hangs on a variable. */
struct places_read {
    const char *store;
    const char *control;
    struct arena *arena;
};

struct places_read command_places(const char *config);
void command_places_free(struct places_read *places);

/* Who uses a configuration with its plugins running. */
struct plugin_user {
    int (*use)(struct settings *settings, struct loop *loop, void *context);
    /* What a channel reports while `use` runs the loop; NULL: nobody listens. */
    void (*on_report)(void *context, uint64_t attempt_id, const struct handoffd_report *report);
    void *context;
};

/* Loads it, starts its plugins as serve does, calls `use`, and stops them. Returns what `use`
 * returned, or 2. */
int command_with_plugins(const char *config, const struct plugin_user *user);

/* Says that an argument is not understood, and how to get help; returns 2. */
int command_misused(const char *command, const char *argument);

/* Says which argument is missing, with an example of one; returns 2. */
int command_incomplete(const char *command, const char *what, const char *example);

/* False: the file is there, or may be, and is not this user's to read; said, and who may. */
bool command_may_read(const char *command, const char *path) MUST_CHECK;

#endif
