/* test_loop - timers come in order and never early; turns come in order and starve nobody. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/loop.h"
#include "base/memory.h"

enum { MANY = 5000 };

struct fixture {
    struct loop *loop;
    size_t fired;
    size_t order[MANY]; /* the numbers of what fired */
    int64_t last_due_ms;
    size_t turns; /* so far, of the counting turn */
    struct turn counting;
};

struct alarm {
    struct timer timer;
    struct fixture *fixture;
    size_t number;
    size_t again;         /* how often it starts itself anew, with no delay */
    size_t turn;          /* in which it fired last */
    struct alarm *victim; /* stopped, and freed, when this one is due */
};

static int setup(void **state)
{
    struct fixture *fixture = memory_zeroed(1, sizeof *fixture);
    fixture->loop = loop_create();
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;
    loop_destroy(fixture->loop);
    free(fixture);
    return 0;
}

static void on_due(struct timer *timer)
{
    struct alarm *alarm = container_of(timer, struct alarm, timer);
    struct fixture *fixture = alarm->fixture;
    assert_false(timer_is_started(timer));
    assert_true(clock_steady_ms() >= timer->due_ms);
    assert_true(timer->due_ms >= fixture->last_due_ms);
    fixture->last_due_ms = timer->due_ms;
    fixture->order[fixture->fired++] = alarm->number;
}

static struct alarm *create(struct fixture *fixture, size_t number)
{
    struct alarm *alarm = memory_zeroed(1, sizeof *alarm);
    alarm->timer.on_due = on_due;
    alarm->fixture = fixture;
    alarm->number = number;
    return alarm;
}

static void start(struct alarm *alarm, int64_t delay_ms)
{
    loop_timer_start(alarm->fixture->loop, &alarm->timer, delay_ms);
}

/* ---- timers */

static void ends_when_nothing_is_left_that_could_happen(void **state)
{
    struct fixture *fixture = *state;
    loop_run(fixture->loop);
    struct alarm *alarm = create(fixture, 0);
    start(alarm, 60 * 60 * 1000);
    assert_true(timer_is_started(&alarm->timer));
    loop_timer_stop(fixture->loop, &alarm->timer);
    loop_timer_stop(fixture->loop, &alarm->timer); /* twice is fine */
    assert_false(timer_is_started(&alarm->timer));
    loop_run(fixture->loop);
    assert_int_equal(fixture->fired, 0);
    free(alarm);
}

static void fires_in_the_order_of_time(void **state)
{
    static const int64_t delays[] = {30, 4, 20, -5, 10, 25, 7, 15};
    static const size_t order[] = {3, 1, 6, 4, 7, 2, 5, 0};
    struct fixture *fixture = *state;
    struct alarm *alarms[COUNT_OF(delays)];
    for (size_t i = 0; i < COUNT_OF(delays); i++) {
        alarms[i] = create(fixture, i);
        start(alarms[i], delays[i]);
    }
    loop_run(fixture->loop);
    assert_int_equal(fixture->fired, COUNT_OF(order));
    for (size_t i = 0; i < COUNT_OF(order); i++) {
        assert_int_equal(fixture->order[i], order[i]);
        free(alarms[i]);
    }
}

static void moves_a_timer_that_is_started_again(void **state)
{
    struct fixture *fixture = *state;
    struct alarm *earlier = create(fixture, 0);
    struct alarm *fixed = create(fixture, 1);
    struct alarm *later = create(fixture, 2);
    start(earlier, 60 * 1000);
    start(later, 1);
    start(fixed, 15);
    start(earlier, 5);
    start(later, 25);
    loop_run(fixture->loop);
    assert_int_equal(fixture->fired, 3);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(fixture->order[i], i);
    free(earlier);
    free(fixed);
    free(later);
}

static void stop_and_free(struct timer *timer)
{
    struct alarm *alarm = container_of(timer, struct alarm, timer);
    on_due(timer);
    loop_timer_stop(alarm->fixture->loop, &alarm->victim->timer);
    free(alarm->victim);
    free(alarm);
}

static void lets_a_callback_stop_and_free_itself_and_others(void **state)
{
    struct fixture *fixture = *state;
    struct alarm *alarms[8];
    for (size_t i = 0; i < COUNT_OF(alarms); i++) {
        alarms[i] = create(fixture, i);
        alarms[i]->timer.on_due = stop_and_free;
    }
    for (size_t i = 0; i < COUNT_OF(alarms); i++) /* who comes first takes another with it */
        alarms[i]->victim = alarms[i ^ 1];
    int64_t until = clock_steady_ms() + 5;
    for (size_t i = 0; i < COUNT_OF(alarms); i++) /* all due in the same turn */
        start(alarms[i], until - clock_steady_ms());
    loop_run(fixture->loop);
    assert_int_equal(fixture->fired, COUNT_OF(alarms) / 2);
}

/* ---- many, against a sorted list */

