/* serve - `handoffd serve`: the daemon. */
#include <string.h>

#include "base/log.h"
#include "command/command.h"
#include "daemon.h"

int command_serve(const char *config, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--verbose") != 0)
            return command_misused("serve", argv[i]);
        log_set_level(LOG_DEBUG);
    }
    struct settings *settings = command_load(config);
    if (settings == NULL)
        return 2;
    return daemon_run(settings, config);
}
