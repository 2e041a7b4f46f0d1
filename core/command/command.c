/* command - what the subcommands share. */
#include "command/command.h"

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

/* Without a dispatcher nobody listens to reports. */
static void on_report(void *context, const struct instance *instance, uint64_t attempt_id,
                      const struct handoffd_report *report)
{
    (void)context;
    (void)instance;
    (void)attempt_id;
    (void)report;
}

static int use_plugins(struct settings *settings, const char *config, struct loop *loop,
                       int (*use)(struct settings *settings, void *context), void *context)
{
    struct error error;
    int exit_code = 2;
    struct plugin_host host = {
        .loop = loop, .client = http_client_create(loop), .on_report = on_report};
    if (settings_start_plugins(settings, &host, &error)) {
        exit_code = use(settings, context);
        settings_stop_plugins(settings);
    } else {
        fprintf(stderr, "%s: %s\n", config, error.message);
    }
    http_client_close(host.client, NULL, NULL);
    return exit_code;
}

int command_with_plugins(const char *config, int (*use)(struct settings *settings, void *context),
                         void *context)
{
    struct settings *settings = command_load(config);
    if (settings == NULL)
        return 2;
    struct loop *loop = loop_create();
    int exit_code = use_plugins(settings, config, loop, use, context);
    loop_run(loop);
    loop_destroy(loop);
    settings_destroy(settings);
    return exit_code;
}

int command_misused(const char *command, const char *argument)
{
    fprintf(stderr,
            in_language("handoffd %s: \"%s\" is not understood; see handoffd --help\n",
                        "handoffd %s: no se entiende «%s»; mira handoffd --help\n"),
            command, argument);
    return 2;
}
