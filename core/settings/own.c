/* own - the sections that are the daemon's: each a struct and a table. */

#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/language.h"
#include "base/memory.h"
#include "settings/sections.h"

static const struct handoffd_option company_rows[] = {
    HANDOFFD_OPTION_TEXT("name", struct company, name, .help = "the company's name",
                         .help_es = "el nombre de la empresa"),
    HANDOFFD_OPTION_TEXT("timezone", struct company, timezone,
                         .help = "where the team works: America/Mexico_City",
                         .help_es = "dónde trabaja el equipo: America/Mexico_City"),
    HANDOFFD_OPTION_TEXT("country", struct company, country,
                         .help = "two letters; phone numbers without + belong to it",
                         .help_es = "dos letras; los teléfonos sin + son de ese país"),
};

static const struct handoffd_option say_rows[] = {
    HANDOFFD_OPTION_TEXT("sent", struct sentences, sent, .help = "when the person has been told",
                         .help_es = "cuando la persona ya fue avisada",
                         .otherwise = "{vendedor} ya recibió tus datos y te escribirá por "
                                      "WhatsApp."),
    HANDOFFD_OPTION_TEXT("queued", struct sentences, queued, .help = "when the person will be told",
                         .help_es = "cuando la persona será avisada",
                         .otherwise = "Registré tu solicitud; avisamos a un asesor en un "
                                      "momento."),
    HANDOFFD_OPTION_TEXT("failed", struct sentences, failed, .help = "when nobody could be told",
                         .help_es = "cuando no se pudo avisar a nadie",
                         .otherwise = "No pude avisar al equipo. Por favor, llámanos."),
    HANDOFFD_OPTION_TEXT("invalid", struct sentences, invalid,
                         .help = "when the request lacks something",
                         .help_es = "cuando a la solicitud le falta algo",
                         .otherwise = "Me falta un dato para avisar a un asesor. ¿Me confirmas tu "
                                      "teléfono con el código de país?"),
};

static const struct handoffd_option server_rows[] = {
    HANDOFFD_OPTION_TEXT("listen", struct server_settings, listen,
                         .help = "address and port, or unix:PATH, relative to this file",
                         .help_es = "dirección y puerto, o unix:RUTA, relativa a este archivo",
                         .otherwise = "127.0.0.1:8000"),
    HANDOFFD_OPTION_DURATION("reply_within", struct server_settings, reply_within_ms,
                             .help = "later than this the agent hears \"queued\"",
                             .help_es = "pasado este tiempo el agente oye «en cola»",
                             .otherwise = "8s", .least = 1, .most = 60000),
    HANDOFFD_OPTION_DURATION("dedupe_window", struct server_settings, dedupe_window_ms,
                             .help = "the same conversation and customer within it is one handoff",
                             .help_es =
                                 "la misma conversación y cliente en este tiempo es una sola "
                                 "solicitud",
                             .otherwise = "10m", .least = 1, .most = 86400000),
    HANDOFFD_OPTION_INTEGER("max_open", struct server_settings, most_open,
                            .help = "handoffs under way; more are refused with 503",
                            .help_es = "solicitudes en curso; más se rechazan con 503",
                            .otherwise = "10000", .least = 1, .most = 1000000),
    HANDOFFD_OPTION_TEXT(
        "control", struct server_settings, control,
        .help =
            "the socket of handoffd's other commands, relative to this file; else beside the store",
        .help_es = "el socket de las demás órdenes de handoffd, relativo a este archivo; si falta, "
                   "junto a "
                   "la base de datos"),
    HANDOFFD_OPTION_TEXT("public_url", struct server_settings, public_url,
                         .help =
                             "where the internet reaches this server: providers call back there",
                         .help_es = "por dónde llega internet a este servidor: ahí avisan los "
                                    "proveedores qué fue de cada mensaje"),
    HANDOFFD_OPTION_LIST("trusted_proxies", struct server_settings, trusted_proxies,
                         .help = "proxies beside this machine's own: their X-Forwarded-For counts",
                         .help_es = "proxies además de los de esta máquina: vale su "
                                    "X-Forwarded-For"),
    HANDOFFD_OPTION_BOOLEAN("insecure", struct server_settings, is_insecure,
                            .help = "where no key is set up, let everybody in who can reach the "
                                    "server",
                            .help_es = "si no hay ninguna clave, dejar entrar a cualquiera que "
                                       "alcance el servidor",
                            .otherwise = "false"),
    HANDOFFD_OPTION_INTEGER(
        "max_connections", struct server_settings, limits.connections,
        .help = "open connections; for one more, the one goes whose client we have "
                "waited for longest",
        .help_es = "conexiones abiertas; para una más, se cierra la que lleva más "
                   "tiempo esperando a su cliente",
        .otherwise = "10000", .least = 1, .most = 1000000),
};

