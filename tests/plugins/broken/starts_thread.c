/* starts_thread - breaks law 1: it starts a thread. */
#include "plugin.h"

#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

static void *wait_forever(void *context)
{
    pause();
    return context;
}

static bool start(void *state, const struct handoffd_host *host, char *error, size_t error_size)
{
    (void)state;
    (void)host;
    pthread_t thread;
    snprintf(error, error_size, "no thread");
    return pthread_create(&thread, NULL, wait_forever, NULL) == 0 && pthread_detach(thread) == 0;
}

static void rank(const void *state, const struct handoffd_handoff *handoff,
                 const struct handoffd_people *people, int64_t rank[])
{
    (void)state;
    (void)handoff;
    (void)people;
    (void)rank;
}

static const struct handoffd_router router = {.size = sizeof(struct handoffd_router), .rank = rank};

const struct handoffd_plugin handoffd_plugin = {
    HANDOFFD_PLUGIN_HEADER,         .name = "starts_thread", .version = "1.0.0",
    .summary = "broken on purpose", .start = start,          .router = &router,
};
