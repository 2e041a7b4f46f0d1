/* plugins - `handoffd plugins [NAME]`: what is installed, what one of them can do, and its options.
 */
#include <stdio.h>
#include <string.h>

#include "base/language.h"
#include "base/memory.h"
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
                                          "boolean", "list", "record",  "map of texts"};
    static const char *const spanish[] = {"?",       "texto", "entero",   "duración",
                                          "sí o no", "lista", "registro", "mapa de textos"};
    size_t index = type < COUNT_OF(english) ? type : 0;
    return language_is_spanish() ? spanish[index] : english[index];
}

static void print_options(const char *title, const struct handoffd_options *options,
                          const char *indent, struct arena *arena)
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
            printf("%s", in_language(", secret", ", secreto"));
        if (row.secret && row.type != HANDOFFD_MAP)
            printf(in_language(" (or %s_file)", " (o %s_file)"), row.name);
        if (row.least != 0 || row.most != 0)
            printf(in_language(", from %s to %s", ", de %s a %s"),
                   options_number_text(&row, row.least, arena),
                   options_number_text(&row, row.most, arena));
        if (row.otherwise != NULL)
            printf(in_language(", default %s", ", por omisión %s"), row.otherwise);
        printf("%s%s\n", help != NULL ? " - " : "", help != NULL ? help : "");
        if (row.record != NULL)
            print_options(NULL, row.record, "        ", arena);
    }
}

/* What is optional in a channel, and so worth knowing before one relies on it. */
static void print_abilities(const struct handoffd_channel *channel)
{
    const struct {
        bool is_there;
        const char *english;
        const char *spanish;
    } abilities[] = {
        {channel->find != NULL, "find - asks the provider what became of a message",
         "consulta - pregunta al proveedor qué fue de un mensaje"},
        {channel->receive != NULL,
         "callbacks - the provider calls back, where server: has a public_url",
         "avisos - el proveedor avisa, si server: tiene public_url"},
        {channel->tells_delivery, "delivery - tells whether a message arrived",
         "entrega - dice si un mensaje llegó"},
        {channel->is_repeat_safe, "repeats - a message sent twice arrives once",
         "repetición - un mensaje enviado dos veces llega una vez"},
        {channel->limits != NULL, "limits - knows how much the provider takes",
         "límites - sabe cuánto acepta el proveedor"},
        {channel->other_to != NULL, "addresses - knows that one person may have two",
         "direcciones - sabe que una persona puede tener dos"},
        {channel->explain != NULL, "codes - says what to do about the provider's error codes",
         "códigos - dice qué hacer ante los códigos de error del proveedor"},
        {channel->probe != NULL,
         "probe - handoffd check --online asks the provider whether all is set up",
         "prueba - handoffd check --online pregunta al proveedor si todo está en orden"},
    };
    size_t shown = 0;
    for (size_t i = 0; i < COUNT_OF(abilities); i++) {
        if (abilities[i].is_there && shown++ == 0)
            printf("  %s\n", in_language("can:", "puede:"));
        if (abilities[i].is_there)
            printf("    %s\n", in_language(abilities[i].english, abilities[i].spanish));
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
    if (contract->channel != NULL)
        print_abilities(contract->channel);
    print_options(in_language("options:", "opciones:"), &contract->options, "    ", listing->arena);
    print_options(in_language("options of a person:", "opciones de una persona:"),
                  &contract->person_options, "    ", listing->arena);
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
