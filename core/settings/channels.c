/* channels - each entry of `channels:` becomes an instance of its plugin. */
#include <string.h>

#include "base/language.h"
#include "base/log.h"
#include "base/memory.h"
#include "handoff/outcome.h"
#include "settings/sections.h"

/* What every channel may have, beside its plugin's own options. */
struct channel_entry {
    const char *plugin;
    bool required;
    struct handoffd_fields outcomes;
    int64_t deliver_within_ms;
    int64_t max_per_second;
    int64_t max_per_day;
    int64_t person_every_ms;
    int64_t person_burst;
};

static const struct handoffd_option channel_rows[] = {
    HANDOFFD_OPTION_TEXT("plugin", struct channel_entry, plugin,
                         .help = "a name, or the path of a .so",
                         .help_es = "un nombre, o la ruta de un .so", .required = true),
    HANDOFFD_OPTION_BOOLEAN("required", struct channel_entry, required,
                            .help = "no: a plugin that does not load is only a warning",
                            .help_es = "no: un plugin que no carga es solo un aviso",
                            .otherwise = "yes"),
    HANDOFFD_OPTION_DURATION("deliver_within", struct channel_entry, deliver_within_ms,
                             .otherwise = "10m", .least = 0, .most = 86400000,
                             .help = "what is not on the phone by then goes to the next; 0s: never",
                             .help_es = "si para entonces no llegó al teléfono, se avisa al "
                                        "siguiente; 0s: nunca"),
    HANDOFFD_OPTION_INTEGER("max_per_second", struct channel_entry, max_per_second, .least = 1,
                            .most = 1000000, .help = "messages a second",
                            .help_es = "mensajes por segundo"),
    HANDOFFD_OPTION_INTEGER("max_per_day", struct channel_entry, max_per_day, .least = 1,
                            .most = 1000000, .help = "messages in 24 hours; then they wait",
                            .help_es = "mensajes en 24 horas; los demás esperan"),
    HANDOFFD_OPTION_DURATION("person_every", struct channel_entry, person_every_ms, .least = 1,
                             .most = 86400000, .help = "time between messages to one person",
                             .help_es = "tiempo entre mensajes a la misma persona"),
    HANDOFFD_OPTION_INTEGER("person_burst", struct channel_entry, person_burst, .least = 1,
                            .most = 1000000, .help = "so many to one person may go at once",
                            .help_es = "cuántos a la misma persona pueden ir juntos"),
    HANDOFFD_OPTION_MAP("outcomes", struct channel_entry, outcomes,
                        .help = "error codes, and what they mean: deferred, recipient, message, "
                                "account or unknown",
                        .help_es = "códigos de error y qué significan: deferred, recipient, "
                                   "message, account o unknown"),
};

static const struct handoffd_options channel_options = HANDOFFD_OPTIONS(channel_rows);

size_t map_keys(const struct value *map, struct arena *arena, const char *const **keys)
{
    const char **names = arena_zeroed(arena, map->count, sizeof *names);
    size_t count = 0;
    for (const struct value *entry = map->first; entry != NULL; entry = entry->next)
        names[count++] = entry->key;
    *keys = names;
    return count;
}

static struct instance *new_instance(struct reading *reading, const struct plugin *plugin,
                                     const char *name)
{
    struct instance *instance = arena_zeroed(reading->arena, 1, sizeof *instance);
    instance->plugin = plugin;
    instance->name = arena_text(reading->arena, name);
    instance->state = arena_zeroed(reading->arena, 1, plugin->contract.state_size);
    return instance;
}

struct instance *read_instance(struct reading *reading, enum plugin_kind kind, const char *plugin,
                               const char *name, const struct value *map, struct mark mark,
                               const char *const *known, size_t known_count)
{
    struct error error;
    const struct plugin *loaded = plugin_load(plugin, kind, reading->arena, &error);
    if (loaded == NULL) {
        diagnostics_error(reading->diagnostics, mark, "%s", error.message);
        return NULL;
    }
    struct instance *instance = new_instance(reading, loaded, name);
    const char *what =
        arena_format(reading->arena,
                     kind == PLUGIN_CHANNEL ? in_language("channel \"%s\"", "canal «%s»")
                                            : in_language("step \"%s\"", "paso «%s»"),
                     name);
    enum options_result result =
        options_read(&loaded->contract.options, map, &mark, what, known, known_count,
                     instance->state, reading->arena, reading->diagnostics);
    instance->is_configured = result == OPTIONS_FINE;
    return result == OPTIONS_WRONG ? NULL : instance;
}

