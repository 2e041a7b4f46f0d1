/* loader - dlopens the file and believes nothing that it exports before it was checked.
 *
 * The order of a load: file, symbol, version, sizes, members, option tables, kind. */
#include "plugin/loader.h"

#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/language.h"
#include "base/memory.h"
#include "config/diagnostics.h"
#include "config/options.h"
#include "plugin/directories.h"

/* The structs of contract 1.0 reach up to the last member that they had then. */
#define SIZE_UP_TO(type, member) (offsetof(type, member) + sizeof(((type *)0)->member))

enum {
    FIRST_PLUGIN_SIZE = SIZE_UP_TO(struct handoffd_plugin, channel),
    FIRST_ROUTER_SIZE = SIZE_UP_TO(struct handoffd_router, prepare),
    FIRST_CHANNEL_SIZE = SIZE_UP_TO(struct handoffd_channel, deliver),
    FIRST_OPTION_SIZE = SIZE_UP_TO(struct handoffd_option, unless),

    /* Readable in every major version: how else would a plugin be told that it is of another? */
    VERSION_SIZE = SIZE_UP_TO(struct handoffd_plugin, contract_minor),

    LARGEST_STATE_BYTES =
        16 << 20 /* more is a mistake in the plugin, and would be ours to allocate */
};

static const char *const folders[] = {[PLUGIN_ROUTER] = "routing", [PLUGIN_CHANNEL] = "channel"};

/* `plugin PATH: ` and what is wrong with it; always false. */
static bool fault(struct error *error, const char *path, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static bool fault(struct error *error, const char *path, const char *format, ...)
{
    struct error what;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(what.message, sizeof what.message, format, arguments);
    va_end(arguments);
    return error_set(error, "plugin %s: %s", path, what.message);
}

static bool is_name(const char *text)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789_";
    return text != NULL && text[0] != '\0' && text[strspn(text, allowed)] == '\0';
}

static bool is_empty(const char *text)
{
    return text == NULL || text[0] == '\0';
}

/* ---------------------------------------------------------------- the file */

static bool explain_missing(const char *name, enum plugin_kind kind, struct error *error)
{
    CLEANUP(directories_names_deinit)
    struct directories_names names = directories_list(folders[kind]);
    const char *near = closest_word(name, (const char *const *)names.items, names.count);
    char where[256];
    directories_text(folders[kind], where, sizeof where);
    if (near != NULL)
        return error_set(
            error,
            in_language("plugin \"%s\" was not found; did you mean \"%s\"? looked in %s",
                        "no se encontró el plugin \"%s\"; ¿quisiste decir \"%s\"? se buscó en %s"),
            name, near, where);
    return error_set(
        error,
        in_language("plugin \"%s\" was not found in %s; put %s.so there, or name a "
                    "folder in HANDOFFD_PLUGIN_PATH, or write the file's whole path",
                    "no se encontró el plugin \"%s\" en %s; pon ahí %s.so, o nombra una "
                    "carpeta en HANDOFFD_PLUGIN_PATH, o escribe la ruta completa del archivo"),
        name, where, name);
}

static bool refuse_kind(const char *path, enum plugin_kind wanted, struct error *error)
{
    if (wanted == PLUGIN_ROUTER)
        return fault(error, path,
                     in_language("is a channel, not a router; it belongs under channels:",
                                 "es un canal, no un router; su lugar es channels:"));
    return fault(error, path,
                 in_language("is a router, not a channel; it belongs under routing:",
                             "es un router, no un canal; su lugar es routing:"));
}

