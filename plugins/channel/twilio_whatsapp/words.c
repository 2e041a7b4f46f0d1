/* words - the daemon's own rule for its language, which a plugin cannot ask for before start. */
#include "words.h"

#include <stdlib.h>
#include <string.h>

const char *words(const char *english, const char *spanish)
{
    static const char *const variables[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    for (size_t i = 0; i < sizeof variables / sizeof variables[0]; i++) {
        const char *value = getenv(variables[i]);
        if (value != NULL && value[0] != '\0')
            return strncmp(value, "es", 2) == 0 ? spanish : english;
    }
    return english;
}
