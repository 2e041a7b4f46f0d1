/* settings - reads the sections in the order in which they need each other. */
#include "settings/settings.h"

#include <string.h>

#include "base/language.h"
#include "base/log.h"
#include "config/options.h"
#include "config/value.h"
#include "settings/sections.h"

enum { ARENA_BYTES = 32 * 1024 };

static const char *folder_of(const char *path, struct arena *arena)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? arena_bytes(arena, path, (size_t)(slash - path) + 1) : "";
}

static bool is_map(const struct value *root, const char *path, struct diagnostics *diagnostics)
{
    if (root == NULL)
        return false;
    if (root->kind == VALUE_MAP)
        return true;
    diagnostics_error(diagnostics, (struct mark){path, 1, 1},
                      in_language("the file is no map of sections: company:, vendors:, channels:",
                                  "el archivo no es un mapa de secciones: company:, vendors:, "
                                  "channels:"));
    return false;
}

struct settings *settings_load(const char *path, struct diagnostics *diagnostics)
{
    struct arena *arena = arena_create(ARENA_BYTES);
    struct settings *settings = arena_zeroed(arena, 1, sizeof *settings);
    settings->arena = arena;
    struct reading reading = {
        .settings = settings,
        .root = value_read_file(path, arena, diagnostics),
        .folder = folder_of(path, arena),
        .arena = arena,
        .diagnostics = diagnostics,
    };
    if (is_map(reading.root, path, diagnostics)) {
        read_own_sections(&reading);
        read_access(&reading);
        read_channels(&reading);
        read_routing(&reading);
        read_people(&reading);
        read_alerts(&reading);
    }
    if (settings->unconfigured == NULL)
        settings->unconfigured = in_language("Nobody to notify is configured. Check vendors.yaml.",
                                             "No hay a quién avisar. Revisa vendors.yaml.");
    settings->alerts.roster = &settings->roster;
    settings_hide_secrets(settings);
    if (diagnostics_errors(diagnostics) == 0)
        return settings;
    settings_destroy(settings);
    return NULL;
}

static bool is_from_environment(const struct value *root, const char *section, const char *key)
{
    const struct value *value = value_get(value_get(root, section), key);
    return value != NULL && value->is_from_environment;
}

static bool hangs_on_variables(const struct value *root)
{
    return is_from_environment(root, "store", "path") ||
           is_from_environment(root, "server", "control");
}

bool settings_places(const char *path, struct arena *arena, struct diagnostics *diagnostics,
                     struct places *places)
{
    struct settings settings = {.arena = arena};
    struct diagnostics *others = diagnostics_create(); /* `check` is there for those */
    struct reading reading = {
        .settings = &settings,
        .root = value_read_file(path, arena, diagnostics),
        .folder = folder_of(path, arena),
        .arena = arena,
        .diagnostics = others,
    };
    bool is_read = is_map(reading.root, path, diagnostics);
    if (is_read)
        read_places(&reading);
    diagnostics_destroy(others);
    *places = (struct places){settings.store.path, settings.server.control,
                              hangs_on_variables(reading.root)};
    return is_read && places->store != NULL;
}

static void hide_texts(const char *const *texts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (texts[i] != NULL)
            log_hide(texts[i]);
    }
}

/* No other type may be a secret: options_check_table sees to it. */
static void hide_value(uint32_t type, const char *member)
{
    const char *text = NULL;
    struct handoffd_list list;
    struct handoffd_fields map;
    if (type == HANDOFFD_TEXT) {
        memcpy(&text, member, sizeof text);
        hide_texts(&text, 1);
    } else if (type == HANDOFFD_LIST) {
        memcpy(&list, member, sizeof list);
        hide_texts(list.items, list.count);
    } else if (type == HANDOFFD_MAP) {
        memcpy(&map, member, sizeof map);
        hide_texts(map.values, map.count);
    }
}

static void hide_secrets(const struct handoffd_options *options, const char *target)
{
    for (size_t i = 0; i < options->count; i++) {
        struct handoffd_option row = options_row(options, i);
        const char *member = target + row.offset;
        if (row.record != NULL)
            hide_secrets(row.record, member);
        if (row.secret)
            hide_value(row.type, member);
    }
}

static void hide_secrets_of(const struct instances *instances)
{
    for (size_t i = 0; i < instances->count; i++) {
        const struct instance *instance = instances->items[i];
        const struct handoffd_plugin *contract = &instance->plugin->contract;
        if (instance->is_configured && contract->state_size > 0)
            hide_secrets(&contract->options, instance->state);
    }
}

void settings_hide_secrets(const struct settings *settings)
{
    hide_secrets_of(&settings->channels);
    hide_secrets_of(&settings->routers);
}

void settings_destroy(struct settings *settings)
{
    if (settings == NULL)
        return;
    log_forget_secrets();
    arena_destroy(settings->arena);
}

static bool start_all(const struct instances *instances, const struct plugin_host *host,
                      struct error *error)
{
    for (size_t i = 0; i < instances->count; i++) {
        struct instance *instance = instances->items[i];
        if (instance->is_configured && !instance_start(instance, host, error))
            return false;
    }
    return true;
}

bool settings_start_plugins(struct settings *settings, const struct plugin_host *host,
                            struct error *error)
{
    if (start_all(&settings->routers, host, error) && start_all(&settings->channels, host, error))
        return true;
    settings_stop_plugins(settings);
    return false;
}

void settings_stop_plugins(struct settings *settings)
{
    for (size_t i = 0; i < settings->channels.count; i++)
        instance_stop(settings->channels.items[i]);
    for (size_t i = 0; i < settings->routers.count; i++)
        instance_stop(settings->routers.items[i]);
}
