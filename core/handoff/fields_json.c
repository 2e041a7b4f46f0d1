/* fields_json - through cJSON, both ways. */
#include "handoff/fields_json.h"

#include <cjson/cJSON.h>
#include <stdlib.h>

#include "base/require.h"

const char *fields_json_write(const struct handoffd_fields *fields, struct arena *arena)
{
    if (fields->count == 0)
        return NULL;
    cJSON *object = cJSON_CreateObject();
    require(object != NULL);
    for (size_t i = 0; i < fields->count; i++)
        require(cJSON_AddStringToObject(object, fields->names[i], fields->values[i]) != NULL);
    char *text = cJSON_PrintUnformatted(object);
    cJSON_Delete(object);
    require(text != NULL);
    const char *kept = arena_text(arena, text);
    cJSON_free(text);
    return kept;
}

struct handoffd_fields fields_json_read(const char *json, struct arena *arena)
{
    struct handoffd_fields fields = {0};
    cJSON *object = json ? cJSON_Parse(json) : NULL;
    size_t most = (size_t)cJSON_GetArraySize(object);
    const char **names = arena_zeroed(arena, most, sizeof *names);
    const char **values = arena_zeroed(arena, most, sizeof *values);
    const cJSON *item = NULL;
    cJSON_ArrayForEach(item, object)
    {
        if (!cJSON_IsString(item) || item->string == NULL)
            continue;
        names[fields.count] = arena_text(arena, item->string);
        values[fields.count++] = arena_text(arena, item->valuestring);
    }
    cJSON_Delete(object);
    fields.names = names;
    fields.values = values;
    return fields;
}
