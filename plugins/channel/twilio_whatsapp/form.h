/* form - the body of POST Messages.json: application/x-www-form-urlencoded, which is all that
 * Twilio reads; and the values of a template. */
#ifndef TWILIO_FORM_H
#define TWILIO_FORM_H

#include <stdbool.h>
#include <stddef.h>

#include "plugin.h"

struct form {
    char *bytes; /* NUL behind; NULL while it is empty */
    size_t length;
    size_t capacity;
    bool is_broken; /* there was no memory: do not send it */
};

/* Appends `name=value`, percent-encoded; nothing where value is NULL. `form` starts zeroed. */
void form_add(struct form *form, const char *name, const char *value);

void form_deinit(struct form *form);

/* The value of this name; NULL: there is none. */
const char *form_field(const struct handoffd_fields *fields, const char *name);

/* The same, fit for a template: one line, at most 1024 UTF-16 units, "-" where it is absent. The
 * caller frees it; NULL where there is no memory. */
char *form_value(const struct handoffd_fields *fields, const char *name);

/* ContentVariables: {"1":"…","2":"…"}, the values of `variables` in their order. As form_value. */
char *form_variables(const struct handoffd_list *variables, const struct handoffd_fields *fields);

#endif
