/* first_contract - breaks no law: a channel that was compiled with the first plugin.h, and is still
 * installed. What it needs of that header stands here, as it stood there. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct handoffd_option;

struct handoffd_options {
    const struct handoffd_option *items;
    uint32_t count;
    uint32_t item_size;
};

struct handoffd_attempt {
    size_t size;
    uint64_t id;
    const char *handoff_id;
    const char *vendor_id;
    const char *to;
    int64_t started_ms;
};

struct handoffd_message;

enum { HANDOFFD_SENT = 1 };

struct handoffd_report {
    size_t size;
    uint32_t outcome;
    int32_t code;
    const char *message_id;
    const char *text;
    int64_t retry_after_ms;
};

struct handoffd_channel {
    size_t size;
    const char *medium;
    const char *provider;
    const char *setup_hint;
    uint32_t text_limit;
    uint32_t text_unit;
    const char *markup;
    const char *line_markup;
    bool is_repeat_safe;
    bool (*check_to)(const char *to, const char *country, char *normal, size_t normal_size,
                     char *error, size_t error_size);
    void (*deliver)(void *state, const struct handoffd_attempt *attempt,
                    const struct handoffd_message *message);
};

struct handoffd_host {
    size_t size;
    void *instance;
    void (*log)(const struct handoffd_host *host, uint32_t level, const char *text);
    int64_t (*now_ms)(const struct handoffd_host *host);
    void (*http_send)(void); /* not used here */
    void (*report)(const struct handoffd_host *host, uint64_t attempt_id,
                   const struct handoffd_report *report);
};

struct handoffd_router;

struct handoffd_plugin {
    size_t size;
    uint32_t contract_major;
    uint32_t contract_minor;
    const char *name;
    const char *version;
    const char *summary;
    size_t state_size;
    struct handoffd_options options;
    size_t person_size;
    struct handoffd_options person_options;
    bool (*start)(void *state, const struct handoffd_host *host, char *error, size_t error_size);
    void (*stop)(void *state);
    const struct handoffd_router *router;
    const struct handoffd_channel *channel;
};

struct first {
    const struct handoffd_host *host;
};

static bool check_to(const char *to, const char *country, char *normal, size_t normal_size,
                     char *error, size_t error_size)
{
    (void)country;
    int length = snprintf(normal, normal_size, "%s", to != NULL ? to : "");
    snprintf(error, error_size, "too long");
    return length >= 0 && (size_t)length < normal_size;
}

static void deliver(void *state, const struct handoffd_attempt *attempt,
                    const struct handoffd_message *message)
{
    (void)message;
    const struct first *first = state;
    const struct handoffd_report report = {.size = sizeof report, .outcome = HANDOFFD_SENT};
    first->host->report(first->host, attempt->id, &report);
}

static bool start(void *state, const struct handoffd_host *host, char *error, size_t error_size)
{
    struct first *first = state;
    (void)error;
    (void)error_size;
    first->host = host;
    return true;
}

static const struct handoffd_channel channel = {
    .size = sizeof(struct handoffd_channel),
    .medium = "Pigeon",
    .provider = "Loft",
    .check_to = check_to,
    .deliver = deliver,
};

extern __attribute__((visibility("default"))) const struct handoffd_plugin handoffd_plugin;

const struct handoffd_plugin handoffd_plugin = {
    .size = sizeof(struct handoffd_plugin),
    .contract_major = 1,
    .name = "first_contract",
    .version = "1.0.0",
    .summary = "for the tests",
    .state_size = sizeof(struct first),
    .start = start,
    .channel = &channel,
};
