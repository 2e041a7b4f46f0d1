/* watch - looks every minute whether somebody has waited long and nobody was told yet, though
 * nothing refuses for good: that is trouble too. */
#ifndef HANDOFF_WATCH_H
#define HANDOFF_WATCH_H

#include "handoff/delivery.h"

struct watch;

struct watch *watch_create(struct delivery *delivery);
void watch_start(struct watch *watch);
void watch_stop(struct watch *watch);
void watch_destroy(struct watch *watch);

#endif
