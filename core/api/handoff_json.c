/* handoff_json - the fields of the body, one after the other; what is wrong with each is kept. */
#include "api/handoff_json.h"

#include <string.h>

#include "api/json_body.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/require.h"
#include "base/utf8.h"
#include "handoff/clean.h"
#include "handoff/phone.h"

enum {
    EXTRA_FIELDS = 32,
    EXTRA_NAME_CHARACTERS = 100,
    EXTRA_VALUE_CHARACTERS = 2000,
    SHOWN_NAME_CHARACTERS = 40
};

/* A field of the specification. */
struct known_field {
    const char *name;
    size_t offset; /* of its const char * in struct handoffd_handoff */
    size_t most_characters;
    bool is_required;
};

static const struct known_field known_fields[] = {
    {"user_phone", offsetof(struct handoffd_handoff, user_phone), 200, true},
    {"reason", offsetof(struct handoffd_handoff, reason), 65536, true},
    {"user_name", offsetof(struct handoffd_handoff, user_name), 200, false},
    {"conversation_id", offsetof(struct handoffd_handoff, conversation_id), 200, false},
    {"additional_context", offsetof(struct handoffd_handoff, additional_context), 65536, false},
};

/* The members of the body, each in its place. */
struct members {
    const cJSON *known[COUNT_OF(known_fields)];
    bool is_twice[COUNT_OF(known_fields)];
    const cJSON *extra[EXTRA_FIELDS];
    size_t extra_count;
    const cJSON *extra_twice;
    const cJSON *extra_beyond; /* the first that finds no place; nothing behind it was looked at */
};

static void sort_members(const cJSON *object, struct members *members);
static void read_known(const struct members *members, struct handoff_json *read,
                       struct arena *arena);
static void read_extra(const struct members *members, struct handoff_json *read,
                       struct arena *arena);
static const char *join_errors(const struct handoff_json *read, struct arena *arena);

static void free_tree(cJSON **tree)
{
    cJSON_Delete(*tree);
}

static enum handoff_json_result malformed(struct handoff_json *read, const char *detail,
                                          struct arena *arena)
{
    read->detail = arena_text(arena, detail);
    return HANDOFF_JSON_MALFORMED;
}

enum handoff_json_result handoff_json_read(const char *body, size_t length, struct arena *arena,
                                           struct handoff_json *read)
{
    *read = (struct handoff_json){.handoff.size = sizeof read->handoff};
    struct error error;
    CLEANUP(free_tree) cJSON *tree = json_body_read(body, length, &error);
    if (tree == NULL)
        return malformed(read, error.message, arena);
    if (!cJSON_IsObject(tree))
        return malformed(read, "el cuerpo debe ser un objeto JSON", arena);
    struct members members = {0};
    sort_members(tree, &members);
    read_known(&members, read, arena);
    read_extra(&members, read, arena);
    if (read->error_count == 0)
        return HANDOFF_JSON_FINE;
    read->detail = join_errors(read, arena);
    return HANDOFF_JSON_INVALID;
}

/* ------------------------------------------------------------ sorting */

static void sort_extra(const cJSON *member, struct members *members)
{
    for (size_t i = 0; i < members->extra_count; i++) {
        if (strcmp(members->extra[i]->string, member->string) == 0) {
            members->extra_twice = member;
            return;
        }
    }
    if (members->extra_count == EXTRA_FIELDS)
        members->extra_beyond = member;
    else
        members->extra[members->extra_count++] = member;
}

static void sort_members(const cJSON *object, struct members *members)
{
    const cJSON *member = object->child;
    for (; member != NULL && members->extra_beyond == NULL; member = member->next) {
        size_t i = 0;
        while (i < COUNT_OF(known_fields) && strcmp(known_fields[i].name, member->string) != 0)
            i++;
        if (i == COUNT_OF(known_fields)) {
            sort_extra(member, members);
        } else {
            members->is_twice[i] = members->known[i] != NULL;
            members->known[i] = member;
        }
    }
}

/* ------------------------------------------------------------ reading */

/* What does not fit is as wrong as the first ones; the client mends those and asks again. */
static void add_error(struct handoff_json *read, struct field_error error)
{
    if (read->error_count < HANDOFF_JSON_ERRORS)
        read->errors[read->error_count++] = error;
}

