/* explain_two_lines - breaks "one sentence": it has a line break. */
#include "pigeon.h"

static const char *explain(int32_t code)
{
    return code == 21211 ? "check the number:\nit may be wrong" : NULL;
}

static const struct handoffd_channel channel = {PIGEON_CHANNEL, .explain = explain};

PIGEON("explain_two_lines");
