/* plugins - `handoffd plugins [NAME]`: what is installed, and the options of one. */
#include <stdio.h>
#include <string.h>

#include "base/language.h"
#include "command/command.h"
#include "config/options.h"

struct listing {
    enum plugin_kind kind;
    const char *only; /* NULL: all, in short */
    struct arena *arena;
    size_t shown;
};

static const char *type_name(uint32_t type)
{
    static const char *const english[] = {"?",       "text", "integer", "duration",
                                          "boolean", "list", "record"};
    static const char *const spanish[] = {"?",       "texto", "entero",  "duración",
                                          "sí o no", "lista", "registro"};
    size_t index = type < 7 ? type : 0;
    return language_is_spanish() ? spanish[index] : english[index];
}

static void print_options(const char *title, const struct handoffd_options *options,
                          const char *indent)
{
    if (options->count > 0 && title != NULL)
        printf("  %s\n", title);
    for (size_t i = 0; i < options->count; i++) {
        struct handoffd_option row = options_row(options, i);
        const char *help = language_is_spanish() && row.help_es != NULL ? row.help_es : row.help;
        printf("%s%s: %s", indent, row.name, type_name(row.type));
        if (row.required)
            printf("%s", in_language(", required", ", obligatorio"));
        if (row.required && row.unless != NULL)
            printf(in_language(" unless %s", " salvo que esté %s"), row.unless);
        if (row.secret)
            printf(in_language(", secret (or %s_file)", ", secreto (o %s_file)"), row.name);
        if (row.least != 0 || row.most != 0)
            printf(in_language(", from %lld to %lld", ", de %lld a %lld"), (long long)row.least,
                   (long long)row.most);
        if (row.otherwise != NULL)
            printf(in_language(", default %s", ", por omisión %s"), row.otherwise);
        printf("%s%s\n", help != NULL ? " - " : "", help != NULL ? help : "");
        if (row.record != NULL)
            print_options(NULL, row.record, "        ");
    }
}

static void print_plugin(void *context, const char *name)
{
    struct listing *listing = context;
    struct error error;
    if (listing->only != NULL && strcmp(listing->only, name) != 0)
        return;
    listing->shown++;
    const struct plugin *plugin = plugin_load(name, listing->kind, listing->arena, &error);
    if (plugin == NULL) {
        printf("%s: %s\n", name, error.message);
        return;
    }
    const struct handoffd_plugin *contract = &plugin->contract;
    printf("%s %s (%s): %s\n", contract->name, contract->version,
           listing->kind == PLUGIN_CHANNEL ? "channel" : "routing", contract->summary);
    if (listing->only == NULL)
        return;
    printf("  %s\n", plugin->path);
    print_options(in_language("options:", "opciones:"), &contract->options, "    ");
    print_options(in_language("options of a person:", "opciones de una persona:"),
                  &contract->person_options, "    ");
}

int command_plugins(const char *config, int argc, char **argv)
{
    (void)config;
    if (argc > 2)
        return command_misused("plugins", argv[2]);
    struct listing listing = {.only = argc == 2 ? argv[1] : NULL, .arena = arena_create(4096)};
    listing.kind = PLUGIN_ROUTER;
    plugin_list(PLUGIN_ROUTER, print_plugin, &listing);
    listing.kind = PLUGIN_CHANNEL;
    plugin_list(PLUGIN_CHANNEL, print_plugin, &listing);
    arena_destroy(listing.arena);
    if (listing.shown > 0)
        return 0;
    fprintf(stderr,
            in_language("no plugin \"%s\" is installed; handoffd plugins lists them\n",
                        "no hay ningún plugin «%s»; handoffd plugins los lista\n"),
            listing.only != NULL ? listing.only : "*");
    return 1;
}
