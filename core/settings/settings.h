/* settings - everything that vendors.yaml says, checked, with its plugins loaded. `handoffd check`
 * and `handoffd serve` read it with the very same calls. */
#ifndef SETTINGS_SETTINGS_H
#define SETTINGS_SETTINGS_H

#include "api/sentences.h"
#include "base/arena.h"
#include "config/diagnostics.h"
#include "handoff/message.h"
#include "http/server.h"
#include "plugin/instance.h"
#include "routing/chain.h"

struct company {
    const char *name;
    const char *timezone; /* IANA, "America/Mexico_City" */
    const char *country;  /* ISO 3166, "MX" */
};

struct server_settings {
    const char *listen;
    int64_t reply_within_ms;
    int64_t dedupe_window_ms;
    int64_t most_open;
    struct http_limits limits;
};

struct store_settings {
    const char *path; /* absolute, or relative to where the daemon was started */
    int64_t least_free_mb;
};

struct instances {
    struct instance **items;
    size_t count;
};

struct settings {
    struct arena *arena; /* holds all of it */
    struct company company;
    struct sentences say;
    struct server_settings server;
    struct store_settings store;
    const struct message_template *template;
    struct instances channels;
    struct instances routers;
    struct roster roster;
    struct chain *chain;
    const char *unconfigured; /* why nobody can be told, where the roster is empty */
};

/* Reads and checks a file; every fault goes to `diagnostics`. NULL where there is an error among
 * them. */
struct settings *settings_load(const char *path, struct diagnostics *diagnostics);

/* Plugins must be stopped. NULL is fine. */
void settings_destroy(struct settings *settings);

/* Starts every configured plugin, or none. */
bool settings_start_plugins(struct settings *settings, const struct plugin_host *host,
                            struct error *error) MUST_CHECK;
void settings_stop_plugins(struct settings *settings);

#endif
