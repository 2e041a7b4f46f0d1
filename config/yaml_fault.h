/* yaml_fault - what libyaml found wrong, as a sentence for somebody who has never programmed. */
#ifndef CONFIG_YAML_FAULT_H
#define CONFIG_YAML_FAULT_H

#include <yaml.h>

#include "config/encoding.h"

/* Tells the fault that stopped the parser. Nothing is told on `quiet_line` (0: none): there the
 * cause has been told. */
void yaml_fault_tell(const yaml_parser_t *parser, const struct source *source, unsigned quiet_line,
                     struct diagnostics *diagnostics);

/* Tells of a space that YAML takes for a letter: a key that begins with one, or a line. */
void yaml_fault_tell_no_break_space(struct mark mark, struct diagnostics *diagnostics);

#endif
