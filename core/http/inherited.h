/* inherited - the listeners that whoever started us opened for us, so that clients wait in them
 * while nobody serves: systemd's socket activation, sd_listen_fds(3). */
#ifndef HTTP_INHERITED_H
#define HTTP_INHERITED_H

#include <stdbool.h>
#include <sys/socket.h>

#include "base/error.h"

/* Is there any? */
bool inherited_any(void);

/* The one that listens at this address (port 0: at any port of it), closed on exec; the caller's.
 * -1, with an error that names what is there: none of them does. */
int inherited_take(const struct sockaddr *address, struct error *error) MUST_CHECK;

#endif
