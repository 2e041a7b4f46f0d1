/* conformance - the laws of plugin.h, checked on one plugin; each function ends the program at the
 * first fault. */
#ifndef TEST_CONFORMANCE_H
#define TEST_CONFORMANCE_H

#include "subject.h"

/* `NAME=VALUE` options of the instance, `person.NAME=VALUE` of a person, as they came on the
 * command line. */
struct settings {
    char **items;
    size_t count;
    const char *to;      /* an address that check_to takes */
    const char *country; /* or NULL */
};

/* Sets the options and starts; a start that says false is a fault. */
void conformance_start(struct subject *subject, const struct settings *settings);

void conformance_router(struct subject *subject, const struct settings *settings);
void conformance_channel(struct subject *subject, const struct settings *settings);

#endif
