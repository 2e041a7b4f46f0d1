/* store_conformance_changes - in order, together, and all of each or nothing of it. */
#include "store_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/histogram.h"
#include "base/memory.h"

/* ---- together */

static void is_done_in_the_order_of_submitting(void **state)
{
    struct store_fixture *fixture = *state;
    enum { MANY = 2000 };
    struct promise *promises[MANY];
    fixture_open(fixture);
    for (size_t i = 0; i < MANY; i++)
        fixture_submit(fixture, promises[i] = promise_handoff(fixture, (int64_t)i + 1));
    fixture_wait(fixture);
    fixture_reopen(fixture);
    fixture_recover(fixture, NEVER_SINCE);
    assert_int_equal(fixture->found_count, MANY);
    for (size_t i = 0; i < MANY; i++) {
        assert_int_equal(promises[i]->change.result, STORE_STORED);
        assert_int_equal(promises[i]->done_as, i + 1);
        assert_int_equal(fixture->found[i].handoff.number, (int64_t)i + 1);
    }
}

static void submit_another(struct promise *promise)
{
    int64_t number = promise->change.handoff + 1;
    if (number > 20)
        return;
    struct promise *next = promise_handoff(promise->fixture, number);
    next->and_then = submit_another;
    fixture_submit(promise->fixture, next);
}

static void takes_more_from_inside_on_done(void **state)
{
    struct store_fixture *fixture = *state;
    fixture_open(fixture);
    struct promise *first = promise_handoff(fixture, 1);
    first->and_then = submit_another;
    assert_int_equal(fixture_store(fixture, first), STORE_STORED);
    fixture_reopen(fixture);
    fixture_recover(fixture, NEVER_SINCE);
    assert_int_equal(fixture->found_count, 20);
}

static void on_closed(void *context)
{
    bool *is_closed = context;
    *is_closed = true;
}

static void waits_for_all_that_was_submitted_when_it_closes(void **state)
{
    struct store_fixture *fixture = *state;
    enum { MANY = 200 };
    struct promise *promises[MANY];
    fixture_open(fixture);
    for (size_t i = 0; i < MANY; i++)
        fixture_submit(fixture, promises[i] = promise_handoff(fixture, (int64_t)i + 1));
    bool is_closed = false;
    store_close(fixture->store, on_closed, &is_closed);
    fixture->store = NULL;
    assert_int_equal(fixture->done, MANY); /* before the loop has run */
    assert_false(is_closed);               /* the loop still has its handle */
    for (size_t i = 0; i < MANY; i++)
        assert_int_equal(promises[i]->change.result, STORE_STORED);
    while (!is_closed)
        loop_run(fixture->loop);
    fixture_open(fixture);
    fixture_recover(fixture, NEVER_SINCE);
    assert_int_equal(fixture->found_count, MANY);
}

/* ---- all or nothing */

static void on_turn(void *context, const struct store_turn *turn)
{
    (void)turn;
    (*(int *)context)++;
}

static int count_turns(struct store_fixture *fixture)
{
    int count = 0;
    struct error error;
    assert_true(store_turns(fixture->store, on_turn, &count, &error));
    return count;
}

static void a_change_that_conflicts_takes_nothing_else_with_it(void **state)
{
    struct store_fixture *fixture = *state;
    fixture_open(fixture);
    assert_int_equal(fixture_store(fixture, promise_handoff(fixture, 1)), STORE_STORED);
    struct promise *before = promise_handoff(fixture, 2);
    struct promise *other = promise_handoff(fixture, 1);
    struct promise *halfway = promise_handoff(fixture, 3);
    struct promise *after = promise_handoff(fixture, 4);
    other->handoff.request_digest = 99;
    other->attempts[0].state = "refused";
    other->change.turn_count = 1;
    other->turns[0] = (struct store_turn){"round_robin", "ana", 9};
    halfway->change.event_count = 2; /* the handoff and its attempt are new, the event is not */
    halfway->change.turn_count = 1;
    halfway->events[1] = halfway->events[0];
    halfway->turns[0] = (struct store_turn){"round_robin", "ana", 9};
    fixture_submit(fixture, before);
    fixture_submit(fixture, other);
    fixture_submit(fixture, halfway);
    fixture_submit(fixture, after);
    fixture_wait(fixture);
    assert_int_equal(before->change.result, STORE_STORED);
    assert_int_equal(other->change.result, STORE_CONFLICT);
    assert_int_equal(halfway->change.result, STORE_CONFLICT);
    assert_int_equal(after->change.result, STORE_STORED);
    fixture_reopen(fixture);
    fixture_recover(fixture, 0);
    assert_int_equal(fixture->found_count, 3);
    assert_kept(fixture, promise_handoff(fixture, 1));
    assert_kept(fixture, before);
    assert_kept(fixture, after);
    assert_int_equal(count_turns(fixture), 0);
}

