/* scalar - whole texts only: what is half a number is none. */
#include "config/scalar.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "config/options.h"

bool scalar_parse_integer(const char *text, int64_t *number)
{
    const char *digits = *text == '-' || *text == '+' ? text + 1 : text;
    size_t count = strspn(digits, "0123456789");
    if (count == 0 || digits[count] != '\0')
        return false;
    _Static_assert(sizeof(long long) == sizeof(int64_t), "strtoll stops at the ends of int64_t");
    *number = strtoll(text, NULL, 10);
    return true;
}

bool scalar_parse_boolean(const char *text, bool *value)
{
    static const struct {
        const char *word;
        bool value;
    } words[] = {
        {"true", true}, {"yes", true},    {"si", true},  {"sí", true},   {"sÍ", true},
        {"on", true},   {"false", false}, {"no", false}, {"off", false},
    };
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (strcasecmp(text, words[i].word) == 0) {
            *value = words[i].value;
            return true;
        }
    return false;
}

/* ---------------------------------------------------------------- durations */

static const struct {
    const char *name;
    int64_t ms;
} units[] = {{"d", 86400000}, {"h", 3600000}, {"m", 60000}, {"s", 1000}, {"ms", 1}};

bool options_parse_duration(const char *text, int64_t *ms)
{
    const char *unit = text + strspn(text, "0123456789");
    if (unit == text)
        return false;
    int64_t number = strtoll(text, NULL, 10);
    for (size_t i = 0; i < COUNT_OF(units); i++) {
        if (strcmp(unit, units[i].name) != 0)
            continue;
        if (number > INT64_MAX / units[i].ms)
            return false;
        *ms = number * units[i].ms;
        return true;
    }
    return false;
}

const char *scalar_duration_text(struct arena *arena, int64_t ms)
{
    size_t i = 0;
    while (i + 1 < COUNT_OF(units) && (ms == 0 || ms % units[i].ms != 0))
        i++;
    return arena_format(arena, "%" PRId64 "%s", ms / units[i].ms, units[i].name);
}
