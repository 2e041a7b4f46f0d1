/* twilio_whatsapp - one POST Messages.json for each attempt; free text, or a template where one is
 * set.
 *
 * An attempt's way: deliver -> on_answer -> report. Nothing is repeated here: Twilio has no
 * idempotency key, so only the daemon, which knows what may have been sent, may try again. */
#include "plugin.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "address.h"
#include "answer.h"
#include "form.h"
#include "words.h"

enum { SID_DIGITS = 32, MOST_VARIABLES = 100, URL_SIZE = 512 };

struct template
{
    const char *sid;
    struct handoffd_list variables;
};

struct call;

struct twilio {
    /* options */
    const char *account_sid;
    const char *auth_token;
    const char *api_key_sid;
    const char *api_key_secret;
    const char *from;
    const char *messaging_service_sid;
    struct template template;
    const char *api_base;
    int64_t timeout_ms;

    /* since start */
    const struct handoffd_host *host;
    char url[URL_SIZE];
    char sender[ADDRESS_SIZE]; /* "": the messaging service chooses */
    struct call *calls;        /* that wait for their answer */
};

/* One attempt under way; freed in on_answer, or in stop. */
struct call {
    struct twilio *twilio;
    uint64_t attempt_id;
    struct call *previous;
    struct call *next;
};

static void deliver(void *state, const struct handoffd_attempt *attempt,
                    const struct handoffd_message *message);
static void on_answer(void *context, const struct handoffd_http_answer *http);

/* ---------------------------------------------------------------- start: the options make sense
 * together */

static const char *const field_names[] = {"cliente",  "telefono", "motivo", "conversacion",
                                          "contexto", "vendedor", "id"};

