/* instance - one plugin as vendors.yaml uses it: its name there, its state with the options in
 * place, and the host table that it calls back through. */
#ifndef PLUGIN_INSTANCE_H
#define PLUGIN_INSTANCE_H

#include <stdbool.h>

#include "base/error.h"
#include "base/loop.h"
#include "http/client.h"
#include "plugin/loader.h"
#include "plugin/receipt.h"

struct instance;
struct pending;

/* What running instances share. */
struct plugin_host {
    struct loop *loop;
    struct http_client *client;

    /* A plugin's report, on a later turn than its call. The report is borrowed until this returns.
     * The receipt (or NULL) is to be settled once for it. */
    void (*on_report)(void *context, struct instance *instance, uint64_t attempt_id,
                      const struct handoffd_report *report, struct receipt *receipt);
    void *context;
};

/* What vendors.yaml says of a channel beside its plugin's own options. */
struct channel_rules {
    struct handoffd_limits chosen;   /* what the file says; zeros: as the plugin has it */
    struct handoffd_limits limits;   /* what is kept to; set by instance_start */
    struct handoffd_fields outcomes; /* error codes, and what they are to mean */
    int64_t deliver_within_ms;       /* after SENT; 0: as long as it takes */
};

struct instance {
    const struct plugin *plugin;
    const char *name;   /* the channel's, or the step's label */
    void *state;        /* contract.state_size bytes; NULL where that is 0 */
    bool is_configured; /* false: a required option was left empty; never started */
    bool is_running;
    struct channel_rules rules; /* of a channel */
    size_t
        busy; /* attempts that it delivers or asks about: while there are any it is not stopped */

    struct handoffd_host host;
    const struct plugin_host *shared;
    struct receipt *receipt; /* of the receive that is running */
    struct pending *pending; /* calls and reports under way */
};

/* Calls the plugin's start; from then on it may call the host. */
bool instance_start(struct instance *instance, const struct plugin_host *shared,
                    struct error *error) MUST_CHECK;

/* Calls the channel's receive. Each report that it makes is expected of the receipt, and settled
 * later; the answer holds until the next receive. */
void instance_receive(struct instance *instance, const struct handoffd_request *request,
                      struct handoffd_answer *answer, struct receipt *receipt);

/* Calls the plugin's stop; its calls under way are cancelled, its queued reports dropped. */
void instance_stop(struct instance *instance);

#endif
