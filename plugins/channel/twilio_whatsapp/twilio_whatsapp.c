/* twilio_whatsapp - WhatsApp messages through Twilio: the plugin's options, and what does what.
 *
 *     deliver.c   POST Messages.json                      answer.c, codes.c: what its answers mean
 *     receive.c   status callbacks                        signature.c: whose they are
 *     find.c      GET Messages: was it sent?              wanted.c, likeness.c: is it this one?
 *     probe.c     credentials, template, sender           for `handoffd check --online`
 *     advice.c    what a person should do about a code
 */
#include "plugin.h"

#include <stdio.h>
#include <string.h>

#include "address.h"
#include "advice.h"
#include "call.h"
#include "deliver.h"
#include "find.h"
#include "other.h"
#include "probe.h"
#include "receive.h"
#include "settings.h"
#include "twilio.h"
#include "words.h"

static bool start(void *state, const struct handoffd_host *host, char *error, size_t error_size)
{
    struct twilio *twilio = state;
    twilio->host = host;
    if (!settings_read(twilio, error, error_size))
        return false;
    if (settings_is_plain_http(twilio))
        host->log(host, HANDOFFD_LOG_WARNING,
                  "api_base, content_base or messaging_base is http://: the credentials travel "
                  "unencrypted");
    return true;
}

static void stop(void *state)
{
    call_destroy_all(state);
}

static bool check_to(const char *to, const char *country, char *normal, size_t normal_size,
                     char *error, size_t error_size)
{
    char address[ADDRESS_SIZE];
    if (!address_normalise(to, country, address, error, error_size))
        return false;
    int length = snprintf(normal, normal_size, "%s", address);
    if (length > 0 && (size_t)length < normal_size)
        return true;
    snprintf(error, error_size, "%s", words("is too long", "es demasiado largo"));
    return false;
}

/* A WhatsApp sender: 80 messages a second. The sandbox: one in 3 seconds, and 50 a day. A pair of
 * sender and recipient: one in 6 seconds, of which 45 may be borrowed.
 * https://www.twilio.com/docs/whatsapp/best-practices-and-faqs, and Meta's Cloud API, overview */
static void limits(const void *state, struct handoffd_limits *limits)
{
    const struct twilio *twilio = state;
    limits->channel = (struct handoffd_rate){.count = 80, .period_ms = 1000, .burst = 80};
    limits->recipient = (struct handoffd_rate){.count = 1, .period_ms = 6000, .burst = 45};
    if (strcmp(twilio->sender, SANDBOX_SENDER) == 0) {
        limits->channel = (struct handoffd_rate){.count = 1, .period_ms = 3000, .burst = 1};
        limits->per_day = 50;
    }
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
    HANDOFFD_OPTION_TEXT(
        "auth_token", struct twilio, auth_token, .required = true, .unless = "api_key_secret",
        .secret = true, .help = "the account's primary auth token; callbacks are signed with it",
        .help_es = "el auth token primario de la cuenta; con él se firman los avisos"),
    HANDOFFD_OPTION_TEXT("api_key_sid", struct twilio, api_key_sid,
                         .help = "an API key for sending, instead of the auth token, SK…",
                         .help_es = "una API key para enviar, en lugar del auth token, SK…"),
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
    HANDOFFD_OPTION_TEXT("content_base", struct twilio, content_base,
                         .otherwise = "https://content.twilio.com",
                         .help = "where Twilio's Content API is; another for a stand-in",
                         .help_es = "dónde está la Content API de Twilio; otra para un sustituto"),
    HANDOFFD_OPTION_TEXT("messaging_base", struct twilio, messaging_base,
                         .otherwise = "https://messaging.twilio.com",
                         .help = "where Twilio's Senders API is; another for a stand-in",
                         .help_es = "dónde está la Senders API de Twilio; otra para un sustituto"),
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
    .line_markup = ">-1",
    .tells_delivery = true,
    .check_to = check_to,
    .deliver = deliver,
    .find = find,
    .receive = receive,
    .limits = limits,
    .other_to = other_address,
    .explain = advice_for,
    .probe = probe,
    .makes_links = true,
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
