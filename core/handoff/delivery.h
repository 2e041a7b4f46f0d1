/* delivery - moves one handoff from person to person until somebody is told: the only user of the
 * table of steps.
 *
 * Invariant: an attempt's intent is on disk before its first byte leaves; what may have been sent
 * is not sent again before the provider was asked. */
#ifndef HANDOFF_DELIVERY_H
#define HANDOFF_DELIVERY_H

#include "handoff/handoff.h"
#include "handoff/message.h"
#include "handoff/steps.h"
#include "routing/chain.h"

struct addresses;
struct claims;
struct entry;
struct instance;
struct registry;

/* An attempt's id carries its number in 8 bits. */
enum { ATTEMPTS_MOST = 255 };

/* What becomes of an attempt whose outcome nobody can tell. */
enum on_ambiguous {
    AMBIGUOUS_ESCALATE, /* the next contact or person, marked as a possible duplicate */
    AMBIGUOUS_RESEND,   /* the same again, marked */
    AMBIGUOUS_HOLD      /* an operator decides */
};

/* `unknown:` of vendors.yaml. */
struct unknown_rules {
    int64_t ask_for_ms; /* what the provider does not have for so long, */
    int64_t times;      /* asked so often, was not sent */
    int64_t give_up_ms; /* what is not known by then is ambiguous */
    enum on_ambiguous on_ambiguous;
};

/* What vendors.yaml says; another one may take its place at any time. */
struct delivery_setup {
    const struct roster *roster;
    struct chain *chain; /* prepared by the dispatcher */
    const struct message_template *template;
    const char *public_url; /* without a slash at the end; or NULL */
    struct unknown_rules unknown;
};

/* Since this process began; for metrics. */
struct delivery_counts {
    int64_t handoffs[HANDOFF_STATES]; /* times that one came to this state */
};

/* What all deliveries share; its owner fills the first part and zeroes the rest. */
struct delivery {
    struct loop *loop;
    struct store *store;
    struct public_ids *ids;
    struct gates *gates;
    struct addresses *addresses;
    struct claims *claims;
    struct registry *registry; /* the open ones */
    struct delivery_setup setup;
    int64_t last_turn;
    int64_t clock_offset_ms; /* of delivery_now_ms to the steady clock */
    int64_t begun_ms;        /* delivery_now_ms, before anything of the store was read */

    /* Nothing more happens to this handoff now: its owner frees it. */
    void (*on_finished)(struct delivery *delivery, struct handoff *handoff);
    /* It wants to be taken up again at due_ms. */
    void (*on_resting)(struct delivery *delivery, int64_t due_ms);
    /* The store failed: nothing more can be promised. */
    void (*on_store_failed)(struct delivery *delivery);
    /* An attempt is no longer on its way. */
    void (*on_landed)(struct delivery *delivery);
    /* Somebody of the company should know; text NULL: what was wrong for this cause is mended. */
    void (*on_trouble)(struct delivery *delivery, const char *cause, const char *text);
    /* A handoff is stuck because of `cause` (NULL: no longer), and was because of `former` (NULL:
     * it was not): see alert/cause.h. That is on disk. */
    void (*on_stuck)(struct delivery *delivery, const char *former, const char *cause,
                     const char *text);
    /* The provider took a message to this person; has_arrived: it is on their phone, as far as the
     * channel can tell. */
    void (*on_told)(struct delivery *delivery, const char *vendor_id, const char *channel,
                    bool has_arrived);
    /* One attempt more has this outcome; code: the provider's, or 0. */
    void (*on_outcome)(struct delivery *delivery, const char *channel, enum attempt_event event,
                       int64_t code);

    struct delivery_counts counts;
    size_t sending;  /* attempts on their way, from the commit of the intent to the report */
    bool is_resting; /* begins no attempt that can wait */
    bool is_closed;  /* hands nothing to a channel any more */
};

/* Milliseconds since 1970 as the clock had it when the process began, carried on by the steady
 * clock: due times and windows, which nobody moves who sets the clock. */
int64_t delivery_now_ms(const struct delivery *delivery);

/* What an attempt is called outside: never the same twice, for it holds the number of the try. */
uint64_t attempt_id(int64_t handoff, const struct attempt *attempt);

/* A handoff that was just asked for: chooses, stores, delivers. */
void delivery_begin(struct delivery *delivery, struct handoff *handoff);

/* One that comes back to memory from the store; delivery_leave once what it came for is done. */
void delivery_enter(struct delivery *delivery, struct handoff *handoff);
void delivery_leave(struct handoff *handoff);

/* Whatever it waits for: its time, its gate, an answer; late answers are reports like others. */
void delivery_stop_waiting(struct handoff *handoff);

/* ---- the steps of the flow that reaction.c, inquiry.c, resume.c and operator.c share */

void delivery_set_state(struct handoff *handoff, enum handoff_state state);
void delivery_set_attempt_state(struct handoff *handoff, enum attempt_state state);
/* Somebody is being told: what was said of the handoff until now no longer holds. */
void delivery_set_on_its_way(struct handoff *handoff);

/* Sends the present attempt as soon as its channel lets it through. */
void delivery_launch(struct handoff *handoff, const struct entry *entry);

/* The channel is given the attempt, or asked about it. */
void delivery_carry(struct handoff *handoff, struct instance *instance, bool is_asking);

/* Writes what is so now; kind NULL: without a line in the story. */
void delivery_journal(struct handoff *handoff, const struct entry *entry);
void delivery_record(struct handoff *handoff, const char *kind, const char *detail);
/* The timer, and what the store knows of it. */
void delivery_set_due(struct handoff *handoff, int64_t delay_ms);
uint64_t delivery_random(void);

#endif
