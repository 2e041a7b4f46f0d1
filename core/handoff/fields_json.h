/* fields_json - the request's other fields as one JSON object for the store, and back. */
#ifndef HANDOFF_FIELDS_JSON_H
#define HANDOFF_FIELDS_JSON_H

#include "base/arena.h"
#include "plugin.h"

/* NULL where there are none. */
const char *fields_json_write(const struct handoffd_fields *fields, struct arena *arena);

/* Empty for NULL, or for what is no object of texts. */
struct handoffd_fields fields_json_read(const char *json, struct arena *arena);

#endif