static bool find_file(const char *name, enum plugin_kind kind, char path[static PATH_MAX],
                      struct error *error)
{
    if (name[0] == '/') {
        int length = snprintf(path, PATH_MAX, "%s", name);
        return length < PATH_MAX ||
               fault(error, name,
                     in_language("the path is too long", "la ruta es demasiado larga"));
    }
    if (!is_name(name))
        return error_set(
            error,
            in_language("\"%s\" names no plugin: write its name (a-z, 0-9 and _) or a "
                        "path that starts with /",
                        "\"%s\" no nombra un plugin: escribe su nombre (a-z, 0-9 y _) o "
                        "una ruta que empiece por /"),
            name);
    if (directories_find(folders[kind], name, path))
        return true;
    enum plugin_kind other = kind == PLUGIN_ROUTER ? PLUGIN_CHANNEL : PLUGIN_ROUTER;
    if (directories_find(folders[other], name, path))
        return refuse_kind(path, kind, error);
    return explain_missing(name, kind, error);
}

/* ---------------------------------------------------------------- the symbol */

/* The linker knows how large the exported object is: reading more would be reading something else.
 */
static bool is_whole(const struct handoffd_plugin *exported)
{
    Dl_info info;
    void *entry = NULL;
    if (dladdr1(exported, &info, &entry, RTLD_DL_SYMENT) == 0 || entry == NULL)
        return false;
    const ElfW(Sym) *symbol = entry;
    if (ELF64_ST_TYPE(symbol->st_info) != STT_OBJECT || symbol->st_size < VERSION_SIZE)
        return false;
    return symbol->st_size >= exported->size;
}

static const struct handoffd_plugin *open_file(const char *path, struct error *error)
{
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
        fault(error, path, in_language("cannot be loaded: %s", "no se puede cargar: %s"),
              dlerror());
        return NULL;
    }
    const struct handoffd_plugin *exported = dlsym(library, "handoffd_plugin");
    if (exported == NULL) {
        fault(error, path,
              in_language("exports no constant handoffd_plugin; see plugin.h",
                          "no exporta la constante handoffd_plugin; ver plugin.h"));
        return NULL;
    }
    if (!is_whole(exported)) {
        fault(error, path,
              in_language(
                  "what it exports as handoffd_plugin is not a struct of the size that it says",
                  "lo que exporta como handoffd_plugin no es un struct del tamaño que dice"));
        return NULL;
    }
    return exported;
}

/* ---------------------------------------------------------------- version and sizes */

static bool check_version(const struct handoffd_plugin *contract, const char *path,
                          struct error *error)
{
    if (contract->size < VERSION_SIZE)
        return fault(error, path,
                     in_language("its struct handoffd_plugin says size %zu: start it with "
                                 "HANDOFFD_PLUGIN_HEADER",
                                 "su struct handoffd_plugin dice size %zu: empiézalo con "
                                 "HANDOFFD_PLUGIN_HEADER"),
                     contract->size);
    if (contract->contract_major == HANDOFFD_CONTRACT_MAJOR)
        return true;
    return fault(
        error, path,
        in_language("is made for contract %u.%u and this handoffd speaks %d.%d; build it "
                    "with this handoffd's plugin.h, or install the handoffd that it was made for",
                    "está hecho para el contrato %u.%u y este handoffd habla %d.%d; compílalo "
                    "con el plugin.h de este handoffd, o instala el handoffd para el que se hizo"),
        contract->contract_major, contract->contract_minor, HANDOFFD_CONTRACT_MAJOR,
        HANDOFFD_CONTRACT_MINOR);
}

/* Copies what both sides know; the rest of `to` stays zero. */
static bool copy_struct(void *to, size_t to_size, const void *from, size_t first_size,
                        const char *type, const char *path, struct error *error)
{
    size_t size = 0;
    memcpy(&size, from, sizeof size);
    if (size < first_size || size % _Alignof(size_t) != 0)
        return fault(error, path,
                     in_language("its struct %s has %zu bytes, and %zu are the least; set its size "
                                 "with sizeof",
                                 "su struct %s tiene %zu bytes y el mínimo es %zu; pon su size con "
                                 "sizeof"),
                     type, size, first_size);
    memcpy(to, from, size < to_size ? size : to_size);
    return true;
}