/* A name out of the body, fit for a sentence. */
static const char *shown_name(const cJSON *member, struct arena *arena)
{
    const char *name = clean_line(member->string, NULL, arena);
    return name ? clean_cut(name, HANDOFFD_CODE_POINTS, SHOWN_NAME_CHARACTERS, arena)
                : "(sin nombre)";
}

static const char *too_long(const char *text, size_t most_characters, struct arena *arena)
{
    if (text == NULL || utf8_count(text, strlen(text)) <= most_characters)
        return NULL;
    return arena_format(arena, "pasa de %zu caracteres", most_characters);
}

/* What is wrong with the member, or NULL and its text, itself NULL where it is absent. */
static const char *read_text(const cJSON *member, const struct known_field *field,
                             const char **text, struct arena *arena)
{
    if (member != NULL && !cJSON_IsNull(member) && !cJSON_IsString(member))
        return "debe ser texto";
    *text = clean_trimmed(cJSON_GetStringValue(member), arena);
    if (*text == NULL)
        return field->is_required ? "falta; es obligatorio" : NULL;
    return too_long(*text, field->most_characters, arena);
}

/* Likewise; the text becomes the number's normal form. */
static const char *read_phone(const char **text, struct arena *arena)
{
    char normal[PHONE_SIZE];
    if (!phone_normalise(*text, normal))
        return "debe estar en formato internacional, por ejemplo +5215512345678";
    *text = arena_text(arena, normal);
    return NULL;
}

static void read_known(const struct members *members, struct handoff_json *read,
                       struct arena *arena)
{
    for (size_t i = 0; i < COUNT_OF(known_fields); i++) {
        const struct known_field *field = &known_fields[i];
        const char *text = NULL;
        const char *fault = members->is_twice[i]
                                ? "viene dos veces"
                                : read_text(members->known[i], field, &text, arena);
        if (fault == NULL && field->offset == offsetof(struct handoffd_handoff, user_phone))
            fault = read_phone(&text, arena);
        if (fault != NULL)
            add_error(read, (struct field_error){.field = field->name, .message = fault});
        else
            memcpy((char *)&read->handoff + field->offset, &text, sizeof text);
    }
}

/* Text as it is, anything else as JSON. */
static const char *extra_text(const cJSON *member, struct arena *arena)
{
    if (cJSON_IsNull(member))
        return NULL;
    if (cJSON_IsString(member))
        return clean_trimmed(member->valuestring, arena);
    CLEANUP(memory_free) char *json = cJSON_PrintUnformatted(member);
    require(json != NULL);
    return arena_text(arena, json);
}

static void add_extra_error(struct handoff_json *read, const cJSON *member, const char *message,
                            struct arena *arena)
{
    add_error(read, (struct field_error){shown_name(member, arena), message, .is_unknown = true});
}

static void check_extra_names(const struct members *members, struct handoff_json *read,
                              struct arena *arena)
{
    if (members->extra_beyond != NULL)
        add_extra_error(
            read, members->extra_beyond,
            arena_format(arena, "sobra; se admiten %d campos adicionales", EXTRA_FIELDS), arena);
    if (members->extra_twice != NULL)
        add_extra_error(read, members->extra_twice, "viene dos veces", arena);
}

static void read_extra(const struct members *members, struct handoff_json *read,
                       struct arena *arena)
{
    const char **names = arena_zeroed(arena, EXTRA_FIELDS, sizeof *names);
    const char **values = arena_zeroed(arena, EXTRA_FIELDS, sizeof *values);
    size_t count = 0;
    for (size_t i = 0; i < members->extra_count; i++) {
        const cJSON *member = members->extra[i];
        const char *text = extra_text(member, arena);
        const char *fault = too_long(text, EXTRA_VALUE_CHARACTERS, arena);
        if (too_long(member->string, EXTRA_NAME_CHARACTERS, arena))
            fault = "su nombre es demasiado largo";
        if (fault != NULL)
            add_extra_error(read, member, fault, arena);
        if (fault != NULL || text == NULL)
            continue;
        names[count] = arena_text(arena, member->string);
        values[count++] = text;
    }
    check_extra_names(members, read, arena);
    read->handoff.fields = (struct handoffd_fields){names, values, count};
}

static const char *join_errors(const struct handoff_json *read, struct arena *arena)
{
    const char *detail = "";
    for (size_t i = 0; i < read->error_count; i++)
        detail = arena_format(arena, "%s%s%s: %s", detail, i > 0 ? "; " : "", read->errors[i].field,
                              read->errors[i].message);
    return detail;
}
