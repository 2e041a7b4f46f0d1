/* routing - each entry of `routing:` becomes a step: a name, or {plugin: NAME, …options, as:
 * LABEL}. */
#include <string.h>

#include "base/language.h"
#include "base/memory.h"
#include "settings/sections.h"

static const char *const own_keys[] = {"plugin", "as"};

static bool is_text(const struct value *value)
{
    return value != NULL && value->kind == VALUE_TEXT && !value->is_blank;
}

static const struct instance *find_label(const struct instances *routers, const char *label)
{
    for (size_t i = 0; i < routers->count; i++) {
        if (strcmp(routers->items[i]->name, label) == 0)
            return routers->items[i];
    }
    return NULL;
}

static void read_step(struct reading *reading, const struct value *entry)
{
    struct instances *routers = &reading->settings->routers;
    const struct value *map = entry->kind == VALUE_MAP ? entry : NULL;
    const struct value *plugin = map != NULL ? value_get(map, "plugin") : entry;
    const struct value *as = value_get(map, "as");
    if (!is_text(plugin) || (as != NULL && !is_text(as))) {
        diagnostics_error(
            reading->diagnostics, entry->mark,
            in_language("routing: a step is a plugin's name, or {plugin: NAME, as: LABEL}",
                        "routing: un paso es el nombre de un plugin, o {plugin: NOMBRE, "
                        "as: ETIQUETA}"));
        return;
    }
    const char *label = as != NULL ? as->text : plugin->text;
    if (find_label(routers, label) != NULL) {
        diagnostics_error(
            reading->diagnostics, entry->mark,
            in_language("routing: two steps are called \"%s\"; give one of them `as: LABEL`",
                        "routing: hay dos pasos «%s»; ponle a uno `as: ETIQUETA`"),
            label);
        return;
    }
    struct instance *router = read_instance(reading, PLUGIN_ROUTER, plugin->text, label, map,
                                            plugin->mark, own_keys, COUNT_OF(own_keys));
    if (router != NULL && !router->is_configured) {
        diagnostics_error(reading->diagnostics, entry->mark,
                          in_language("step \"%s\": a required option is empty",
                                      "paso «%s»: una opción obligatoria está vacía"),
                          label);
        router = NULL;
    }
    if (router != NULL)
        routers->items[routers->count++] = router;
    else
        reading->has_missing_router = true;
}

/* Without `routing:` people take turns. */
static const struct value default_step = {.kind = VALUE_TEXT, .text = "round_robin"};

void read_routing(struct reading *reading)
{
    struct instances *routers = &reading->settings->routers;
    const struct value *section = value_get(reading->root, "routing");
    size_t count = section != NULL && section->kind == VALUE_LIST ? section->count : 1;
    routers->items = arena_zeroed(reading->arena, count, sizeof *routers->items);
    if (section == NULL)
        read_step(reading, &default_step);
    else if (section->kind != VALUE_LIST)
        read_step(reading, section);
    else
        for (const struct value *entry = section->first; entry != NULL; entry = entry->next)
            read_step(reading, entry);
}
