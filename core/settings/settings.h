/* settings - everything that vendors.yaml says, checked, with its plugins loaded. `handoffd check`
 * and `handoffd serve` read it with the very same calls. */
#ifndef SETTINGS_SETTINGS_H
#define SETTINGS_SETTINGS_H

#include "access/door.h"
#include "alert/alerts.h"
#include "api/sentences.h"
#include "base/arena.h"
#include "config/diagnostics.h"
#include "handoff/delivery.h"
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
    const char *control;    /* the path of the operators' UNIX socket */
    bool is_control_chosen; /* the file names it; else it is beside the store, if it can be */
    const char *public_url; /* without a slash at the end; NULL: providers cannot call back */
    struct http_limits limits;
    struct handoffd_list trusted_proxies; /* beside this machine: their X-Forwarded-For counts */
    bool is_insecure;                     /* where no key is set up, none is asked for */
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
    struct arena *arena;    /* holds all of it */
    struct settings *older; /* its owner's: replaced, and not yet done with its work */
    struct company company;
    struct sentences say;
    struct server_settings server;
    struct unknown_rules unknown;
    struct alerts_setup alerts;
    struct door_rules door;
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

/* Where the store and the operators' socket are, for commands that need nothing else: also where
 * other sections have faults. Lives in the arena. False: the file cannot be read as YAML; said in
 * `diagnostics`. */
struct places {
    const char *store;
    const char *control;
    bool is_from_environment; /* a ${NAME} stands in one of them */
};

bool settings_places(const char *path, struct arena *arena, struct diagnostics *diagnostics,
                     struct places *places) MUST_CHECK;

/* What the file calls a secret, a provider's answer must not bring into the log: hidden from
 * settings_load on. settings_destroy forgets all secrets, those of others too: whoever keeps others
 * hides theirs again. */
void settings_hide_secrets(const struct settings *settings);

/* Plugins must be stopped. NULL is fine. */
void settings_destroy(struct settings *settings);

/* Starts every configured plugin, or none. */
bool settings_start_plugins(struct settings *settings, const struct plugin_host *host,
                            struct error *error) MUST_CHECK;
void settings_stop_plugins(struct settings *settings);

#endif
