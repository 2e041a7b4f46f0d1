/* loader - a shared object becomes a plugin only after its contract has been checked.
 *
 * What the plugin filled in is copied into structs of this daemon's size; the rest of the daemon
 * never reads a plugin's own tables, but for rows of options (options_row). A library once loaded
 * stays until the process ends. */
#ifndef PLUGIN_LOADER_H
#define PLUGIN_LOADER_H

#include "base/arena.h"
#include "base/error.h"
#include "plugin.h"

enum plugin_kind { PLUGIN_ROUTER, PLUGIN_CHANNEL };

struct plugin {
    struct handoffd_plugin contract; /* its router and channel are the two below, or NULL */
    struct handoffd_router router;
    struct handoffd_channel channel;
    enum plugin_kind kind;
    const char *path; /* the file */
};

/* Loads `name` from the plugin directories (<dir>/routing/<name>.so or <dir>/channel/<name>.so), or
 * the file itself where `name` is an absolute path. The plugin lives in the arena. See
 * directories.h for the folders. The error says what is wrong and what to do next: not found and
 * where it was looked for, both contract versions, which member is missing, which option row is
 * faulty, a name that is not the file's, neither or both of router and channel, the other kind than
 * the one asked for. */
const struct plugin *plugin_load(const char *name, enum plugin_kind kind, struct arena *arena,
                                 struct error *error) MUST_CHECK;

/* Checks a contract that is in memory already: the part of plugin_load after dlopen. */
const struct plugin *plugin_check(const struct handoffd_plugin *contract, const char *path,
                                  enum plugin_kind kind, struct arena *arena,
                                  struct error *error) MUST_CHECK;

/* Calls on_name for every plugin file of a kind in the plugin directories, sorted, each name once.
 */
void plugin_list(enum plugin_kind kind, void (*on_name)(void *context, const char *name),
                 void *context);

#endif
