/* people - `vendors:` becomes the roster: who has an address on a channel that is set up. */
#include <string.h>

#include "base/language.h"
#include "base/memory.h"
#include "settings/sections.h"

enum { ADDRESS_BYTES = 256 };

/* A vendor as the file has it. */
struct person {
    const char *id;
    const char *name;
    bool example;
    const struct value *entry;
    struct contact *contacts;
    size_t contact_count;
    bool is_named; /* has an address at all, on whichever channel */
    const struct instance
        *unaddressed; /* a channel that is set up, where ${…} left them without one */
};

struct people {
    struct person *items;
    size_t count;
};

static const struct handoffd_option vendor_rows[] = {
    HANDOFFD_OPTION_TEXT(
        "id", struct person, id, .help = "a short name that never changes: the history uses it",
        .help_es = "un nombre corto que no cambia: el historial lo usa", .required = true),
    HANDOFFD_OPTION_TEXT("name", struct person, name, .help = "as customers read it",
                         .help_es = "como lo lee el cliente"),
    HANDOFFD_OPTION_BOOLEAN("example", struct person, example,
                            .help = "steps aside as soon as a real person is there",
                            .help_es = "se hace a un lado en cuanto hay una persona real"),
};

static const struct handoffd_options vendor_table = HANDOFFD_OPTIONS(vendor_rows);

static struct instance *find_channel(const struct reading *reading, const char *name)
{
    const struct instances *channels = &reading->settings->channels;
    for (size_t i = 0; i < channels->count; i++) {
        if (strcmp(channels->items[i]->name, name) == 0)
            return channels->items[i];
    }
    return NULL;
}

/* A channel that stands in the file but could not be used has been complained of already. */
static void complain_of_channel(struct reading *reading, const char *name, struct mark mark)
{
    const struct value *section = value_get(reading->root, "channels");
    if (value_get(section, name) != NULL)
        return;
    size_t count = section != NULL && section->kind == VALUE_MAP ? section->count : 0;
    const char **names = arena_zeroed(reading->arena, count, sizeof *names);
    size_t i = 0;
    for (const struct value *entry = count ? section->first : NULL; entry; entry = entry->next)
        names[i++] = entry->key;
    const char *near = closest_word(name, names, count);
    if (near != NULL)
        diagnostics_error(reading->diagnostics, mark,
                          in_language("no channel \"%s\" is defined; did you mean \"%s\"?",
                                      "no hay ningún canal «%s»; ¿quisiste decir «%s»?"),
                          name, near);
    else
        diagnostics_error(reading->diagnostics, mark,
                          in_language("no channel \"%s\" is defined under channels:",
                                      "no hay ningún canal «%s» en channels:"),
                          name);
}

static bool check_to(const struct reading *reading, const struct instance *channel, const char *to,
                     char address[static ADDRESS_BYTES], char reason[static ADDRESS_BYTES])
{
    return channel->plugin->contract.channel->check_to(
        to, reading->settings->company.country, address, ADDRESS_BYTES, reason, ADDRESS_BYTES);
}

static void add_contact(struct reading *reading, struct person *person, const char *channel_name,
                        struct mark channel_mark, const struct value *to)
{
    char address[ADDRESS_BYTES] = "";
    char reason[ADDRESS_BYTES] = "";
    struct instance *channel = find_channel(reading, channel_name);
    if (channel == NULL) {
        complain_of_channel(reading, channel_name, channel_mark);
        return;
    }
    if (to != NULL && to->is_blank && to->is_from_environment) {
        if (channel->is_configured && !check_to(reading, channel, "", address, reason))
            person->unaddressed = channel;
        return;
    }
    const char *text = to != NULL ? to->text : "";
    if (!check_to(reading, channel, text, address, reason)) {
        diagnostics_error(reading->diagnostics, to != NULL ? to->mark : channel_mark,
                          in_language("channel \"%s\": %s", "canal «%s»: %s"), channel_name,
                          reason);
        return;
    }
    person->is_named = true;
    if (!channel->is_configured)
        return;
    person->contacts[person->contact_count++] =
        (struct contact){.channel = channel, .to = arena_text(reading->arena, address)};
}

