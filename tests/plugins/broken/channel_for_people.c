/* channel_for_people - breaks the rule that a person's options are a router's. */
#include "plugin.h"

#include <stdio.h>

struct channel_state {
    const struct handoffd_host *host;
};

struct person {
    bool only;
};

static const struct handoffd_option person_rows[] = {
    HANDOFFD_OPTION_BOOLEAN("only", struct person, only)};

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
    .name = "channel_for_people",
    .version = "1.0.0",
    .summary = "broken on purpose",
    .state_size = sizeof(struct channel_state),
    .person_size = sizeof(struct person),
    .person_options = HANDOFFD_OPTIONS(person_rows),
    .start = start,
    .channel = &channel,
};
