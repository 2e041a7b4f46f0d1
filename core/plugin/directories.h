/* directories - where plugins are looked for, and what lies there.
 *
 * Each directory holds `routing/NAME.so` and `channel/NAME.so`. They are those of
 * HANDOFFD_PLUGIN_PATH (separated by colons), then `<folder of the daemon's file>/../lib/handoffd`,
 * which serves the build tree and an installed daemon alike. */
#ifndef PLUGIN_DIRECTORIES_H
#define PLUGIN_DIRECTORIES_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

/* The first `<directory>/<folder>/<name>.so` that exists. */
bool directories_find(const char *folder, const char *name, char path[static PATH_MAX]);

/* `/a/lib/handoffd/routing, /b/routing`: for messages; cut to fit. */
void directories_text(const char *folder, char *text, size_t size);

/* Names of plugins, sorted, each once. */
struct directories_names {
    char **items;
    size_t count;
};

struct directories_names directories_list(const char *folder);
void directories_names_deinit(struct directories_names *names);

#endif
