/* roster - the people who can be told, in the order of vendors.yaml. Values only; lives in the
 * configuration's arena. */
#ifndef ROUTING_ROSTER_H
#define ROUTING_ROSTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct instance;

/* One way to reach a person. */
struct contact {
    struct instance *channel;
    const char *to; /* as the channel's check_to wrote it */
};

struct vendor {
    const char *id;
    const char *name;
    const struct contact *contacts; /* in order: the next only if one fails; at least one */
    size_t contact_count;
};

/* No vendor: an index that stands for nobody. */
#define NOBODY SIZE_MAX

struct roster {
    const struct vendor *vendors;
    size_t count;
    bool is_example; /* nobody real is there */
    size_t fallback; /* `when_nobody: {then: …}`, or NOBODY */
};

/* The index of an id, or NOBODY. */
size_t roster_find(const struct roster *roster, const char *id);

#endif
