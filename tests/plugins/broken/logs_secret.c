/* logs_secret - breaks "never a secret": it logs one. */
#include "plugin.h"

#include <stdio.h>

struct channel_state {
    const struct handoffd_host *host;
    const char *token;
};

static const struct handoffd_option rows[] = {
    HANDOFFD_OPTION_TEXT("token", struct channel_state, token, .secret = true,
                         .otherwise = "hunter2"),
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
    (void)message;
    struct channel_state *self = state;
    char line[64];
    snprintf(line, sizeof line, "token=%s", self->token);
    self->host->log(self->host, HANDOFFD_LOG_INFO, line);
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
    .name = "logs_secret",
    .version = "1.0.0",
    .summary = "broken on purpose",
    .state_size = sizeof(struct channel_state),
    .options = HANDOFFD_OPTIONS(rows),
    .start = start,
    .channel = &channel,
};
