/* gate - GCRA for the rates (one "theoretical arrival time" each, in microseconds), a ring of times
 * for the day, a list of those who wait while it is closed.
 *
 * A turn is taken when it is asked for, in the order of asking: so nobody is passed by, and nobody
 * has to ask twice. */
#include "handoff/gate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "base/language.h"
#include "base/memory.h"
#include "base/require.h"

enum {
    DAY_MS = 24 * 60 * 60 * 1000,
    NEXT_TRY_MS = 5 * 60 * 1000,
    WHY_BYTES = 512,
    PROOFS_IN_DOUBT = 2
};

/* One person's address. */
struct recipient {
    UT_hash_handle hh;
    int64_t arrival_us;
    char address[];
};

/* The times of the last messages; the oldest is at `next` once it is full. */
struct ring {
    int64_t *times_ms;
    size_t size;
    size_t next;
};

struct gate {
    UT_hash_handle hh;
    struct gates *gates;
    int64_t arrival_us;
    struct recipient *recipients;
    struct ring day;
    struct gate_wait *waiting; /* the first has waited longest */
    struct gate_wait **last;
    struct timer timer; /* closed: when one may try */
    bool is_closed;
    bool is_trying; /* closed, and the next one who comes may pass */
    bool is_day_full;
    int64_t doubted_ms; /* closed: so many messages that were sent since then */
    int proofs_wanted;  /* are to be taken before it opens; 0: one */
    char why[WHY_BYTES];
    char channel[];
};

struct gates {
    struct loop *loop;
    struct gate *by_channel;
};

static void on_try(struct timer *timer);

struct gates *gates_create(struct loop *loop)
{
    struct gates *gates = memory_zeroed(1, sizeof *gates);
    gates->loop = loop;
    return gates;
}

static void gate_destroy(struct gate *gate)
{
    struct recipient *recipient = NULL;
    struct recipient *next = NULL;
    require(gate->waiting == NULL);
    loop_timer_stop(gate->gates->loop, &gate->timer);
    HASH_ITER(hh, gate->recipients, recipient, next)
    {
        HASH_DEL(gate->recipients, recipient);
        free(recipient);
    }
    free(gate->day.times_ms);
    free(gate);
}

void gates_destroy(struct gates *gates)
{
    struct gate *gate = NULL;
    struct gate *next = NULL;
    if (gates == NULL)
        return;
    HASH_ITER(hh, gates->by_channel, gate, next)
    {
        HASH_DEL(gates->by_channel, gate);
        gate_destroy(gate);
    }
    free(gates);
}

struct gate *gates_find(struct gates *gates, const char *channel)
{
    struct gate *gate = NULL;
    size_t length = strlen(channel);
    HASH_FIND(hh, gates->by_channel, channel, length, gate);
    if (gate != NULL)
        return gate;
    gate = memory_zeroed(1, sizeof *gate + length + 1);
    memcpy(gate->channel, channel, length);
    gate->gates = gates;
    gate->last = &gate->waiting;
    gate->timer.on_due = on_try;
    HASH_ADD_KEYPTR(hh, gates->by_channel, gate->channel, length, gate);
    return gate;
}

/* ---- the rates */

/* Takes the next turn of a rate, and says how long until it comes. */
static int64_t take_turn_ms(const struct handoffd_rate *rate, int64_t *arrival_us, int64_t now_ms)
{
    if (rate->count <= 0)
        return 0;
    int64_t now_us = now_ms * 1000;
    int64_t interval_us = rate->period_ms * 1000 / rate->count;
    int64_t early_us = rate->burst > 1 ? (rate->burst - 1) * interval_us : 0;
    int64_t wait_us = *arrival_us - early_us - now_us;
    *arrival_us = (*arrival_us > now_us ? *arrival_us : now_us) + interval_us;
    return wait_us > 0 ? (wait_us + 999) / 1000 : 0;
}

