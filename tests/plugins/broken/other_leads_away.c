/* other_leads_away - breaks "other_to of other_to is `to`": there is no way back. */
#include "pigeon.h"

static bool other_to(const char *to, char *other, size_t other_size)
{
    if (to[0] != '+')
        return false;
    int length = snprintf(other, other_size, "00%s", to + 1);
    return length > 0 && (size_t)length < other_size;
}

static const struct handoffd_channel channel = {PIGEON_CHANNEL, .other_to = other_to};

PIGEON("other_leads_away");
