/* delivery - moves one handoff from person to person until somebody is told: the only user of the
 * table of steps.
 *
 * Invariant: an attempt's intent is on disk before its first byte leaves; whoever may have been
 * told is never told again. */
#ifndef HANDOFF_DELIVERY_H
#define HANDOFF_DELIVERY_H

#include "handoff/handoff.h"
#include "handoff/message.h"
#include "routing/chain.h"

struct instance;

/* What all deliveries share; its owner fills the first part and zeroes the rest. */
struct delivery {
    struct loop *loop;
    struct store *store;
    const struct roster *roster;
    struct chain *chain;
    const struct message_template *template;
    const char **labels; /* room for one text a step of the chain */
    int64_t last_turn;

    /* Nothing more will happen to this handoff: its owner frees it. */
    void (*on_finished)(struct delivery *delivery, struct handoff *handoff);
    /* The store failed: nothing more can be promised. */
    void (*on_store_failed)(struct delivery *delivery);
    /* An attempt is no longer on its way. */
    void (*on_landed)(struct delivery *delivery);

    size_t sending;  /* attempts on their way, from the commit of the intent to the report */
    bool is_resting; /* begins no attempt that can wait */
    bool is_closed;  /* hands nothing to a channel any more */
};

/* A handoff that was just asked for: chooses, stores, delivers. */
void delivery_begin(struct delivery *delivery, struct handoff *handoff);

/* One that the store held open: what is due becomes due, what was on its way is unknown, the rest
 * is finished. */
void delivery_resume(struct delivery *delivery, struct handoff *handoff);

/* What the channel says of its present attempt. False: it was of no use in this state. */
bool delivery_report(struct handoff *handoff, const struct handoffd_report *report);

#endif
