/* channels - each entry of `channels:` becomes an instance of its plugin. */
#include <string.h>

#include "base/language.h"
#include "base/log.h"
#include "base/memory.h"
#include "settings/sections.h"

struct channel_entry {
    const char *plugin;
    bool required;
};

static const struct handoffd_option channel_rows[] = {
    HANDOFFD_OPTION_TEXT("plugin", struct channel_entry, plugin,
                         .help = "a name, or the path of a .so",
                         .help_es = "un nombre, o la ruta de un .so", .required = true),
    HANDOFFD_OPTION_BOOLEAN("required", struct channel_entry, required,
                            .help = "no: a plugin that does not load is only a warning",
                            .help_es = "no: un plugin que no carga es solo un aviso",
                            .otherwise = "yes"),
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

/* What the file calls a secret, a provider's answer must not bring into the log. */
static void hide_secrets(const struct handoffd_options *options, const char *target)
{
    for (size_t i = 0; i < options->count; i++) {
        struct handoffd_option row = options_row(options, i);
        const char *value = NULL;
        if (row.record != NULL)
            hide_secrets(row.record, target + row.offset);
        if (!row.secret || row.type != HANDOFFD_TEXT)
            continue;
        memcpy(&value, target + row.offset, sizeof value);
        if (value != NULL)
            log_hide(value);
    }
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
    if (instance->is_configured && loaded->contract.state_size > 0)
        hide_secrets(&loaded->contract.options, instance->state);
    return result == OPTIONS_WRONG ? NULL : instance;
}

static struct instance *read_channel(struct reading *reading, const struct value *map)
{
    static const char *const own[] = {"plugin", "required"};
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
    if (options_read(&channel_options, map, &map->key_mark, what, keys, count, &entry,
                     reading->arena, reading->diagnostics) != OPTIONS_FINE)
        return NULL;
    struct mark mark = value_get(map, "plugin")->mark;
    if (!entry.required &&
        plugin_load(entry.plugin, PLUGIN_CHANNEL, reading->arena, &error) == NULL) {
        diagnostics_warning(reading->diagnostics, mark, "%s", error.message);
        return NULL;
    }
    return read_instance(reading, PLUGIN_CHANNEL, entry.plugin, map->key, map, mark, own,
                         COUNT_OF(own));
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
