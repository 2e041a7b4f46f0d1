/* tree - one function for each kind of node; the depth is bounded, so recursion is. */
#include "config/tree.h"

#include <stdlib.h>
#include <string.h>

#include "base/language.h"
#include "base/memory.h"
#include "base/require.h"
#include "config/yaml_fault.h"

enum { MOST_LEVELS = 32 };

/* A text without quotes that goes on over several lines. */
struct long_text {
    struct mark mark;
    struct long_text *next;
};

struct reader {
    yaml_parser_t parser;
    const struct source *source;
    const struct environment *environment;
    struct arena *arena;
    struct diagnostics *diagnostics;
    struct long_text *long_texts;
    unsigned levels;
    unsigned
        told_line; /* the last line with a fault that may confuse libyaml further on; 0: none */
};

static struct value *read_node(struct reader *reader, const yaml_event_t *event);
static struct value *read_text(struct reader *reader, const yaml_event_t *event);
static void refuse_long_texts(struct reader *reader);
static struct value *read_alias(struct reader *reader, const yaml_event_t *event);
static struct value *read_list(struct reader *reader, const yaml_event_t *start);
static struct value *read_map(struct reader *reader, const yaml_event_t *start);
static void drop_duplicates(struct reader *reader, struct value *map);

/* False where libyaml stopped; told. The event is the caller's to delete either way. */
static bool next_event(struct reader *reader, yaml_event_t *event)
{
    if (yaml_parser_parse(&reader->parser, event))
        return true;
    *event = (yaml_event_t){0};
    yaml_fault_tell(&reader->parser, reader->source, reader->told_line, reader->diagnostics);
    return false;
}

static struct mark mark_of(const struct reader *reader, const yaml_event_t *event)
{
    return (struct mark){reader->source->file, (unsigned)event->start_mark.line + 1,
                         (unsigned)event->start_mark.column + 1};
}

static struct value *value_at(struct reader *reader, enum value_kind kind,
                              const yaml_event_t *event)
{
    struct value *value = arena_zeroed(reader->arena, 1, sizeof *value);
    value->kind = kind;
    value->is_shared = reader->source->is_shared;
    value->mark = mark_of(reader, event);
    return value;
}

/* ---------------------------------------------------------------- the document */

static void refuse_second_document(struct reader *reader, const yaml_event_t *event)
{
    diagnostics_error(reader->diagnostics, mark_of(reader, event), "%s",
                      in_language("a second document begins here: delete the line ---",
                                  "aquí empieza un segundo documento: borra la línea ---"));
}

/* An empty file is an empty map. */
static struct value *read_document(struct reader *reader)
{
    struct value *root = NULL;
    for (;;) {
        CLEANUP(yaml_event_delete) yaml_event_t event = {0};
        if (!next_event(reader, &event))
            return NULL;
        if (event.type == YAML_STREAM_END_EVENT)
            return root != NULL ? root : value_at(reader, VALUE_MAP, &event);
        if (event.type == YAML_DOCUMENT_START_EVENT && root != NULL) {
            refuse_second_document(reader, &event);
            return root;
        }
        if (event.type == YAML_STREAM_START_EVENT || event.type == YAML_DOCUMENT_START_EVENT ||
            event.type == YAML_DOCUMENT_END_EVENT)
            continue;
        root = read_node(reader, &event);
        if (root == NULL)
            return NULL;
    }
}

const struct value *tree_read(const struct source *source, const struct environment *environment,
                              struct arena *arena, struct diagnostics *diagnostics)
{
    struct reader reader = {
        .source = source, .environment = environment, .arena = arena, .diagnostics = diagnostics};
    require(yaml_parser_initialize(&reader.parser));
    yaml_parser_set_encoding(&reader.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&reader.parser, (const unsigned char *)source->bytes,
                                 source->length);
    struct value *root = read_document(&reader);
    if (root != NULL)
        refuse_long_texts(&reader);
    yaml_parser_delete(&reader.parser);
    return root;
}

/* ---------------------------------------------------------------- nodes: NULL where libyaml
 * stopped */

static void refuse_properties(struct reader *reader, const yaml_event_t *event,
                              const yaml_char_t *anchor, const yaml_char_t *tag)
{
    if (anchor == NULL && tag == NULL)
        return;
    reader->told_line = mark_of(reader, event).line;
    if (anchor != NULL)
        diagnostics_error(reader->diagnostics, mark_of(reader, event), "%s",
                          in_language("anchors (&name) are not supported here; a text that begins "
                                      "with & must be in quotes",
                                      "aquí no se admiten anclas (&nombre); un texto que empieza "
                                      "con & va entre comillas"));
    else
        diagnostics_error(reader->diagnostics, mark_of(reader, event), "%s",
                          in_language("tags (!name) are not supported here; a text that begins "
                                      "with ! must be in quotes",
                                      "aquí no se admiten etiquetas (!nombre); un texto que "
                                      "empieza con ! va entre comillas"));
}

