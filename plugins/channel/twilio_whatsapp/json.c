/* json - nothing is taken for granted: a proxy may have answered.
 *
 * Both of Twilio's shapes of an error are read, {code, message, …} and RFC 9457's {code, title,
 * detail, …}. */
#include "json.h"

#include <stdlib.h>

static const double MOST_CODE = 999999;

const char *json_text(const cJSON *object, const char *name)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
    return text != NULL && text[0] != '\0' ? text : NULL;
}

static int32_t code_in_range(double number)
{
    return number >= 1 && number <= MOST_CODE ? (int32_t)number : 0;
}

int32_t json_code_of(const char *text)
{
    return text != NULL ? code_in_range(strtod(text, NULL)) : 0;
}

int32_t json_code(const cJSON *object, const char *name)
{
    const cJSON *code = cJSON_GetObjectItemCaseSensitive(object, name);
    return cJSON_IsNumber(code) ? code_in_range(code->valuedouble)
                                : json_code_of(cJSON_GetStringValue(code));
}

cJSON *json_body(const struct handoffd_http_answer *http)
{
    const char *end = NULL;
    cJSON *body = cJSON_ParseWithLengthOpts(http->body, http->body_length, &end, false);
    for (; body != NULL && end < http->body + http->body_length; end++) {
        if (*end != ' ' && *end != '\t' && *end != '\r' && *end != '\n')
            break;
    }
    if (cJSON_IsObject(body) && end == http->body + http->body_length)
        return body;
    cJSON_Delete(body);
    return NULL;
}

const char *json_reason(const cJSON *body)
{
    const char *text = json_text(body, "message");
    text = text != NULL ? text : json_text(body, "detail");
    return text != NULL ? text : json_text(body, "title");
}
