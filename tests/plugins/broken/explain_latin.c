/* explain_latin - breaks law 3: what it says is not UTF-8. */
#include "pigeon.h"

static const char *explain(int32_t code)
{
    return code == 30008 ? "rev\xEDsalo" : NULL;
}

static const struct handoffd_channel channel = {PIGEON_CHANNEL, .explain = explain};

PIGEON("explain_latin");