static bool fail(char *error, size_t error_size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static bool fail(char *error, size_t error_size, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(error, error_size, format, arguments);
    va_end(arguments);
    return false;
}

static bool check_sid(const char *option, const char *sid, const char *prefix, char *error,
                      size_t error_size)
{
    if (sid == NULL)
        return true;
    if (strncmp(sid, prefix, strlen(prefix)) == 0 &&
        strspn(sid + strlen(prefix), "0123456789abcdefABCDEF") == SID_DIGITS &&
        strlen(sid) == strlen(prefix) + SID_DIGITS)
        return true;
    return fail(error, error_size,
                words("option \"%s\": a sid here is %s and %d characters of 0-9 and a-f",
                      "opción \"%s\": un sid es aquí %s y %d caracteres de 0-9 y a-f"),
                option, prefix, SID_DIGITS);
}

static bool check_sids(const struct twilio *twilio, char *error, size_t error_size)
{
    return check_sid("account_sid", twilio->account_sid, "AC", error, error_size) &&
           check_sid("api_key_sid", twilio->api_key_sid, "SK", error, error_size) &&
           check_sid("messaging_service_sid", twilio->messaging_service_sid, "MG", error,
                     error_size) &&
           check_sid("template: sid", twilio->template.sid, "HX", error, error_size);
}

static bool check_credentials(const struct twilio *twilio, char *error, size_t error_size)
{
    bool has_sid = twilio->api_key_sid != NULL;
    bool has_secret = twilio->api_key_secret != NULL;
    if (has_sid == has_secret && (has_sid || twilio->auth_token != NULL))
        return true;
    if (has_sid == has_secret)
        return fail(error, error_size,
                    words("auth_token is missing, or api_key_sid with api_key_secret",
                          "falta auth_token, o api_key_sid con api_key_secret"));
    return fail(error, error_size,
                words("api_key_sid and api_key_secret go together: %s is missing",
                      "api_key_sid y api_key_secret van juntos: falta %s"),
                has_sid ? "api_key_secret" : "api_key_sid");
}

static bool read_sender(struct twilio *twilio, char *error, size_t error_size)
{
    char reason[160];
    if (twilio->from == NULL)
        return twilio->messaging_service_sid != NULL ||
               fail(error, error_size,
                    words("from is missing, or messaging_service_sid",
                          "falta from, o messaging_service_sid"));
    return address_normalise(twilio->from, NULL, twilio->sender, reason, sizeof reason) ||
           fail(error, error_size, words("option \"from\": %s", "opción \"from\": %s"), reason);
}

static bool is_field_name(const char *name)
{
    for (size_t i = 0; i < sizeof field_names / sizeof field_names[0]; i++) {
        if (strcmp(name, field_names[i]) == 0)
            return true;
    }
    return false;
}

static bool check_variables(const struct handoffd_list *variables, char *error, size_t error_size)
{
    for (size_t i = 0; i < variables->count; i++) {
        if (!is_field_name(variables->items[i]))
            return fail(error, error_size,
                        words("template: variables: \"%s\" is none of cliente, telefono, motivo, "
                              "conversacion, contexto, vendedor, id",
                              "template: variables: \"%s\" no es cliente, telefono, motivo, "
                              "conversacion, contexto, vendedor ni id"),
                        variables->items[i]);
    }
    return variables->count <= MOST_VARIABLES ||
           fail(error, error_size,
                words("template: variables: a template has %d at most",
                      "template: variables: una plantilla tiene %d como máximo"),
                MOST_VARIABLES);
}

static bool make_url(struct twilio *twilio, char *error, size_t error_size)
{
    const char *base = twilio->api_base;
    if (strncmp(base, "https://", 8) != 0 && strncmp(base, "http://", 7) != 0)
        return fail(error, error_size,
                    words("option \"api_base\" starts with neither https:// nor http://",
                          "la opción \"api_base\" no empieza por https:// ni http://"));
    size_t length = strlen(base);
    while (length > 0 && base[length - 1] == '/')
        length--;
    int url = snprintf(twilio->url, sizeof twilio->url, "%.*s/2010-04-01/Accounts/%s/Messages.json",
                       length < URL_SIZE ? (int)length : URL_SIZE, base, twilio->account_sid);
    return (url > 0 && url < URL_SIZE) || fail(error, error_size,
                                               words("option \"api_base\" is too long",
                                                     "la opción \"api_base\" es demasiado larga"));
}

/* A stand-in on this host needs no TLS; anything else would see the credentials. */
static void warn_of_plain_http(const struct twilio *twilio)
{
    static const char *const fine[] = {"https://", "http://127.0.0.1", "http://localhost",
                                       "http://[::1]"};
    for (size_t i = 0; i < sizeof fine / sizeof fine[0]; i++) {
        if (strncmp(twilio->api_base, fine[i], strlen(fine[i])) == 0)
            return;
    }
    twilio->host->log(twilio->host, HANDOFFD_LOG_WARNING,
                      "api_base is http://: the credentials travel unencrypted");
}

static bool start(void *state, const struct handoffd_host *host, char *error, size_t error_size)
{
    struct twilio *twilio = state;
    twilio->host = host;
    if (!check_sids(twilio, error, error_size) || !check_credentials(twilio, error, error_size) ||
        !read_sender(twilio, error, error_size) ||
        !check_variables(&twilio->template.variables, error, error_size) ||
        !make_url(twilio, error, error_size))
        return false;
    warn_of_plain_http(twilio);
    return true;
}

static void stop(void *state)
{
    struct twilio *twilio = state;
    while (twilio->calls != NULL) {
        struct call *call = twilio->calls;
        twilio->calls = call->next;
        free(call);
    }
}

/* ---------------------------------------------------------------- one attempt */

static void write_form(const struct twilio *twilio, const struct handoffd_attempt *attempt,
                       const struct handoffd_message *message, struct form *form)
{
    form_add(form, "To", attempt->to);
    form_add(form, "From", twilio->sender[0] != '\0' ? twilio->sender : NULL);
    form_add(form, "MessagingServiceSid", twilio->messaging_service_sid);
    form_add(form, "ContentSid", twilio->template.sid);
    if (twilio->template.sid == NULL) {
        form_add(form, "Body", message->text);
    } else if (twilio->template.variables.count > 0) {
        char *variables = form_variables(&twilio->template.variables, &message->fields);
        form_add(form, "ContentVariables", variables);
        form->is_broken |= variables == NULL;
        free(variables);
    }
}

static void send_form(struct twilio *twilio, const struct form *form, struct call *call)
{
    bool has_key = twilio->api_key_sid != NULL;
    const char *const names[] = {"accept"};
    const char *const values[] = {"application/json"};
    const struct handoffd_http_request request = {
        .size = sizeof request,
        .method = "POST",
        .url = twilio->url,
        .user = has_key ? twilio->api_key_sid : twilio->account_sid,
        .password = has_key ? twilio->api_key_secret : twilio->auth_token,
        .content_type = "application/x-www-form-urlencoded",
        .headers = {names, values, 1},
        .body = form->bytes,
        .body_length = form->length,
        .timeout_ms = twilio->timeout_ms,
    };
    twilio->host->http_send(twilio->host, &request, on_answer, call);
}

static struct call *call_create(struct twilio *twilio, uint64_t attempt_id)
{
    struct call *call = calloc(1, sizeof *call);
    if (call == NULL)
        return NULL;
    *call = (struct call){.twilio = twilio, .attempt_id = attempt_id, .next = twilio->calls};
    if (call->next != NULL)
        call->next->previous = call;
    twilio->calls = call;
    return call;
}

static void call_destroy(struct call *call)
{
    if (call->next != NULL)
        call->next->previous = call->previous;
    if (call->previous != NULL)
        call->previous->next = call->next;
    else
        call->twilio->calls = call->next;
    free(call);
}

static void deliver(void *state, const struct handoffd_attempt *attempt,
                    const struct handoffd_message *message)
{
    struct twilio *twilio = state;
    struct form form = {0};
    write_form(twilio, attempt, message, &form);
    struct call *call = form.is_broken ? NULL : call_create(twilio, attempt->id);
    if (call != NULL) {
        send_form(twilio, &form, call);
    } else {
        const struct handoffd_report report = {
            .size = sizeof report, .outcome = HANDOFFD_DEFERRED, .text = "out of memory"};
        twilio->host->report(twilio->host, attempt->id, &report);
    }
    form_deinit(&form);
}

static void on_answer(void *context, const struct handoffd_http_answer *http)
{
    struct call *call = context;
    const struct handoffd_host *host = call->twilio->host;
    struct answer answer;
    answer_read(http, &answer);
    host->report(host, call->attempt_id, &answer.report);
    call_destroy(call);
}

static bool check_to(const char *to, const char *country, char *normal, size_t normal_size,
                     char *error, size_t error_size)
{
    char address[ADDRESS_SIZE];
    if (!address_normalise(to, country, address, error, error_size))
        return false;
    int length = snprintf(normal, normal_size, "%s", address);
    return (length > 0 && (size_t)length < normal_size) ||
           fail(error, error_size, words("is too long", "es demasiado largo"));
}

/* ---------------------------------------------------------------- the plugin */

static const struct handoffd_option template_rows[] = {
    HANDOFFD_OPTION_TEXT("sid", struct template, sid,
                         .help = "the approved template's ContentSid, HX…; none: free text",
                         .help_es =
                             "el ContentSid de la plantilla aprobada, HX…; sin él, texto libre"),
    HANDOFFD_OPTION_LIST("variables", struct template, variables,
                         .help = "the data that fill {{1}}, {{2}}, … of the template, in order",
                         .help_es =
                             "los datos que llenan {{1}}, {{2}}, … de la plantilla, en orden"),
};

static const struct handoffd_options template_options = HANDOFFD_OPTIONS(template_rows);

static const struct handoffd_option rows[] = {
    HANDOFFD_OPTION_TEXT("account_sid", struct twilio, account_sid, .required = true,
                         .help = "the account's sid, AC…", .help_es = "el sid de la cuenta, AC…"),
    HANDOFFD_OPTION_TEXT("auth_token", struct twilio, auth_token, .required = true,
                         .unless = "api_key_secret", .secret = true,
                         .help = "the account's auth token",
                         .help_es = "el auth token de la cuenta"),
    HANDOFFD_OPTION_TEXT("api_key_sid", struct twilio, api_key_sid,
                         .help = "an API key instead of the auth token, SK…",
                         .help_es = "una API key en lugar del auth token, SK…"),
    HANDOFFD_OPTION_TEXT("api_key_secret", struct twilio, api_key_secret, .secret = true,
                         .help = "the API key's secret", .help_es = "el secreto de la API key"),
    HANDOFFD_OPTION_TEXT("from", struct twilio, from, .required = true,
                         .unless = "messaging_service_sid",
                         .help = "the WhatsApp number that sends, like whatsapp:+14155238886",
                         .help_es = "el número de WhatsApp que envía, como whatsapp:+14155238886"),
    HANDOFFD_OPTION_TEXT("messaging_service_sid", struct twilio, messaging_service_sid,
                         .help = "a Messaging Service that chooses the sender, MG…",
                         .help_es = "un Messaging Service que elige quién envía, MG…"),
    HANDOFFD_OPTION_RECORD("template", struct twilio, template, &template_options,
                           .help = "an approved template, needed outside of WhatsApp's 24 hours",
                           .help_es = "una plantilla aprobada, necesaria fuera de las 24 horas de "
                                      "WhatsApp"),
    HANDOFFD_OPTION_TEXT("api_base", struct twilio, api_base, .otherwise = "https://api.twilio.com",
                         .help = "where Twilio's API is; another for a stand-in",
                         .help_es = "dónde está la API de Twilio; otra para un sustituto"),
    HANDOFFD_OPTION_DURATION("timeout", struct twilio, timeout_ms, .otherwise = "10s", .least = 100,
                             .most = 60000, .help = "how long one call may take",
                             .help_es = "cuánto puede durar una llamada"),
};

static const struct handoffd_channel channel = {
    .size = sizeof(struct handoffd_channel),
    .medium = "WhatsApp",
    .provider = "Twilio",
    .setup_hint = "Check TWILIO_* environment variables.",
    .text_limit = 1600,
    .text_unit = HANDOFFD_UTF16_UNITS,
    .markup = "*_~`",
    .line_markup = ">-",
    .check_to = check_to,
    .deliver = deliver,
};

const struct handoffd_plugin handoffd_plugin = {
    HANDOFFD_PLUGIN_HEADER,
    .name = "twilio_whatsapp",
    .version = "1.0.0",
    .summary = "sends WhatsApp messages through Twilio",
    .state_size = sizeof(struct twilio),
    .options = HANDOFFD_OPTIONS(rows),
    .start = start,
    .stop = stop,
    .channel = &channel,
};
