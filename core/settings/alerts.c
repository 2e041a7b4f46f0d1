/* alerts - `alerts:`: who hears of trouble, and what is run. After the people. */
#include <string.h>

#include "base/language.h"
#include "base/memory.h"
#include "settings/sections.h"

struct alerts_section {
    struct handoffd_list to;
    const char *command;
};

static const struct handoffd_option rows[] = {
    HANDOFFD_OPTION_LIST("to", struct alerts_section, to,
                         .help = "ids of people who are told, on their own channels",
                         .help_es = "los id de las personas a quienes se avisa, por sus canales"),
    HANDOFFD_OPTION_TEXT("command", struct alerts_section, command,
                         .help = "a command for the shell; it gets the text on its input",
                         .help_es = "una orden para el shell; recibe el texto en su entrada"),
};

static const struct handoffd_options table = HANDOFFD_OPTIONS(rows);

static bool is_in_file(const struct reading *reading, const char *id)
{
    const struct value *people = value_get(reading->root, "vendors");
    const struct value *entry = people != NULL && people->kind == VALUE_LIST ? people->first : NULL;
    for (; entry != NULL; entry = entry->next) {
        const struct value *other = value_get(entry, "id");
        if (other != NULL && other->kind == VALUE_TEXT && strcmp(other->text, id) == 0)
            return true;
    }
    return false;
}

static void check_person(struct reading *reading, const char *id, struct mark mark)
{
    if (roster_find(&reading->settings->roster, id) != NOBODY)
        return;
    if (is_in_file(reading, id))
        diagnostics_warning(reading->diagnostics, mark,
                            in_language("alerts: \"%s\" cannot be told now: an example, or on no "
                                        "channel that is set up",
                                        "alerts: ahora no se puede avisar a «%s»: es de ejemplo, o "
                                        "no tiene un canal configurado"),
                            id);
    else
        diagnostics_error(
            reading->diagnostics, mark,
            in_language("alerts: nobody has the id \"%s\"", "alerts: nadie tiene el id «%s»"), id);
}

/* Trouble with a channel cannot be told through it. */
static void check_ways(struct reading *reading, struct mark mark)
{
    const struct alerts_setup *alerts = &reading->settings->alerts;
    const struct roster *roster = &reading->settings->roster;
    const struct instance *only = NULL;
    for (size_t i = 0; i < alerts->people_count; i++) {
        size_t vendor = roster_find(roster, alerts->people[i]);
        for (size_t c = 0; vendor != NOBODY && c < roster->vendors[vendor].contact_count; c++) {
            const struct instance *channel = roster->vendors[vendor].contacts[c].channel;
            if (only != NULL && channel != only)
                return;
            only = channel;
        }
    }
    if (only != NULL && alerts->command == NULL)
        diagnostics_warning(
            reading->diagnostics, mark,
            in_language("alerts: trouble with the channel \"%s\" could not be told: "
                        "there is no other way; add a command, or somebody with "
                        "another channel",
                        "alerts: no habría cómo avisar de un problema del canal «%s»: "
                        "no hay otra vía; agrega un command, o a alguien con otro "
                        "canal"),
            only->name);
}

void read_alerts(struct reading *reading)
{
    struct alerts_section section = {0};
    const struct value *map = value_get(reading->root, "alerts");
    if (map == NULL)
        return;
    options_read(&table, map, &map->mark, "alerts", NULL, 0, &section, reading->arena,
                 reading->diagnostics);
    const struct value *to = value_get(map, "to");
    const struct value *entry = to != NULL && to->kind == VALUE_LIST ? to->first : to;
    for (size_t i = 0; i < section.to.count && entry != NULL; i++, entry = entry->next)
        check_person(reading, section.to.items[i], entry->mark);
    reading->settings->alerts = (struct alerts_setup){
        .people = section.to.items,
        .people_count = section.to.count,
        .command = section.command,
    };
    check_ways(reading, map->mark);
}
