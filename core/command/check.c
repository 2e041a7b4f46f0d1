/* check - `handoffd check [FILE]`: reads the configuration and starts its plugins as serve does,
 * then says what it found. */
#include <stdio.h>

#include "base/language.h"
#include "command/command.h"

static void print_summary(const struct settings *settings, const char *config)
{
    printf(in_language("%s: fine\n", "%s: en orden\n"), config);
    if (settings->company.name != NULL)
        printf("  %s\n", settings->company.name);
    for (size_t i = 0; i < settings->roster.count; i++) {
        const struct vendor *vendor = &settings->roster.vendors[i];
        printf("  %s (%s):", vendor->id, vendor->name);
        for (size_t c = 0; c < vendor->contact_count; c++)
            printf(" %s", vendor->contacts[c].channel->name);
        printf("\n");
    }
    if (settings->roster.count == 0)
        printf(
            in_language("  nobody can be told yet: %s\n", "  todavía no hay a quién avisar: %s\n"),
            settings->unconfigured);
    if (settings->roster.is_example)
        printf("%s", in_language("  (only example people: nobody is told for real)\n",
                                 "  (solo personas de ejemplo: no se avisa a nadie de verdad)\n"));
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

static bool try_plugins(struct settings *settings, struct error *error)
{
    struct loop *loop = loop_create();
    struct plugin_host host = {
        .loop = loop, .client = http_client_create(loop), .on_report = on_report};
    bool is_fine = settings_start_plugins(settings, &host, error);
    if (is_fine)
        settings_stop_plugins(settings);
    http_client_close(host.client, NULL, NULL);
    loop_run(loop);
    loop_destroy(loop);
    return is_fine;
}

int command_check(const char *config, int argc, char **argv)
{
    struct error error;
    if (argc > 2)
        return command_misused("check", argv[2]);
    const char *file = argc == 2 ? argv[1] : config;
    struct settings *settings = command_load(file);
    if (settings == NULL)
        return 2;
    bool is_fine = try_plugins(settings, &error);
    if (is_fine)
        print_summary(settings, file);
    else
        fprintf(stderr, "%s: %s\n", file, error.message);
    settings_destroy(settings);
    return is_fine ? 0 : 2;
}
