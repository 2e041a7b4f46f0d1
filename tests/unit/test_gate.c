/* test_gate - rates, days and a closed door, by a clock that only the test moves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/memory.h"
#include "handoff/gate.h"
#include "moving_clock.h"

enum { SECOND = 1000, MINUTE = 60 * SECOND, DAY = 24 * 60 * MINUTE };

struct yard {
    struct loop *loop;
    struct gates *gates;
    struct gate *gate;
};

static int setup(void **state)
{
    struct yard *yard = memory_zeroed(1, sizeof *yard);
    yard->loop = loop_create();
    yard->gates = gates_create(yard->loop);
    yard->gate = gates_find(yard->gates, "whatsapp");
    setenv("LC_ALL", "C", 1);
    *state = yard;
    return 0;
}

static int teardown(void **state)
{
    struct yard *yard = *state;
    gates_destroy(yard->gates);
    loop_destroy(yard->loop);
    free(yard);
    return 0;
}

static int64_t now(void)
{
    return clock_steady_ms();
}

struct moment {
    struct timer timer;
    struct loop *loop;
    bool is_over;
};

static void on_moment(struct timer *timer)
{
    struct moment *moment = container_of(timer, struct moment, timer);
    moment->is_over = true;
    loop_stop(moment->loop);
}

/* The first moment makes the loop look at its clock; the second is due when all of them are. */
static void pass(struct yard *yard, int64_t ms)
{
    struct moment first = {.timer = {.on_due = on_moment}, .loop = yard->loop};
    struct moment last = first;
    loop_timer_start(yard->loop, &first.timer, 0);
    loop_timer_start(yard->loop, &last.timer, ms);
    clock_move(ms);
    while (!first.is_over || !last.is_over)
        loop_run(yard->loop);
}

/* A new attempt comes to the gate: how long it must wait; -1: closed. */
static int64_t enter(struct yard *yard, const struct handoffd_limits *limits, const char *to)
{
    struct gate_pass pass = {0};
    int64_t wait_ms = 0;
    switch (gate_enter(yard->gate, limits, to, &pass, now(), &wait_ms)) {
    case GATE_GO:
        return 0;
    case GATE_LATER:
        return wait_ms;
    default:
        return -1;
    }
}

/* ---- rates */

static void lets_everybody_through_without_limits(void **state)
{
    static const struct handoffd_limits none = {.size = sizeof none};
    for (int i = 0; i < 1000; i++)
        assert_int_equal(enter(*state, &none, "to-ana"), 0);
    assert_null(gate_closed_why(((struct yard *)*state)->gate));
}

static void gives_everyone_a_turn_of_their_own(void **state)
{
    static const struct handoffd_limits limits = {.size = sizeof limits,
                                                  .channel = {.count = 10, .period_ms = SECOND}};
    for (int i = 0; i < 50; i++)
        assert_int_equal(enter(*state, &limits, "to-ana"), i * 100);
}

static void lets_a_burst_through_at_once(void **state)
{
    struct yard *yard = *state;
    static const struct handoffd_limits limits = {
        .size = sizeof limits, .channel = {.count = 2, .period_ms = SECOND, .burst = 5}};
    for (int i = 0; i < 5; i++)
        assert_int_equal(enter(yard, &limits, "to-ana"), 0);
    assert_int_equal(enter(yard, &limits, "to-ana"), 500);
    assert_int_equal(enter(yard, &limits, "to-ana"), 1000);
    pass(yard, 1000 + 500); /* both have gone, and one more might */
    assert_int_equal(enter(yard, &limits, "to-ana"), 0);
    assert_int_equal(enter(yard, &limits, "to-ana"), 500);
    pass(yard, MINUTE); /* a burst is not saved up beyond itself */
    for (int i = 0; i < 5; i++)
        assert_int_equal(enter(yard, &limits, "to-ana"), 0);
    assert_int_equal(enter(yard, &limits, "to-ana"), 500);
}

