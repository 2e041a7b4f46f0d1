/* option_value - one writer for each type of option. */
#include "option_value.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "config/options.h"
#include "config/options_value.h"
#include "fault.h"

enum { MOST_ITEMS = 32 };

static void set_list(struct handoffd_list *list, const char *value, struct loan *values)
{
    CLEANUP(memory_free) char *copy = memory_text(value);
    const char *items[MOST_ITEMS];
    size_t count = 0;
    char *rest = NULL;
    for (char *item = strtok_r(copy, ",", &rest); item; item = strtok_r(NULL, ",", &rest)) {
        if (count == MOST_ITEMS)
            fault("the test gives a list of more than %d", MOST_ITEMS);
        items[count++] = loan_text(values, item);
    }
    list->items = count > 0 ? loan_copy(values, items, count * sizeof items[0]) : NULL;
    list->count = count;
}

/* `63016:recipient,30008:deferred` */
static void set_map(struct handoffd_fields *map, const char *value, struct loan *values)
{
    CLEANUP(memory_free) char *copy = memory_text(value);
    const char *names[MOST_ITEMS];
    const char *texts[MOST_ITEMS];
    size_t count = 0;
    char *rest = NULL;
    for (char *item = strtok_r(copy, ",", &rest); item; item = strtok_r(NULL, ",", &rest)) {
        char *colon = strchr(item, ':');
        if (count == MOST_ITEMS || colon == NULL)
            fault("the test gives a map of more than %d, or without a colon", MOST_ITEMS);
        *colon = '\0';
        names[count] = loan_text(values, item);
        texts[count++] = loan_text(values, colon + 1);
    }
    map->names = count > 0 ? loan_copy(values, names, count * sizeof names[0]) : NULL;
    map->values = count > 0 ? loan_copy(values, texts, count * sizeof texts[0]) : NULL;
    map->count = count;
}

static void set_number(const struct handoffd_option *row, const char *value, int64_t *number)
{
    char *end = NULL;
    *number = strtoll(value, &end, 10);
    bool is_fine = row->type == HANDOFFD_DURATION ? options_parse_duration(value, number)
                                                  : end != value && *end == '\0';
    if (!is_fine)
        fault("option \"%s\": \"%s\" is not of its type", row->name, value);
}

static void set_value(const struct handoffd_option *row, const char *value, void *target,
                      struct loan *values)
{
    void *member = (char *)target + row->offset;
    switch (row->type) {
    case HANDOFFD_TEXT:
        *(const char **)member = value[0] != '\0' ? loan_text(values, value) : NULL;
        return;
    case HANDOFFD_INTEGER:
    case HANDOFFD_DURATION:
        set_number(row, value, member);
        return;
    case HANDOFFD_BOOLEAN:
        *(bool *)member = strcmp(value, "true") == 0 || strcmp(value, "yes") == 0;
        return;
    case HANDOFFD_LIST:
        set_list(member, value, values);
        return;
    case HANDOFFD_MAP:
        set_map(member, value, values);
        return;
    default:
        fault("option \"%s\" is a record: name one of its own", row->name);
    }
}

void option_defaults(const struct handoffd_options *options, void *target, struct arena *arena)
{
    for (size_t i = 0; i < options->count; i++) {
        struct handoffd_option row = options_row(options, i);
        void *member = (char *)target + row.offset;
        if (row.type == HANDOFFD_RECORD)
            option_defaults(row.record, member, arena);
        else if (row.otherwise != NULL && !options_store_default(&row, arena, member))
            fault("option \"%s\": its default is not valid", row.name);
    }
}

void option_set(const struct handoffd_options *options, const char *name, const char *value,
                void *target, struct loan *values)
{
    const char *dot = strchr(name, '.');
    size_t length = dot != NULL ? (size_t)(dot - name) : strlen(name);
    for (size_t i = 0; i < options->count; i++) {
        struct handoffd_option row = options_row(options, i);
        if (strlen(row.name) != length || strncmp(row.name, name, length) != 0)
            continue;
        if (dot == NULL)
            set_value(&row, value, target, values);
        else if (row.record != NULL)
            option_set(row.record, dot + 1, value, (char *)target + row.offset, values);
        return;
    }
    fault("the plugin has no option \"%s\"", name);
}
