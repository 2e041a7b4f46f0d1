/* fuzz_settings - any bytes as vendors.yaml, down to people who can be told and plugins that
 * started: nothing is taken that is not whole, and nothing refused without a word. Then come the
 * `.env` and a file with a secret, a part each. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/require.h"
#include "base/utf8.h"
#include "files_in_memory.h"
#include "input.h"
#include "settings/settings.h"

enum { MOST_BYTES = 4096, ADDRESS_BYTES = 256 };

static char *no_environment[] = {NULL};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(const char *text)
{
    require(text != NULL && text[0] != '\0' && utf8_is_valid(text, strlen(text)));
}

/* What was read as an address is written as one. */
static void check_contact(const struct contact *contact, const struct company *company)
{
    char again[ADDRESS_BYTES] = "";
    char error[ADDRESS_BYTES] = "";
    const struct handoffd_channel *channel = contact->channel->plugin->contract.channel;
    require(contact->channel->is_configured);
    require(
        channel->check_to(contact->to, company->country, again, sizeof again, error, sizeof error));
    require(strcmp(again, contact->to) == 0);
}

static void check_people(const struct settings *settings)
{
    const struct roster *roster = &settings->roster;
    for (size_t i = 0; i < roster->count; i++) {
        const struct vendor *vendor = &roster->vendors[i];
        check_text(vendor->id);
        check_text(vendor->name);
        require(roster_find(roster, vendor->id) == i);
        require(vendor->contact_count > 0);
        for (size_t c = 0; c < vendor->contact_count; c++)
            check_contact(&vendor->contacts[c], &settings->company);
    }
    require(roster->fallback == NOBODY || roster->fallback < roster->count);
}

static void check_door(const struct settings *settings)
{
    const struct door_rules *door = &settings->door;
    for (size_t i = 0; i < door->key_count; i++)
        require(api_key_is_name(door->keys[i].name) && door->keys[i].scope != SCOPE_NONE);
    for (size_t i = 0; i < door->signer_count; i++) {
        require(api_key_is_name(door->signers[i].name) && door->signers[i].secret_count > 0);
        for (size_t s = 0; s < door->signers[i].secret_count; s++)
            require(door->signers[i].secrets[s].length >= WEBHOOK_SECRET_LEAST);
    }
    require(door->limits.per_key >= 0 && door->limits.per_address >= 0);
}

static void check_server(const struct settings *settings)
{
    const struct server_settings *server = &settings->server;
    struct error error;
    require(http_listen_is_valid(server->listen, &error));
    require(server->reply_within_ms > 0 && server->dedupe_window_ms > 0 && server->most_open > 0);
    require(server->limits.connections > 0 && server->control != NULL);
    require(server->public_url == NULL ||
            server->public_url[strlen(server->public_url) - 1] != '/');
    check_text(settings->store.path);
    check_text(settings->unconfigured);
    require(settings->template != NULL && settings->chain != NULL);
    for (size_t i = 0; i < settings->alerts.people_count; i++)
        check_text(settings->alerts.people[i]);
}

/* ---- plugins start with what they were given, and are stopped again */

static void on_log(const struct handoffd_host *host, uint32_t level, const char *text)
{
    (void)host;
    require(level <= HANDOFFD_LOG_ERROR && utf8_is_valid(text, strlen(text)));
}

static int64_t on_now_ms(const struct handoffd_host *host)
{
    (void)host;
    return 0;
}

static void start_and_stop(struct instance *instance)
{
    const struct handoffd_plugin *contract = &instance->plugin->contract;
    const struct handoffd_host host = {.size = sizeof host, .log = on_log, .now_ms = on_now_ms};
    struct handoffd_limits limits = {.size = sizeof limits};
    char error[ADDRESS_BYTES] = "";
    if (!instance->is_configured || contract->start == NULL)
        return;
    if (!contract->start(instance->state, &host, error, sizeof error)) {
        check_text(error);
        return;
    }
    if (contract->channel != NULL && contract->channel->limits != NULL)
        contract->channel->limits(instance->state, &limits);
    if (contract->stop != NULL)
        contract->stop(instance->state);
}

/* ---- faults */

static void check_printed(const struct diagnostics *diagnostics)
{
    char *text = NULL;
    size_t length = 0;
    FILE *memory = open_memstream(&text, &length);
    require(memory != NULL);
    diagnostics_print(diagnostics, memory);
    require(fclose(memory) == 0);
    size_t lines = 0;
    for (size_t i = 0; i < length; i++)
        lines += text[i] == '\n';
    require(lines == diagnostics_errors(diagnostics) + diagnostics_warnings(diagnostics));
    require(utf8_is_valid(text, length));
    free(text);
}

static void load(void)
{
    struct diagnostics *diagnostics = diagnostics_create();
    struct settings *settings = settings_load("/etc/handoffd/vendors.yaml", diagnostics);
    require((settings == NULL) == (diagnostics_errors(diagnostics) > 0));
    if (settings != NULL) {
        check_server(settings);
        check_door(settings);
        check_people(settings);
        for (size_t i = 0; i < settings->channels.count; i++)
            start_and_stop(settings->channels.items[i]);
    }
    check_printed(diagnostics);
    settings_destroy(settings);
    diagnostics_destroy(diagnostics);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {data, size};
    size_t lengths[3] = {0};
    if (size > MOST_BYTES)
        return 0;
    CLEANUP(memory_free) char *yaml = input_until(&input, INPUT_PART, &lengths[0]);
    CLEANUP(memory_free) char *dotenv = input_until(&input, INPUT_PART, &lengths[1]);
    CLEANUP(memory_free) char *secret = input_rest(&input, &lengths[2]);
    environ = no_environment;
    files_put("vendors.yaml", yaml, lengths[0], false);
    files_put(".env", dotenv, lengths[1], false);
    files_put("secret", secret, lengths[2], false);
    files_put("open", secret, lengths[2], true);
    load();
    files_forget();
    return 0;
}