/* `outcomes: {63016: recipient}`. */
static void check_outcomes(struct reading *reading, const struct value *map, const char *what,
                           const struct handoffd_fields *outcomes)
{
    const struct value *section = value_get(map, "outcomes");
    for (size_t i = 0; i < outcomes->count; i++) {
        const struct value *entry = value_get(section, outcomes->names[i]);
        const char *code = outcomes->names[i];
        if (strspn(code, "0123456789") != strlen(code) || strlen(code) > 9)
            diagnostics_error(reading->diagnostics, entry->key_mark,
                              in_language("%s: outcomes: \"%s\" is no error code",
                                          "%s: outcomes: «%s» no es un código de error"),
                              what, code);
        if (!outcome_is_word(outcomes->values[i]))
            diagnostics_error(
                reading->diagnostics, entry->mark,
                in_language("%s: outcomes: a code means deferred, recipient, message, account or "
                            "unknown",
                            "%s: outcomes: un código significa deferred, recipient, message, "
                            "account o unknown"),
                what);
    }
}

static struct channel_rules rules_of(const struct channel_entry *entry)
{
    struct channel_rules rules = {.outcomes = entry->outcomes,
                                  .deliver_within_ms = entry->deliver_within_ms};
    rules.chosen.per_day = entry->max_per_day;
    if (entry->max_per_second > 0)
        rules.chosen.channel =
            (struct handoffd_rate){entry->max_per_second, 1000, entry->max_per_second};
    if (entry->person_every_ms > 0)
        rules.chosen.recipient = (struct handoffd_rate){1, entry->person_every_ms, 1};
    if (entry->person_burst > 0)
        rules.chosen.recipient.burst = entry->person_burst;
    return rules;
}

/* It stands in a URL: /hooks/NAME/… */
static void check_name(struct reading *reading, const struct value *map, const char *what)
{
    static const char fine[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";
    if (strspn(map->key, fine) != strlen(map->key))
        diagnostics_error(reading->diagnostics, map->key_mark,
                          in_language("%s: a name has letters without accents, digits, _ - and .",
                                      "%s: un nombre lleva letras sin acento, cifras, _ - y ."),
                          what);
}

static struct instance *read_channel(struct reading *reading, const struct value *map)
{
    static const char *const own[] = {"plugin",         "required",    "deliver_within",
                                      "max_per_second", "max_per_day", "person_every",
                                      "person_burst",   "outcomes"};
    struct channel_entry entry = {0};
    struct error error;
    const char *const *keys = NULL;
    const char *what =
        arena_format(reading->arena, in_language("channel \"%s\"", "canal «%s»"), map->key);
    if (map->kind != VALUE_MAP) {
        diagnostics_error(
            reading->diagnostics, map->mark,
            in_language("%s: write {plugin: NAME, …}", "%s: escribe {plugin: NOMBRE, …}"), what);
        return NULL;
    }
    size_t count = map_keys(map, reading->arena, &keys);
    check_name(reading, map, what);
    if (options_read(&channel_options, map, &map->key_mark, what, keys, count, &entry,
                     reading->arena, reading->diagnostics) != OPTIONS_FINE)
        return NULL;
    check_outcomes(reading, map, what, &entry.outcomes);
    struct mark mark = value_get(map, "plugin")->mark;
    if (!entry.required &&
        plugin_load(entry.plugin, PLUGIN_CHANNEL, reading->arena, &error) == NULL) {
        diagnostics_warning(reading->diagnostics, mark, "%s", error.message);
        return NULL;
    }
    struct instance *channel = read_instance(reading, PLUGIN_CHANNEL, entry.plugin, map->key, map,
                                             mark, own, COUNT_OF(own));
    if (channel != NULL)
        channel->rules = rules_of(&entry);
    return channel;
}

static void warn_unconfigured(struct reading *reading, const struct instance *channel,
                              struct mark mark)
{
    const struct handoffd_channel *about = channel->plugin->contract.channel;
    const char *hint = about->setup_hint != NULL ? about->setup_hint : "";
    diagnostics_warning(reading->diagnostics, mark,
                        in_language("channel \"%s\" is not configured: people reachable only by it "
                                    "are left out. %s",
                                    "el canal «%s» no está configurado: se omite a quienes solo se "
                                    "alcanzan por él. %s"),
                        channel->name, hint);
    if (reading->settings->unconfigured == NULL)
        reading->settings->unconfigured =
            arena_format(reading->arena, "%s service not configured. %s", about->medium, hint);
}

void read_channels(struct reading *reading)
{
    struct instances *channels = &reading->settings->channels;
    const struct value *section = value_get(reading->root, "channels");
    if (section == NULL || section->kind != VALUE_MAP) {
        diagnostics_error(
            reading->diagnostics, section ? section->mark : reading->root->mark,
            in_language("channels: at least one channel is needed: log: {plugin: log}",
                        "channels: hace falta al menos un canal: log: {plugin: log}"));
        return;
    }
    channels->items = arena_zeroed(reading->arena, section->count, sizeof *channels->items);
    for (const struct value *entry = section->first; entry != NULL; entry = entry->next) {
        struct instance *channel = read_channel(reading, entry);
        if (channel == NULL)
            continue;
        channels->items[channels->count++] = channel;
        if (!channel->is_configured)
            warn_unconfigured(reading, channel, entry->key_mark);
    }
}