static void complain_of_notify(struct reading *reading, struct mark mark)
{
    diagnostics_error(
        reading->diagnostics, mark,
        in_language(
            "notify: write {CHANNEL: ADDRESS}, or a list of {channel: CHANNEL, to: ADDRESS}",
            "notify: escribe {CANAL: DIRECCIÓN}, o una lista de {channel: CANAL, to: "
            "DIRECCIÓN}"));
}

static void read_listed_contact(struct reading *reading, struct person *person,
                                const struct value *entry)
{
    struct listed {
        const char *channel;
    } listed = {0};
    static const struct handoffd_option rows[] = {
        HANDOFFD_OPTION_TEXT("channel", struct listed, channel, .help = "a name under channels:",
                             .help_es = "un nombre de channels:", .required = true),
    };
    static const struct handoffd_options table = HANDOFFD_OPTIONS(rows);
    static const char *const others[] = {"to"};
    const struct value *to = value_get(entry, "to");
    if (entry->kind != VALUE_MAP || (to != NULL && to->kind != VALUE_TEXT))
        complain_of_notify(reading, entry->mark);
    else if (options_read(&table, entry, &entry->mark, "notify", others, COUNT_OF(others), &listed,
                          reading->arena, reading->diagnostics) == OPTIONS_FINE)
        add_contact(reading, person, listed.channel, value_get(entry, "channel")->mark, to);
}

static void read_notify(struct reading *reading, struct person *person)
{
    const struct value *notify = value_get(person->entry, "notify");
    if (notify == NULL || notify->kind == VALUE_TEXT) {
        complain_of_notify(reading, notify != NULL ? notify->mark : person->entry->mark);
        return;
    }
    person->contacts = arena_zeroed(reading->arena, notify->count, sizeof *person->contacts);
    for (const struct value *entry = notify->first; entry != NULL; entry = entry->next) {
        if (notify->kind == VALUE_LIST)
            read_listed_contact(reading, person, entry);
        else if (entry->kind == VALUE_TEXT)
            add_contact(reading, person, entry->key, entry->key_mark, entry);
        else
            complain_of_notify(reading, entry->mark);
    }
}

static void check_id(struct reading *reading, const struct people *people,
                     const struct person *person)
{
    const struct value *id = value_get(person->entry, "id");
    if (strspn(person->id, "abcdefghijklmnopqrstuvwxyz0123456789_-") != strlen(person->id))
        diagnostics_error(reading->diagnostics, id->mark,
                          in_language("id \"%s\": only a to z, 0 to 9, _ and -",
                                      "id «%s»: solo de la a a la z sin acentos, 0 a 9, _ y -"),
                          person->id);
    for (const struct person *other = people->items; other < person; other++) {
        if (other->id == NULL || strcmp(other->id, person->id) != 0)
            continue;
        diagnostics_error(reading->diagnostics, id->mark,
                          in_language("two people have the id \"%s\"; the first is at line %u",
                                      "dos personas tienen el id «%s»; la primera, en la línea %u"),
                          person->id, value_get(other->entry, "id")->mark.line);
        return;
    }
}

/* The keys that the steps of the routing read of a person, and notify. */
static size_t others_keys(const struct reading *reading, const char *const **keys)
{
    const struct instances *routers = &reading->settings->routers;
    size_t most = 1;
    size_t count = 0;
    for (size_t i = 0; i < routers->count; i++)
        most += routers->items[i]->plugin->contract.person_options.count;
    const char **names = arena_zeroed(reading->arena, most, sizeof *names);
    names[count++] = "notify";
    for (size_t i = 0; i < routers->count; i++) {
        const struct handoffd_options *table = &routers->items[i]->plugin->contract.person_options;
        for (size_t row = 0; row < table->count; row++)
            names[count++] = options_row(table, row).name;
    }
    *keys = names;
    return count;
}

