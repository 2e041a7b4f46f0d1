/* environment - ${NAME} and ${NAME:-default} in values: from the process's environment; then from a
 * file NAME among the credentials that the service manager hands over (CREDENTIALS_DIRECTORY,
 * systemd's LoadCredential); then from a `.env` file.
 *
 * A value is never said in a message: it may be a secret. */
#ifndef CONFIG_ENVIRONMENT_H
#define CONFIG_ENVIRONMENT_H

#include <stdbool.h>

#include "base/arena.h"
#include "config/diagnostics.h"

struct environment;

/* Reads the `.env` in the folder of the file `beside`; a missing one is fine. Faults are added to
 * `diagnostics`, and the good lines count nevertheless. Lives in the arena.
 *
 * A line is NAME=VALUE, `export NAME=VALUE`, `# comment` or blank. VALUE is 'as it stands', "with
 * \n, \" and \\", or plain up to the end of the line or a # with a space before it. The last of two
 * lines with the same name counts. */
struct environment *environment_read(const char *beside, struct arena *arena,
                                     struct diagnostics *diagnostics);

/* NULL where it is not set; "" where it is set to nothing. The process's environment wins. */
const char *environment_get(const struct environment *environment, const char *name);

/* This text is a secret: every variable of the process's environment whose value it is made of is
 * emptied, as /proc/PID/environ and every child would show it; environment_get goes on to know it.
 * Values of less than 6 bytes stay: they may well be something else's. */
void environment_withdraw(const char *secret);

/* `text` with every ${NAME} and ${NAME:-default} replaced, in the arena. ${NAME} must be set;
 * ${NAME:-default} is the default where NAME is not set or empty; $${ is a literal ${. What was put
 * in is not looked at again. Faults are told at `mark`, and leave nothing in their place.
 * *is_replaced: whether there was one. */
const char *environment_expand(const struct environment *environment, const char *text,
                               struct mark mark, bool *is_replaced, struct arena *arena,
                               struct diagnostics *diagnostics);

#endif
