/* other_cut_short - breaks "false: there is none": it gives as much of the address as there is room
 * for. */
#include "pigeon.h"

static bool other_to(const char *to, char *other, size_t other_size)
{
    if (to[0] != '+' && to[0] != '0')
        return false;
    return snprintf(other, other_size, "%c%s", to[0] == '+' ? '0' : '+', to + 1) > 0;
}

static const struct handoffd_channel channel = {PIGEON_CHANNEL, .other_to = other_to};

PIGEON("other_cut_short");