static void counts_parts_of_a_millisecond(void **state)
{
    static const struct handoffd_limits limits = {.size = sizeof limits,
                                                  .channel = {.count = 3000, .period_ms = SECOND}};
    int64_t last = 0;
    for (int i = 0; i < 3000; i++)
        last = enter(*state, &limits, "to-ana");
    assert_in_range(last, 998, 1000);
}

static void keeps_to_the_person_s_rate_beside_the_channel_s(void **state)
{
    struct yard *yard = *state;
    static const struct handoffd_limits limits = {
        .size = sizeof limits,
        .channel = {.count = 10, .period_ms = SECOND},
        .recipient = {.count = 1, .period_ms = 6 * SECOND}};
    struct gate_pass ana = {0};
    int64_t wait_ms = 0;
    assert_int_equal(enter(yard, &limits, "to-ana"), 0);
    assert_int_equal(gate_enter(yard->gate, &limits, "to-ana", &ana, now(), &wait_ms), GATE_LATER);
    assert_int_equal(wait_ms, 6000);
    /* while she waits, the channel is others' */
    for (int i = 1; i <= 20; i++) {
        char to[16];
        snprintf(to, sizeof to, "to-%d", i);
        assert_int_equal(enter(yard, &limits, to), i * 100);
    }
    pass(yard, 6000);
    assert_int_equal(gate_enter(yard->gate, &limits, "to-ana", &ana, now(), &wait_ms), GATE_GO);
}

/* One whose person's turn has come may have to wait for the channel's: and takes neither twice. */
static void takes_no_turn_twice(void **state)
{
    struct yard *yard = *state;
    static const struct handoffd_limits limits = {.size = sizeof limits,
                                                  .channel = {.count = 1, .period_ms = 10 * SECOND},
                                                  .recipient = {.count = 1, .period_ms = SECOND}};
    struct gate_pass pass_of_ana = {0};
    int64_t wait_ms = 0;
    assert_int_equal(enter(yard, &limits, "to-ana"), 0);
    assert_int_equal(gate_enter(yard->gate, &limits, "to-ana", &pass_of_ana, now(), &wait_ms),
                     GATE_LATER);
    assert_int_equal(wait_ms, 1000);
    pass(yard, 1000);
    assert_int_equal(gate_enter(yard->gate, &limits, "to-ana", &pass_of_ana, now(), &wait_ms),
                     GATE_LATER);
    assert_int_equal(wait_ms, 9000);
    pass(yard, 9000);
    assert_int_equal(gate_enter(yard->gate, &limits, "to-ana", &pass_of_ana, now(), &wait_ms),
                     GATE_GO);
    assert_int_equal(enter(yard, &limits, "to-luis"), 10000);
}

/* Many people, one of them with a hundred messages: the others wait as if that one had none. */
static void nobody_waits_behind_another_s_limit(void **state)
{
    enum { PEOPLE = 40, CROWD = 100 };
    static const struct handoffd_limits limits = {
        .size = sizeof limits,
        .channel = {.count = 100, .period_ms = SECOND, .burst = 1},
        .recipient = {.count = 1, .period_ms = MINUTE, .burst = 1}};
    struct yard *yard = *state;
    uint32_t random = 1;
    for (int i = 0; i < CROWD; i++)
        enter(yard, &limits, "to-crowd");
    for (int round = 0; round < 20; round++) {
        bool is_told[PEOPLE] = {false};
        int64_t longest_ms = 0;
        for (int i = 0; i < PEOPLE; i++) {
            char to[16];
            random = random * 1664525 + 1013904223;
            int who = (int)((random >> 8) % PEOPLE);
            snprintf(to, sizeof to, "to-%d", who);
            enter(yard, &limits, "to-crowd");
            if (is_told[who])
                continue;
            is_told[who] = true;
            int64_t wait_ms = enter(yard, &limits, to);
            longest_ms = wait_ms > longest_ms ? wait_ms : longest_ms;
        }
        assert_in_range(longest_ms, 0, PEOPLE * 10);
        pass(yard, MINUTE + SECOND);
    }
}

