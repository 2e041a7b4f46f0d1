/* tells_nobody - breaks "tells_delivery": it has neither find nor receive to tell it by. */
#include "pigeon.h"

static const struct handoffd_channel channel = {PIGEON_CHANNEL, .tells_delivery = true};

PIGEON("tells_nobody");
