/* explain_from_a_buffer - breaks law 6: it writes its sentence into a variable of its own. */
#include "pigeon.h"

static const char *explain(int32_t code)
{
    static char sentence[64];
    snprintf(sentence, sizeof sentence, "look up code %d", code);
    return code == 21211 ? sentence : NULL;
}

static const struct handoffd_channel channel = {PIGEON_CHANNEL, .explain = explain};

PIGEON("explain_from_a_buffer");
