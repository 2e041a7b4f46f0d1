/* address_overflows - breaks law 3: it writes a longer address than there is room for. */
#include "plugin.h"

#include <stdio.h>

struct channel_state {
    const struct handoffd_host *host;
};

static bool check_to(const char *to, const char *country, char *normal, size_t normal_size,
                     char *error, size_t error_size)
{
    (void)country;
    (void)normal_size;
    (void)error;
    (void)error_size;
    for (size_t i = 0; to != NULL && to[i] != '\0'; i++)
        normal[i] = to[i];
    return true;
}

static void deliver(void *state, const struct handoffd_attempt *attempt,
                    const struct handoffd_message *message)
{
    (void)message;
    struct channel_state *self = state;
    const struct handoffd_report report = {.size = sizeof report, .outcome = HANDOFFD_SENT};
    self->host->report(self->host, attempt->id, &report);
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
    .name = "address_overflows",
    .version = "1.0.0",
    .summary = "broken on purpose",
    .state_size = sizeof(struct channel_state),
    .start = start,
    .channel = &channel,
};
