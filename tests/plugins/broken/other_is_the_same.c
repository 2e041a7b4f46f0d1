/* other_is_the_same - breaks "another way to write the address": it is the same. */
#include "pigeon.h"

static bool other_to(const char *to, char *other, size_t other_size)
{
    int length = snprintf(other, other_size, "%s", to);
    return length > 0 && (size_t)length < other_size;
}

static const struct handoffd_channel channel = {PIGEON_CHANNEL, .other_to = other_to};

PIGEON("other_is_the_same");
