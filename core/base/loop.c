/* loop - a heap of timers over one uv_timer, a list of turns over one uv_idle, and a look at the
 * clock before each sleep. */
#include "base/loop.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/require.h"

struct loop {
    uv_loop_t uv;
    uv_timer_t alarm; /* set to the first of the heap */
    uv_idle_t idle;   /* active while turns wait, so that the loop does not sleep */
    uv_prepare_t look;
    uint64_t looked_ns; /* when the loop looked last */
    uint64_t slept_ns;  /* all its sleep until then */
    uint64_t busy_ns;
    uint64_t longest_ns;
    struct timer **heap;
    uint32_t timers;
    uint32_t capacity;
    struct turn *first;
    struct turn **last;
};

static void on_alarm(uv_timer_t *alarm);
static void on_idle(uv_idle_t *idle);
static void on_look(uv_prepare_t *look);

struct loop *loop_create(void)
{
    struct loop *loop = memory_zeroed(1, sizeof *loop);
    require(uv_loop_init(&loop->uv) == 0);
    require(uv_loop_configure(&loop->uv, UV_METRICS_IDLE_TIME) == 0);
    require(uv_timer_init(&loop->uv, &loop->alarm) == 0);
    require(uv_idle_init(&loop->uv, &loop->idle) == 0);
    require(uv_prepare_init(&loop->uv, &loop->look) == 0);
    loop->alarm.data = loop;
    loop->idle.data = loop;
    loop->look.data = loop;
    loop->last = &loop->first;
    loop->looked_ns = uv_hrtime();
    uv_prepare_start(&loop->look, on_look);
    uv_unref((uv_handle_t *)&loop->look);
    return loop;
}

void loop_destroy(struct loop *loop)
{
    if (loop == NULL)
        return;
    uv_close((uv_handle_t *)&loop->alarm, NULL);
    uv_close((uv_handle_t *)&loop->idle, NULL);
    uv_close((uv_handle_t *)&loop->look, NULL);
    uv_run(&loop->uv, UV_RUN_DEFAULT);
    require(uv_loop_close(&loop->uv) == 0);
    free(loop->heap);
    free(loop);
}

uv_loop_t *loop_uv(struct loop *loop)
{
    return &loop->uv;
}

void loop_run(struct loop *loop)
{
    loop->looked_ns = uv_hrtime();
    uv_run(&loop->uv, UV_RUN_DEFAULT);
}

void loop_stop(struct loop *loop)
{
    uv_stop(&loop->uv);
}

/* ---- timers: a binary heap, 1-based; every timer knows its place */

static void put(struct loop *loop, uint32_t place, struct timer *timer)
{
    loop->heap[place] = timer;
    timer->place = place;
}

static void sift_up(struct loop *loop, uint32_t place, struct timer *timer)
{
    while (place > 1 && loop->heap[place / 2]->due_ms > timer->due_ms) {
        put(loop, place, loop->heap[place / 2]);
        place /= 2;
    }
    put(loop, place, timer);
}

static void sift_down(struct loop *loop, uint32_t place, struct timer *timer)
{
    for (;;) {
        uint32_t child = place * 2;
        if (child > loop->timers)
            break;
        if (child < loop->timers && loop->heap[child + 1]->due_ms < loop->heap[child]->due_ms)
            child++;
        if (loop->heap[child]->due_ms >= timer->due_ms)
            break;
        put(loop, place, loop->heap[child]);
        place = child;
    }
    put(loop, place, timer);
}

static void heap_remove(struct loop *loop, struct timer *timer)
{
    uint32_t place = timer->place;
    struct timer *moved = loop->heap[loop->timers--];
    timer->place = 0;
    if (moved == timer)
        return;
    if (place > 1 && loop->heap[place / 2]->due_ms > moved->due_ms)
        sift_up(loop, place, moved);
    else
        sift_down(loop, place, moved);
}

