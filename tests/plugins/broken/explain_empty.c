/* explain_empty - breaks "or NULL": it says nothing in a text of no length. */
#include "pigeon.h"

static const char *explain(int32_t code)
{
    return code == 0 ? "" : NULL;
}

static const struct handoffd_channel channel = {PIGEON_CHANNEL, .explain = explain};

PIGEON("explain_empty");
