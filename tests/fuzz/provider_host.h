/* provider_host - the daemon's side of plugin.h for a fuzz target of a channel: what a plugin
 * reports and asks for is checked as it comes, and the last of it remembered. */
#ifndef TESTS_FUZZ_PROVIDER_HOST_H
#define TESTS_FUZZ_PROVIDER_HOST_H

#include "plugin.h"

enum { PROVIDER_ATTEMPT = 7 };

struct provider_host {
    struct handoffd_host table;
    size_t reports;
    struct handoffd_report report; /* without its text */
    char message_id[132];          /* "": none */
    size_t requests;
    bool is_post; /* the last one */

    /* Waits for its answer; NULL: none does. */
    void (*on_answer)(void *context, const struct handoffd_http_answer *answer);
    void *context;
};

/* The clock stands at 2026-01-01 12:00 UTC. */
#define PROVIDER_NOW_MS INT64_C(1767268800000)

void provider_host_init(struct provider_host *host);

#endif
