/* phone - reads a number as people and agents write it. */
#include "handoff/phone.h"

#include <string.h>
#include <strings.h>

#include "base/memory.h"

enum { LEAST_DIGITS = 7, MOST_DIGITS = 15 };

/* What may stand between digits: blanks, dots, dashes, brackets, and the invisible marks that come
 * along when a number is copied out of WhatsApp. */
static const char *const separators[] = {
    " ",
    "\t",
    "\r",
    "\n",
    ".",
    "-",
    "(",
    ")",
    "[",
    "]",
    "\xC2\xA0",     /* U+00A0 no-break space */
    "\xC2\xAD",     /* U+00AD soft hyphen */
    "\xE2\x80\x87", /* U+2007 figure space */
    "\xE2\x80\x89", /* U+2009 thin space */
    "\xE2\x80\x8B", /* U+200B zero-width space */
    "\xE2\x80\x8E", /* U+200E left-to-right mark */
    "\xE2\x80\x8F", /* U+200F right-to-left mark */
    "\xE2\x80\x90", /* U+2010 hyphen */
    "\xE2\x80\x91", /* U+2011 non-breaking hyphen */
    "\xE2\x80\x92", /* U+2012 figure dash */
    "\xE2\x80\x93", /* U+2013 en dash */
    "\xE2\x80\x94", /* U+2014 em dash */
    "\xE2\x80\xAA", /* U+202A left-to-right embedding */
    "\xE2\x80\xAC", /* U+202C pop directional formatting */
    "\xE2\x80\xAD", /* U+202D left-to-right override */
    "\xE2\x80\xAF", /* U+202F narrow no-break space */
    "\xE2\x81\xA0", /* U+2060 word joiner */
    "\xE2\x81\xA6", /* U+2066 left-to-right isolate */
    "\xE2\x81\xA9", /* U+2069 pop directional isolate */
    "\xE2\x88\x92", /* U+2212 minus sign */
    "\xEF\xBB\xBF", /* U+FEFF byte order mark */
};

/* Of the separator that `text` begins with; 0: none. */
static size_t separator_length(const char *text)
{
    for (size_t i = 0; i < COUNT_OF(separators); i++) {
        size_t length = strlen(separators[i]);
        if (strncmp(text, separators[i], length) == 0)
            return length;
    }
    return 0;
}

static const char *skip_separators(const char *text)
{
    size_t length;
    while ((length = separator_length(text)) > 0)
        text += length;
    return text;
}

static bool is_digit(char character)
{
    return character >= '0' && character <= '9';
}

static const char *skip_prefix(const char *text)
{
    static const char prefix[] = "whatsapp:";
    text = skip_separators(text);
    bool has_prefix = strncasecmp(text, prefix, sizeof prefix - 1) == 0;
    return has_prefix ? skip_separators(text + sizeof prefix - 1) : text;
}

bool phone_normalise(const char *text, char normal[PHONE_SIZE])
{
    normal[0] = '\0';
    text = skip_prefix(text);
    if (*text != '+')
        return false;
    char digits[MOST_DIGITS + 1] = "";
    size_t count = 0;
    for (text = skip_separators(text + 1); *text != '\0'; text = skip_separators(text + 1)) {
        if (!is_digit(*text) || count == MOST_DIGITS)
            return false;
        digits[count++] = *text;
    }
    if (count < LEAST_DIGITS || digits[0] == '0')
        return false;
    normal[0] = '+';
    memcpy(normal + 1, digits, count + 1);
    return true;
}

/* A country whose mobile numbers are written with and without one digit. */
struct optional_digit {
    const char *prefix; /* before the digit */
    size_t area_digits; /* between the two */
    char digit;
    size_t digits_after;
    char least_after; /* the first digit after it is at least this */
};

static const struct optional_digit optional_digits[] = {
    {.prefix = "+52", .digit = '1', .digits_after = 10, .least_after = '0'},
    {.prefix = "+54", .digit = '9', .digits_after = 10, .least_after = '0'},
    /* Numbers of eight digits that begin with 2 to 5 are landlines: nobody's mobile without its
       ninth. */
    {.prefix = "+55", .area_digits = 2, .digit = '9', .digits_after = 8, .least_after = '6'},
};

/* Where the optional digit stands in this number; 0: nowhere. */
static size_t optional_digit_at(const char *normal, const struct optional_digit *form)
{
    size_t prefix_length = strlen(form->prefix);
    if (strncmp(normal, form->prefix, prefix_length) != 0)
        return 0;
    size_t at = prefix_length + form->area_digits;
    if (strlen(normal) != at + 1 + form->digits_after)
        return 0;
    return normal[at] == form->digit && normal[at + 1] >= form->least_after ? at : 0;
}

void phone_key(const char *normal, char key[PHONE_SIZE])
{
    size_t skip = 0;
    for (size_t i = 0; i < COUNT_OF(optional_digits) && skip == 0; i++)
        skip = optional_digit_at(normal, &optional_digits[i]);
    size_t length = 0;
    for (size_t i = 0; normal[i] != '\0' && length < PHONE_SIZE - 1; i++)
        if (skip == 0 || i != skip)
            key[length++] = normal[i];
    key[length] = '\0';
}
