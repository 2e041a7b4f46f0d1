/* reply - built with cJSON, so that no text of anybody can break the document. */
#include "api/reply.h"

#include <cjson/cJSON.h>
#include <string.h>

#include "base/require.h"

static void add_text(cJSON *object, const char *name, const char *text)
{
    require(cJSON_AddStringToObject(object, name, text) != NULL);
}

/* A text that may be missing. */
static void add_known(cJSON *object, const char *name, const char *text)
{
    if (text != NULL)
        add_text(object, name, text);
}

static cJSON *object_create(void)
{
    cJSON *object = cJSON_CreateObject();
    require(object != NULL);
    return object;
}

/* Writes and frees it. */
static void print(cJSON *object, struct buffer *body)
{
    char *text = cJSON_PrintUnformatted(object);
    require(text != NULL);
    buffer_append_text(body, text);
    cJSON_free(text);
    cJSON_Delete(object);
}

/* The sentence with the person's name in place of {vendedor}. */
static void add_say(cJSON *object, const char *sentence, const char *vendor_name)
{
    static const char name[] = "{vendedor}";
    struct buffer said;
    buffer_init(&said, REPLY_BYTES);
    const char *found;
    while ((found = strstr(sentence, name)) != NULL) {
        buffer_append(&said, sentence, (size_t)(found - sentence));
        buffer_append_text(&said, vendor_name != NULL ? vendor_name : "Un asesor");
        sentence = found + sizeof name - 1;
    }
    buffer_append_text(&said, sentence);
    add_text(object, "say", said.bytes);
    buffer_deinit(&said);
}

void reply_error(struct buffer *body, const char *detail, const char *say)
{
    cJSON *object = object_create();
    add_text(object, "detail", detail);
    add_say(object, say, NULL);
    print(object, body);
}

void reply_invalid(struct buffer *body, const struct handoff_json *read, const char *say)
{
    cJSON *object = object_create();
    add_text(object, "detail", read->detail);
    cJSON *errors = cJSON_AddArrayToObject(object, "errors");
    for (size_t i = 0; i < read->error_count; i++) {
        cJSON *error = object_create();
        add_text(error, "field", read->errors[i].field);
        add_text(error, "message", read->errors[i].message);
        require(cJSON_AddItemToArray(errors, error));
    }
    add_say(object, say, NULL);
    print(object, body);
}

/* ---- what became of a handoff */

static void add_vendor(cJSON *object, const struct answer *answer)
{
    if (answer->vendor_id == NULL)
        return;
    cJSON *vendor = cJSON_AddObjectToObject(object, "vendor");
    require(vendor != NULL);
    add_text(vendor, "id", answer->vendor_id);
    add_text(vendor, "name", answer->vendor_name);
}

static void add_stored(cJSON *object, bool is_stored)
{
    require(cJSON_AddBoolToObject(object, "stored", is_stored) != NULL);
}

static int write_answer(cJSON *object, const struct answer *answer, const struct sentences *say)
{
    switch (answer->kind) {
    case ANSWER_SENT:
        add_text(object, "status", "ok");
        add_text(object, "message", "Notificación enviada al vendedor");
        add_known(object, "message_sid", answer->message_id);
        add_known(object, "handoff_id", answer->handoff_id);
        add_vendor(object, answer);
        add_say(object, say->sent, answer->vendor_name);
        return 200;
    case ANSWER_QUEUED:
        add_text(object, "status", "queued");
        add_text(object, "message", "Notificación en cola para el vendedor");
        add_known(object, "handoff_id", answer->handoff_id);
        add_say(object, say->queued, answer->vendor_name);
        return 202;
    case ANSWER_FAILED:
        add_text(object, "detail", answer->detail != NULL ? answer->detail : "Nadie fue avisado");
        add_known(object, "handoff_id", answer->handoff_id);
        add_stored(object, true);
        add_say(object, say->failed, answer->vendor_name);
        return 500;
    case ANSWER_UNCONFIGURED:
        add_text(object, "detail", answer->detail);
        add_say(object, say->failed, NULL);
        return 503;
    case ANSWER_OVERLOADED:
        add_text(object, "detail",
                 "Demasiadas solicitudes o poco disco: vuelve a intentar en unos "
                 "segundos; no se guardó nada");
        add_stored(object, false);
        add_say(object, say->failed, NULL);
        return 503;
    case ANSWER_CONFLICT:
        add_text(object, "detail", "Idempotency-Key: ya se usó con otro contenido");
        add_say(object, say->failed, NULL);
        return 422;
    case ANSWER_LOST:
        break;
    }
    add_text(object, "detail",
             "No se sabe si la solicitud quedó guardada: repítela con la misma "
             "Idempotency-Key o la misma conversación");
    add_say(object, say->failed, NULL);
    return 500;
}

int reply_answer(struct buffer *body, const struct answer *answer, const struct sentences *say)
{
    cJSON *object = object_create();
    int status = write_answer(object, answer, say);
    if (answer->is_duplicate)
        require(cJSON_AddBoolToObject(object, "duplicate", true) != NULL);
    print(object, body);
    return status;
}
