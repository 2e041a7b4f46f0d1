/* show - tables and paragraphs on stdout; times in the reader's time zone.
 *
 * A customer's words stand among ours: they must neither steer the terminal nor look like lines of
 * their own, so every control character is a blank. */
#define _XOPEN_SOURCE 700
#include "command/show.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cjson/cJSON.h>

#include "base/language.h"
#include "base/memory.h"
#include "base/utf8.h"

enum { TIME_SIZE = 32 };

static const double most_shown = 1e15;

/* ---- what comes from the daemon */

static bool is_control(const unsigned char *at)
{
    bool is_c1 = at[0] == 0xc2 && at[1] >= 0x80 && at[1] <= 0x9f;
    return at[0] < ' ' || at[0] == 0x7f || is_c1;
}

/* Of control characters only those of `kept` stay. */
static void blank_out(char *text, const char *kept)
{
    for (char *at = text; *at != '\0'; at++) {
        if (strchr(kept, *at) != NULL || !is_control((unsigned char *)at))
            continue;
        if ((unsigned char)*at == 0xc2)
            *at++ = ' ';
        *at = ' ';
    }
}

static void blank_out_all(cJSON *item, const char *kept)
{
    for (; item != NULL; item = item->next) {
        blank_out_all(item->child, kept);
        if (cJSON_IsString(item))
            blank_out(item->valuestring, kept);
    }
}

static cJSON *parse(const char *json, const char *kept)
{
    cJSON *answer = cJSON_Parse(json);
    blank_out_all(answer, kept);
    return answer;
}

static void print_as_it_is(FILE *to, const char *answer)
{
    CLEANUP(memory_free) char *text = memory_text(answer);
    blank_out(text, "\n");
    fprintf(to, "%s\n", text);
}

static const char *text_of(const cJSON *object, const char *name)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
    return text != NULL ? text : "";
}

static long long number_of(const cJSON *object, const char *name)
{
    const cJSON *number = cJSON_GetObjectItemCaseSensitive(object, name);
    double value = cJSON_IsNumber(number) ? number->valuedouble : 0;
    return value >= -most_shown && value <= most_shown ? (long long)value : 0;
}

/* "2026-11-22T18:49:16Z" to the reader's own clock. */
static const char *local_time(const char *utc, char local[TIME_SIZE])
{
    struct tm parts = {0};
    struct tm here;
    if (strptime(utc, "%Y-%m-%dT%H:%M:%SZ", &parts) == NULL)
        return utc;
    time_t seconds = timegm(&parts);
    localtime_r(&seconds, &here);
    strftime(local, TIME_SIZE, "%Y-%m-%d %H:%M:%S", &here);
    return local;
}

/* An update is for the person who has the customer already; the handoff that it follows says who.
 */
static void show_parent(const cJSON *handoff)
{
    const char *parent = text_of(handoff, "update_of");
    if (parent[0] != '\0')
        printf(in_language("  update of %s", "  actualización de %s"), parent);
}

/* ---- a list */

static void show_line(const cJSON *line)
{
    char received[TIME_SIZE];
    printf("%-29s  %-9s  %-19s  %-12s %-10s %-11s", text_of(line, "id"), text_of(line, "state"),
           local_time(text_of(line, "received"), received), text_of(line, "vendor"),
           text_of(line, "channel"), text_of(line, "attempt"));
    if (number_of(line, "code") != 0)
        printf(" %lld", number_of(line, "code"));
    show_parent(line);
    printf("\n");
}

void show_list(const char *json)
{
    cJSON *answer = parse(json, "");
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(answer, "handoffs");
    const cJSON *line = NULL;
    if (!cJSON_IsArray(list)) {
        print_as_it_is(stdout, json);
    } else if (cJSON_GetArraySize(list) == 0) {
        printf("%s\n", in_language("none", "ninguna"));
    } else {
        printf("%-29s  %-9s  %-19s  %-12s %-10s %-11s %s\n", "ID", in_language("STATE", "ESTADO"),
               in_language("RECEIVED", "RECIBIDA"), in_language("PERSON", "PERSONA"),
               in_language("CHANNEL", "CANAL"), in_language("MESSAGE", "MENSAJE"),
               in_language("CODE", "CÓDIGO"));
        cJSON_ArrayForEach(line, list) show_line(line);
    }
    cJSON_Delete(answer);
}

/* ---- what is wrong */

void show_alerts(const char *json)
{
    cJSON *answer = parse(json, "");
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(answer, "alerts");
    const cJSON *alert = NULL;
    char since[TIME_SIZE];
    if (cJSON_GetArraySize(list) == 0)
        printf("%s\n", in_language("nothing is wrong", "no hay problemas"));
    cJSON_ArrayForEach(alert, list)
        printf("%s  %s\n", local_time(text_of(alert, "since"), since), text_of(alert, "text"));
    cJSON_Delete(answer);
}

/* ---- one, with its story */

static void show_field(const cJSON *object, const char *name, const char *label)
{
    const char *text = text_of(object, name);
    if (text[0] != '\0')
        printf("  %-*s %s\n", utf8_field(label, 14), label, text);
}

