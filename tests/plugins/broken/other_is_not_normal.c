/* other_is_not_normal - breaks "a normal form": what other_to writes is none for check_to. */
#include "pigeon.h"

static bool check_to(const char *to, const char *country, char *normal, size_t normal_size,
                     char *error, size_t error_size)
{
    (void)country;
    const char *text = to != NULL ? to : "";
    int length = snprintf(normal, normal_size, "%s", text[0] == '!' ? text + 1 : text);
    snprintf(error, error_size, "too long");
    return length >= 0 && (size_t)length < normal_size;
}

static bool other_to(const char *to, char *other, size_t other_size)
{
    int length = to[0] == '!' ? snprintf(other, other_size, "%s", to + 1)
                              : snprintf(other, other_size, "!%s", to);
    return length > 0 && (size_t)length < other_size;
}

static const struct handoffd_channel channel = {.size = sizeof(struct handoffd_channel),
                                                .medium = "Pigeon",
                                                .provider = "Loft",
                                                .check_to = check_to,
                                                .deliver = pigeon_deliver,
                                                .other_to = other_to};

PIGEON("other_is_not_normal");
