/* store_conformance_asking - what can be asked while a store serves, and by a command without it.
 */
#include "store_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"

enum { NUMBERS_MOST = 12 };

struct asked {
    struct store_query query;
    struct store_fixture *fixture;
    size_t done_as;
};

static void on_answered(struct store_query *query)
{
    struct asked *asked = container_of(query, struct asked, query);
    asked->done_as = ++asked->fixture->done;
    if (--asked->fixture->under_way == 0)
        loop_stop(asked->fixture->loop);
}

static struct asked *ask(struct store_fixture *fixture, struct store_query query)
{
    struct asked *asked = arena_zeroed(fixture->arena, 1, sizeof *asked);
    asked->fixture = fixture;
    asked->query = query;
    asked->query.on_done = on_answered;
    fixture->under_way++;
    store_ask(fixture->store, &asked->query);
    return asked;
}

static struct store_query *answered(struct store_fixture *fixture, struct store_query query)
{
    struct asked *asked = ask(fixture, query);
    assert_int_equal(asked->done_as, 0); /* never from inside store_ask */
    fixture_wait(fixture);
    if (asked->query.is_failed)
        fail_msg("%s", asked->query.error.message);
    return &asked->query;
}

/* Ends with a 0. */
static void assert_numbers(const struct store_query *query, const int64_t numbers[NUMBERS_MOST])
{
    size_t count = 0;
    for (; count < NUMBERS_MOST && numbers[count] != 0; count++) {
        assert_true(count < query->count);
        assert_int_equal(query->found[count].handoff.number, numbers[count]);
    }
    assert_int_equal(query->count, count);
}

/* ---- one */

static void finds_one_by_its_number(void **state)
{
    struct store_fixture *fixture = *state;
    fixture_open(fixture);
    struct promise *promise = promise_handoff(fixture, 7);
    promise->handoff.parent = 6;
    promise->change.wake = STORE_RESTING;
    promise->change.due_ms = 99;
    promise->change.crashes = 1;
    promise->change.stuck = "stuck ambiguous";
    fixture_submit(fixture, promise_handoff(fixture, 6));
    fixture_submit(fixture, promise);
    fixture_wait(fixture);
    struct store_query *query = answered(fixture, (struct store_query){.number = 7});
    assert_int_equal(query->count, 1);
    assert_found(&query->found[0], promise);
    assert_null(query->found[0].story);
    assert_null(query->found[0].keys);
    store_query_finish(query);
    assert_int_equal(query->count, 0);
    store_query_finish(query); /* no harm */
}

static void finds_none_where_there_is_none(void **state)
{
    struct store_fixture *fixture = *state;
    static const int64_t numbers[] = {0, 2, -1, INT64_MAX, INT64_MIN};
    fixture_open(fixture);
    assert_int_equal(fixture_store(fixture, promise_handoff(fixture, 1)), STORE_STORED);
    for (size_t i = 0; i < COUNT_OF(numbers); i++) {
        struct store_query *query = answered(fixture, (struct store_query){.number = numbers[i]});
        assert_int_equal(query->count, 0);
        store_query_finish(query);
    }
}

static void tells_the_story_where_it_is_asked_for(void **state)
{
    struct store_fixture *fixture = *state;
    enum { EVENTS = 9 };
    fixture_open(fixture);
    fixture_submit(fixture, promise_handoff(fixture, 1));
    fixture_submit(fixture, promise_handoff(fixture, 2));
    for (int64_t event = 2; event <= EVENTS; event++)
        fixture_submit(fixture, promise_step(fixture, 1, event, "assigned", STORE_OPEN));
    fixture_wait(fixture);
    struct store_query *query =
        answered(fixture, (struct store_query){.number = 1, .has_story = true});
    const struct store_found *found = &query->found[0];
    assert_int_equal(found->story_count, EVENTS);
    assert_string_equal(found->story[0].detail, "vendor=ana");
    for (size_t i = 0; i < EVENTS; i++) {
        assert_int_equal(found->story[i].number, i + 1);
        assert_string_equal(found->story[i].kind, "assigned");
    }
    assert_null(found->story[EVENTS - 1].detail);
    assert_int_equal(found->story[EVENTS - 1].at_ms, 1000 + EVENTS);
    store_query_finish(query);
}

/* ---- due */

