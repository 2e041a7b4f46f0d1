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

static int print_result(struct settings *settings, void *file)
{
    print_summary(settings, file);
    return 0;
}

int command_check(const char *config, int argc, char **argv)
{
    if (argc > 2)
        return command_misused("check", argv[2]);
    const char *file = argc == 2 ? argv[1] : config;
    return command_with_plugins(file, print_result, (void *)file);
}
