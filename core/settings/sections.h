/* sections - the parts of vendors.yaml, one reader each; settings.c calls them in order. */
#ifndef SETTINGS_SECTIONS_H
#define SETTINGS_SECTIONS_H

#include "config/options.h"
#include "settings/settings.h"

/* What every reader needs. */
struct reading {
    struct settings *settings;
    const struct value *root;
    const char *folder; /* of the file, with a slash behind; "" for here */
    struct arena *arena;
    struct diagnostics *diagnostics;
    bool has_missing_router; /* complained of: what its keys would be is not known */
};

/* company, say, server, store, message: the daemon's own option tables. */
void read_own_sections(struct reading *reading);

/* Of these only where things are: server.control and store.path. */
void read_places(struct reading *reading);

/* channels: loads the plugins and reads their options. */
void read_channels(struct reading *reading);

/* routing: the steps, their plugins and options. */
void read_routing(struct reading *reading);

/* vendors and when_nobody; makes the roster and the chain. After channels and routing. */
void read_people(struct reading *reading);

/* alerts. After people. */
void read_alerts(struct reading *reading);

/* access, and what `server:` says of proxies. After the own sections. */
void read_access(struct reading *reading);

/* Every key of a map, for those who read only some: the others are somebody else's to check. */
size_t map_keys(const struct value *map, struct arena *arena, const char *const **keys);

/* A plugin instance with its options read from `map` (NULL: defaults), whose keys in `known` are
 * not the plugin's. NULL where the plugin cannot be used; that is said. */
struct instance *read_instance(struct reading *reading, enum plugin_kind kind, const char *plugin,
                               const char *name, const struct value *map, struct mark mark,
                               const char *const *known, size_t known_count);

#endif