static void read_person(struct reading *reading, struct people *people, const struct value *entry)
{
    const char *const *others = NULL;
    struct person *person = &people->items[people->count++];
    person->entry = entry;
    if (entry->kind != VALUE_MAP) {
        diagnostics_error(reading->diagnostics, entry->mark,
                          in_language("vendors: a person is {id: …, name: …, notify: {…}}",
                                      "vendors: una persona es {id: …, name: …, notify: {…}}"));
        return;
    }
    size_t other_count = reading->has_missing_router ? map_keys(entry, reading->arena, &others)
                                                     : others_keys(reading, &others);
    options_read(&vendor_table, entry, &entry->mark, in_language("vendor", "vendedor"), others,
                 other_count, person, reading->arena, reading->diagnostics);
    if (person->id != NULL)
        check_id(reading, people, person);
    if (person->name == NULL)
        person->name = person->id;
    read_notify(reading, person);
}

/* ---- the roster: who of them can be told */

static void warn_unaddressed(struct reading *reading, const struct person *person)
{
    const struct handoffd_channel *about = person->unaddressed->plugin->contract.channel;
    diagnostics_warning(reading->diagnostics, value_get(person->entry, "notify")->mark,
                        in_language("%s has no address on \"%s\": the variable is empty",
                                    "%s no tiene dirección en «%s»: la variable está vacía"),
                        person->id, person->unaddressed->name);
    if (reading->settings->unconfigured == NULL)
        reading->settings->unconfigured =
            arena_format(reading->arena, "%s service not configured. %s", about->medium,
                         about->setup_hint != NULL ? about->setup_hint : "");
}

/* Somebody real is meant: named, or only without an address on a channel that works. An example
 * must not get their customers. */
static bool has_real_people(struct reading *reading, const struct people *people)
{
    bool is_real = false;
    for (size_t i = 0; i < people->count; i++) {
        const struct person *person = &people->items[i];
        is_real =
            is_real || (!person->example && (person->is_named || person->unaddressed != NULL));
        if (!person->example && !person->is_named && person->unaddressed != NULL)
            warn_unaddressed(reading, person);
    }
    return is_real;
}

static struct vendor vendor_of(const struct person *person)
{
    return (struct vendor){.id = person->id,
                           .name = person->name,
                           .contacts = person->contacts,
                           .contact_count = person->contact_count};
}

/* `kept` receives the person of each vendor of the roster. */
static void make_roster(struct reading *reading, const struct people *people,
                        const struct person **kept)
{
    struct roster *roster = &reading->settings->roster;
    struct vendor *vendors = arena_zeroed(reading->arena, people->count, sizeof *vendors);
    bool is_real = has_real_people(reading, people);
    for (size_t i = 0; i < people->count; i++) {
        const struct person *person = &people->items[i];
        if (person->id == NULL || person->contact_count == 0 || (person->example && is_real))
            continue;
        kept[roster->count] = person;
        vendors[roster->count++] = vendor_of(person);
    }
    roster->vendors = vendors;
    roster->fallback = NOBODY;
    roster->is_example = !is_real && roster->count > 0;
}

/* One step's options of every person on the roster. */
static const void *const *person_options(struct reading *reading, const struct instance *router,
                                         const struct person *const *kept)
{
    const struct handoffd_plugin *contract = &router->plugin->contract;
    size_t count = reading->settings->roster.count;
    const void **options = arena_zeroed(reading->arena, count, sizeof *options);
    for (size_t i = 0; i < count; i++) {
        const struct value *entry = kept[i]->entry;
        const char *const *keys = NULL;
        size_t key_count = map_keys(entry, reading->arena, &keys);
        void *target = arena_zeroed(reading->arena, 1, contract->person_size);
        options_read(&contract->person_options, entry, &entry->mark, kept[i]->id, keys, key_count,
                     target, reading->arena, reading->diagnostics);
        options[i] = target;
    }
    return options;
}

