/* form - percent-encoding, and the values of a template. */
#include "form.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>
#include <utf8proc.h>

#include "text.h"

/* In UTF-16 units. Twilio takes 1600; Meta's own limit for the whole text of a template is 1024. */
enum { LONGEST_VALUE = 1024, ELLIPSIS_BYTES = 3 };

/* ---------------------------------------------------------------- the form */

static bool reserve(struct form *form, size_t more)
{
    size_t wanted = form->length + more + 1;
    if (form->is_broken || wanted <= form->capacity)
        return !form->is_broken;
    size_t capacity = wanted > form->capacity * 2 ? wanted : form->capacity * 2;
    char *bytes = realloc(form->bytes, capacity);
    form->is_broken = bytes == NULL;
    if (bytes == NULL)
        return false;
    form->bytes = bytes;
    form->capacity = capacity;
    return true;
}

static bool is_unreserved(char character)
{
    return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z') ||
           (character >= '0' && character <= '9') || strchr("-._~", character) != NULL;
}

static void append_encoded(struct form *form, const char *text)
{
    static const char digits[] = "0123456789ABCDEF";
    if (!reserve(form, strlen(text) * 3))
        return;
    char *to = form->bytes + form->length;
    for (; *text != '\0'; text++) {
        if (is_unreserved(*text)) {
            *to++ = *text;
            continue;
        }
        *to++ = '%';
        *to++ = digits[(unsigned char)*text >> 4];
        *to++ = digits[(unsigned char)*text & 15];
    }
    *to = '\0';
    form->length = (size_t)(to - form->bytes);
}

static void append_char(struct form *form, char character)
{
    if (!reserve(form, 1))
        return;
    form->bytes[form->length++] = character;
    form->bytes[form->length] = '\0';
}

void form_add(struct form *form, const char *name, const char *value)
{
    if (value == NULL)
        return;
    if (form->length > 0)
        append_char(form, '&');
    append_encoded(form, name);
    append_char(form, '=');
    append_encoded(form, value);
}

void form_deinit(struct form *form)
{
    free(form->bytes);
    *form = (struct form){0};
}

/* ---------------------------------------------------------------- the variables of a template */

/* Half an e-mail address may be a web address. */
static char *before_address(const char *text, char *end)
{
    char *word = end;
    while (word > text && word[-1] != ' ')
        word--;
    bool is_cut = *end != ' ';
    return is_cut && memchr(word, '@', strcspn(word, " ")) != NULL ? word : end;
}

/* Cuts between two graphemes, with an ellipsis as the last of the LONGEST_VALUE units; not behind
 * what could end the formatting of a template. */
static void cut(char *text)
{
    size_t units = 0;
    char *last_fitting = text;
    utf8proc_int32_t state = 0;
    utf8proc_int32_t before = 0;
    utf8proc_int32_t character = 0;
    for (char *next = text; *next != '\0'; before = character) {
        utf8proc_ssize_t length = utf8proc_iterate((utf8proc_uint8_t *)next, -1, &character);
        bool is_boundary =
            before != 0 && utf8proc_grapheme_break_stateful(before, character, &state);
        if (is_boundary && units < LONGEST_VALUE)
            last_fitting = next;
        units += character > 0xffff ? 2 : 1;
        next += length > 0 ? length : 1; /* no text of the daemon's is not UTF-8 */
    }
    if (units <= LONGEST_VALUE)
        return;
    last_fitting = before_address(text, last_fitting);
    while (last_fitting > text && strchr(" *_~`", last_fitting[-1]) != NULL)
        last_fitting--;
    memcpy(last_fitting, "\xE2\x80\xA6", ELLIPSIS_BYTES + 1); /* room is made by its callers */
}

const char *form_field(const struct handoffd_fields *fields, const char *name)
{
    for (size_t i = 0; i < fields->count; i++) {
        if (strcmp(fields->names[i], name) == 0)
            return fields->values[i];
    }
    return NULL;
}

/* Twilio refuses a line break, a tab, more than four blanks and an empty value (21656). */
char *form_value(const struct handoffd_fields *fields, const char *name)
{
    const char *value = form_field(fields, name);
    char *fit = text_collapsed(value != NULL ? value : "", ELLIPSIS_BYTES);
    if (fit == NULL)
        return NULL;
    cut(fit);
    if (fit[0] == '\0')
        memcpy(fit, "-", sizeof "-");
    return fit;
}

static bool add_variable(cJSON *object, size_t number, const struct handoffd_fields *fields,
                         const char *name)
{
    char key[24];
    snprintf(key, sizeof key, "%zu", number);
    char *value = form_value(fields, name);
    bool is_added = value != NULL && cJSON_AddStringToObject(object, key, value) != NULL;
    free(value);
    return is_added;
}

char *form_variables(const struct handoffd_list *variables, const struct handoffd_fields *fields)
{
    cJSON *object = cJSON_CreateObject();
    bool is_whole = object != NULL;
    for (size_t i = 0; is_whole && i < variables->count; i++)
        is_whole = add_variable(object, i + 1, fields, variables->items[i]);
    char *text = is_whole ? cJSON_PrintUnformatted(object) : NULL;
    cJSON_Delete(object);
    return text;
}