/* Numbers 1 to 8: 1 and 5 are open, 3 is done, the others rest. */
static void rest(struct store_fixture *fixture)
{
    static const int64_t due_ms[] = {0, 0, 500, 0, 300, 0, 700, 300, 100};
    for (int64_t number = 1; number <= 8; number++) {
        struct promise *promise = promise_handoff(fixture, number);
        promise->change.wake = number == 3                  ? STORE_DONE
                               : number == 1 || number == 5 ? STORE_OPEN
                                                            : STORE_RESTING;
        promise->change.due_ms = due_ms[number];
        fixture_submit(fixture, promise);
    }
    fixture_wait(fixture);
}

static void finds_what_is_due_earliest_first(void **state)
{
    struct store_fixture *fixture = *state;
    static const struct {
        int64_t until_ms;
        size_t limit;
        int64_t numbers[NUMBERS_MOST];
        int64_t next_due_ms;
    } cases[] = {
        {99, 10, {0}, 100},
        {100, 10, {8}, 300},
        {300, 10, {8, 4, 7}, 500},
        {300, 2, {8, 4}, 300},
        {INT64_MAX, 10, {8, 4, 7, 2, 6}, 0},
        {INT64_MAX, 5, {8, 4, 7, 2, 6}, 0},
        {INT64_MAX, SIZE_MAX, {8, 4, 7, 2, 6}, 0},
        {INT64_MAX, 4, {8, 4, 7, 2}, 700},
        {INT64_MAX, 0, {0}, 100},
        {INT64_MIN, 10, {0}, 100},
    };
    fixture_open(fixture);
    rest(fixture);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct store_query *query =
            answered(fixture, (struct store_query){.question = STORE_DUE,
                                                   .until_ms = cases[i].until_ms,
                                                   .limit = cases[i].limit});
        assert_numbers(query, cases[i].numbers);
        assert_int_equal(query->next_due_ms, cases[i].next_due_ms);
        store_query_finish(query);
    }
}

static void finds_nothing_due_once_it_is_taken_up(void **state)
{
    struct store_fixture *fixture = *state;
    static const int64_t left[NUMBERS_MOST] = {4, 7, 2, 6};
    fixture_open(fixture);
    rest(fixture);
    fixture_submit(fixture, promise_step(fixture, 8, 2, "assigned", STORE_OPEN));
    fixture_wait(fixture);
    struct store_query *query = answered(
        fixture, (struct store_query){.question = STORE_DUE, .until_ms = INT64_MAX, .limit = 10});
    assert_numbers(query, left);
    store_query_finish(query);
    for (int64_t number = 1; number <= 7; number++)
        fixture_submit(fixture, promise_step(fixture, number, 2, "notified", STORE_DONE));
    fixture_wait(fixture);
    query = answered(
        fixture, (struct store_query){.question = STORE_DUE, .until_ms = INT64_MAX, .limit = 10});
    assert_int_equal(query->count, 0);
    assert_int_equal(query->next_due_ms, 0);
    store_query_finish(query);
}

/* ---- latest */

/* Numbers 1 to 10; the even ones were refused by ana and then assigned to luis. */
static void fill(struct store_fixture *fixture)
{
    static const char *const states[] = {"assigned", "notified", "held", "exhausted"};
    static const enum store_wake wakes[] = {STORE_OPEN, STORE_DONE, STORE_RESTING, STORE_DONE};
    for (int64_t number = 1; number <= 10; number++) {
        struct promise *promise = promise_handoff(fixture, number);
        promise->change.handoff_state = states[number % 4];
        promise->change.wake = wakes[number % 4];
        promise->change.stuck = number % 4 == 3 ? "stuck exhausted" : NULL;
        promise->change.attempt_count = number % 2 == 0 ? 2 : 1;
        promise->attempts[1] = promise->attempts[0];
        promise->attempts[1].number = 2;
        promise->attempts[1].vendor = "luis";
        if (number == 5)
            promise->change.attempt_count = 0;
        fixture_submit(fixture, promise);
    }
    fixture_wait(fixture);
}

