/* log - tells nobody: shows the message where a person is watching, and says that it was sent.
 *
 * Invariant: a message is printed to a terminal only. Where the output is kept (a file, a journal),
 * the customer's words are not written. */
#include "plugin.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { ID_BYTES = 32 };

struct log_channel {
    const struct handoffd_host *host;
};

/* Any address will do, none too. */
static bool check_to(const char *to, const char *country, char *normal, size_t normal_size,
                     char *error, size_t error_size)
{
    (void)country;
    int length = snprintf(normal, normal_size, "%s", to != NULL ? to : "");
    if (length >= 0 && (size_t)length < normal_size)
        return true;
    snprintf(error, error_size, "the address is too long");
    return false;
}

static void print(const struct handoffd_attempt *attempt, const struct handoffd_message *message)
{
    fprintf(stderr, "--- %s -> %s%s%s ---\n%s\n---\n", attempt->handoff_id, attempt->vendor_id,
            attempt->to != NULL && attempt->to[0] != '\0' ? " " : "",
            attempt->to != NULL ? attempt->to : "", message->text);
}

static void deliver(void *state, const struct handoffd_attempt *attempt,
                    const struct handoffd_message *message)
{
    const struct log_channel *channel = state;
    if (isatty(STDERR_FILENO))
        print(attempt, message);
    char id[ID_BYTES];
    snprintf(id, sizeof id, "log-%" PRIu64, attempt->id);
    const struct handoffd_report report = {
        .size = sizeof report,
        .outcome = HANDOFFD_SENT,
        .message_id = id,
    };
    channel->host->report(channel->host, attempt->id, &report);
}

static bool start(void *state, const struct handoffd_host *host, char *error, size_t error_size)
{
    (void)error;
    (void)error_size;
    struct log_channel *channel = state;
    channel->host = host;
    return true;
}

static const struct handoffd_channel channel = {
    .size = sizeof(struct handoffd_channel),
    .medium = "Log",
    .provider = "Log",
    .is_repeat_safe = true,
    .check_to = check_to,
    .deliver = deliver,
};

const struct handoffd_plugin handoffd_plugin = {
    HANDOFFD_PLUGIN_HEADER,
    .name = "log",
    .version = "1.0.0",
    .summary = "shows the message on the terminal instead of sending it",
    .state_size = sizeof(struct log_channel),
    .start = start,
    .channel = &channel,
};