static bool copy_contract(struct plugin *plugin, const struct handoffd_plugin *from,
                          struct error *error)
{
    struct handoffd_plugin *to = &plugin->contract;
    if (!copy_struct(to, sizeof *to, from, FIRST_PLUGIN_SIZE, "handoffd_plugin", plugin->path,
                     error))
        return false;
    if (to->router != NULL) {
        if (!copy_struct(&plugin->router, sizeof plugin->router, to->router, FIRST_ROUTER_SIZE,
                         "handoffd_router", plugin->path, error))
            return false;
        to->router = &plugin->router;
    }
    if (to->channel != NULL) {
        if (!copy_struct(&plugin->channel, sizeof plugin->channel, to->channel, FIRST_CHANNEL_SIZE,
                         "handoffd_channel", plugin->path, error))
            return false;
        to->channel = &plugin->channel;
        if (plugin->channel.size <= FIRST_CHANNEL_SIZE) /* padding stood there in those days */
            plugin->channel.tells_delivery = false;
    }
    return true;
}

/* ---------------------------------------------------------------- members */

static bool check_present(bool is_present, const char *member, const char *path,
                          struct error *error)
{
    return is_present ||
           fault(error, path, in_language("its member %s is missing", "falta su miembro %s"),
                 member);
}

static bool check_name(const struct plugin *plugin, struct error *error)
{
    const char *name = plugin->contract.name;
    if (!is_name(name))
        return fault(error, plugin->path,
                     in_language("its name \"%s\" has other characters than a-z, 0-9 and _",
                                 "su nombre \"%s\" tiene otros caracteres que a-z, 0-9 y _"),
                     name);
    const char *slash = strrchr(plugin->path, '/');
    const char *file = slash != NULL ? slash + 1 : plugin->path;
    size_t length = strlen(name);
    if (strncmp(file, name, length) == 0 && strcmp(file + length, ".so") == 0)
        return true;
    return fault(error, plugin->path,
                 in_language("calls itself \"%s\"; its file must be %s.so",
                             "se llama a sí mismo \"%s\"; su archivo debe ser %s.so"),
                 name, name);
}

static bool check_one_kind(const struct plugin *plugin, struct error *error)
{
    bool is_router = plugin->contract.router != NULL;
    bool is_channel = plugin->contract.channel != NULL;
    if (is_router && is_channel)
        return fault(error, plugin->path,
                     in_language("is both a router and a channel; it must be one of the two",
                                 "es router y canal a la vez; debe ser uno de los dos"));
    return is_router || is_channel ||
           fault(error, plugin->path,
                 in_language("is neither a router nor a channel; it must be one of the two",
                             "no es ni router ni canal; debe ser uno de los dos"));
}

static bool check_channel(const struct plugin *plugin, struct error *error)
{
    const struct handoffd_channel *channel = &plugin->channel;
    const char *path = plugin->path;
    bool has_unit =
        channel->text_unit >= HANDOFFD_BYTES && channel->text_unit <= HANDOFFD_UTF16_UNITS;
    if (!check_present(!is_empty(channel->medium), "channel.medium", path, error) ||
        !check_present(!is_empty(channel->provider), "channel.provider", path, error) ||
        !check_present(channel->check_to != NULL, "channel.check_to", path, error) ||
        !check_present(channel->deliver != NULL, "channel.deliver", path, error))
        return false;
    return channel->text_limit == 0 || has_unit ||
           fault(error, path,
                 in_language(
                     "its member channel.text_unit is %u, which this handoffd cannot count in",
                     "su miembro channel.text_unit es %u, y este handoffd no sabe contar así"),
                 channel->text_unit);
}

/* Whoever promises to tell needs a way to hear of it. */
static bool check_delivery(const struct plugin *plugin, struct error *error)
{
    const struct handoffd_channel *channel = &plugin->channel;
    return !channel->tells_delivery || channel->find != NULL || channel->receive != NULL ||
           fault(error, plugin->path,
                 in_language("says channel.tells_delivery, and has neither find nor receive to "
                             "tell it by",
                             "dice channel.tells_delivery y no tiene ni find ni receive con que "
                             "decirlo"));
}

