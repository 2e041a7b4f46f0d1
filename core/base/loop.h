/* loop - the one event loop (libuv) with what every room needs of it: timers that can be dropped at
 * once, and work for the next turn. All on the loop thread. */
#ifndef BASE_LOOP_H
#define BASE_LOOP_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

struct loop;

struct loop *loop_create(void);

/* Every handle of others must be closed by now; NULL is fine. */
void loop_destroy(struct loop *loop);

/* For those who own libuv handles. */
uv_loop_t *loop_uv(struct loop *loop);

/* Runs until loop_stop, or until nothing is left that could happen. */
void loop_run(struct loop *loop);

/* loop_run returns at the end of this turn. */
void loop_stop(struct loop *loop);

/* How late the loop is, in microseconds: from each waking to its next look at clocks and sockets
 * everything else waits. The longest of these spans since this was asked last, or since the start;
 * and all of them together, whose growth in a second is the share of it that the loop was busy. The
 * span under way does not count yet. */
int64_t loop_lag_max_us(struct loop *loop);
int64_t loop_busy_us(const struct loop *loop);

/* A moment to come. Embedded in its owner, zeroed at first; the owner may free it as soon as it is
 * stopped or due, from inside on_due too. */
struct timer {
    void (*on_due)(struct timer *timer);
    int64_t due_ms; /* clock_steady_ms */
    uint32_t place; /* in the loop's heap, from 1; 0: not started */
};

/* Starts, or moves, the timer: due `delay_ms` from now (at least on the next turn). */
void loop_timer_start(struct loop *loop, struct timer *timer, int64_t delay_ms);
void loop_timer_stop(struct loop *loop, struct timer *timer);
bool timer_is_started(const struct timer *timer);

/* Work for the next turn of the loop, run once, in the order of asking. Embedded in its owner,
 * zeroed at first; may be freed from inside run. */
struct turn {
    void (*run)(struct turn *turn);
    struct turn *next;
    bool is_waiting;
};

/* Asking again while it waits changes nothing. */
void loop_next_turn(struct loop *loop, struct turn *turn);

#endif
