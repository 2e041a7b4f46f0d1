/* scalar - one word or number of vendors.yaml to a C value. */
#ifndef CONFIG_SCALAR_H
#define CONFIG_SCALAR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

/* Decimal digits with an optional sign, nothing else. Beyond int64_t it is the nearest int64_t: a
 * number, but in no range. */
bool scalar_parse_integer(const char *text, int64_t *number);

/* true, yes, sí, si, on; false, no, off; in any case. */
bool scalar_parse_boolean(const char *text, bool *value);

/* What options_parse_duration reads: "90s", "2h". */
const char *scalar_duration_text(struct arena *arena, int64_t ms);

#endif