/* Whatever comes when: in no span do more go than the rate says. */
static void never_lets_more_through_than_the_rate(void **state)
{
    enum { MANY = 2000 };
    static const struct handoffd_limits limits = {
        .size = sizeof limits, .channel = {.count = 5, .period_ms = SECOND, .burst = 3}};
    struct yard *yard = *state;
    int64_t gone[MANY];
    uint32_t random = 7;
    for (int i = 0; i < MANY; i++) {
        int64_t wait_ms = enter(yard, &limits, "to-ana");
        assert_true(wait_ms >= 0);
        gone[i] = now() + wait_ms;
        random = random * 1664525 + 1013904223;
        if ((random >> 28) == 0)
            pass(yard, 1 + (random >> 8) % 3000);
    }
    for (int i = 8; i < MANY; i++) /* 3 at once and 5 in the second: the ninth is later */
        assert_true(gone[i] - gone[i - 8] >= SECOND);
}

/* ---- days */

static const struct handoffd_limits three_a_day = {.size = sizeof three_a_day, .per_day = 3};

static void closes_when_the_day_is_full_and_opens_when_the_oldest_is_a_day_old(void **state)
{
    struct yard *yard = *state;
    assert_int_equal(enter(yard, &three_a_day, "a"), 0);
    pass(yard, MINUTE);
    assert_int_equal(enter(yard, &three_a_day, "b"), 0);
    assert_int_equal(enter(yard, &three_a_day, "c"), 0);
    assert_null(gate_closed_why(yard->gate));
    assert_int_equal(enter(yard, &three_a_day, "d"), -1);
    assert_true(gate_is_day_full(yard->gate));
    assert_string_equal(gate_closed_why(yard->gate),
                        "the limit of 3 messages in 24 hours is reached");
    pass(yard, DAY - MINUTE - 1);
    assert_int_equal(enter(yard, &three_a_day, "d"), -1);
    pass(yard, 1);
    assert_int_equal(enter(yard, &three_a_day, "d"), 0); /* one, to try */
    assert_int_equal(enter(yard, &three_a_day, "e"), -1);
    assert_true(gate_open(yard->gate)); /* it arrived */
    assert_int_equal(enter(yard, &three_a_day, "e"), -1);
    pass(yard, MINUTE);
    assert_int_equal(enter(yard, &three_a_day, "e"), 0);
}

static void counts_what_left_before_this_process(void **state)
{
    struct yard *yard = *state;
    int64_t times[] = {now() - 10 * MINUTE, now() - DAY + MINUTE, now() - 5 * MINUTE};
    gate_recall(yard->gate, times, COUNT_OF(times));
    assert_int_equal(enter(yard, &three_a_day, "a"), -1);
    pass(yard, MINUTE);
    assert_int_equal(enter(yard, &three_a_day, "a"), 0);
}

/* More than the limit allows, fewer, or none at all. */
static void keeps_the_latest_of_what_it_recalls(void **state)
{
    struct yard *yard = *state;
    int64_t many[50];
    for (int i = 0; i < 50; i++)
        many[i] = now() - DAY + (50 - i) * MINUTE;
    gate_recall(yard->gate, many, COUNT_OF(many)); /* the last three: at minute 48, 49 and 50 */
    assert_int_equal(enter(yard, &three_a_day, "a"), -1);
    pass(yard, 48 * MINUTE - 1);
    assert_int_equal(enter(yard, &three_a_day, "a"), -1);
    pass(yard, 1);
    assert_int_equal(enter(yard, &three_a_day, "a"), 0);

    yard->gate = gates_find(yard->gates, "sms");
    int64_t one[] = {now() - MINUTE};
    gate_recall(yard->gate, one, 1);
    assert_int_equal(enter(yard, &three_a_day, "a"), 0);
    assert_int_equal(enter(yard, &three_a_day, "a"), 0);
    assert_int_equal(enter(yard, &three_a_day, "a"), -1);

    yard->gate = gates_find(yard->gates, "log");
    gate_recall(yard->gate, NULL, 0);
    assert_int_equal(enter(yard, &three_a_day, "a"), 0);
}

