/* tree - libyaml's events to a tree of values; what this project does not want of YAML is refused
 * by name. */
#ifndef CONFIG_TREE_H
#define CONFIG_TREE_H

#include "config/encoding.h"
#include "config/environment.h"
#include "config/value.h"

/* NULL where the source cannot be read as YAML. Every fault is in diagnostics. */
const struct value *tree_read(const struct source *source, const struct environment *environment,
                              struct arena *arena, struct diagnostics *diagnostics);

#endif
