/* supervisor - who started us and watches over us, where somebody does: systemd's side of
 * sd_notify(3) and sd_watchdog_enabled(3). One datagram a message; libsystemd would bring its
 * libraries for that. */
#ifndef BASE_SUPERVISOR_H
#define BASE_SUPERVISOR_H

#include "base/loop.h"

struct supervisor;

/* From NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID, which it takes out of the environment: no
 * child shall speak in our name. NULL: nobody watches. */
struct supervisor *supervisor_create(struct loop *loop);
/* NULL is fine, here and below. */
void supervisor_destroy(struct supervisor *supervisor);

/* We serve; from now on the watchdog hears from the loop, as long as the loop turns. */
void supervisor_tell_ready(struct supervisor *supervisor);

void supervisor_tell_stopping(struct supervisor *supervisor);

#endif