static struct recipient *find_recipient(struct gate *gate, const char *address)
{
    struct recipient *recipient = NULL;
    size_t length = strlen(address);
    HASH_FIND(hh, gate->recipients, address, length, recipient);
    if (recipient != NULL)
        return recipient;
    recipient = memory_zeroed(1, sizeof *recipient + length + 1);
    memcpy(recipient->address, address, length);
    HASH_ADD_KEYPTR(hh, gate->recipients, recipient->address, length, recipient);
    return recipient;
}

/* First the person's turn: while it waits, it takes none of the channel's. */
static int64_t take_turns_ms(struct gate *gate, const struct handoffd_limits *limits,
                             const char *to, struct gate_pass *pass, int64_t now_ms)
{
    int64_t wait_ms = pass->due_ms - now_ms;
    if (wait_ms > 0)
        return wait_ms;
    wait_ms = 0;
    if (!pass->has_person && limits->recipient.count > 0)
        wait_ms = take_turn_ms(&limits->recipient, &find_recipient(gate, to)->arrival_us, now_ms);
    pass->has_person = true;
    if (wait_ms > 0)
        return wait_ms;
    if (!pass->has_channel)
        wait_ms = take_turn_ms(&limits->channel, &gate->arrival_us, now_ms);
    pass->has_channel = true;
    return wait_ms;
}

/* ---- the day */

/* Another limit than until now: the latest times are kept. */
static void resize(struct ring *ring, size_t size)
{
    int64_t *times_ms = memory_zeroed(size, sizeof *times_ms);
    size_t kept = ring->size < size ? ring->size : size;
    for (size_t i = 0; i < kept; i++)
        times_ms[size - kept + i] =
            ring->times_ms[(ring->next + ring->size - kept + i) % ring->size];
    free(ring->times_ms);
    *ring = (struct ring){.times_ms = times_ms, .size = size};
}

static void note_time(struct ring *ring, int64_t at_ms)
{
    ring->times_ms[ring->next] = at_ms;
    ring->next = (ring->next + 1) % ring->size;
}

/* How long until the day has room; 0: now. */
static int64_t day_wait_ms(struct gate *gate, int64_t per_day, int64_t now_ms)
{
    if (per_day <= 0)
        return 0;
    if (gate->day.size != (size_t)per_day)
        resize(&gate->day, (size_t)per_day);
    int64_t oldest_ms = gate->day.times_ms[gate->day.next];
    return oldest_ms > 0 && oldest_ms + DAY_MS > now_ms ? oldest_ms + DAY_MS - now_ms : 0;
}