/* The struct of the table; its text becomes unknown_rules. */
struct unknown {
    struct unknown_rules rules;
    const char *on_ambiguous;
};

static const struct handoffd_option unknown_rows[] = {
    HANDOFFD_OPTION_DURATION(
        "ask_for", struct unknown, rules.ask_for_ms, .otherwise = "120s", .least = 1,
        .most = 3600000, .help = "what the provider does not have for so long was not sent",
        .help_es = "lo que el proveedor no tiene durante este tiempo no se envió"),
    HANDOFFD_OPTION_INTEGER("times", struct unknown, rules.times, .otherwise = "3", .least = 1,
                            .most = 20, .help = "how often it is asked in that time",
                            .help_es = "cuántas veces se le pregunta en ese tiempo"),
    HANDOFFD_OPTION_DURATION("give_up", struct unknown, rules.give_up_ms, .otherwise = "5m",
                             .least = 1, .most = 86400000,
                             .help = "after this nobody can tell: see on_ambiguous",
                             .help_es = "después de esto no se puede saber: ver on_ambiguous"),
    HANDOFFD_OPTION_TEXT("on_ambiguous", struct unknown, on_ambiguous, .otherwise = "escalate",
                         .help = "escalate (to the next person, marked), resend, or hold",
                         .help_es = "escalate (a la siguiente persona, con una nota), resend "
                                    "(repetirlo) o hold (esperar a alguien)"),
};

static const struct handoffd_option store_rows[] = {
    HANDOFFD_OPTION_TEXT(
        "path", struct store_settings, path, .help = "the database, relative to this file",
        .help_es = "la base de datos, relativa a este archivo", .otherwise = "data/handoffd.db"),
    HANDOFFD_OPTION_INTEGER("min_free_mb", struct store_settings, least_free_mb,
                            .help = "with less disk than this, requests are refused with 503",
                            .help_es = "con menos disco que esto, se rechaza con 503",
                            .otherwise = "64", .least = 0, .most = 1000000000),
};

struct own {
    const char *message;
};

static const struct handoffd_option own_rows[] = {
    HANDOFFD_OPTION_TEXT("message", struct own, message,
                         .help = "what a salesperson reads; a line without its datum is left out",
                         .help_es = "lo que lee el vendedor; una línea sin su dato no se envía"),
};

static const struct handoffd_options company_options = HANDOFFD_OPTIONS(company_rows);
static const struct handoffd_options say_options = HANDOFFD_OPTIONS(say_rows);
static const struct handoffd_options server_options = HANDOFFD_OPTIONS(server_rows);
static const struct handoffd_options unknown_options = HANDOFFD_OPTIONS(unknown_rows);
static const struct handoffd_options store_options = HANDOFFD_OPTIONS(store_rows);
static const struct handoffd_options own_options = HANDOFFD_OPTIONS(own_rows);

static void read_section(struct reading *reading, const char *name,
                         const struct handoffd_options *options, void *target)
{
    const struct value *map = value_get(reading->root, name);
    options_read(options, map, map != NULL ? &map->mark : NULL, name, NULL, 0, target,
                 reading->arena, reading->diagnostics);
}