static void finds_the_latest_by_falling_number(void **state)
{
    struct store_fixture *fixture = *state;
    static const struct {
        struct store_query query;
        int64_t numbers[NUMBERS_MOST];
    } cases[] = {
        {{.limit = 3}, {10, 9, 8}},
        {{.limit = 3, .number = 8}, {7, 6, 5}},
        {{.limit = 3, .number = 3}, {2, 1}},
        {{.limit = 3, .number = 1}, {0}},
        {{.limit = 0}, {0}},
        {{.limit = SIZE_MAX, .number = INT64_MAX}, {10, 9, 8, 7, 6, 5, 4, 3, 2, 1}},
        {{.limit = 10, .state = "held"}, {10, 6, 2}},
        {{.limit = 1, .state = "held", .number = 10}, {6}},
        {{.limit = 10, .state = "HELD"}, {0}},
        {{.limit = 10, .state = ""}, {0}},
        {{.limit = 10, .vendor = "luis"}, {10, 8, 6, 4, 2}},
        {{.limit = 10, .vendor = "ana"}, {9, 7, 3, 1}},
        {{.limit = 10, .vendor = "nadie"}, {0}},
        {{.limit = 10, .is_unfinished = true}, {8, 7, 4, 3}},
        {{.limit = 2, .is_unfinished = true, .number = 8}, {7, 4}},
        {{.limit = 10, .is_unfinished = true, .state = "assigned"}, {8, 4}},
        {{.limit = 10, .is_unfinished = true, .vendor = "ana"}, {7, 3}},
        {{.limit = 10, .state = "exhausted", .vendor = "ana"}, {7, 3}},
    };
    fixture_open(fixture);
    fill(fixture);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct store_query asked = cases[i].query;
        asked.question = STORE_LATEST;
        struct store_query *query = answered(fixture, asked);
        assert_numbers(query, cases[i].numbers);
        store_query_finish(query);
    }
}

static void gives_each_of_many_as_a_whole(void **state)
{
    struct store_fixture *fixture = *state;
    enum { MANY = 40 };
    struct promise *promises[MANY];
    fixture_open(fixture);
    for (size_t i = 0; i < MANY; i++)
        fixture_submit(fixture, promises[i] = promise_handoff(fixture, (int64_t)i + 1));
    fixture_wait(fixture);
    struct store_query *query = answered(
        fixture, (struct store_query){.question = STORE_LATEST, .limit = MANY, .has_story = true});
    assert_int_equal(query->count, MANY);
    for (size_t i = 0; i < MANY; i++) {
        assert_found(&query->found[i], promises[MANY - 1 - i]);
        assert_int_equal(query->found[i].story_count, 1);
    }
    store_query_finish(query);
}

static void finds_the_updates_of_a_handoff(void **state)
{
    struct store_fixture *fixture = *state;
    static const int64_t parents[] = {0, 1, 0, 1, 3, 1};
    static const struct {
        int64_t number;
        size_t limit;
        const char *found;
    } cases[] = {{1, 10, "2 4 6 "}, {1, 2, "2 4 "}, {3, 10, "5 "}, {2, 10, ""}, {0, 10, ""}};
    fixture_open(fixture);
    for (size_t i = 0; i < COUNT_OF(parents); i++) {
        struct promise *promise = promise_handoff(fixture, (int64_t)i + 1);
        promise->handoff.parent = parents[i];
        fixture_submit(fixture, promise);
    }
    fixture_wait(fixture);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *found = "";
        struct store_query *query =
            answered(fixture, (struct store_query){.question = STORE_UPDATES,
                                                   .number = cases[i].number,
                                                   .limit = cases[i].limit});
        for (size_t at = 0; at < query->count; at++)
            found = arena_format(fixture->arena, "%s%lld ", found,
                                 (long long)query->found[at].handoff.number);
        assert_string_equal(found, cases[i].found);
        store_query_finish(query);
    }
}

/* ---- beside what is written */

static void sees_what_was_committed_when_it_is_asked(void **state)
{
    struct store_fixture *fixture = *state;
    fixture_open(fixture);
    struct store_query *query = answered(fixture, (struct store_query){.number = 1});
    assert_int_equal(query->count, 0);
    store_query_finish(query);
    for (int64_t number = 1; number <= 30; number++) {
        assert_int_equal(fixture_store(fixture, promise_handoff(fixture, number)), STORE_STORED);
        query = answered(fixture, (struct store_query){.question = STORE_LATEST, .limit = 1});
        assert_int_equal(query->count, 1);
        assert_int_equal(query->found[0].handoff.number, number);
        store_query_finish(query);
    }
}

