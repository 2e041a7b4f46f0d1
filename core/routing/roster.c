/* roster - looks a person up by id. */
#include "routing/roster.h"

#include <string.h>

size_t roster_find(const struct roster *roster, const char *id)
{
    for (size_t i = 0; i < roster->count; i++) {
        if (strcmp(roster->vendors[i].id, id) == 0)
            return i;
    }
    return NOBODY;
}