static bool go_deeper(struct reader *reader, const yaml_event_t *event)
{
    if (++reader->levels <= MOST_LEVELS)
        return true;
    diagnostics_error(reader->diagnostics, mark_of(reader, event),
                      in_language("this is nested more than %d levels deep",
                                  "esto tiene más de %d niveles, uno dentro de otro"),
                      MOST_LEVELS);
    return false;
}

static struct value *read_node(struct reader *reader, const yaml_event_t *event)
{
    struct value *value = NULL;
    switch (event->type) {
    case YAML_SCALAR_EVENT:
        refuse_properties(reader, event, event->data.scalar.anchor, event->data.scalar.tag);
        return read_text(reader, event);
    case YAML_SEQUENCE_START_EVENT:
        refuse_properties(reader, event, event->data.sequence_start.anchor,
                          event->data.sequence_start.tag);
        value = go_deeper(reader, event) ? read_list(reader, event) : NULL;
        reader->levels--;
        return value;
    case YAML_MAPPING_START_EVENT:
        refuse_properties(reader, event, event->data.mapping_start.anchor,
                          event->data.mapping_start.tag);
        value = go_deeper(reader, event) ? read_map(reader, event) : NULL;
        reader->levels--;
        return value;
    default:
        require(event->type == YAML_ALIAS_EVENT);
        return read_alias(reader, event);
    }
}

/* Told, so what stands in its place is a blank that no reader complains of. */
static struct value *read_alias(struct reader *reader, const yaml_event_t *event)
{
    struct value *value = value_at(reader, VALUE_TEXT, event);
    value->text = "";
    value->is_blank = value->is_from_environment = true;
    reader->told_line = value->mark.line;
    diagnostics_error(reader->diagnostics, value->mark, "%s",
                      in_language("aliases (*name) are not supported here; a text that begins with "
                                  "* must be in quotes",
                                  "aquí no se admiten alias (*nombre); un texto que empieza con * "
                                  "va entre comillas"));
    return value;
}

/* ---------------------------------------------------------------- texts */

static bool is_null_word(const char *text)
{
    static const char *const words[] = {"~", "null", "Null", "NULL"};
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (strcmp(text, words[i]) == 0)
            return true;
    return false;
}

static void note_long_text(struct reader *reader, struct mark mark)
{
    struct long_text *noted = arena_zeroed(reader->arena, 1, sizeof *noted);
    *noted = (struct long_text){mark, reader->long_texts};
    reader->long_texts = noted;
}

/* Nearly always a slip in the next line's indentation. Told only when libyaml finds nothing worse:
 * its fault has the same cause. */
static void refuse_long_texts(struct reader *reader)
{
    for (const struct long_text *each = reader->long_texts; each != NULL; each = each->next)
        diagnostics_error(
            reader->diagnostics, each->mark, "%s",
            in_language("for YAML this text goes on in the next line: if it should, put it in "
                        "quotes; if the next line is an entry of its own, it must begin in the "
                        "same column as the entries above",
                        "para YAML este texto sigue en la línea siguiente: si así debe ser, ponlo "
                        "entre comillas; si la línea siguiente es otra entrada, debe empezar en la "
                        "misma columna que las de arriba"));
}

static void check_text(struct reader *reader, const yaml_event_t *event)
{
    if (strlen((const char *)event->data.scalar.value) != event->data.scalar.length)
        diagnostics_error(reader->diagnostics, mark_of(reader, event), "%s",
                          in_language("a text cannot hold the character \\0",
                                      "un texto no puede llevar el carácter \\0"));
    bool is_plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    if (is_plain && event->end_mark.line != event->start_mark.line)
        note_long_text(reader, mark_of(reader, event));
}

static struct value *read_text(struct reader *reader, const yaml_event_t *event)
{
    const char *written = (const char *)event->data.scalar.value;
    struct value *value = value_at(reader, VALUE_TEXT, event);
    check_text(reader, event);
    if (event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE && is_null_word(written))
        written = "";
    value->text =
        environment_expand(reader->environment, written, value->mark, &value->is_from_environment,
                           reader->arena, reader->diagnostics);
    value->is_blank = value->text[strspn(value->text, " \t\r\n")] == '\0';
    if (value->is_blank)
        value->text = "";
    return value;
}

/* ---------------------------------------------------------------- lists and maps */

static struct value *read_list(struct reader *reader, const yaml_event_t *start)
{
    struct value *list = value_at(reader, VALUE_LIST, start);
    struct value **end = &list->first;
    for (;;) {
        CLEANUP(yaml_event_delete) yaml_event_t event = {0};
        if (!next_event(reader, &event))
            return NULL;
        if (event.type == YAML_SEQUENCE_END_EVENT)
            return list;
        struct value *entry = read_node(reader, &event);
        if (entry == NULL)
            return NULL;
        *end = entry;
        end = &entry->next;
        list->count++;
    }
}