static struct promise *promise_of_request(struct store_fixture *fixture, int64_t number,
                                          int64_t received_ms, const char *key, int64_t digest)
{
    struct promise *promise = promise_handoff(fixture, number);
    promise->handoff.received_ms = received_ms;
    promise->handoff.request_key = key;
    promise->handoff.request_digest = digest;
    return promise;
}

static void knows_a_handoff_that_is_there_already(void **state)
{
    struct store_fixture *fixture = *state;
    static const struct {
        int64_t received_ms[2]; /* of what is there, and of what comes again */
        const char *key[2];
        int64_t digest[2];
        enum store_result result;
    } cases[] = {
        {{10, 10}, {"k", "k"}, {5, 5}, STORE_DUPLICATE},
        {{10, 10}, {NULL, NULL}, {5, 5}, STORE_DUPLICATE},
        {{10, 10}, {"", ""}, {INT64_MIN, INT64_MIN}, STORE_DUPLICATE},
        {{10, 10}, {"k", "K"}, {5, 5}, STORE_CONFLICT},
        {{10, 10}, {"k", NULL}, {5, 5}, STORE_CONFLICT},
        {{10, 10}, {NULL, ""}, {5, 5}, STORE_CONFLICT},
        {{10, 10}, {"k", "k"}, {5, -5}, STORE_CONFLICT},
        {{10, 11}, {NULL, NULL}, {5, 5}, STORE_CONFLICT},
    };
    fixture_open(fixture);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        int64_t number = (int64_t)i + 1;
        struct promise *first = promise_of_request(fixture, number, cases[i].received_ms[0],
                                                   cases[i].key[0], cases[i].digest[0]);
        struct promise *again = promise_of_request(fixture, number, cases[i].received_ms[1],
                                                   cases[i].key[1], cases[i].digest[1]);
        again->handoff.reason = "said in other words";
        again->events[0].number = 2;
        fixture_submit(fixture, first);
        if (i % 2 == 0)
            fixture_wait(fixture); /* after the first, or together with it */
        fixture_submit(fixture, again);
        fixture_wait(fixture);
        assert_int_equal(first->change.result, STORE_STORED);
        assert_int_equal(again->change.result, cases[i].result);
        fixture_recover(fixture, NEVER_SINCE);
        assert_kept(fixture, first);
    }
}

/* The story of a handoff is only ever continued. */
static void writes_no_event_a_second_time(void **state)
{
    struct store_fixture *fixture = *state;
    fixture_open(fixture);
    struct promise *promise = promise_handoff(fixture, 1);
    assert_int_equal(fixture_store(fixture, promise), STORE_STORED);
    struct promise *event = promise_step(fixture, 1, 1, "notified", STORE_DONE);
    assert_int_equal(fixture_store(fixture, event), STORE_CONFLICT);
    fixture_reopen(fixture);
    fixture_recover(fixture, 0);
    assert_kept(fixture, promise);
    assert_int_equal(fixture_store(fixture, promise_step(fixture, 1, 2, "notified", STORE_DONE)),
                     STORE_STORED); /* and it goes on */
}

/* ---- how long it took */

static void measures_its_commits(void **state)
{
    struct store_fixture *fixture = *state;
    enum { MANY = 50 };
    fixture_open(fixture);
    assert_int_equal(fixture_store(fixture, promise_handoff(fixture, 1)), STORE_STORED);
    const struct histogram *histogram = store_commit_seconds(fixture->store);
    assert_int_equal(histogram->count, 1);
    assert_true(histogram->sum_us > 0);
    for (int64_t number = 2; number < 2 + MANY; number++)
        fixture_submit(fixture, promise_handoff(fixture, number));
    fixture_wait(fixture);
    assert_true(histogram->count >= 2); /* a batch is one */
    assert_true(histogram->count <= 1 + MANY);
}

static void knows_how_much_room_there_is(void **state)
{
    struct store_fixture *fixture = *state;
    fixture_open(fixture);
    int64_t before = store_free_bytes(fixture->store);
    assert_true(before > 0);
    assert_int_equal(fixture_store(fixture, promise_handoff(fixture, 1)), STORE_STORED);
    assert_true(store_free_bytes(fixture->store) > 0);
}

int store_conformance_changes(const struct store_factory *factory)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(is_done_in_the_order_of_submitting),
        STORE_TEST(takes_more_from_inside_on_done),
        STORE_TEST(waits_for_all_that_was_submitted_when_it_closes),
        STORE_TEST(a_change_that_conflicts_takes_nothing_else_with_it),
        STORE_TEST(knows_a_handoff_that_is_there_already),
        STORE_TEST(writes_no_event_a_second_time),
        STORE_TEST(measures_its_commits),
        STORE_TEST(knows_how_much_room_there_is),
    };
    return cmocka_run_group_tests_name("store_changes", tests, NULL, NULL);
}
