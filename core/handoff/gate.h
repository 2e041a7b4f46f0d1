/* gate - what a channel's provider takes: so many messages a second, to one person, in a day; and
 * nothing at all while it refuses the account. One gate a channel, by name; it outlives a change of
 * vendors.yaml.
 *
 * While it is open nobody waits behind anybody else: whoever must wait is given a time of their
 * own. */
#ifndef HANDOFF_GATE_H
#define HANDOFF_GATE_H

#include "base/loop.h"
#include "plugin.h"

struct gates;
struct gate;

struct gates *gates_create(struct loop *loop);
/* Nobody may be waiting. NULL is fine. */
void gates_destroy(struct gates *gates);

/* The gate of a channel; made, open, at the first asking. */
struct gate *gates_find(struct gates *gates, const char *channel);

/* Every closed gate lets one through to try: somebody may have mended what it was closed for. */
void gates_try_all(struct gates *gates);

/* What one attempt has been given already, zeroed at first. */
struct gate_pass {
    bool has_person;  /* its turn among the messages to the person, */
    bool has_channel; /* and among those of the channel */
    int64_t due_ms;   /* when that turn comes */
};

enum gate_answer {
    GATE_GO,    /* now; the message is counted */
    GATE_LATER, /* in wait_ms, with the same pass */
    GATE_CLOSED /* nobody knows when: gate_wait */
};

/* now_ms is a clock that nobody moves. */
enum gate_answer gate_enter(struct gate *gate, const struct handoffd_limits *limits, const char *to,
                            struct gate_pass *pass, int64_t now_ms, int64_t *wait_ms);

/* Messages that left before this process began: they count in the day. In any order; sorted here.
 */
void gate_recall(struct gate *gate, int64_t *times_ms, size_t count);

/* ---- closing and opening */

/* Somebody who waits for it to open; embedded in its owner, zeroed at first. on_open is called from
 * a timer or from gate_open, once. */
struct gate_wait {
    void (*on_open)(struct gate_wait *wait);
    struct gate *gate;
    struct gate_wait *next;
    struct gate_wait **previous;
};

void gate_wait(struct gate *gate, struct gate_wait *wait);

/* Waits no more; fine where it does not. */
void gate_wait_cancel(struct gate_wait *wait);
bool gate_wait_is_started(const struct gate_wait *wait);

/* Nothing passes for delay_ms; then one, to try. True: it was open. `why` is copied. */
bool gate_close(struct gate *gate, int64_t delay_ms, const char *why);

/* The provider refuses the account for what it took at taken_ms: one message that it takes is no
 * proof any more that it works; two that were sent since are. */
void gate_doubt(struct gate *gate, int64_t taken_ms, int64_t now_ms);

/* The provider took a message that was sent at sent_ms. Is this proof? */
bool gate_prove(struct gate *gate, int64_t sent_ms);

/* One that it took at taken_ms is on a phone: that is proof where it is in doubt. */
bool gate_is_proved(const struct gate *gate, int64_t taken_ms);

/* The provider took something: whoever waits may come. True: it was closed. */
bool gate_open(struct gate *gate);

/* Why it is closed; NULL: it is open. */
const char *gate_closed_why(const struct gate *gate);

/* The day's limit is what closed it. */
bool gate_is_day_full(const struct gate *gate);

#endif