/* vendors.yaml may say another number at any time. */
static void goes_on_counting_with_another_limit(void **state)
{
    struct yard *yard = *state;
    struct handoffd_limits limits = three_a_day;
    for (int i = 0; i < 3; i++) {
        assert_int_equal(enter(yard, &limits, "a"), 0);
        pass(yard, MINUTE);
    }
    limits.per_day = 5;
    assert_int_equal(enter(yard, &limits, "a"), 0);
    pass(yard, MINUTE);
    assert_int_equal(enter(yard, &limits, "a"), 0);
    assert_int_equal(enter(yard, &limits, "a"), -1);
    limits.per_day = 2;
    pass(yard, DAY - 4 * MINUTE); /* the first is a day old now; the last two are not */
    assert_int_equal(enter(yard, &limits, "a"), -1);
    limits.per_day = 0;
    gates_try_all(yard->gates);
    pass(yard, 1);
    assert_int_equal(enter(yard, &limits, "a"), 0);
}

static void says_why_in_spanish(void **state)
{
    struct yard *yard = *state;
    setenv("LC_ALL", "es_MX.UTF-8", 1);
    for (int i = 0; i < 3; i++)
        enter(yard, &three_a_day, "a");
    assert_int_equal(enter(yard, &three_a_day, "a"), -1);
    assert_string_equal(gate_closed_why(yard->gate),
                        "se alcanzó el límite de 3 mensajes en 24 horas");
}

/* ---- closing and opening */

struct guest {
    struct gate_wait wait;
    struct yard *yard;
    struct guest *also; /* is sent home when this one is called */
    const struct handoffd_limits *limits;
    bool goes_back; /* waits again as soon as it is called */
    size_t called;
    int order;
};

static int calls;

static void on_open(struct gate_wait *wait)
{
    struct guest *guest = container_of(wait, struct guest, wait);
    guest->called++;
    guest->order = ++calls;
    assert_false(gate_wait_is_started(wait));
    if (guest->also != NULL)
        gate_wait_cancel(&guest->also->wait);
    if (guest->limits != NULL)
        enter(guest->yard, guest->limits, "a");
    if (guest->goes_back)
        gate_wait(guest->yard->gate, &guest->wait);
}

static void let_wait(struct yard *yard, struct guest *guests, size_t count)
{
    calls = 0;
    for (size_t i = 0; i < count; i++) {
        guests[i].wait.on_open = on_open;
        guests[i].yard = yard;
        assert_false(gate_wait_is_started(&guests[i].wait));
        gate_wait(yard->gate, &guests[i].wait);
        assert_true(gate_wait_is_started(&guests[i].wait));
    }
}

static void send_home(struct guest *guests, size_t count)
{
    for (size_t i = 0; i < count; i++)
        gate_wait_cancel(&guests[i].wait);
}

static const struct handoffd_limits unlimited = {.size = sizeof unlimited};

static void closes_once_and_says_why(void **state)
{
    struct yard *yard = *state;
    char why[] = "Authenticate";
    assert_null(gate_closed_why(yard->gate));
    assert_true(gate_close(yard->gate, MINUTE, why));
    why[0] = 'X';
    assert_string_equal(gate_closed_why(yard->gate), "Authenticate");
    assert_false(gate_is_day_full(yard->gate));
    assert_false(gate_close(yard->gate, MINUTE, gate_closed_why(yard->gate))); /* from itself */
    assert_string_equal(gate_closed_why(yard->gate), "Authenticate");
    assert_int_equal(enter(yard, &unlimited, "a"), -1);
    assert_int_equal(enter(yard, &unlimited, "b"), -1);
}