static void read_message(struct reading *reading)
{
    static const char *const others[] = {"company", "vendors", "routing",  "when_nobody",
                                         "say",     "server",  "channels", "store",
                                         "unknown", "alerts",  "access"};
    struct own own = {0};
    struct error error;
    const struct value *message = value_get(reading->root, "message");
    options_read(&own_options, reading->root, &reading->root->mark, "", others, COUNT_OF(others),
                 &own, reading->arena, reading->diagnostics);
    reading->settings->template = message_template_create(
        own.message != NULL ? own.message : message_default_template, reading->arena, &error);
    if (reading->settings->template == NULL)
        diagnostics_error(reading->diagnostics, message->mark, "message: %s", error.message);
}

/* ---- what the tables cannot say */

/* The folder of the file is where relative paths begin. */
static const char *beside_file(const struct reading *reading, const char *path)
{
    return path != NULL && path[0] != '/'
               ? arena_format(reading->arena, "%s%s", reading->folder, path)
               : path;
}

static struct mark mark_of(const struct reading *reading, const char *section, const char *key)
{
    const struct value *value = value_get(value_get(reading->root, section), key);
    return value != NULL ? value->mark : reading->root->mark;
}

/* unix:RUN/ME.SOCK, relative as every path of the file; an address has no path. */
static void place_listen(struct reading *reading)
{
    static const char scheme[] = "unix:";
    const char *listen = reading->settings->server.listen;
    if (listen != NULL && strncmp(listen, scheme, sizeof scheme - 1) == 0 &&
        listen[sizeof scheme - 1] != '\0')
        reading->settings->server.listen = arena_format(
            reading->arena, "%s%s", scheme, beside_file(reading, listen + sizeof scheme - 1));
}

static void check_listen(struct reading *reading)
{
    struct error error;
    const char *listen = reading->settings->server.listen;
    if (listen != NULL && !http_listen_is_valid(listen, &error))
        diagnostics_error(reading->diagnostics, mark_of(reading, "server", "listen"), "server: %s",
                          error.message);
}

/* "https://handoff.example.com", perhaps with a path; what Twilio and others can call. */
static void check_public_url(struct reading *reading)
{
    struct server_settings *server = &reading->settings->server;
    const char *url = server->public_url;
    if (url == NULL)
        return;
    bool is_web = strncmp(url, "https://", 8) == 0 || strncmp(url, "http://", 7) == 0;
    const char *host = is_web ? strstr(url, "://") + 3 : "";
    bool is_plain = host[0] != '\0' && host[0] != '/' && strpbrk(host, " ?#@\"<>\\") == NULL;
    if (!is_plain)
        diagnostics_error(reading->diagnostics, mark_of(reading, "server", "public_url"),
                          in_language("server: public_url: write it as https://handoff.example.com",
                                      "server: public_url: escríbela como "
                                      "https://handoff.example.com"));
    size_t length = strlen(url);
    while (length > 0 && url[length - 1] == '/')
        length--;
    server->public_url = arena_bytes(reading->arena, url, length);
}

static void read_unknown(struct reading *reading)
{
    static const char *const words[] = {[AMBIGUOUS_ESCALATE] = "escalate",
                                        [AMBIGUOUS_RESEND] = "resend",
                                        [AMBIGUOUS_HOLD] = "hold"};
    struct unknown unknown = {0};
    read_section(reading, "unknown", &unknown_options, &unknown);
    reading->settings->unknown = unknown.rules;
    for (size_t i = 0; unknown.on_ambiguous != NULL && i < COUNT_OF(words); i++) {
        if (strcmp(words[i], unknown.on_ambiguous) == 0) {
            reading->settings->unknown.on_ambiguous = (enum on_ambiguous)i;
            return;
        }
    }
    diagnostics_error(reading->diagnostics, mark_of(reading, "unknown", "on_ambiguous"),
                      in_language("unknown: on_ambiguous is escalate, resend or hold",
                                  "unknown: on_ambiguous es escalate, resend o hold"));
}

