/* command - what the subcommands share. */
#include "command/command.h"

#include <signal.h>
#include <stdio.h>

#include "base/language.h"

struct settings *command_load(const char *config)
{
    struct diagnostics *diagnostics = diagnostics_create();
    struct settings *settings = settings_load(config, diagnostics);
    diagnostics_print(diagnostics, stderr);
    size_t errors = diagnostics_errors(diagnostics);
    if (settings == NULL)
        fprintf(stderr,
                in_language("%s: %zu error(s); nothing was started\n",
                            "%s: %zu error(es); no se inició nada\n"),
                config, errors);
    diagnostics_destroy(diagnostics);
    return settings;
}

struct places_read command_places(const char *config)
{
    struct diagnostics *diagnostics = diagnostics_create();
    struct places_read read = {.arena = arena_create(1024)};
    struct places places;
    if (settings_places(config, read.arena, diagnostics, &places)) {
        read.store = places.store;
        read.control = places.control;
    }
    diagnostics_print(diagnostics, stderr);
    diagnostics_destroy(diagnostics);
    return read;
}

void command_places_free(struct places_read *places)
{
    arena_destroy(places->arena);
}

static void on_report(void *context, struct instance *instance, uint64_t attempt_id,
                      const struct handoffd_report *report, struct receipt *receipt)
{
    const struct plugin_user *user = context;
    (void)instance;
    if (user->on_report != NULL)
        user->on_report(user->context, attempt_id, report);
    receipt_settle(receipt, true);
}

static int use_plugins(struct settings *settings, const char *config, struct loop *loop,
                       const struct plugin_user *user)
{
    struct error error;
    int exit_code = 2;
    struct plugin_host host = {.loop = loop,
                               .client = http_client_create(loop),
                               .on_report = on_report,
                               .context = (void *)user};
    if (settings_start_plugins(settings, &host, &error)) {
        exit_code = user->use(settings, loop, user->context);
        settings_stop_plugins(settings);
    } else {
        fprintf(stderr, "%s: %s\n", config, error.message);
    }
    http_client_close(host.client, NULL, NULL);
    return exit_code;
}

int command_with_plugins(const char *config, const struct plugin_user *user)
{
    struct settings *settings = command_load(config);
    if (settings == NULL)
        return 2;
    signal(SIGPIPE, SIG_IGN);
    struct loop *loop = loop_create();
    int exit_code = use_plugins(settings, config, loop, user);
    loop_run(loop);
    loop_destroy(loop);
    settings_destroy(settings);
    return exit_code;
}

int command_misused(const char *command, const char *argument)
{
    if (argument[0] == '\0')
        fprintf(stderr,
                in_language("handoffd %s: something is missing; see handoffd --help\n",
                            "handoffd %s: falta algo; mira handoffd --help\n"),
                command);
    else
        fprintf(stderr,
                in_language("handoffd %s: \"%s\" is not understood; see handoffd --help\n",
                            "handoffd %s: no se entiende «%s»; mira handoffd --help\n"),
                command, argument);
    return 2;
}
