/* operator - what a person says of one handoff: try again, nobody needs it, it is taken care of. */
#ifndef HANDOFF_OPERATOR_H
#define HANDOFF_OPERATOR_H

#include "handoff/delivery.h"

enum operator_order {
    ORDER_RETRY,  /* whoever may have been told already: the operator knows */
    ORDER_CANCEL, /* nobody is to be told any more */
    ORDER_CLOSE   /* it is taken care of */
};

/* NULL: done; else why not, in the operator's language. */
const char *operator_give(struct handoff *handoff, enum operator_order order);

#endif
