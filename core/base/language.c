/* language - reads the environment at each call: only messages for people pass here. */
#include "base/language.h"

#include <stdlib.h>
#include <string.h>

bool language_is_spanish(void)
{
    static const char *const variables[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    for (size_t i = 0; i < sizeof variables / sizeof variables[0]; i++) {
        const char *value = getenv(variables[i]);
        if (value != NULL && value[0] != '\0')
            return strncmp(value, "es", 2) == 0;
    }
    return false;
}

const char *in_language(const char *english, const char *spanish)
{
    return language_is_spanish() ? spanish : english;
}

const char *in_number(long long count, const char *one, const char *several)
{
    return count == 1 ? one : several;
}
