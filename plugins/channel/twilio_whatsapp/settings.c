/* settings - what an option table cannot say: shapes, and which options go together. */
#include "settings.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "words.h"

enum { SID_DIGITS = 32, MOST_VARIABLES = 100 };

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

static bool read_base(const char *option, const char *url, char base[BASE_SIZE], char *error,
                      size_t error_size)
{
    if (strncmp(url, "https://", 8) != 0 && strncmp(url, "http://", 7) != 0)
        return fail(error, error_size,
                    words("option \"%s\" starts with neither https:// nor http://",
                          "la opción \"%s\" no empieza por https:// ni http://"),
                    option);
    size_t length = strlen(url);
    while (length > 0 && url[length - 1] == '/')
        length--;
    if (length >= BASE_SIZE)
        return fail(error, error_size,
                    words("option \"%s\" is too long", "la opción \"%s\" es demasiado larga"),
                    option);
    memcpy(base, url, length);
    base[length] = '\0';
    return true;
}

static bool read_bases(struct twilio *twilio, char *error, size_t error_size)
{
    return read_base("api_base", twilio->api_base, twilio->api, error, error_size) &&
           read_base("content_base", twilio->content_base, twilio->content, error, error_size) &&
           read_base("messaging_base", twilio->messaging_base, twilio->messaging, error,
                     error_size);
}

bool settings_read(struct twilio *twilio, char *error, size_t error_size)
{
    return check_sids(twilio, error, error_size) && check_credentials(twilio, error, error_size) &&
           read_sender(twilio, error, error_size) &&
           check_variables(&twilio->template.variables, error, error_size) &&
           read_bases(twilio, error, error_size);
}

static bool is_safe(const char *base)
{
    static const char *const safe[] = {"https://", "http://127.0.0.1", "http://localhost",
                                       "http://[::1]"};
    for (size_t i = 0; i < sizeof safe / sizeof safe[0]; i++) {
        if (strncmp(base, safe[i], strlen(safe[i])) == 0)
            return true;
    }
    return false;
}

bool settings_is_plain_http(const struct twilio *twilio)
{
    return !is_safe(twilio->api) || !is_safe(twilio->content) || !is_safe(twilio->messaging);
}