static uint32_t next_random(uint32_t *random)
{
    *random = *random * 1664525 + 1013904223;
    return *random >> 8;
}

static int compare_due(const void *left, const void *right)
{
    int64_t a = *(const int64_t *)left;
    int64_t b = *(const int64_t *)right;
    return (a > b) - (a < b);
}

static void agrees_with_a_sorted_list(void **state)
{
    struct fixture *fixture = *state;
    struct alarm *alarms[MANY];
    int64_t due[MANY];
    size_t count = 0;
    uint32_t random = 42;
    for (size_t i = 0; i < MANY; i++)
        alarms[i] = create(fixture, i);
    for (size_t step = 0; step < MANY * 4; step++) {
        struct alarm *alarm = alarms[next_random(&random) % MANY];
        if (next_random(&random) % 4 == 0)
            loop_timer_stop(fixture->loop, &alarm->timer);
        else
            start(alarm, 50 + next_random(&random) % 50);
    }
    for (size_t i = 0; i < MANY; i++) {
        if (timer_is_started(&alarms[i]->timer))
            due[count++] = alarms[i]->timer.due_ms;
    }
    qsort(due, count, sizeof *due, compare_due);
    loop_run(fixture->loop);
    assert_int_equal(fixture->fired, count);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(alarms[fixture->order[i]]->timer.due_ms, due[i]);
    for (size_t i = 0; i < MANY; i++)
        free(alarms[i]);
}

/* ---- turns */

struct note {
    struct turn turn;
    struct fixture *fixture;
    size_t number;
    size_t again;
    size_t ran_in; /* which turn of the counting one */
};

static void on_note(struct turn *turn)
{
    struct note *note = container_of(turn, struct note, turn);
    struct fixture *fixture = note->fixture;
    note->ran_in = fixture->turns;
    fixture->order[fixture->fired++] = note->number;
    if (note->again > 0) {
        note->again--;
        loop_next_turn(fixture->loop, &note->turn);
        loop_next_turn(fixture->loop, &note->turn); /* once is enough */
    }
}

static void on_counting(struct turn *turn)
{
    struct fixture *fixture = container_of(turn, struct fixture, counting);
    fixture->turns++;
    loop_next_turn(fixture->loop, turn);
}

/* Counts the turns of the loop from now on, which so never sleeps. */
static void count_turns(struct fixture *fixture)
{
    fixture->counting.run = on_counting;
    fixture->turns = 1;
    loop_next_turn(fixture->loop, &fixture->counting);
}

static void runs_turns_once_in_the_order_of_asking(void **state)
{
    struct fixture *fixture = *state;
    struct note notes[100];
    for (size_t i = 0; i < COUNT_OF(notes); i++) {
        notes[i] = (struct note){.turn.run = on_note, .fixture = fixture, .number = i};
        loop_next_turn(fixture->loop, &notes[i].turn);
        loop_next_turn(fixture->loop, &notes[i / 2].turn); /* waits already */
    }
    assert_int_equal(fixture->fired, 0);
    loop_run(fixture->loop);
    assert_int_equal(fixture->fired, COUNT_OF(notes));
    for (size_t i = 0; i < COUNT_OF(notes); i++)
        assert_int_equal(fixture->order[i], i);
    loop_run(fixture->loop);
    assert_int_equal(fixture->fired, COUNT_OF(notes));
}

static void runs_on_the_turn_after_what_a_turn_asks_for(void **state)
{
    struct fixture *fixture = *state;
    struct note again = {.turn.run = on_note, .fixture = fixture, .number = 1, .again = 3};
    struct note once = {.turn.run = on_note, .fixture = fixture, .number = 2};
    loop_next_turn(fixture->loop, &again.turn);
    loop_next_turn(fixture->loop, &once.turn);
    loop_run(fixture->loop);
    static const size_t order[] = {1, 2, 1, 1, 1};
    assert_int_equal(fixture->fired, COUNT_OF(order));
    for (size_t i = 0; i < COUNT_OF(order); i++)
        assert_int_equal(fixture->order[i], order[i]);
}

static void free_note(struct turn *turn)
{
    on_note(turn);
    free(container_of(turn, struct note, turn));
}

static void lets_a_turn_free_itself(void **state)
{
    struct fixture *fixture = *state;
    for (size_t i = 0; i < 50; i++) {
        struct note *note = memory_zeroed(1, sizeof *note);
        *note = (struct note){.turn.run = free_note, .fixture = fixture, .number = i};
        loop_next_turn(fixture->loop, &note->turn);
    }
    loop_run(fixture->loop);
    assert_int_equal(fixture->fired, 50);
}

static void on_stopping_note(struct turn *turn)
{
    struct note *note = container_of(turn, struct note, turn);
    on_note(turn);
    loop_stop(note->fixture->loop);
}

