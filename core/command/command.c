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

int command_misused(const char *command, const char *argument)
{
    fprintf(stderr,
            in_language("handoffd %s: \"%s\" is not understood; see handoffd --help\n",
                        "handoffd %s: no se entiende «%s»; mira handoffd --help\n"),
            command, argument);
    return 2;
}
