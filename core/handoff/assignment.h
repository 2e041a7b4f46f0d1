/* assignment - who is told next, and where: the other form of an address that was refused, the
 * person's next contact, then the chain for another person. */
#ifndef HANDOFF_ASSIGNMENT_H
#define HANDOFF_ASSIGNMENT_H

#include "handoff/delivery.h"

/* The turns that a choice took, and why it fell as it did; in the handoff's arena. */
struct choice {
    const char **turn_labels;
    size_t turn_count;
    int64_t turn;
    const char *trace;
};

/* Gives the handoff a new attempt, for the best person not tried yet (or the fallback). False:
 * nobody is left. */
bool assign_person(struct handoff *handoff, struct choice *choice);

/* One person, whatever the routing says. False: they are not there any more. */
bool assign_vendor(struct handoff *handoff, const char *vendor_id);

/* The same person's next contact whose channel takes anything now; false: there is none. */
bool assign_next_contact(struct handoff *handoff);

/* The same contact by the other form of its address, where it has one that was not tried. */
bool assign_other_form(struct handoff *handoff);

/* Once more the same, in a new attempt. */
void assign_again(struct handoff *handoff);

/* Prepares what the channel will be given for the present try. */
void assignment_compose(struct handoff *handoff, const struct instance *instance);

#endif