static void finishes_the_turn_in_which_it_is_stopped(void **state)
{
    struct fixture *fixture = *state;
    struct note first = {.turn.run = on_stopping_note, .fixture = fixture, .number = 1, .again = 1};
    struct note second = {.turn.run = on_note, .fixture = fixture, .number = 2};
    loop_next_turn(fixture->loop, &first.turn);
    loop_next_turn(fixture->loop, &second.turn);
    loop_run(fixture->loop);
    assert_int_equal(fixture->fired, 2); /* and what waits, waits for the next run */
    loop_run(fixture->loop);
    assert_int_equal(fixture->fired, 3);
    assert_int_equal(fixture->order[2], 1);
}

/* ---- both */

static void on_last(struct timer *timer)
{
    struct alarm *alarm = container_of(timer, struct alarm, timer);
    on_due(timer);
    loop_stop(alarm->fixture->loop);
}

static void lets_timers_come_though_turns_never_end(void **state)
{
    struct fixture *fixture = *state;
    struct alarm *alarm = create(fixture, 0);
    alarm->timer.on_due = on_last;
    count_turns(fixture);
    start(alarm, 20);
    loop_run(fixture->loop);
    assert_int_equal(fixture->fired, 1);
    assert_true(fixture->turns > 1);
    free(alarm);
}

static void start_again(struct timer *timer)
{
    struct alarm *alarm = container_of(timer, struct alarm, timer);
    struct fixture *fixture = alarm->fixture;
    on_due(timer);
    assert_true(alarm->turn < fixture->turns); /* at least a turn later */
    alarm->turn = fixture->turns;
    if (alarm->again-- > 0)
        start(alarm, 0);
    else
        loop_stop(fixture->loop);
}

static void lets_turns_come_though_a_timer_never_rests(void **state)
{
    struct fixture *fixture = *state;
    struct alarm *others[100];
    struct alarm *restless = create(fixture, 0);
    restless->timer.on_due = start_again;
    restless->again = 200;
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        others[i] = create(fixture, i + 1);
        start(others[i], 60 * 60 * 1000);
    }
    count_turns(fixture);
    start(restless, 0);
    loop_run(fixture->loop);
    assert_int_equal(fixture->fired, 201);
    assert_true(fixture->turns >= 200);
    free(restless);
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        loop_timer_stop(fixture->loop, &others[i]->timer);
        free(others[i]);
    }
}

/* ---- lag */

#define LONG_MS 20

/* Keeps the loop from everything else for a while. */
static void be_long(struct turn *turn)
{
    int64_t until_ms = clock_steady_ms() + LONG_MS + 1;
    while (clock_steady_ms() < until_ms)
        continue;
    on_note(turn);
}

static void knows_how_long_it_was_away(void **state)
{
    struct fixture *fixture = *state;
    struct note away = {.turn.run = be_long, .fixture = fixture, .again = 2};
    assert_int_equal(loop_lag_max_us(fixture->loop), 0);
    assert_int_equal(loop_busy_us(fixture->loop), 0);
    loop_next_turn(fixture->loop, &away.turn);
    loop_run(fixture->loop);
    assert_int_equal(fixture->fired, 3);
    int64_t busy_us = loop_busy_us(fixture->loop);
    int64_t longest_us = loop_lag_max_us(fixture->loop);
    assert_true(longest_us >= LONG_MS * 1000); /* of each, not of all together */
    assert_true(busy_us >= 3 * LONG_MS * 1000 && busy_us >= longest_us);
    assert_int_equal(loop_lag_max_us(fixture->loop), 0); /* asking starts anew */
    assert_int_equal(loop_busy_us(fixture->loop), busy_us);
}

/* The machine may keep this process waiting, which counts; but not every time. */
static void does_not_count_its_sleep(void **state)
{
    struct fixture *fixture = *state;
    int64_t longest_us = INT64_MAX;
    for (int i = 0; i < 100 && longest_us >= LONG_MS * 1000; i++) {
        struct alarm *alarm = create(fixture, 0);
        struct alarm *next = create(fixture, 1);
        loop_lag_max_us(fixture->loop);
        start(alarm, LONG_MS + 10);
        start(next, 2 * LONG_MS + 20);
        loop_run(fixture->loop);
        longest_us = loop_lag_max_us(fixture->loop);
        free(alarm);
        free(next);
    }
    assert_true(longest_us < LONG_MS * 1000);
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(ends_when_nothing_is_left_that_could_happen),
        TEST(fires_in_the_order_of_time),
        TEST(moves_a_timer_that_is_started_again),
        TEST(lets_a_callback_stop_and_free_itself_and_others),
        TEST(agrees_with_a_sorted_list),
        TEST(runs_turns_once_in_the_order_of_asking),
        TEST(runs_on_the_turn_after_what_a_turn_asks_for),
        TEST(lets_a_turn_free_itself),
        TEST(finishes_the_turn_in_which_it_is_stopped),
        TEST(lets_timers_come_though_turns_never_end),
        TEST(lets_turns_come_though_a_timer_never_rests),
        TEST(knows_how_long_it_was_away),
        TEST(does_not_count_its_sleep),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
