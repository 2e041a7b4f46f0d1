/* address - the international form is checked for its length, a national one gets its country's
 * code.
 *
 * Not libphonenumber's rules: they call WhatsApp's older Mexican form, +521 and ten digits,
 * invalid. Sources: ITU-T E.164 (15 digits at most) and the countries' numbering plans. */
#include "address.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "words.h"

enum { MOST_TYPED_DIGITS = 24, LEAST_E164_DIGITS = 7, MOST_E164_DIGITS = 15, MOST_TRUNKS = 3 };

struct country {
    const char *iso;
    const char *code;
    size_t least; /* digits of a national number, landlines included: WhatsApp Business has them */
    size_t most;
    const char *trunks[MOST_TRUNKS]; /* dialled before a national number, never part of it */
    const char *
        mobile; /* stands between code and number on WhatsApp: now (AR) or in older accounts (MX) */
    bool is_mobile_added; /* to a national number that lacks it */
};

/* The Spanish-speaking countries, Brazil and the United States. */
static const struct country countries[] = {
    {.iso = "AR",
     .code = "54",
     .least = 10,
     .most = 10,
     .trunks = {"0"},
     .mobile = "9",
     .is_mobile_added = true},
    {.iso = "BO", .code = "591", .least = 8, .most = 8, .trunks = {"0"}},
    {.iso = "BR", .code = "55", .least = 10, .most = 11, .trunks = {"0"}},
    {.iso = "CL", .code = "56", .least = 9, .most = 9, .trunks = {"0"}},
    {.iso = "CO", .code = "57", .least = 10, .most = 10},
    {.iso = "CR", .code = "506", .least = 8, .most = 8},
    {.iso = "CU", .code = "53", .least = 8, .most = 8, .trunks = {"0"}},
    {.iso = "DO", .code = "1", .least = 10, .most = 10, .trunks = {"1"}},
    {.iso = "EC", .code = "593", .least = 8, .most = 9, .trunks = {"0"}},
    {.iso = "ES", .code = "34", .least = 9, .most = 9},
    {.iso = "GQ", .code = "240", .least = 9, .most = 9},
    {.iso = "GT", .code = "502", .least = 8, .most = 8},
    {.iso = "HN", .code = "504", .least = 8, .most = 8},
    {.iso = "MX",
     .code = "52",
     .least = 10,
     .most = 10,
     .trunks = {"044", "045", "01"},
     .mobile = "1"},
    {.iso = "NI", .code = "505", .least = 8, .most = 8},
    {.iso = "PA", .code = "507", .least = 7, .most = 8},
    {.iso = "PE", .code = "51", .least = 8, .most = 9, .trunks = {"0"}},
    {.iso = "PR", .code = "1", .least = 10, .most = 10, .trunks = {"1"}},
    {.iso = "PY", .code = "595", .least = 8, .most = 9, .trunks = {"0"}},
    {.iso = "SV", .code = "503", .least = 8, .most = 8},
    {.iso = "US", .code = "1", .least = 10, .most = 10, .trunks = {"1"}},
    {.iso = "UY", .code = "598", .least = 8, .most = 8, .trunks = {"0"}},
    {.iso = "VE", .code = "58", .least = 10, .most = 10, .trunks = {"0"}},
};

/* A number as it was typed. */
struct typed {
    char digits[MOST_TYPED_DIGITS + 1];
    size_t count;
    bool is_international;
};

/* ---------------------------------------------------------------- reading */

static bool is_between(const unsigned char *bytes, const char *first, const char *last)
{
    return memcmp(bytes, first, 2) == 0 && bytes[2] >= (unsigned char)first[2] &&
           bytes[2] <= (unsigned char)last[2];
}

/* The bytes of a blank, a dash, a dot, a bracket, or an invisible mark that comes along when a
 * number is copied out of a contact list; 0: something else. */
static size_t separator_length(const char *text)
{
    const unsigned char *bytes = (const unsigned char *)text;
    if (bytes[0] < 0x80)
        return bytes[0] != '\0' && strchr(" \t\r\n-.()[]", bytes[0]) != NULL;
    if (bytes[0] == 0xC2 && bytes[1] == 0xA0) /* U+00A0, no-break space */
        return 2;
    if (bytes[1] == '\0')
        return 0;
    bool is_separator =
        is_between(bytes, "\xE2\x80\x80", "\xE2\x80\x95") || /* U+2000: spaces, marks, dashes */
        is_between(bytes, "\xE2\x80\xAA", "\xE2\x80\xAF") || /* U+202A: directions */
        is_between(bytes, "\xE2\x81\x9F", "\xE2\x81\xAF") || /* U+205F: joiners, isolates */
        is_between(bytes, "\xEF\xBB\xBF", "\xEF\xBB\xBF");   /* U+FEFF, byte order mark */
    return is_separator ? 3 : 0;
}

static const char *skip_separators(const char *text)
{
    while (separator_length(text) > 0)
        text += separator_length(text);
    return text;
}

static bool read_digits(const char *text, struct typed *typed, char *error, size_t error_size)
{
    for (text = skip_separators(text); *text != '\0'; text = skip_separators(text + 1)) {
        if (*text < '0' || *text > '9') {
            snprintf(error, error_size,
                     words("is no phone number: it has other characters than digits",
                           "no es un número de teléfono: tiene otros caracteres que dígitos"));
            return false;
        }
        if (typed->count == MOST_TYPED_DIGITS) {
            snprintf(error, error_size,
                     words("is no phone number: too many digits",
                           "no es un número de teléfono: demasiados dígitos"));
            return false;
        }
        typed->digits[typed->count++] = *text;
    }
    return true;
}

static void drop_digits(struct typed *typed, size_t count)
{
    memmove(typed->digits, typed->digits + count, typed->count - count + 1);
    typed->count -= count;
}