static void lets_one_through_to_try(void **state)
{
    struct yard *yard = *state;
    struct guest guests[3] = {0};
    gate_close(yard->gate, MINUTE, "Authenticate");
    let_wait(yard, guests, 3);
    pass(yard, MINUTE - 1);
    assert_int_equal(guests[0].called, 0);
    assert_int_equal(enter(yard, &unlimited, "a"), -1);
    pass(yard, 1);
    assert_int_equal(guests[0].called, 1);
    assert_int_equal(guests[1].called + guests[2].called, 0);
    assert_int_equal(enter(yard, &unlimited, "a"), 0);  /* the one who was called */
    assert_int_equal(enter(yard, &unlimited, "b"), -1); /* nobody else, until it is told */
    assert_false(gate_close(yard->gate, MINUTE, "Authenticate"));
    pass(yard, MINUTE);
    assert_int_equal(guests[1].called, 1);
    assert_int_equal(guests[2].called, 0);
    send_home(guests, 3);
}

/* It may have gone another way, or its channel be gone from vendors.yaml. */
static void calls_the_next_where_the_one_who_was_called_never_came(void **state)
{
    struct yard *yard = *state;
    struct guest guests[3] = {0};
    gate_close(yard->gate, MINUTE, "Authenticate");
    let_wait(yard, guests, 3);
    pass(yard, MINUTE);
    assert_int_equal(guests[0].called, 1); /* and does not enter */
    pass(yard, 15 * MINUTE);
    assert_int_equal(guests[1].called, 1);
    pass(yard, 15 * MINUTE);
    assert_int_equal(guests[2].called, 1);
}

static void lets_a_newcomer_try_where_nobody_waits(void **state)
{
    struct yard *yard = *state;
    gate_close(yard->gate, MINUTE, "Authenticate");
    pass(yard, MINUTE);
    assert_int_equal(enter(yard, &unlimited, "a"), 0);
    assert_int_equal(enter(yard, &unlimited, "b"), -1);
}

static void calls_all_who_wait_when_it_opens_in_their_order(void **state)
{
    struct yard *yard = *state;
    struct guest guests[5] = {0};
    assert_false(gate_open(yard->gate)); /* it was */
    gate_close(yard->gate, MINUTE, "Authenticate");
    let_wait(yard, guests, 5);
    gate_wait_cancel(&guests[2].wait);
    gate_wait_cancel(&guests[2].wait); /* twice is fine */
    assert_true(gate_open(yard->gate));
    for (int i = 0; i < 5; i++)
        assert_int_equal(guests[i].called, i != 2);
    assert_true(guests[0].order < guests[1].order && guests[1].order < guests[3].order &&
                guests[3].order < guests[4].order);
    assert_null(gate_closed_why(yard->gate));
    pass(yard, MINUTE); /* no trying any more */
    assert_int_equal(guests[0].called, 1);
}

static void leaves_those_who_come_back_for_the_next_time(void **state)
{
    struct yard *yard = *state;
    struct guest guests[3] = {{.goes_back = true}, {.goes_back = true}, {.goes_back = true}};
    gate_close(yard->gate, MINUTE, "Authenticate");
    let_wait(yard, guests, 3);
    gate_open(yard->gate);
    for (int i = 0; i < 3; i++)
        assert_int_equal(guests[i].called, 1);
    send_home(guests, 3);
}

/* One of those who are called may close it again: the others stay where they are. */
static void stops_calling_when_it_closes_again(void **state)
{
    struct yard *yard = *state;
    static const struct handoffd_limits one_a_day = {.size = sizeof one_a_day, .per_day = 1};
    struct guest guests[4] = {{.limits = &one_a_day}, {.limits = &one_a_day}};
    gate_close(yard->gate, MINUTE, "Authenticate");
    let_wait(yard, guests, 4);
    gate_open(yard->gate);
    assert_int_equal(guests[0].called, 1);
    assert_int_equal(guests[1].called, 1); /* the day was full for this one */
    assert_int_equal(guests[2].called + guests[3].called, 0);
    assert_true(gate_is_day_full(yard->gate));
    send_home(guests, 4);
}

