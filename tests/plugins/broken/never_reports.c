/* never_reports - breaks law 4: it does not report. */
#include "plugin.h"

#include <stdio.h>

struct channel_state {
    const struct handoffd_host *host;
};

static bool check_to(const char *to, const char *country, char *normal, size_t normal_size,
                     char *error, size_t error_size)
{
    (void)to;
    (void)country;
    snprintf(normal, normal_size, "a");
    snprintf(error, error_size, "too small");
    return normal_size > 1;
}

static void deliver(void *state, const struct handoffd_attempt *attempt,
                    const struct handoffd_message *message)
{
    (void)state;
    (void)attempt;
    (void)message;
}

static bool start(void *state, const struct handoffd_host *host, char *error, size_t error_size)
{
    (void)error;
    (void)error_size;
    struct channel_state *self = state;
    self->host = host;
    return true;
}

static const struct handoffd_channel channel = {.size = sizeof(struct handoffd_channel),
                                                .medium = "Pigeon",
                                                .provider = "Loft",
                                                .check_to = check_to,
                                                .deliver = deliver};

const struct handoffd_plugin handoffd_plugin = {
    HANDOFFD_PLUGIN_HEADER,
    .name = "never_reports",
    .version = "1.0.0",
    .summary = "broken on purpose",
    .state_size = sizeof(struct channel_state),
    .start = start,
    .channel = &channel,
};
