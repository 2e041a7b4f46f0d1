/* report - what a channel says of an attempt: the first of the two doors to the table of steps. */
#ifndef HANDOFF_REPORT_H
#define HANDOFF_REPORT_H

#include "handoff/delivery.h"

/* `is_call`: the provider called by itself, it is no answer. False: it was of no use. */
bool report_take(struct handoff *handoff, const struct instance *instance, uint64_t id,
                 const struct handoffd_report *report, bool is_call);

#endif
