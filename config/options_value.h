/* options_value - one value of vendors.yaml into the member that its row names. */
#ifndef CONFIG_OPTIONS_VALUE_H
#define CONFIG_OPTIONS_VALUE_H

#include "config/options.h"

/* What every step of reading a section needs. */
struct options_context {
    const char *prefix; /* of messages: `channel "whatsapp": `, or "" */
    struct arena *arena;
    struct diagnostics *diagnostics;
};

/* Whether the value is not there, or blank. */
bool options_is_nothing(const struct value *value);

/* `<name>_file`, the second key of a secret; NULL of any other row, and of a map. */
const char *options_file_key(struct arena *arena, const struct handoffd_option *row);

/* Puts what the file of a secret holds in *value's place, where `<name>_file` stands in the map;
 * false: told. */
bool options_find_secret(const struct options_context *context, const struct handoffd_option *row,
                         const struct value *map, const struct value **value);

/* Not for records. OPTIONS_UNCONFIGURED: a list or a map of which ${} left nothing; the member is
 * not touched. */
enum options_result options_store(const struct options_context *context,
                                  const struct handoffd_option *row, const struct value *value,
                                  void *member);

/* Stores row->otherwise; false where it does not parse or is out of range. Not for records and
 * maps. */
bool options_store_default(const struct handoffd_option *row, struct arena *arena, void *member);

/* Bytes of a member of this type; 0 for a record and for a type that this daemon does not know. */
size_t options_member_size(uint32_t type);

#endif