/* A commit that waits for the disk holds up no answer, and is no part of one. */
static void answers_while_a_commit_is_under_way(void **state)
{
    struct store_fixture *fixture = *state;
    fixture_open(fixture);
    assert_int_equal(fixture_store(fixture, promise_handoff(fixture, 1)), STORE_STORED);
    fixture->factory->set_disk(DISK_HELD);
    struct promise *second = promise_handoff(fixture, 2);
    fixture_submit(fixture, second);
    struct asked *asked = ask(fixture, (struct store_query){.question = STORE_LATEST, .limit = 10});
    while (asked->done_as == 0)
        uv_run(loop_uv(fixture->loop), UV_RUN_ONCE);
    assert_int_equal(second->done_as, 0);
    assert_false(asked->query.is_failed);
    assert_int_equal(asked->query.count, 1);
    store_query_finish(&asked->query);
    fixture->factory->set_disk(DISK_FINE);
    fixture_wait(fixture);
    assert_int_equal(second->change.result, STORE_STORED);
}

static void answers_all_that_was_asked_before_it_closes(void **state)
{
    struct store_fixture *fixture = *state;
    enum { MANY = 50 };
    struct asked *asked[MANY];
    fixture_open(fixture);
    fill(fixture);
    size_t before = fixture->done;
    for (size_t i = 0; i < MANY; i++)
        asked[i] = ask(fixture, (struct store_query){.number = (int64_t)(i % 10) + 1});
    fixture_close(fixture);
    for (size_t i = 0; i < MANY; i++) {
        assert_int_equal(asked[i]->done_as, before + i + 1);
        assert_int_equal(asked[i]->query.count, 1);
        assert_int_equal(asked[i]->query.found[0].handoff.number, (int64_t)(i % 10) + 1);
        store_query_finish(&asked[i]->query); /* an answer outlives the store */
    }
}

static void says_when_it_cannot_be_read_and_answers_when_it_can(void **state)
{
    struct store_fixture *fixture = *state;
    fixture_open(fixture);
    for (int64_t number = 1; number <= 3; number++) {
        assert_int_equal(fixture_store(fixture, promise_handoff(fixture, number)), STORE_STORED);
        fixture->factory->set_disk(DISK_UNREADABLE);
        struct asked *failed =
            ask(fixture, (struct store_query){.question = STORE_LATEST, .limit = 10});
        fixture_wait(fixture);
        fixture->factory->set_disk(DISK_FINE);
        assert_true(failed->query.is_failed);
        assert_int_equal(failed->query.count, 0);
        assert_true(strlen(failed->query.error.message) > 0);
        store_query_finish(&failed->query);
        struct store_query *query =
            answered(fixture, (struct store_query){.question = STORE_LATEST, .limit = 10});
        assert_int_equal(query->count, number);
        store_query_finish(query);
    }
}

/* ---- ids of messages */

struct asked_ids {
    struct store_ids_query query;
    struct store_fixture *fixture;
};

static void on_ids(struct store_ids_query *query)
{
    struct asked_ids *asked = container_of(query, struct asked_ids, query);
    if (--asked->fixture->under_way == 0)
        loop_stop(asked->fixture->loop);
}

static size_t count_ids(struct store_fixture *fixture, int64_t number, const char *channel,
                        const char *address, const char *wanted)
{
    size_t found = 0;
    struct asked_ids asked = {
        .fixture = fixture,
        .query = {.number = number, .channel = channel, .address = address, .on_done = on_ids}};
    fixture->under_way++;
    store_ask_ids(fixture->store, &asked.query);
    fixture_wait(fixture);
    assert_false(asked.query.is_failed);
    for (size_t i = 0; i < asked.query.count; i++)
        found += strcmp(asked.query.ids[i], wanted) == 0;
    size_t count = asked.query.count;
    store_ids_finish(&asked.query);
    assert_true(found == 1 || *wanted == '\0');
    return count;
}

static void lists_the_ids_of_messages_at_an_address(void **state)
{
    struct store_fixture *fixture = *state;
    fixture_open(fixture);
    for (int64_t number = 1; number <= 40; number++) {
        struct promise *promise = promise_handoff(fixture, number);
        promise->change.attempt_count = 2;
        promise->attempts[1] = promise->attempts[0];
        promise->attempts[1].number = 2;
        promise->attempts[0].message_id =
            number % 4 == 0 ? NULL : arena_format(fixture->arena, "SM%lld", (long long)number);
        promise->attempts[1].message_id = "other";
        promise->attempts[1].address = "whatsapp:+5214420000002";
        promise->attempts[1].channel = number <= 20 ? "whatsapp" : "sms";
        fixture_submit(fixture, promise);
    }
    fixture_wait(fixture);
    assert_int_equal(count_ids(fixture, 7, "whatsapp", "whatsapp:+5214420000001", "SM6"), 29);
    assert_int_equal(count_ids(fixture, 8, "whatsapp", "whatsapp:+5214420000001", "SM7"), 30);
    assert_int_equal(count_ids(fixture, 1000, "whatsapp", "whatsapp:+5214420000001", "SM7"), 30);
    assert_int_equal(count_ids(fixture, 1, "whatsapp", "whatsapp:+5214420000002", ""), 19);
    assert_int_equal(count_ids(fixture, 1, "sms", "whatsapp:+5214420000002", ""), 20);
    assert_int_equal(count_ids(fixture, 1, "sms", "whatsapp:+5214420000001", ""), 0);
}