/* Never for this very turn: libuv calls a timer that is due at once again and again before it turns
 * to anything else. */
static void set_alarm(struct loop *loop)
{
    if (loop->timers == 0) {
        uv_timer_stop(&loop->alarm);
        return;
    }
    int64_t delay = loop->heap[1]->due_ms - clock_steady_ms();
    uv_update_time(&loop->uv);
    uv_timer_start(&loop->alarm, on_alarm, delay > 0 ? (uint64_t)delay : 1, 0);
}

void loop_timer_start(struct loop *loop, struct timer *timer, int64_t delay_ms)
{
    loop_timer_stop(loop, timer);
    if (loop->timers + 2 > loop->capacity) {
        loop->capacity = loop->capacity ? loop->capacity * 2 : 64;
        loop->heap = memory_resized(loop->heap, loop->capacity * sizeof *loop->heap);
    }
    timer->due_ms = clock_steady_ms() + (delay_ms > 0 ? delay_ms : 1);
    sift_up(loop, ++loop->timers, timer);
    if (timer->place == 1)
        set_alarm(loop);
}

/* An alarm set for a timer that was stopped only finds nothing due and is set anew. */
void loop_timer_stop(struct loop *loop, struct timer *timer)
{
    if (timer->place == 0)
        return;
    heap_remove(loop, timer);
    if (loop->timers == 0)
        set_alarm(loop);
}

bool timer_is_started(const struct timer *timer)
{
    return timer->place != 0;
}

/* What a callback starts anew is due later than `now`, so the loop ends. */
static void on_alarm(uv_timer_t *alarm)
{
    struct loop *loop = alarm->data;
    int64_t now = clock_steady_ms();
    while (loop->timers > 0 && loop->heap[1]->due_ms <= now) {
        struct timer *timer = loop->heap[1];
        heap_remove(loop, timer);
        timer->on_due(timer);
    }
    set_alarm(loop);
}

/* ---- turns */

void loop_next_turn(struct loop *loop, struct turn *turn)
{
    if (turn->is_waiting)
        return;
    turn->is_waiting = true;
    turn->next = NULL;
    *loop->last = turn;
    loop->last = &turn->next;
    uv_idle_start(&loop->idle, on_idle);
}

/* Takes the list as it stands: what a turn asks for runs on the turn after. */
static void on_idle(uv_idle_t *idle)
{
    struct loop *loop = idle->data;
    struct turn *turn = loop->first;
    loop->first = NULL;
    loop->last = &loop->first;
    while (turn != NULL) {
        struct turn *next = turn->next;
        turn->is_waiting = false;
        turn->run(turn);
        turn = next;
    }
    if (loop->first == NULL)
        uv_idle_stop(idle);
}

/* ---- lag */

/* Right before the loop sleeps, or sees that it need not. What passed since the last time, but for
 * the sleep, which libuv counts, is the time that one round took. */
static void on_look(uv_prepare_t *look)
{
    struct loop *loop = look->data;
    uint64_t now_ns = uv_hrtime();
    uint64_t slept_ns = uv_metrics_idle_time(&loop->uv);
    uint64_t round_ns = now_ns - loop->looked_ns;
    uint64_t sleep_ns = slept_ns - loop->slept_ns;
    uint64_t busy_ns = round_ns > sleep_ns ? round_ns - sleep_ns : 0;
    loop->looked_ns = now_ns;
    loop->slept_ns = slept_ns;
    loop->busy_ns += busy_ns;
    if (busy_ns > loop->longest_ns)
        loop->longest_ns = busy_ns;
}

int64_t loop_lag_max_us(struct loop *loop)
{
    int64_t longest_us = (int64_t)(loop->longest_ns / 1000);
    loop->longest_ns = 0;
    return longest_us;
}

int64_t loop_busy_us(const struct loop *loop)
{
    return (int64_t)(loop->busy_ns / 1000);
}