static bool read_typed(const char *text, struct typed *typed, char *error, size_t error_size)
{
    static const char prefix[] = "whatsapp:";
    text = skip_separators(text);
    bool has_prefix = strncasecmp(text, prefix, sizeof prefix - 1) == 0;
    text = skip_separators(has_prefix ? text + sizeof prefix - 1 : text);
    typed->is_international = *text == '+';
    if (!read_digits(text + typed->is_international, typed, error, error_size))
        return false;
    if (!typed->is_international && strncmp(typed->digits, "00", 2) == 0) {
        drop_digits(typed, 2);
        typed->is_international = true;
    }
    return true;
}

/* ---------------------------------------------------------------- countries */

static bool is_national_length(const struct country *country, size_t count)
{
    return count >= country->least && count <= country->most;
}

/* +52 and ten digits, or +52, 1 and ten digits. */
static bool is_behind_code(const struct country *country, const char *digits)
{
    if (is_national_length(country, strlen(digits)))
        return true;
    size_t length = country->mobile != NULL ? strlen(country->mobile) : 0;
    return length > 0 && strncmp(digits, country->mobile, length) == 0 &&
           is_national_length(country, strlen(digits + length));
}

static const struct country *find_by_iso(const char *iso)
{
    for (size_t i = 0; iso != NULL && i < sizeof countries / sizeof countries[0]; i++) {
        if (strcasecmp(countries[i].iso, iso) == 0)
            return &countries[i];
    }
    return NULL;
}

/* No code is the beginning of another's; +1 is several countries with the same lengths. */
static const struct country *find_by_code(const char *digits)
{
    for (size_t i = 0; i < sizeof countries / sizeof countries[0]; i++) {
        if (strncmp(countries[i].code, digits, strlen(countries[i].code)) == 0)
            return &countries[i];
    }
    return NULL;
}

static bool refuse_length(const struct country *country, size_t count, char *error,
                          size_t error_size)
{
    if (country->least == country->most)
        snprintf(error, error_size,
                 words("has %zu digits without the country's code; numbers of +%s have %zu",
                       "tiene %zu dígitos sin el código del país; los números de +%s tienen %zu"),
                 count, country->code, country->least);
    else
        snprintf(
            error, error_size,
            words("has %zu digits without the country's code; numbers of +%s have %zu or %zu",
                  "tiene %zu dígitos sin el código del país; los números de +%s tienen %zu o %zu"),
            count, country->code, country->least, country->most);
    return false;
}

/* ---------------------------------------------------------------- the two forms */

static bool check_international(const struct typed *typed, char *error, size_t error_size)
{
    if (typed->count < LEAST_E164_DIGITS || typed->count > MOST_E164_DIGITS ||
        typed->digits[0] == '0') {
        snprintf(error, error_size,
                 words("is no international number: + and %d to %d digits, the first not 0",
                       "no es un número internacional: + y de %d a %d dígitos, el primero no 0"),
                 LEAST_E164_DIGITS, MOST_E164_DIGITS);
        return false;
    }
    const struct country *country = find_by_code(typed->digits);
    if (country == NULL || is_behind_code(country, typed->digits + strlen(country->code)))
        return true;
    return refuse_length(country, typed->count - strlen(country->code), error, error_size);
}

static void drop_trunk(const struct country *country, struct typed *typed)
{
    for (size_t i = 0; i < MOST_TRUNKS && country->trunks[i] != NULL; i++) {
        size_t length = strlen(country->trunks[i]);
        if (strncmp(typed->digits, country->trunks[i], length) == 0 &&
            is_national_length(country, typed->count - length)) {
            drop_digits(typed, length);
            return;
        }
    }
}

static void add_code(const struct country *country, struct typed *typed)
{
    bool lacks_mobile = country->is_mobile_added && is_national_length(country, typed->count);
    struct typed with_code = {.is_international = true};
    int length = snprintf(with_code.digits, sizeof with_code.digits, "%s%s%.*s", country->code,
                          lacks_mobile ? country->mobile : "", MOST_E164_DIGITS, typed->digits);
    with_code.count = (size_t)length;
    *typed = with_code;
}

static bool make_international(struct typed *typed, const char *iso, char *error, size_t error_size)
{
    const struct country *country = find_by_iso(iso);
    if (country == NULL) {
        snprintf(
            error, error_size,
            words("has no country code: write it like +52 442 000 0001, or set company.country",
                  "no tiene código de país: escríbelo como +52 442 000 0001, o pon "
                  "company.country"));
        return false;
    }
    drop_trunk(country, typed);
    size_t code = strlen(country->code);
    if (is_behind_code(country, typed->digits))
        add_code(country, typed);
    else if (strncmp(typed->digits, country->code, code) == 0 &&
             is_behind_code(country, typed->digits + code))
        typed->is_international = true; /* only its + is missing */
    else
        return refuse_length(country, typed->count, error, error_size);
    return true;
}

bool address_normalise(const char *text, const char *country, char normal[static ADDRESS_SIZE],
                       char *error, size_t error_size)
{
    struct typed typed = {0};
    if (!read_typed(text != NULL ? text : "", &typed, error, error_size))
        return false;
    if (typed.count == 0) {
        snprintf(error, error_size,
                 words("is empty: write a WhatsApp number like +52 442 000 0001",
                       "está vacío: escribe un número de WhatsApp como +52 442 000 0001"));
        return false;
    }
    if (!typed.is_international && !make_international(&typed, country, error, error_size))
        return false;
    if (!check_international(&typed, error, error_size))
        return false;
    snprintf(normal, ADDRESS_SIZE, "whatsapp:+%.*s", MOST_E164_DIGITS, typed.digits);
    return true;
}
