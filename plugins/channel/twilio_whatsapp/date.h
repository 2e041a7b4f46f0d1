/* date - the dates of Twilio's API: "Fri, 24 May 2019 17:44:46 +0000" (RFC 2822, 3.3). */
#ifndef TWILIO_DATE_H
#define TWILIO_DATE_H

#include <stdbool.h>
#include <stdint.h>

/* Milliseconds since 1970, UTC. False: it is no such date. */
bool date_read(const char *text, int64_t *ms);

#endif
