/* option_value - puts values into a plugin's struct by its option table, without a vendors.yaml. */
#ifndef TEST_OPTION_VALUE_H
#define TEST_OPTION_VALUE_H

#include "base/arena.h"
#include "loan.h"
#include "plugin.h"

/* The defaults of every row, as config/ stores them. */
void option_defaults(const struct handoffd_options *options, void *target, struct arena *arena);

/* `name` may lead into records: `template.sid`. Lists are separated by commas, maps are written
 * `name:text,name:text`. Texts are put on loan. Ends the program where there is no such option, or
 * where the value is not of its type. */
void option_set(const struct handoffd_options *options, const char *name, const char *value,
                void *target, struct loan *values);

#endif
