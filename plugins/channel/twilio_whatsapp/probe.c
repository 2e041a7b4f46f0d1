/* probe - credentials, template, sender, one after the other; the first that is unfit ends it.
 *
 * The credentials are proved with the list of messages, which restricted API keys may read too, and
 * which find needs. What a key may not read is said, and is no fault: it may send even so.
 *
 * https://www.twilio.com/docs/content/content-api-resources
 * https://www.twilio.com/docs/whatsapp/api/senders */
#include "probe.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "answer.h"
#include "call.h"
#include "json.h"
#include "text.h"
#include "words.h"

enum { MOST_PAGES = 5, MOST_DIGITS = 3 };

struct probe {
    struct call call;
    char notes[ANSWER_TEXT_SIZE]; /* what could not be checked; joined by "; " */
    int pages;
};

static void ask_for_messages(struct probe *probe);
static void on_messages(void *context, const struct handoffd_http_answer *http);
static void ask_for_template(struct probe *probe);
static void on_template(void *context, const struct handoffd_http_answer *http);
static void ask_for_approval(struct probe *probe);
static void on_approval(void *context, const struct handoffd_http_answer *http);
static void ask_for_senders(struct probe *probe);
static void on_senders(void *context, const struct handoffd_http_answer *http);
static void end(struct probe *probe);

void probe(void *state, uint64_t attempt_id)
{
    struct twilio *twilio = state;
    struct probe *probe = call_create(twilio, attempt_id, sizeof *probe, NULL);
    if (probe != NULL) {
        ask_for_messages(probe);
        return;
    }
    const struct handoffd_report report = {
        .size = sizeof report, .outcome = HANDOFFD_UNKNOWN, .text = "out of memory"};
    twilio->host->report(twilio->host, attempt_id, &report);
}

/* ---------------------------------------------------------------- what is said */

static void conclude(struct probe *probe, enum handoffd_outcome outcome, int32_t code,
                     const char *format, ...) __attribute__((format(printf, 4, 5)));

