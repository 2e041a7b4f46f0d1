/* pigeon - breaks no law: a channel with every member that there is. */
#include "pigeon.h"

static const struct handoffd_channel channel = {
    PIGEON_CHANNEL,
    .tells_delivery = true,
    .find = pigeon_find,
    .receive = pigeon_receive,
    .limits = pigeon_limits,
    .other_to = pigeon_other_to,
    .explain = pigeon_explain,
    .probe = pigeon_probe,
};

PIGEON("pigeon");
