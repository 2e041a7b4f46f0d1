/* form - the body of POST Messages.json: application/x-www-form-urlencoded, which is all that
 * Twilio reads. */
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

/* ContentVariables: {"1":"…","2":"…"}, the values of `variables` in their order, fit for a
 * template. The caller frees it; NULL where there is no memory. */
char *form_variables(const struct handoffd_list *variables, const struct handoffd_fields *fields);

#endif
