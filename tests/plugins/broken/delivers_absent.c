/* delivers_absent - breaks "ABSENT: answer to find": deliver reports it. */
#include "pigeon.h"

static void deliver(void *state, const struct handoffd_attempt *attempt,
                    const struct handoffd_message *message)
{
    (void)message;
    pigeon_report(state, attempt->id, HANDOFFD_ABSENT);
}

static const struct handoffd_channel channel = {.size = sizeof(struct handoffd_channel),
                                                .medium = "Pigeon",
                                                .provider = "Loft",
                                                .check_to = pigeon_check_to,
                                                .deliver = deliver};

PIGEON("delivers_absent");