static void check_company(struct reading *reading)
{
    const struct company *company = &reading->settings->company;
    char file[PATH_MAX];
    if (company->country != NULL &&
        (strlen(company->country) != 2 || !isupper((unsigned char)company->country[0]) ||
         !isupper((unsigned char)company->country[1])))
        diagnostics_error(reading->diagnostics, mark_of(reading, "company", "country"),
                          in_language("country: two capital letters, such as MX, CO or AR",
                                      "country: dos letras mayúsculas, como MX, CO o AR"));
    if (company->timezone == NULL)
        return;
    snprintf(file, sizeof file, "/usr/share/zoneinfo/%s", company->timezone);
    if (strstr(company->timezone, "..") != NULL || access(file, R_OK) != 0)
        diagnostics_error(reading->diagnostics, mark_of(reading, "company", "timezone"),
                          in_language("timezone: no zone \"%s\"; write one such as "
                                      "America/Mexico_City or America/Bogota",
                                      "timezone: no existe la zona «%s»; escribe una como "
                                      "America/Mexico_City o America/Bogota"),
                          company->timezone);
}

static void check_sentence(struct reading *reading, const char *key, const char *sentence)
{
    static const char known[] = "{vendedor}";
    for (const char *brace = sentence; brace != NULL && (brace = strchr(brace, '{')) != NULL;
         brace++) {
        if (strncmp(brace, known, sizeof known - 1) == 0)
            continue;
        diagnostics_error(reading->diagnostics, mark_of(reading, "say", key),
                          in_language("say: only {vendedor} stands for something",
                                      "say: solo {vendedor} representa algo"));
        return;
    }
}

static void check_sentences(struct reading *reading)
{
    const struct sentences *say = &reading->settings->say;
    check_sentence(reading, "sent", say->sent);
    check_sentence(reading, "queued", say->queued);
    check_sentence(reading, "failed", say->failed);
    check_sentence(reading, "invalid", say->invalid);
}

/* data/handoffd.db: data/handoffd.sock. */
static const char *beside_store(const struct reading *reading)
{
    const char *store = reading->settings->store.path;
    const char *dot = store != NULL ? strrchr(store, '.') : NULL;
    const char *slash = store != NULL ? strrchr(store, '/') : NULL;
    if (store == NULL)
        return NULL;
    size_t length =
        dot != NULL && (slash == NULL || dot > slash) ? (size_t)(dot - store) : strlen(store);
    return arena_format(reading->arena, "%.*s.sock", (int)length, store);
}

static void find_places(struct reading *reading)
{
    struct settings *settings = reading->settings;
    settings->store.path = beside_file(reading, settings->store.path);
    settings->server.is_control_chosen = settings->server.control != NULL;
    settings->server.control = settings->server.control != NULL
                                   ? beside_file(reading, settings->server.control)
                                   : beside_store(reading);
}

void read_places(struct reading *reading)
{
    read_section(reading, "server", &server_options, &reading->settings->server);
    read_section(reading, "store", &store_options, &reading->settings->store);
    find_places(reading);
}

void read_own_sections(struct reading *reading)
{
    struct settings *settings = reading->settings;
    settings->server.limits = (struct http_limits){
        .header_bytes = 16 * 1024,
        .headers = 64,
        .body_bytes = 64 * 1024,
        .header_timeout_ms = 5 * 1000,
        .body_timeout_ms = 10 * 1000,
        .idle_timeout_ms = 30 * 1000,
    };
    read_section(reading, "company", &company_options, &settings->company);
    read_section(reading, "say", &say_options, &settings->say);
    read_section(reading, "server", &server_options, &settings->server);
    read_section(reading, "store", &store_options, &settings->store);
    read_unknown(reading);
    read_message(reading);
    place_listen(reading);
    check_listen(reading);
    check_public_url(reading);
    check_company(reading);
    check_sentences(reading);
    find_places(reading);
}