static bool check_members(const struct plugin *plugin, struct error *error)
{
    const struct handoffd_plugin *contract = &plugin->contract;
    const char *path = plugin->path;
    if (!check_present(!is_empty(contract->name), "name", path, error) ||
        !check_present(!is_empty(contract->version), "version", path, error) ||
        !check_present(!is_empty(contract->summary), "summary", path, error) ||
        !check_name(plugin, error) || !check_one_kind(plugin, error))
        return false;
    if (contract->router != NULL)
        return check_present(contract->router->rank != NULL, "router.rank", path, error);
    return check_channel(plugin, error) && check_delivery(plugin, error);
}

/* ---------------------------------------------------------------- option tables */

static bool check_options(const struct handoffd_options *options, const char *table,
                          size_t struct_size, const char *path, struct error *error)
{
    if (struct_size > LARGEST_STATE_BYTES)
        return fault(error, path,
                     in_language("the struct of its %s has %zu bytes; %d are the most",
                                 "el struct de sus %s tiene %zu bytes; el máximo es %d"),
                     table, struct_size, LARGEST_STATE_BYTES);
    if (options->count == 0)
        return true;
    if (options->items == NULL || options->item_size < FIRST_OPTION_SIZE ||
        options->item_size % _Alignof(struct handoffd_option) != 0)
        return fault(
            error, path,
            in_language("the table of its %s has no rows, or rows of %u bytes; write it with "
                        "HANDOFFD_OPTIONS",
                        "la tabla de sus %s no tiene filas, o son de %u bytes; escríbela con "
                        "HANDOFFD_OPTIONS"),
            table, options->item_size);
    struct error row;
    return options_check_table(options, struct_size, &row) ||
           fault(error, path, in_language("its %s: %s", "sus %s: %s"), table, row.message);
}

static bool check_tables(const struct plugin *plugin, struct error *error)
{
    const struct handoffd_plugin *contract = &plugin->contract;
    if (!check_options(&contract->options, "options", contract->state_size, plugin->path, error) ||
        !check_options(&contract->person_options, "person_options", contract->person_size,
                       plugin->path, error))
        return false;
    return contract->router != NULL || contract->person_options.count == 0 ||
           fault(error, plugin->path,
                 in_language("is a channel, and only routers have person_options",
                             "es un canal, y solo los routers tienen person_options"));
}

/* ---------------------------------------------------------------- the load */

const struct plugin *plugin_check(const struct handoffd_plugin *contract, const char *path,
                                  enum plugin_kind kind, struct arena *arena, struct error *error)
{
    struct plugin *plugin = arena_zeroed(arena, 1, sizeof *plugin);
    plugin->path = arena_text(arena, path);
    if (!check_version(contract, path, error) || !copy_contract(plugin, contract, error) ||
        !check_members(plugin, error) || !check_tables(plugin, error))
        return NULL;
    plugin->kind = plugin->contract.router != NULL ? PLUGIN_ROUTER : PLUGIN_CHANNEL;
    if (plugin->kind != kind) {
        refuse_kind(path, kind, error);
        return NULL;
    }
    return plugin;
}

const struct plugin *plugin_load(const char *name, enum plugin_kind kind, struct arena *arena,
                                 struct error *error)
{
    char path[PATH_MAX];
    if (!find_file(name, kind, path, error))
        return NULL;
    const struct handoffd_plugin *exported = open_file(path, error);
    return exported != NULL ? plugin_check(exported, path, kind, arena, error) : NULL;
}

void plugin_list(enum plugin_kind kind, void (*on_name)(void *context, const char *name),
                 void *context)
{
    CLEANUP(directories_names_deinit)
    struct directories_names names = directories_list(folders[kind]);
    for (size_t i = 0; i < names.count; i++)
        on_name(context, names.items[i]);
}