/* The last step. */
static void conclude(struct probe *probe, enum handoffd_outcome outcome, int32_t code,
                     const char *format, ...)
{
    char text[2 * ANSWER_TEXT_SIZE];
    char clean[ANSWER_TEXT_SIZE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    text_copy(clean, sizeof clean, text);
    const struct handoffd_report report = {
        .size = sizeof report, .outcome = outcome, .code = code, .text = clean};
    call_report(&probe->call, &report);
}

static void note(struct probe *probe, const char *text)
{
    size_t used = strlen(probe->notes);
    snprintf(probe->notes + used, sizeof probe->notes - used, "%s%s", used > 0 ? "; " : "", text);
}

static void end(struct probe *probe)
{
    conclude(probe, HANDOFFD_SENT, 0, "%s", probe->notes);
}

/* Whatever it was, it says nothing about the configuration. */
static void conclude_unasked(struct probe *probe, const struct handoffd_http_answer *http)
{
    struct answer answer;
    answer_unasked(http, &answer);
    conclude(probe, HANDOFFD_UNKNOWN, answer.report.code,
             words("Twilio could not be asked: %s", "no se pudo preguntar a Twilio: %s"),
             answer.text);
}

/* ---------------------------------------------------------------- answers */

/* NULL: not a 200 with an object. */
static cJSON *good_body(const struct handoffd_http_answer *http)
{
    bool is_good = http->result == HANDOFFD_HTTP_ANSWERED && http->status == 200;
    return is_good ? json_body(http) : NULL;
}

static bool has_status(const struct handoffd_http_answer *http, int32_t status)
{
    return http->result == HANDOFFD_HTTP_ANSWERED && http->status == status;
}

/* The credentials were good a moment ago: it is this part of the API that the key may not read. */
static bool is_forbidden(const struct handoffd_http_answer *http)
{
    return has_status(http, 401) || has_status(http, 403);
}

/* ---------------------------------------------------------------- the credentials */

static void ask_for_messages(struct probe *probe)
{
    const struct twilio *twilio = probe->call.twilio;
    char url[URL_SIZE];
    snprintf(url, sizeof url, "%s/2010-04-01/Accounts/%s/Messages.json?PageSize=1", twilio->api,
             twilio->account_sid);
    call_get(&probe->call, url, on_messages);
}

static void refuse_credentials(struct probe *probe, const struct handoffd_http_answer *http)
{
    struct answer answer;
    answer_unasked(http, &answer);
    const char *what =
        words("Twilio does not accept the credentials", "Twilio no acepta las credenciales");
    if (http->status == 403)
        what = words("the API key may not read messages, so what becomes of them stays unknown",
                     "la API key no puede leer mensajes, así que no se sabría qué fue de ellos");
    else if (http->status == 404)
        what = words("Twilio has no account of this account_sid",
                     "Twilio no tiene una cuenta con este account_sid");
    conclude(probe, HANDOFFD_REFUSED_ACCOUNT, answer.report.code, "%s: %s", what, answer.text);
}

static void on_messages(void *context, const struct handoffd_http_answer *http)
{
    struct probe *probe = context;
    cJSON *body = good_body(http);
    if (cJSON_IsArray(cJSON_GetObjectItemCaseSensitive(body, "messages")))
        ask_for_template(probe);
    else if (is_forbidden(http) || has_status(http, 404))
        refuse_credentials(probe, http);
    else
        conclude_unasked(probe, http);
    cJSON_Delete(body);
}

/* ---------------------------------------------------------------- the template */

static void ask_for_template(struct probe *probe)
{
    const struct twilio *twilio = probe->call.twilio;
    char url[URL_SIZE];
    if (twilio->template.sid == NULL) {
        ask_for_senders(probe);
        return;
    }
    snprintf(url, sizeof url, "%s/v1/Content/%s", twilio->content, twilio->template.sid);
    call_get(&probe->call, url, on_template);
}

static void skip_template(struct probe *probe)
{
    note(probe, words("the template was not checked: this key may not read the Content API",
                      "no se revisó la plantilla: esta clave no puede leer la Content API"));
    ask_for_senders(probe);
}

/* The highest n of a {{n}} in any text of the template's types. */
static size_t highest_variable(const cJSON *types)
{
    char *text = cJSON_PrintUnformatted(types);
    size_t highest = 0;
    for (const char *next = text != NULL ? strstr(text, "{{") : NULL; next != NULL;
         next = strstr(next + 2, "{{")) {
        size_t digits = strspn(next + 2, "0123456789");
        size_t number = 0;
        for (size_t i = 0; i < digits && digits <= MOST_DIGITS; i++)
            number = number * 10 + (size_t)(next[2 + i] - '0');
        bool is_variable = digits > 0 && strncmp(next + 2 + digits, "}}", 2) == 0;
        highest = is_variable && number > highest ? number : highest;
    }
    cJSON_free(text);
    return highest;
}

/* Twilio fills what is missing with the template's own examples: the person would read those. */
static void check_variables(struct probe *probe, const cJSON *content)
{
    const struct template *template = &probe->call.twilio->template;
    size_t highest = highest_variable(cJSON_GetObjectItemCaseSensitive(content, "types"));
    if (highest <= template->variables.count)
        ask_for_approval(probe);
    else
        conclude(probe, HANDOFFD_REFUSED_MESSAGE, 0,
                 words("the template %s has {{%zu}}, but template.variables fills only %zu",
                       "la plantilla %s tiene {{%zu}}, pero template.variables solo llena %zu"),
                 template->sid, highest, template->variables.count);
}

static void on_template(void *context, const struct handoffd_http_answer *http)
{
    struct probe *probe = context;
    cJSON *body = good_body(http);
    if (body != NULL)
        check_variables(probe, body);
    else if (is_forbidden(http))
        skip_template(probe);
    else if (has_status(http, 404))
        conclude(probe, HANDOFFD_REFUSED_MESSAGE, 0,
                 words("the template %s does not exist in this account",
                       "la plantilla %s no existe en esta cuenta"),
                 probe->call.twilio->template.sid);
    else
        conclude_unasked(probe, http);
    cJSON_Delete(body);
}

/* ---------------------------------------------------------------- its approval */

static void ask_for_approval(struct probe *probe)
{
    const struct twilio *twilio = probe->call.twilio;
    char url[URL_SIZE];
    snprintf(url, sizeof url, "%s/v1/Content/%s/ApprovalRequests", twilio->content,
             twilio->template.sid);
    call_get(&probe->call, url, on_approval);
}

/* What Twilio's word for it means, behind "the template HX…". */
static const char *meaning_of(const char *status)
{
    static const struct {
        const char *status;
        const char *english;
        const char *spanish;
    } meanings[] = {
        {"paused", "is paused", "está en pausa"},
        {"rejected", "was rejected", "fue rechazada"},
        {"disabled", "is disabled", "está desactivada"},
        {"pending", "is not approved yet", "todavía no está aprobada"},
        {"received", "is not approved yet", "todavía no está aprobada"},
        {"unsubmitted", "was not sent to approval", "no se ha enviado a aprobación"},
    };
    for (size_t i = 0; i < sizeof meanings / sizeof meanings[0]; i++) {
        if (strcmp(meanings[i].status, status) == 0)
            return words(meanings[i].english, meanings[i].spanish);
    }
    return words("is not approved", "no está aprobada");
}

static void refuse_template(struct probe *probe, const char *status, const char *reason)
{
    conclude(probe, HANDOFFD_REFUSED_MESSAGE, 0,
             words("the template %s %s%s%s", "la plantilla %s %s%s%s"),
             probe->call.twilio->template.sid, meaning_of(status), reason != NULL ? ": " : "",
             reason != NULL ? reason : "");
}

/* A template that was never sent to approval has no `whatsapp`. */
static void read_approval(struct probe *probe, const cJSON *approval)
{
    const char *status = json_text(approval, "status");
    const char *category = json_text(approval, "category");
    if (status == NULL || strcmp(status, "approved") != 0) {
        refuse_template(probe, status != NULL ? status : "unsubmitted",
                        json_text(approval, "rejection_reason"));
        return;
    }
    if (category != NULL && strcmp(category, "MARKETING") == 0)
        note(probe, words("the template's category is MARKETING, which Meta may withhold: make one "
                          "of the category UTILITY",
                          "la plantilla es de categoría MARKETING, que Meta puede no entregar: haz "
                          "una de categoría UTILITY"));
    ask_for_senders(probe);
}

static void on_approval(void *context, const struct handoffd_http_answer *http)
{
    struct probe *probe = context;
    cJSON *body = good_body(http);
    if (body != NULL)
        read_approval(probe, cJSON_GetObjectItemCaseSensitive(body, "whatsapp"));
    else if (is_forbidden(http))
        skip_template(probe);
    else if (has_status(http, 404))
        read_approval(probe, NULL);
    else
        conclude_unasked(probe, http);
    cJSON_Delete(body);
}

/* ---------------------------------------------------------------- the sender */

static void ask_for_senders(struct probe *probe)
{
    const struct twilio *twilio = probe->call.twilio;
    char url[URL_SIZE];
    if (twilio->sender[0] == '\0') {
        note(probe, words("the sender was not checked: the Messaging Service chooses it",
                          "no se revisó el remitente: lo elige el Messaging Service"));
        end(probe);
    } else if (strcmp(twilio->sender, SANDBOX_SENDER) == 0) {
        note(probe,
             words("from is the sandbox: it reaches only those who sent it \"join …\" in the "
                   "last 3 days",
                   "from es la sandbox: solo llega a quienes le enviaron «join …» en los "
                   "últimos 3 días"));
        end(probe);
    } else {
        snprintf(url, sizeof url, "%s/v2/Channels/Senders?Channel=whatsapp&PageSize=100",
                 twilio->messaging);
        call_get(&probe->call, url, on_senders);
    }
}

static void skip_sender(struct probe *probe)
{
    note(probe, words("the sender was not checked: this key may not read the Senders API",
                      "no se revisó el remitente: esta clave no puede leer la Senders API"));
    end(probe);
}

/* ONLINE, or ONLINE:UPDATING. */
static void read_sender(struct probe *probe, const cJSON *sender)
{
    const char *status = json_text(sender, "status");
    const cJSON *reasons = cJSON_GetObjectItemCaseSensitive(sender, "offline_reasons");
    const char *reason = json_text(cJSON_GetArrayItem(reasons, 0), "message");
    if (status != NULL && strncmp(status, "ONLINE", 6) == 0)
        end(probe);
    else
        conclude(probe, HANDOFFD_REFUSED_ACCOUNT, 0,
                 words("the WhatsApp sender in from cannot send: its state is %s%s%s",
                       "el remitente de WhatsApp de from no puede enviar: su estado es %s%s%s"),
                 status != NULL ? status : "?", reason != NULL ? ": " : "",
                 reason != NULL ? reason : "");
}

static const cJSON *find_sender(const cJSON *senders, const char *id)
{
    const cJSON *sender = NULL;
    cJSON_ArrayForEach(sender, senders)
    {
        const char *sender_id = json_text(sender, "sender_id");
        if (sender_id != NULL && strcmp(sender_id, id) == 0)
            return sender;
    }
    return NULL;
}

static bool is_visible(const char *text)
{
    while (*text > ' ' && *text <= '~')
        text++;
    return *text == '\0';
}

/* Only to where we asked: the credentials go with it. */
static void ask_for_more_senders(struct probe *probe, const char *url)
{
    const char *base = probe->call.twilio->messaging;
    bool is_ours = strncmp(url, base, strlen(base)) == 0 && url[strlen(base)] == '/' &&
                   strlen(url) < URL_SIZE && is_visible(url);
    if (is_ours && ++probe->pages < MOST_PAGES)
        call_get(&probe->call, url, on_senders);
    else
        skip_sender(probe);
}

static void read_senders(struct probe *probe, const cJSON *body)
{
    const cJSON *senders = cJSON_GetObjectItemCaseSensitive(body, "senders");
    const cJSON *sender = find_sender(senders, probe->call.twilio->sender);
    const char *next = json_text(cJSON_GetObjectItemCaseSensitive(body, "meta"), "next_page_url");
    if (sender != NULL)
        read_sender(probe, sender);
    else if (next != NULL)
        ask_for_more_senders(probe, next);
    else
        conclude(probe, HANDOFFD_REFUSED_ACCOUNT, 0,
                 words("from is not a WhatsApp sender of this account: copy it from the console, "
                       "Messaging, Senders, WhatsApp senders",
                       "from no es un remitente de WhatsApp de esta cuenta: cópialo de la consola, "
                       "en Messaging, Senders, WhatsApp senders"));
}

static void on_senders(void *context, const struct handoffd_http_answer *http)
{
    struct probe *probe = context;
    cJSON *body = good_body(http);
    if (cJSON_IsArray(cJSON_GetObjectItemCaseSensitive(body, "senders")))
        read_senders(probe, body);
    else if (is_forbidden(http) || has_status(http, 404))
        skip_sender(probe);
    else
        conclude_unasked(probe, http);
    cJSON_Delete(body);
}