static int compare_times(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a;
    int64_t right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

void gate_recall(struct gate *gate, int64_t *times_ms, size_t count)
{
    if (count == 0)
        return;
    qsort(times_ms, count, sizeof *times_ms, compare_times);
    resize(&gate->day, count);
    memcpy(gate->day.times_ms, times_ms, count * sizeof *times_ms);
}

static enum gate_answer refuse_for_today(struct gate *gate, const struct handoffd_limits *limits,
                                         int64_t wait_ms)
{
    char why[WHY_BYTES];
    snprintf(why, sizeof why,
             in_number(limits->per_day,
                       in_language("the limit of %lld message in 24 hours is reached",
                                   "se alcanzó el límite de %lld mensaje en 24 horas"),
                       in_language("the limit of %lld messages in 24 hours is reached",
                                   "se alcanzó el límite de %lld mensajes en 24 horas")),
             (long long)limits->per_day);
    gate_close(gate, wait_ms, why);
    gate->is_day_full = true;
    return GATE_CLOSED;
}

enum gate_answer gate_enter(struct gate *gate, const struct handoffd_limits *limits, const char *to,
                            struct gate_pass *pass, int64_t now_ms, int64_t *wait_ms)
{
    if (gate->is_closed && !gate->is_trying)
        return GATE_CLOSED;
    *wait_ms = take_turns_ms(gate, limits, to, pass, now_ms);
    pass->due_ms = now_ms + *wait_ms;
    if (*wait_ms > 0)
        return GATE_LATER;
    int64_t day_ms = day_wait_ms(gate, limits->per_day, now_ms);
    if (day_ms > 0)
        return refuse_for_today(gate, limits, day_ms);
    if (limits->per_day > 0)
        note_time(&gate->day, now_ms);
    gate->is_trying = gate->is_day_full = false;
    return GATE_GO;
}

/* ---- waiting for it to open */

void gate_wait(struct gate *gate, struct gate_wait *wait)
{
    wait->gate = gate;
    wait->next = NULL;
    wait->previous = gate->last;
    *gate->last = wait;
    gate->last = &wait->next;
}

void gate_wait_cancel(struct gate_wait *wait)
{
    if (wait->gate == NULL)
        return;
    *wait->previous = wait->next;
    if (wait->next != NULL)
        wait->next->previous = wait->previous;
    else
        wait->gate->last = wait->previous;
    wait->gate = NULL;
}

bool gate_wait_is_started(const struct gate_wait *wait)
{
    return wait->gate != NULL;
}

static void let_one_come(struct gate *gate)
{
    struct gate_wait *wait = gate->waiting;
    if (wait == NULL)
        return;
    gate_wait_cancel(wait);
    wait->on_open(wait);
}

/* Whoever is called may have gone another way meanwhile: then the next one is. */
static void on_try(struct timer *timer)
{
    struct gate *gate = container_of(timer, struct gate, timer);
    gate->is_trying = true;
    loop_timer_start(gate->gates->loop, &gate->timer, NEXT_TRY_MS);
    let_one_come(gate);
}

void gates_try_all(struct gates *gates)
{
    for (struct gate *gate = gates->by_channel; gate != NULL; gate = gate->hh.next) {
        if (gate->is_closed)
            loop_timer_start(gates->loop, &gate->timer, 0);
    }
}

bool gate_close(struct gate *gate, int64_t delay_ms, const char *why)
{
    bool was_open = !gate->is_closed;
    gate->is_closed = true;
    gate->is_trying = gate->is_day_full = false;
    if (why != gate->why)
        snprintf(gate->why, sizeof gate->why, "%s", why);
    loop_timer_start(gate->gates->loop, &gate->timer, delay_ms);
    return was_open;
}

void gate_doubt(struct gate *gate, int64_t taken_ms, int64_t now_ms)
{
    if (taken_ms < gate->doubted_ms)
        return; /* it was in doubt by then */
    gate->doubted_ms = now_ms;
    gate->proofs_wanted = PROOFS_IN_DOUBT;
}

bool gate_prove(struct gate *gate, int64_t sent_ms)
{
    bool is_since = sent_ms > gate->doubted_ms;
    gate->proofs_wanted -= is_since;
    return is_since && gate->proofs_wanted <= 0;
}

bool gate_is_proved(const struct gate *gate, int64_t taken_ms)
{
    return gate->doubted_ms > 0 && taken_ms > gate->doubted_ms;
}

bool gate_open(struct gate *gate)
{
    if (!gate->is_closed)
        return false;
    gate->doubted_ms = gate->proofs_wanted = 0;
    gate->is_closed = gate->is_trying = gate->is_day_full = false;
    loop_timer_stop(gate->gates->loop, &gate->timer);
    struct gate_wait *last = gate->waiting; /* who comes and must wait again comes behind them */
    size_t count = 0;
    for (; last != NULL; last = last->next)
        count++;
    for (; count > 0 && !gate->is_closed; count--)
        let_one_come(gate);
    return true;
}

const char *gate_closed_why(const struct gate *gate)
{
    return gate->is_closed ? gate->why : NULL;
}

bool gate_is_day_full(const struct gate *gate)
{
    return gate->is_day_full;
}