static void refuse_key(struct reader *reader, struct mark mark)
{
    diagnostics_error(reader->diagnostics, mark, "%s",
                      in_language("a plain name must stand before the \":\"; a text that begins "
                                  "with { or [ must be in quotes",
                                  "antes del \":\" va un nombre simple; un texto que empieza con { "
                                  "o [ va entre comillas"));
}

/* The key as it stands: ${} is not replaced in it. NULL where it is no name (told, and passed over)
 * or libyaml stopped (*is_stopped). */
static const char *read_key(struct reader *reader, const yaml_event_t *event, bool *is_stopped)
{
    const char *key = NULL;
    *is_stopped = false;
    if (event->type == YAML_SCALAR_EVENT) {
        refuse_properties(reader, event, event->data.scalar.anchor, event->data.scalar.tag);
        check_text(reader, event);
        key = (const char *)event->data.scalar.value;
        if (strncmp(key, "\xc2\xa0", 2) == 0)
            yaml_fault_tell_no_break_space(mark_of(reader, event), reader->diagnostics);
        key = key[0] != '\0' ? arena_text(reader->arena, key) : NULL;
    } else {
        *is_stopped = read_node(reader, event) == NULL;
    }
    if (key == NULL && !*is_stopped && event->type != YAML_ALIAS_EVENT)
        refuse_key(reader, mark_of(reader, event));
    return key;
}

/* An entry whose key is no name has key NULL. */
static struct value *read_entry(struct reader *reader, const yaml_event_t *key_event)
{
    bool is_stopped = false;
    const char *key = read_key(reader, key_event, &is_stopped);
    CLEANUP(yaml_event_delete) yaml_event_t event = {0};
    if (is_stopped || !next_event(reader, &event))
        return NULL;
    struct value *entry = read_node(reader, &event);
    if (entry != NULL) {
        entry->key = key;
        entry->key_mark = mark_of(reader, key_event);
    }
    return entry;
}

static struct value *read_map(struct reader *reader, const yaml_event_t *start)
{
    struct value *map = value_at(reader, VALUE_MAP, start);
    struct value **end = &map->first;
    for (;;) {
        CLEANUP(yaml_event_delete) yaml_event_t event = {0};
        if (!next_event(reader, &event))
            return NULL;
        if (event.type == YAML_MAPPING_END_EVENT)
            break;
        struct value *entry = read_entry(reader, &event);
        if (entry == NULL)
            return NULL;
        if (entry->key == NULL)
            continue;
        *end = entry;
        end = &entry->next;
        map->count++;
    }
    drop_duplicates(reader, map);
    return map;
}

/* ---------------------------------------------------------------- duplicate keys */

static int compare_keys(const void *left, const void *right)
{
    const struct value *a = *(const struct value *const *)left;
    const struct value *b = *(const struct value *const *)right;
    int order = strcmp(a->key, b->key);
    if (order == 0)
        order = (a->key_mark.line > b->key_mark.line) - (a->key_mark.line < b->key_mark.line);
    if (order == 0)
        order =
            (a->key_mark.column > b->key_mark.column) - (a->key_mark.column < b->key_mark.column);
    return order;
}

static void refuse_duplicate(struct reader *reader, struct value *second, const struct value *first)
{
    diagnostics_error(reader->diagnostics, second->key_mark,
                      in_language("\"%s\" is here a second time; the first is on line %u",
                                  "\"%s\" está aquí por segunda vez; la primera, en la línea %u"),
                      second->key, first->key_mark.line);
    second->key = NULL;
}

static void unlink_dropped(struct value *map)
{
    for (struct value **at = &map->first; *at != NULL;) {
        if ((*at)->key == NULL) {
            *at = (*at)->next;
            map->count--;
        } else {
            at = &(*at)->next;
        }
    }
}

/* Sorted, equal keys are neighbours; the first in the file stays. */
static void drop_duplicates(struct reader *reader, struct value *map)
{
    struct value **sorted = memory_zeroed(map->count, sizeof(struct value *));
    size_t count = 0;
    for (struct value *entry = map->first; entry != NULL; entry = entry->next)
        sorted[count++] = entry;
    qsort(sorted, count, sizeof(struct value *), compare_keys);
    const struct value *first = NULL;
    for (size_t i = 0; i < count; i++) {
        if (first != NULL && strcmp(first->key, sorted[i]->key) == 0)
            refuse_duplicate(reader, sorted[i], first);
        else
            first = sorted[i];
    }
    free(sorted);
    unlink_dropped(map);
}
