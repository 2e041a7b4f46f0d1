/* elevenlabs_tool - the URL is checked, the JSON is built, the prompt is said. */
#include "command/elevenlabs_tool.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/language.h"
#include "base/memory.h"
#include "base/require.h"

#define ENDPOINT_PATH "/api/elevenlabs/handoff"

enum { URL_CHARACTERS = 2000, RESPONSE_TIMEOUT_SECONDS = 20 };

/* ------------------------------------------------------------ the URL */

/* The parts of scheme://host:port/path. */
struct url {
    bool is_secure;
    const char *host;
    size_t host_length; /* with its port */
    const char *path;   /* and what follows */
};

static bool is_plain(const char *text)
{
    for (; *text != '\0'; text++)
        if (*text <= ' ' || *text >= 0x7f || strchr("\"<>\\^`{|}#", *text) != NULL)
            return false;
    return true;
}

static bool split(const char *text, struct url *url)
{
    url->is_secure = strncasecmp(text, "https://", 8) == 0;
    if (!url->is_secure && strncasecmp(text, "http://", 7) != 0)
        return false;
    url->host = text + (url->is_secure ? 8 : 7);
    url->host_length = strcspn(url->host, "/?");
    url->path = url->host + url->host_length;
    return true;
}

/* The length of the host's name, or of an IPv6 address in its brackets; 0: it is neither. */
static size_t name_length(const char *host)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.";
    if (host[0] != '[')
        return host[0] == '.' || host[0] == '-' ? 0 : strspn(host, letters);
    size_t length = 1 + strspn(host + 1, "0123456789abcdefABCDEF:.");
    return host[length] == ']' && length > 1 ? length + 1 : 0;
}

static bool is_port(const char *text, size_t length)
{
    if (length < 2 || length > 6 || text[0] != ':' || strspn(text + 1, "0123456789") < length - 1)
        return false;
    long port = strtol(text + 1, NULL, 10);
    return port > 0 && port <= 65535;
}

static bool is_host(const struct url *url)
{
    size_t name = name_length(url->host);
    if (name == 0 || name > url->host_length)
        return false;
    return name == url->host_length || is_port(url->host + name, url->host_length - name);
}

static bool is_this_machine(const struct url *url)
{
    static const char *const names[] = {"localhost", "127.0.0.1", "[::1]"};
    size_t length = name_length(url->host);
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (strlen(names[i]) == length && strncasecmp(url->host, names[i], length) == 0)
            return true;
    return false;
}

/* What is wrong with it, or NULL and its parts. */
static const char *find_fault(const char *given, struct url *url)
{
    if (strlen(given) > URL_CHARACTERS || !is_plain(given))
        return in_language("it is too long, or has a blank or another character that no URL has",
                           "es demasiado larga, o tiene un espacio u otro carácter impropio");
    if (!split(given, url))
        return in_language("it must begin with https://", "debe empezar con https://");
    if (!is_host(url))
        return in_language("behind :// there must be a host, as in https://handoff.example.com",
                           "después de :// debe ir un servidor, como https://handoff.example.com");
    if (!url->is_secure && !is_this_machine(url))
        return in_language("http:// is for trials on localhost; ElevenLabs wants https://",
                           "http:// es para pruebas en localhost; ElevenLabs pide https://");
    if (url->path[0] == '?')
        return in_language("there is a query without a path", "hay parámetros sin una ruta");
    return NULL;
}

const char *elevenlabs_tool_url(const char *given, struct arena *arena, struct error *error)
{
    struct url url = {.host = "", .path = ""};
    const char *fault = find_fault(given, &url);
    if (fault != NULL) {
        error_set(error, "--url: %s", fault);
        return NULL;
    }
    bool is_bare = strcmp(url.path, "") == 0 || strcmp(url.path, "/") == 0;
    const char *origin = arena_bytes(arena, given, (size_t)(url.path - given));
    return arena_format(arena, "%s%s", origin, is_bare ? ENDPOINT_PATH : url.path);
}

/* ------------------------------------------------------------ the JSON */

static cJSON *add_object(cJSON *parent, const char *name)
{
    cJSON *object = cJSON_AddObjectToObject(parent, name);
    require(object != NULL);
    return object;
}

static void add_text(cJSON *object, const char *name, const char *text)
{
    require(cJSON_AddStringToObject(object, name, text) != NULL);
}

/* A property that the agent fills in. */
static void add_described(cJSON *properties, const char *name, const char *description)
{
    cJSON *property = add_object(properties, name);
    add_text(property, "type", "string");
    add_text(property, "description", description);
}

/* A property that ElevenLabs fills in; the agent cannot get it wrong. */
static void add_bound(cJSON *properties, const char *name, const char *variable)
{
    cJSON *property = add_object(properties, name);
    add_text(property, "type", "string");
    add_text(property, "dynamic_variable", variable);
}

static void add_phone(cJSON *properties, enum elevenlabs_medium medium)
{
    if (medium == ELEVENLABS_VOICE)
        add_bound(properties, "user_phone", "system__caller_id");
    else
        add_described(
            properties, "user_phone",
            "Número de WhatsApp del cliente en formato internacional: +, código de país "
            "y número, sin espacios, por ejemplo +525512345678. Pídeselo y confírmalo "
            "con él antes de usar la herramienta. Nunca lo inventes ni uses el del ejemplo.");
}

