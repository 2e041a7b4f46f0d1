/* answer - reads the JSON where there is any, and never needs it: a proxy may have answered, or
 * nobody.
 *
 * Both of Twilio's shapes of an error are read, {code, message, …} and RFC 9457's {code, title,
 * detail, …}. */
#include "answer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "codes.h"

static bool is_continuation(unsigned char byte)
{
    return (byte & 0xC0) == 0x80;
}

/* The bytes of the character at `text`; 0: not UTF-8. */
static size_t valid_length(const unsigned char *text)
{
    unsigned char first = text[0];
    if (first < 0x80)
        return 1;
    if (first >= 0xC2 && first <= 0xDF)
        return is_continuation(text[1]) ? 2 : 0;
    if (first >= 0xE0 && first <= 0xEF) {
        bool is_overlong = first == 0xE0 && text[1] < 0xA0;
        bool is_surrogate = first == 0xED && text[1] > 0x9F;
        bool is_whole = is_continuation(text[1]) && is_continuation(text[2]);
        return is_whole && !is_overlong && !is_surrogate ? 3 : 0;
    }
    if (first >= 0xF0 && first <= 0xF4) {
        bool is_beyond = (first == 0xF0 && text[1] < 0x90) || (first == 0xF4 && text[1] > 0x8F);
        bool is_whole =
            is_continuation(text[1]) && is_continuation(text[2]) && is_continuation(text[3]);
        return is_whole && !is_beyond ? 4 : 0;
    }
    return 0;
}

/* Cut to fit; what is not UTF-8 becomes '?', control characters become blanks. */
static void copy_text(char *to, size_t size, const char *from)
{
    const unsigned char *next = (const unsigned char *)from;
    size_t used = 0;
    while (*next != '\0') {
        size_t length = valid_length(next);
        bool is_control = *next < ' ' || *next == 0x7F;
        size_t added = length > 0 ? length : 1;
        if (used + added >= size)
            break;
        if (length > 0 && !is_control)
            memcpy(to + used, next, length);
        else
            to[used] = is_control ? ' ' : '?';
        used += added;
        next += added;
    }
    to[used] = '\0';
}

static const char *text_member(const cJSON *object, const char *name)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
    return text != NULL && text[0] != '\0' ? text : NULL;
}

/* A number, or digits in a text; 0: none. */
static int32_t code_member(const cJSON *object)
{
    const cJSON *code = cJSON_GetObjectItemCaseSensitive(object, "code");
    double number = cJSON_IsString(code) ? strtod(code->valuestring, NULL) : 0;
    number = cJSON_IsNumber(code) ? code->valuedouble : number;
    return number >= 1 && number <= 999999 ? (int32_t)number : 0;
}

static void read_success(const cJSON *body, int32_t status, struct answer *answer)
{
    const char *sid = text_member(body, "sid"); /* SM… or MM… */
    if (sid != NULL && strlen(sid) < sizeof answer->message_id) {
        copy_text(answer->message_id, sizeof answer->message_id, sid);
        answer->report.outcome = HANDOFFD_SENT;
        answer->report.message_id = answer->message_id;
        return;
    }
    answer->report.outcome = HANDOFFD_UNKNOWN;
    snprintf(answer->text, sizeof answer->text, "HTTP %d without a message id", status);
}

static void read_refusal(const cJSON *body, const struct handoffd_http_answer *http,
                         struct answer *answer)
{
    answer->report.code = code_member(body);
    struct verdict verdict = codes_verdict(answer->report.code, http->status);
    answer->report.outcome = verdict.outcome;
    if (verdict.outcome == HANDOFFD_DEFERRED)
        answer->report.retry_after_ms =
            http->retry_after_ms > 0 ? http->retry_after_ms : verdict.retry_after_ms;
    const char *text = text_member(body, "message");
    text = text != NULL ? text : text_member(body, "detail");
    text = text != NULL ? text : text_member(body, "title");
    if (text != NULL)
        copy_text(answer->text, sizeof answer->text, text);
    else
        snprintf(answer->text, sizeof answer->text, "HTTP %d without a reason", http->status);
}

void answer_read(const struct handoffd_http_answer *http, struct answer *answer)
{
    *answer = (struct answer){.report = {.size = sizeof answer->report}};
    answer->report.text = answer->text;
    if (http->result != HANDOFFD_HTTP_ANSWERED) {
        bool is_unsent = http->result == HANDOFFD_HTTP_NOT_SENT;
        answer->report.outcome = is_unsent ? HANDOFFD_DEFERRED : HANDOFFD_UNKNOWN;
        copy_text(answer->text, sizeof answer->text,
                  http->error != NULL ? http->error : "no answer");
        return;
    }
    cJSON *body = cJSON_ParseWithLength(http->body, http->body_length);
    if (http->status >= 200 && http->status <= 299)
        read_success(body, http->status, answer);
    else
        read_refusal(body, http, answer);
    cJSON_Delete(body);
}
