/* sure_of_nothing - breaks "UNKNOWN: may have been sent": it is sure that nothing was, when no
 * answer came. */
#include "plugin.h"

#include <stdio.h>

struct channel_state {
    const struct handoffd_host *host;
    uint64_t attempt_id;
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

static void on_answer(void *context, const struct handoffd_http_answer *answer)
{
    struct channel_state *self = context;
    const struct handoffd_report report = {
        .size = sizeof report,
        .outcome = answer->result == HANDOFFD_HTTP_ANSWERED ? HANDOFFD_SENT : HANDOFFD_DEFERRED};
    self->host->report(self->host, self->attempt_id, &report);
}

static void deliver(void *state, const struct handoffd_attempt *attempt,
                    const struct handoffd_message *message)
{
    (void)message;
    struct channel_state *self = state;
    self->attempt_id = attempt->id;
    const struct handoffd_http_request request = {
        .size = sizeof request, .method = "GET", .url = "https://example.com/"};
    self->host->http_send(self->host, &request, on_answer, self);
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
    .name = "sure_of_nothing",
    .version = "1.0.0",
    .summary = "broken on purpose",
    .state_size = sizeof(struct channel_state),
    .start = start,
    .channel = &channel,
};