static void add_body_schema(cJSON *api_schema, enum elevenlabs_medium medium)
{
    static const char *const required[] = {"user_phone", "reason"};
    cJSON *schema = add_object(api_schema, "request_body_schema");
    add_text(schema, "type", "object");
    cJSON *names = cJSON_CreateStringArray(required, COUNT_OF(required));
    require(names != NULL && cJSON_AddItemToObject(schema, "required", names));
    cJSON *properties = add_object(schema, "properties");
    add_phone(properties, medium);
    add_described(properties, "reason",
                  "Por qué el cliente quiere hablar con una persona, en una frase. "
                  "Nunca lo dejes vacío.");
    add_described(properties, "user_name",
                  "Nombre del cliente, si lo dijo. Si no lo sabes, déjalo vacío; no lo inventes.");
    add_bound(properties, "conversation_id", "system__conversation_id");
    add_described(properties, "additional_context",
                  "Resumen breve para quien lo va a atender: qué busca el cliente, qué datos dio y "
                  "qué se le dijo ya. Vacío si no hay nada que agregar.");
}

static void add_api_schema(cJSON *config, const char *url, enum elevenlabs_medium medium)
{
    cJSON *schema = add_object(config, "api_schema");
    add_text(schema, "url", url);
    add_text(schema, "method", "POST"); /* GET unless said */
    cJSON *headers = add_object(schema, "request_headers");
    add_text(add_object(headers, "Authorization"), "secret_id", "SECRET_ID");
    add_body_schema(schema, medium);
}

/* The agent keeps the handoff's id as a variable, which ElevenLabs shows with the conversation. */
static void add_assignment(cJSON *config)
{
    cJSON *assignments = cJSON_AddArrayToObject(config, "assignments");
    cJSON *assignment = cJSON_CreateObject();
    require(assignment != NULL && cJSON_AddItemToArray(assignments, assignment));
    add_text(assignment, "source", "response");
    add_text(assignment, "dynamic_variable", "handoff_id");
    add_text(assignment, "value_path", "handoff_id");
}

static void free_tree(cJSON **tree)
{
    cJSON_Delete(*tree);
}

char *elevenlabs_tool_json(const char *url, enum elevenlabs_medium medium)
{
    CLEANUP(free_tree) cJSON *tool = cJSON_CreateObject();
    cJSON *config = add_object(tool, "tool_config");
    add_text(config, "type", "webhook");
    add_text(config, "name", "handoff_to_human");
    add_text(config, "description",
             "Avisa a una persona del equipo que este cliente quiere hablar con alguien. Úsala "
             "una sola vez por solicitud, cuando el cliente pida hablar con una persona o cuando "
             "no puedas ayudarle. Después dile al cliente lo que venga en say.");
    cJSON_AddNumberToObject(config, "response_timeout_secs", RESPONSE_TIMEOUT_SECONDS);
    cJSON_AddBoolToObject(config, "disable_interruptions", true);
    cJSON_AddBoolToObject(config, "force_pre_tool_speech", true);
    add_api_schema(config, url, medium);
    add_assignment(config);
    /* Unless said, ElevenLabs hides our errors, and what to say then, from the agent. */
    add_text(config, "tool_error_handling_mode", "passthrough");
    char *json = cJSON_Print(tool);
    require(json != NULL);
    return json;
}

/* ------------------------------------------------------------ the prompt */

#define PROMPT_WHEN                                                                                \
    "# Pasar al cliente con una persona\n"                                                         \
    "Cuando el cliente pida hablar con una persona, un asesor o un vendedor, o cuando no puedas "  \
    "resolver lo que necesita, usa la herramienta handoff_to_human.\n"

#define PROMPT_PHONE                                                                               \
    "Antes de usarla, pide al cliente su número de WhatsApp con código de país y confírmalo "      \
    "repitiéndolo. No lo inventes. Si la herramienta responde que user_phone falta o no es "       \
    "correcto, pídelo de nuevo y úsala otra vez.\n"

#define PROMPT_AFTER                                                                               \
    "Úsala una sola vez por solicitud. Si el cliente insiste sobre lo mismo, no la repitas: dile " \
    "que el equipo ya tiene sus datos.\n"                                                          \
    "Cuando responda, aunque sea con un error, dile al cliente lo que venga en say, tal cual.\n"   \
    "Si falla, o si la respuesta no trae say, di: «No pude avisar al equipo en este momento. "     \
    "Por favor, llámanos.»\n"                                                                      \
    "Nunca prometas un plazo ni una hora, ni digas que ya se avisó si la herramienta no lo "       \
    "dijo.\n"

const char *elevenlabs_tool_prompt(enum elevenlabs_medium medium)
{
    return medium == ELEVENLABS_CHAT ? PROMPT_WHEN PROMPT_PHONE PROMPT_AFTER
                                     : PROMPT_WHEN PROMPT_AFTER;
}
