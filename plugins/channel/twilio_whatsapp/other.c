/* other - three countries put digits into mobile numbers, and WhatsApp keeps the form of the day on
 * which an account was made.
 *
 * Mexico dialled +52 1 until 2019; Argentina's mobiles are +54 9 from abroad; Brazil put a 9 before
 * all its mobiles until 2016. Meta's Cloud API may answer under either form. */
#include "other.h"

#include <stdio.h>
#include <string.h>

struct dialling {
    const char *code;   /* the country's */
    size_t area;        /* digits between code and mark */
    const char *mark;   /* there or not */
    size_t rest;        /* digits behind it */
    const char *starts; /* with which the digits behind code and mark may start */
};

static const struct dialling diallings[] = {
    {.code = "52", .mark = "1", .rest = 10, .starts = "23456789"},
    {.code = "54", .mark = "9", .rest = 10, .starts = "123"},
    {.code = "55", .area = 2, .mark = "9", .rest = 8, .starts = "6789"},
};

static const char prefix[] = "whatsapp:+";

static bool is_number(const char *digits)
{
    return strspn(digits, "0123456789") == strlen(digits);
}

/* `digits` behind the country's code: area, mark where `has_mark`, rest. */
static bool has_form(const struct dialling *form, const char *digits, bool has_mark)
{
    size_t mark = has_mark ? 1 : 0;
    if (strlen(digits) != form->area + mark + form->rest ||
        (has_mark && digits[form->area] != form->mark[0]))
        return false;
    for (size_t i = 0; i < form->area; i++) {
        if (digits[i] == '0')
            return false; /* no area code has one */
    }
    return strchr(form->starts, digits[form->area + mark]) != NULL;
}

static bool write_other(const struct dialling *form, const char *digits, bool has_mark, char *other,
                        size_t size)
{
    int area = (int)form->area;
    int length = snprintf(other, size, "%s%s%.*s%s%s", prefix, form->code, area, digits,
                          has_mark ? "" : form->mark, digits + area + (has_mark ? 1 : 0));
    return length > 0 && (size_t)length < size;
}

bool other_address(const char *address, char *other, size_t size)
{
    if (strncmp(address, prefix, sizeof prefix - 1) != 0 || !is_number(address + sizeof prefix - 1))
        return false;
    const char *number = address + sizeof prefix - 1;
    for (size_t i = 0; i < sizeof diallings / sizeof diallings[0]; i++) {
        size_t code = strlen(diallings[i].code);
        if (strncmp(number, diallings[i].code, code) != 0)
            continue;
        if (has_form(&diallings[i], number + code, true))
            return write_other(&diallings[i], number + code, true, other, size);
        if (has_form(&diallings[i], number + code, false))
            return write_other(&diallings[i], number + code, false, other, size);
    }
    return false;
}