/* ---- without a daemon, or beside it */

static void assert_reader_finds(struct store_fixture *fixture, const struct promise *promise)
{
    struct error error = {"no error was set"};
    struct store_reader *reader = fixture->factory->open_reader(fixture->place, &error);
    if (reader == NULL)
        fail_msg("%s", error.message);
    struct store_query one = {.number = promise->change.handoff, .has_story = true};
    struct store_query latest = {.question = STORE_LATEST, .limit = 5};
    store_reader_ask(reader, &one);
    store_reader_ask(reader, &latest);
    assert_int_equal(one.count, 1);
    assert_found(&one.found[0], promise);
    assert_int_equal(one.found[0].story_count, promise->change.event_count);
    assert_int_equal(latest.count, 1);
    assert_memory_equal(store_reader_secret(reader), fixture->secret, sizeof fixture->secret);
    store_reader_close(reader);
    store_query_finish(&one);
    store_query_finish(&latest);
}

static void a_reader_finds_the_same(void **state)
{
    struct store_fixture *fixture = *state;
    fixture_open(fixture);
    memcpy(fixture->secret, store_secret(fixture->store), sizeof fixture->secret);
    struct promise *promise = promise_handoff(fixture, 3);
    assert_int_equal(fixture_store(fixture, promise), STORE_STORED);
    assert_reader_finds(fixture, promise); /* beside the daemon */
    fixture_close(fixture);
    assert_reader_finds(fixture, promise);
    assert_reader_finds(fixture, promise);
    fixture_open(fixture);
    assert_reader_finds(fixture, promise);
    assert_int_equal(fixture_store(fixture, promise_step(fixture, 3, 2, "notified", STORE_DONE)),
                     STORE_STORED);
}

static void a_reader_refuses_what_it_does_not_know(void **state)
{
    struct store_fixture *fixture = *state;
    struct error error = {"no error was set"};
    assert_null(fixture->factory->open_reader(fixture->place, &error));
    assert_says(&error, "there is none");
    fixture->factory->make_newer(fixture->place);
    assert_null(fixture->factory->open_reader(fixture->place, &error));
    assert_says(&error, "newer");
    fixture_move(fixture);
    fixture->factory->make_older(fixture->place);
    assert_null(fixture->factory->open_reader(fixture->place, &error));
    assert_says(&error, "older");
    fixture_open(fixture); /* what a reader refused, a daemon brings up */
    fixture_close(fixture);
    struct store_reader *reader = fixture->factory->open_reader(fixture->place, &error);
    assert_non_null(reader);
    store_reader_close(reader);
}

int store_conformance_asking(const struct store_factory *factory)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(finds_one_by_its_number),
        STORE_TEST(finds_none_where_there_is_none),
        STORE_TEST(tells_the_story_where_it_is_asked_for),
        STORE_TEST(finds_what_is_due_earliest_first),
        STORE_TEST(finds_nothing_due_once_it_is_taken_up),
        STORE_TEST(finds_the_latest_by_falling_number),
        STORE_TEST(gives_each_of_many_as_a_whole),
        STORE_TEST(finds_the_updates_of_a_handoff),
        STORE_TEST(sees_what_was_committed_when_it_is_asked),
        STORE_TEST(answers_while_a_commit_is_under_way),
        STORE_TEST(answers_all_that_was_asked_before_it_closes),
        STORE_TEST(says_when_it_cannot_be_read_and_answers_when_it_can),
        STORE_TEST(lists_the_ids_of_messages_at_an_address),
        STORE_TEST(a_reader_finds_the_same),
        STORE_TEST(a_reader_refuses_what_it_does_not_know),
    };
    return cmocka_run_group_tests_name("store_asking", tests, NULL, NULL);
}
