/* parameters - reads the form that Twilio posts: application/x-www-form-urlencoded.
 *
 * Anything is a form; only memory can be short. What Twilio signs is what stands here, so nothing
 * is trimmed, dropped or mended: blanks, repeated names, empty values and NULs stay. */
#ifndef TWILIO_PARAMETERS_H
#define TWILIO_PARAMETERS_H

#include <stdbool.h>
#include <stddef.h>

struct span {
    const char *bytes; /* NUL behind, and perhaps within */
    size_t length;
};

struct parameter {
    struct span name;
    struct span value;
};

struct parameters {
    struct parameter *items; /* sorted: by name, then by value, byte by byte */
    size_t count;
    char *bytes;
};

/* Decodes %41 and +; a % with no two hexadecimal digits behind it stands for itself. False: there
 * is no memory. `parameters` is to be deinitialised either way. */
bool parameters_read(const char *body, size_t length, struct parameters *parameters);
void parameters_deinit(struct parameters *parameters);

/* The value of this name; NULL: there is none, it is empty, it has a NUL, or the name came with
 * two different values. */
const char *parameters_value(const struct parameters *parameters, const char *name);

#endif
