/* command - what the subcommands share. */
#include "command/command.h"

#include <errno.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/language.h"
#include "base/memory.h"

/* ---- files that somebody else owns */

/* Who can read what this user cannot: the owner of it, or of the folder that is closed. */
static const char *owner_of(const char *path)
{
    CLEANUP(memory_free) char *place = memory_text(path);
    struct stat status;
    while (stat(place, &status) != 0) {
        char *slash = strrchr(place, '/');
        if (slash == NULL || slash == place)
            return "root";
        *slash = '\0';
    }
    const struct passwd *owner = getpwuid(status.st_uid);
    return owner != NULL ? owner->pw_name : "root";
}

bool command_may_read(const char *command, const char *path)
{
    if (access(path, R_OK) == 0 || errno != EACCES)
        return true;
    fprintf(stderr,
            in_language("handoffd %s: your user may not read \"%s\": run it with sudo -u %s\n",
                        "handoffd %s: tu usuario no puede leer «%s»: córrelo con sudo -u %s\n"),
            command, path, owner_of(path));
    return false;
}

/* What was said of it already is that it cannot be read. */
static void point_at(const char *config)
{
    if (access(config, R_OK) == 0)
        return;
    if (errno == EACCES)
        fprintf(stderr,
                in_language("handoffd: run it with sudo -u %s, or name with -c a file that your "
                            "user may read\n",
                            "handoffd: córrelo con sudo -u %s, o nombra con -c un archivo que tu "
                            "usuario pueda leer\n"),
                owner_of(config));
    else
        fprintf(stderr, "%s",
                in_language("handoffd: -c says where it is: handoffd -c /etc/handoffd/vendors.yaml "
                            "…\n",
                            "handoffd: -c dice dónde está: handoffd -c /etc/handoffd/vendors.yaml "
                            "…\n"));
}

/* ---- the configuration */

struct settings *command_load(const char *config)
{
    struct diagnostics *diagnostics = diagnostics_create();
    struct settings *settings = settings_load(config, diagnostics);
    diagnostics_print(diagnostics, stderr);
    size_t errors = diagnostics_errors(diagnostics);
    if (settings == NULL) {
        fprintf(stderr,
                in_number((long long)errors,
                          in_language("%s: %zu error; nothing was started\n",
                                      "%s: %zu error; no se inició nada\n"),
                          in_language("%s: %zu errors; nothing was started\n",
                                      "%s: %zu errores; no se inició nada\n")),
                config, errors);
        point_at(config);
    }
    diagnostics_destroy(diagnostics);
    return settings;
}

struct places_read command_places(const char *config)
{
    struct diagnostics *diagnostics = diagnostics_create();
    struct places_read read = {.arena = arena_create(1024)};
    struct places places;
    bool is_found = settings_places(config, read.arena, diagnostics, &places);
    if (is_found) {
        read.store = places.store;
        read.control = places.control;
    }
    if (!is_found || places.is_from_environment)
        diagnostics_print(diagnostics, stderr);
    point_at(config);
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
    fprintf(stderr,
            in_language("handoffd %s: \"%s\" is not understood; see handoffd --help\n",
                        "handoffd %s: no se entiende «%s»; mira handoffd --help\n"),
            command, argument);
    return 2;
}

int command_incomplete(const char *command, const char *what, const char *example)
{
    fprintf(stderr,
            in_language("handoffd %s: %s is missing, as in: handoffd %s %s\n",
                        "handoffd %s: falta %s, por ejemplo: handoffd %s %s\n"),
            command, what, command, example);
    return 2;
}
