/* instance - one plugin as vendors.yaml uses it: its name there, its state with the options in
 * place, and the host table that it calls back through. */
#ifndef PLUGIN_INSTANCE_H
#define PLUGIN_INSTANCE_H

#include <stdbool.h>

#include "base/error.h"
#include "base/loop.h"
#include "http/client.h"
#include "plugin/loader.h"

struct instance;
struct pending;

/* What running instances share. */
struct plugin_host {
    struct loop *loop;
    struct http_client *client;

    /* A plugin's report, on a later turn than its call. The report is borrowed until this returns.
     */
    void (*on_report)(void *context, const struct instance *instance, uint64_t attempt_id,
                      const struct handoffd_report *report);
    void *context;
};

struct instance {
    const struct plugin *plugin;
    const char *name;   /* the channel's, or the step's label */
    void *state;        /* contract.state_size bytes; NULL where that is 0 */
    bool is_configured; /* false: a required option was left empty; never started */
    bool is_running;

    struct handoffd_host host;
    const struct plugin_host *shared;
    struct pending *pending; /* calls and reports under way */
};

/* Calls the plugin's start; from then on it may call the host. */
bool instance_start(struct instance *instance, const struct plugin_host *shared,
                    struct error *error) MUST_CHECK;

/* Calls the plugin's stop; its calls under way are cancelled, its queued reports dropped. */
void instance_stop(struct instance *instance);

#endif