static void show_customer(const cJSON *customer)
{
    printf("\n%s\n", in_language("Customer", "Cliente"));
    show_field(customer, "user_name", in_language("name", "nombre"));
    show_field(customer, "user_phone", in_language("phone", "teléfono"));
    show_field(customer, "reason", in_language("reason", "motivo"));
    show_field(customer, "conversation_id", in_language("conversation", "conversación"));
    show_field(customer, "additional_context", in_language("context", "contexto"));
    show_field(customer, "fields", in_language("others", "otros"));
}

static void show_attempt(const cJSON *attempt)
{
    printf("  %lld. %s (%s): %s", number_of(attempt, "number"), text_of(attempt, "vendor"),
           text_of(attempt, "channel"), text_of(attempt, "state"));
    if (text_of(attempt, "address")[0] != '\0')
        printf("  %s", text_of(attempt, "address"));
    if (text_of(attempt, "message_id")[0] != '\0')
        printf("  %s", text_of(attempt, "message_id"));
    if (number_of(attempt, "code") != 0)
        printf(in_language("  code %lld", "  código %lld"), number_of(attempt, "code"));
    if (number_of(attempt, "tries") > 1)
        printf(in_language("  %lld tries", "  %lld intentos"), number_of(attempt, "tries"));
    printf("\n");
}

static void show_event(const cJSON *event)
{
    char at[TIME_SIZE];
    printf("  %s  %-12s %s\n", local_time(text_of(event, "at"), at), text_of(event, "kind"),
           text_of(event, "detail"));
}

void show_story(const char *json)
{
    cJSON *story = parse(json, "");
    const cJSON *part = NULL;
    char received[TIME_SIZE];
    if (story == NULL) {
        print_as_it_is(stdout, json);
        return;
    }
    printf("%s  %s  %s", text_of(story, "id"), text_of(story, "state"),
           local_time(text_of(story, "received"), received));
    show_parent(story);
    printf("\n");
    show_customer(cJSON_GetObjectItemCaseSensitive(story, "customer"));
    printf("\n%s\n", in_language("Attempts", "Intentos"));
    cJSON_ArrayForEach(part, cJSON_GetObjectItemCaseSensitive(story, "attempts"))
        show_attempt(part);
    printf("\n%s\n", in_language("Story", "Historia"));
    cJSON_ArrayForEach(part, cJSON_GetObjectItemCaseSensitive(story, "events")) show_event(part);
    cJSON_Delete(story);
}

/* ---- keys */

static void show_key(const cJSON *key)
{
    static const char *const times[] = {"created", "expires", "used"};
    char local[TIME_SIZE];
    const char *id = text_of(key, "id");
    printf("%-12s  %-16s  %-8s", id[0] != '\0' ? id : "vendors.yaml", text_of(key, "name"),
           text_of(key, "scope"));
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        const char *utc = text_of(key, times[i]);
        printf("  %-19s", utc[0] != '\0' ? local_time(utc, local) : "-");
    }
    printf("\n");
}

static void show_heading(const char *text, int width)
{
    printf("%-*s  ", utf8_field(text, width), text);
}

void show_keys(const char *json)
{
    cJSON *answer = parse(json, "");
    const cJSON *keys = cJSON_GetObjectItemCaseSensitive(answer, "keys");
    const cJSON *key = NULL;
    if (cJSON_GetArraySize(keys) == 0) {
        printf("%s\n", in_language("none: handoffd key new NAME", "ninguna: handoffd key new "
                                                                  "NOMBRE"));
    } else {
        show_heading("ID", 12);
        show_heading(in_language("NAME", "NOMBRE"), 16);
        show_heading(in_language("SCOPE", "PERMISO"), 8);
        show_heading(in_language("CREATED", "CREADA"), 19);
        show_heading(in_language("EXPIRES", "VENCE"), 19);
        printf("%s\n", in_language("LAST USED", "ÚLTIMO USO"));
        cJSON_ArrayForEach(key, keys) show_key(key);
    }
    cJSON_Delete(answer);
}

/* The key alone on stdout, so that a script can take it. */
void show_new_key(const char *json)
{
    cJSON *answer = parse(json, "");
    printf("%s\n", text_of(answer, "key"));
    fprintf(stderr,
            in_language("It is shown this once. It goes in the header Authorization: Bearer …; to "
                        "take it back: handoffd key revoke %s\n",
                        "Solo se muestra esta vez. Va en el encabezado Authorization: Bearer …; "
                        "para retirarla: handoffd key revoke %s\n"),
            text_of(answer, "id"));
    cJSON_Delete(answer);
}

/* ---- words */

void show_verdict(const char *json)
{
    cJSON *answer = parse(json, "\n");
    printf("%s", text_of(answer, "verdict"));
    cJSON_Delete(answer);
}

void show_detail(const char *json)
{
    cJSON *answer = parse(json, "\n");
    const char *detail = text_of(answer, "detail");
    size_t length = strlen(detail);
    if (length == 0)
        print_as_it_is(stderr, json);
    else
        fprintf(stderr, "%s%s", detail, detail[length - 1] == '\n' ? "" : "\n");
    cJSON_Delete(answer);
}