static void may_send_others_home_while_it_calls(void **state)
{
    struct yard *yard = *state;
    struct guest guests[3] = {0};
    guests[0].also = &guests[1];
    gate_close(yard->gate, MINUTE, "Authenticate");
    let_wait(yard, guests, 3);
    gate_open(yard->gate);
    assert_int_equal(guests[0].called, 1);
    assert_int_equal(guests[1].called, 0);
    assert_int_equal(guests[2].called, 1);
}

static void tries_all_closed_gates_at_once(void **state)
{
    struct yard *yard = *state;
    struct gate *other = gates_find(yard->gates, "sms");
    struct guest guests[2] = {0};
    assert_ptr_equal(gates_find(yard->gates, "sms"), other);
    assert_ptr_not_equal(other, yard->gate);
    gate_close(yard->gate, DAY, "Authenticate");
    let_wait(yard, guests, 2);
    gates_try_all(yard->gates);
    pass(yard, 1);
    assert_int_equal(guests[0].called, 1);
    assert_int_equal(guests[1].called, 0);
    assert_null(gate_closed_why(other));
    assert_string_equal(gate_closed_why(yard->gate), "Authenticate"); /* until something went */
    send_home(guests, 2);
}

static void may_be_given_up_while_closed(void **state)
{
    struct yard *yard = *state;
    gate_close(yard->gate, MINUTE, "Authenticate");
    gates_destroy(NULL);
}

static void believes_in_doubt_only_what_was_sent_since(void **state)
{
    struct yard *yard = *state;
    assert_true(gate_close(yard->gate, MINUTE, "disabled"));
    assert_false(gate_is_proved(yard->gate, 150)); /* nothing is in doubt yet */
    gate_doubt(yard->gate, 90, 100);
    assert_false(gate_prove(yard->gate, 100));
    assert_false(gate_is_proved(yard->gate, 100));
    assert_true(gate_is_proved(yard->gate, 101));
    assert_false(gate_prove(yard->gate, 101));
    gate_doubt(yard->gate, 99, 200); /* taken before it was in doubt: that is known */
    assert_true(gate_prove(yard->gate, 102));
    gate_doubt(yard->gate, 150, 300);
    assert_false(gate_is_proved(yard->gate, 250));
    assert_false(gate_prove(yard->gate, 301));
    assert_true(gate_prove(yard->gate, 302));
    assert_true(gate_open(yard->gate));
    assert_true(gate_close(yard->gate, MINUTE, "Authenticate"));
    assert_true(gate_prove(yard->gate, 303));
    assert_true(gate_open(yard->gate));
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(lets_everybody_through_without_limits),
        TEST(gives_everyone_a_turn_of_their_own),
        TEST(lets_a_burst_through_at_once),
        TEST(counts_parts_of_a_millisecond),
        TEST(keeps_to_the_person_s_rate_beside_the_channel_s),
        TEST(takes_no_turn_twice),
        TEST(nobody_waits_behind_another_s_limit),
        TEST(never_lets_more_through_than_the_rate),
        TEST(closes_when_the_day_is_full_and_opens_when_the_oldest_is_a_day_old),
        TEST(counts_what_left_before_this_process),
        TEST(keeps_the_latest_of_what_it_recalls),
        TEST(goes_on_counting_with_another_limit),
        TEST(says_why_in_spanish),
        TEST(closes_once_and_says_why),
        TEST(lets_one_through_to_try),
        TEST(calls_the_next_where_the_one_who_was_called_never_came),
        TEST(lets_a_newcomer_try_where_nobody_waits),
        TEST(calls_all_who_wait_when_it_opens_in_their_order),
        TEST(leaves_those_who_come_back_for_the_next_time),
        TEST(stops_calling_when_it_closes_again),
        TEST(may_send_others_home_while_it_calls),
        TEST(tries_all_closed_gates_at_once),
        TEST(may_be_given_up_while_closed),
        TEST(believes_in_doubt_only_what_was_sent_since),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