static void make_chain(struct reading *reading, const struct person *const *kept)
{
    struct settings *settings = reading->settings;
    const struct instances *routers = &settings->routers;
    struct chain_step *steps = arena_zeroed(reading->arena, routers->count, sizeof *steps);
    for (size_t i = 0; i < routers->count; i++) {
        const struct instance *router = routers->items[i];
        steps[i] = (struct chain_step){
            .label = router->name,
            .router = router->plugin->contract.router,
            .state = router->state,
            .person_options = person_options(reading, router, kept),
        };
    }
    settings->chain = chain_create(&settings->roster, steps, routers->count, reading->arena);
}

static void warn_unreachable(struct reading *reading, struct mark mark, const char *id)
{
    if (reading->settings->roster.fallback == NOBODY && reading->settings->roster.count > 0)
        diagnostics_warning(
            reading->diagnostics, mark,
            in_language("when_nobody: \"%s\" cannot be told now: an example, or on no "
                        "channel that is set up",
                        "when_nobody: ahora no se puede avisar a «%s»: es de ejemplo, o "
                        "no tiene un canal configurado"),
            id);
}

static void read_when_nobody(struct reading *reading, const struct people *people)
{
    struct when_nobody {
        const char *then;
    } when_nobody = {0};
    static const struct handoffd_option rows[] = {
        HANDOFFD_OPTION_TEXT("then", struct when_nobody, then,
                             .help = "who is told when the routing leaves nobody",
                             .help_es = "a quién se avisa cuando la asignación no deja a nadie"),
    };
    static const struct handoffd_options table = HANDOFFD_OPTIONS(rows);
    const struct value *map = value_get(reading->root, "when_nobody");
    if (map == NULL)
        return;
    options_read(&table, map, &map->mark, "when_nobody", NULL, 0, &when_nobody, reading->arena,
                 reading->diagnostics);
    if (when_nobody.then == NULL)
        return;
    reading->settings->roster.fallback = roster_find(&reading->settings->roster, when_nobody.then);
    const char **ids = arena_zeroed(reading->arena, people->count, sizeof *ids);
    size_t count = 0;
    for (size_t i = 0; i < people->count; i++) {
        if (people->items[i].id == NULL)
            continue;
        if (strcmp(people->items[i].id, when_nobody.then) == 0) {
            warn_unreachable(reading, value_get(map, "then")->mark, when_nobody.then);
            return;
        }
        ids[count++] = people->items[i].id;
    }
    const char *near = closest_word(when_nobody.then, ids, count);
    diagnostics_error(reading->diagnostics, value_get(map, "then")->mark,
                      in_language("when_nobody: nobody has the id \"%s\"%s%s%s",
                                  "when_nobody: nadie tiene el id «%s»%s%s%s"),
                      when_nobody.then,
                      near ? in_language("; did you mean \"", "; ¿quisiste decir «") : "",
                      near ? near : "", near ? in_language("\"?", "»?") : "");
}

void read_people(struct reading *reading)
{
    const struct value *section = value_get(reading->root, "vendors");
    if (section == NULL || section->kind != VALUE_LIST) {
        diagnostics_error(reading->diagnostics, section ? section->mark : reading->root->mark,
                          in_language("vendors: a list of people is needed",
                                      "vendors: hace falta una lista de personas"));
        return;
    }
    struct people people = {.items =
                                arena_zeroed(reading->arena, section->count, sizeof *people.items)};
    const struct person **kept = arena_zeroed(reading->arena, section->count, sizeof *kept);
    for (const struct value *entry = section->first; entry != NULL; entry = entry->next)
        read_person(reading, &people, entry);
    make_roster(reading, &people, kept);
    read_when_nobody(reading, &people);
    make_chain(reading, kept);
}
