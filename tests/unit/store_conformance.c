/* store_conformance - what was promised is found again, exactly, in order, and all of it or
 * nothing. */
#include "store_conformance.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "store_conformance_trouble.h"
#include "store_fixture.h"

enum { NEVER_SINCE = INT64_MAX };

/* ---- opening */

static void begins_empty(void **state)
{
    struct store_fixture *fixture = *state;
    fixture_open(fixture);
    assert_int_equal(store_last_number(fixture->store), 0);
    assert_true(store_free_bytes(fixture->store) > 0);
    fixture_recover(fixture, 0);
    assert_int_equal(fixture->found_count, 0);
}

static void keeps_its_secret(void **state)
{
    struct store_fixture *fixture = *state;
    unsigned char secret[16];
    static const unsigned char zeros[16];
    fixture_open(fixture);
    memcpy(secret, store_secret(fixture->store), sizeof secret);
    assert_memory_not_equal(secret, zeros, sizeof secret);
    for (int i = 0; i < 3; i++) {
        fixture_reopen(fixture);
        assert_memory_equal(store_secret(fixture->store), secret, sizeof secret);
    }
}

static void gives_every_store_another_secret(void **state)
{
    struct store_fixture *fixture = *state;
    void *first = fixture->place;
    unsigned char secret[16];
    fixture_open(fixture);
    memcpy(secret, store_secret(fixture->store), sizeof secret);
    fixture_close(fixture);
    fixture->place = fixture->factory->create_place();
    fixture->factory->destroy_place(first);
    fixture_open(fixture);
    assert_memory_not_equal(store_secret(fixture->store), secret, sizeof secret);
}

static void remembers_the_highest_number(void **state)
{
    struct store_fixture *fixture = *state;
    static const int64_t numbers[] = {1, 2, 1000, INT64_C(9007199254740991)};
    for (size_t i = 0; i < COUNT_OF(numbers); i++) {
        fixture_reopen(fixture);
        assert_int_equal(fixture_store(fixture, promise_handoff(fixture, numbers[i])),
                         STORE_STORED);
        fixture_reopen(fixture);
        assert_int_equal(store_last_number(fixture->store), numbers[i]);
    }
}

/* ---- exact values */

static void finds_everything_that_was_stored(void **state)
{
    struct store_fixture *fixture = *state;
    fixture_open(fixture);
    struct promise *promise = promise_handoff(fixture, 7);
    promise->attempts[0].message_id = "SM0123";
    promise->attempts[0].code = 21211;
    promise->attempts[0].due_ms = INT64_C(1790000000123);
    assert_int_equal(fixture_store(fixture, promise), STORE_STORED);
    fixture_reopen(fixture);
    fixture_recover(fixture, NEVER_SINCE);
    assert_int_equal(fixture->found_count, 1);
    assert_kept(fixture, promise);
}

static void tells_what_is_absent_from_what_is_empty(void **state)
{
    struct store_fixture *fixture = *state;
    fixture_open(fixture);
    struct promise *absent = promise_handoff(fixture, 1);
    absent->handoff =
        (struct store_handoff){.number = 1, .received_ms = 1, .user_phone = "+521", .reason = "x"};
    absent->events[0].detail = NULL;
    absent->change.attempt_count = 0;
    struct promise *empty = promise_handoff(fixture, 2);
    empty->handoff = (struct store_handoff){.number = 2,
                                            .request_key = "",
                                            .user_phone = "",
                                            .reason = "",
                                            .user_name = "",
                                            .conversation_id = "",
                                            .additional_context = "",
                                            .fields = ""};
    empty->attempts[0].message_id = "";
    empty->attempts[0].address = "";
    empty->events[0].detail = "";
    fixture_submit(fixture, absent);
    fixture_submit(fixture, empty);
    fixture_wait(fixture);
    fixture_reopen(fixture);
    fixture_recover(fixture, NEVER_SINCE);
    assert_kept(fixture, absent);
    assert_kept(fixture, empty);
    assert_null(fixture_find(fixture, 1)->tried);
}

static const char *long_text(struct arena *arena, size_t length)
{
    char *text = arena_zeroed(arena, length + 1, 1);
    for (size_t i = 0; i < length; i++)
        text[i] = (char)('a' + i % 26);
    return text;
}

static void keeps_odd_texts_and_numbers_exactly(void **state)
{
    struct store_fixture *fixture = *state;
    static const char *const texts[] = {"ñandú 🤖 e\xcc\x81 日本",
                                        "'; DROP TABLE handoff; --",
                                        "%s %n ? ?1 :a @b $c",
                                        "\x01\x7f\t\r\n",
                                        "123456789012345678901234567890",
                                        "0x10",
                                        " 007 "};
    static const int64_t digests[] = {INT64_MIN, INT64_MAX, -1, 0, 1, INT64_MIN + 1, 4294967296};
    struct promise *promises[COUNT_OF(texts)];
    fixture_open(fixture);
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct promise *promise = promises[i] = promise_handoff(fixture, (int64_t)i + 1);
        promise->handoff.reason = promise->handoff.user_name = promise->handoff.request_key =
            promise->attempts[0].message_id = promise->events[0].detail = texts[i];
        promise->handoff.additional_context = long_text(fixture->arena, (size_t)1000 << i);
        promise->handoff.request_digest = digests[i];
        promise->handoff.received_ms = digests[i];
        promise->attempts[0].due_ms = digests[i];
        promise->attempts[0].code = digests[i];
        fixture_submit(fixture, promise);
    }
    fixture_wait(fixture);
    fixture_reopen(fixture);
    fixture_recover(fixture, NEVER_SINCE);
    for (size_t i = 0; i < COUNT_OF(promises); i++)
        assert_kept(fixture, promises[i]);
}

/* ---- changes of the same handoff */

static void writes_an_attempt_anew_by_its_number(void **state)
{
    struct store_fixture *fixture = *state;
    fixture_open(fixture);
    struct promise *first = promise_handoff(fixture, 1);
    struct promise *sent = promise_step(fixture, 1, 2, "notified", true);
    sent->change.attempt_count = 1;
    sent->attempts[0] = first->attempts[0];
    sent->attempts[0].state = "sent";
    sent->attempts[0].message_id = "SM1";
    sent->attempts[0].tries = 2;
    sent->events[0].detail = "SM1";
    fixture_submit(fixture, first);
    fixture_submit(fixture, sent);
    fixture_wait(fixture);
    fixture_reopen(fixture);
    fixture_recover(fixture, NEVER_SINCE);
    const struct store_found *found = fixture_find(fixture, 1);
    assert_string_equal(found->state, "notified");
    assert_string_equal(found->attempt.state, "sent");
    assert_string_equal(found->attempt.message_id, "SM1");
    assert_int_equal(found->attempt.tries, 2);
    assert_int_equal(found->events, 2);
    assert_string_equal(found->detail, "SM1");
    assert_string_equal(found->tried, "ana\n");
    assert_string_equal(found->handoff.reason, "cotización");
}

static void tells_who_was_tried_and_the_last_attempt(void **state)
{
    struct store_fixture *fixture = *state;
    static const char *const vendors[] = {"ana", "luis", "ana", "diego-2"};
    fixture_open(fixture);
    fixture_submit(fixture, promise_handoff(fixture, 1));
    for (int64_t number = 2; number <= (int64_t)COUNT_OF(vendors); number++) {
        struct promise *next = promise_step(fixture, 1, number, "assigned", true);
        next->change.attempt_count = 2; /* the one that failed, and the new one */
        for (int64_t i = 0; i < 2; i++) {
            next->attempts[i] = promise_handoff(fixture, 1)->attempts[0];
            next->attempts[i].number = number - 1 + i;
            next->attempts[i].vendor = vendors[number - 2 + i];
            next->attempts[i].state = i == 0 ? "refused" : "sending";
        }
        fixture_submit(fixture, next);
    }
    fixture_wait(fixture);
    fixture_reopen(fixture);
    fixture_recover(fixture, NEVER_SINCE);
    const struct store_found *found = fixture_find(fixture, 1);
    assert_int_equal(found->attempt.number, 4);
    assert_string_equal(found->attempt.vendor, "diego-2");
    assert_string_equal(found->attempt.state, "sending");
    assert_string_equal(found->tried, "ana\nluis\nana\ndiego-2\n");
    assert_int_equal(found->events, 4);
}

static void writes_several_events_of_one_change(void **state)
{
    struct store_fixture *fixture = *state;
    fixture_open(fixture);
    struct promise *promise = promise_handoff(fixture, 1);
    promise->change.event_count = 3;
    promise->events[1] = (struct store_event){2, 20, "sending", NULL};
    promise->events[2] = (struct store_event){3, 30, "sent", "the last"};
    assert_int_equal(fixture_store(fixture, promise), STORE_STORED);
    fixture_reopen(fixture);
    fixture_recover(fixture, NEVER_SINCE);
    assert_kept(fixture, promise);
}

/* What a full disk swallowed leaves a gap; the next number must still be a new one. */
static void counts_events_by_the_last_number(void **state)
{
    struct store_fixture *fixture = *state;
    fixture_open(fixture);
    fixture_submit(fixture, promise_handoff(fixture, 1));
    fixture_submit(fixture, promise_step(fixture, 1, 5, "held", true));
    fixture_wait(fixture);
    fixture_reopen(fixture);
    fixture_recover(fixture, NEVER_SINCE);
    assert_int_equal(fixture_find(fixture, 1)->events, 5);
}

/* ---- what a start finds */

static void finds_open_and_recent_ones_oldest_first(void **state)
{
    struct store_fixture *fixture = *state;
    fixture_open(fixture);
    for (int64_t number = 1; number <= 10; number++) {
        struct promise *promise = promise_handoff(fixture, number);
        promise->change.is_open = number == 2 || number == 5 || number == 9;
        promise->change.handoff_state = promise->change.is_open ? "assigned" : "notified";
        fixture_submit(fixture, promise);
    }
    fixture_wait(fixture);
    static const struct {
        int64_t since_ms;
        int64_t found[10];
    } cases[] = {
        {NEVER_SINCE, {2, 5, 9}},
        {10001, {2, 5, 9}},
        {10000, {2, 5, 9, 10}},
        {9999, {2, 5, 9, 10}},
        {7000, {2, 5, 7, 8, 9, 10}},
        {0, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10}},
        {INT64_MIN, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10}},
    };
    fixture_reopen(fixture);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        size_t count = 0;
        fixture_recover(fixture, cases[i].since_ms);
        for (; count < 10 && cases[i].found[count] != 0; count++)
            assert_int_equal(fixture->found[count].handoff.number, cases[i].found[count]);
        assert_int_equal(fixture->found_count, count);
    }
}

static void no_longer_finds_what_was_closed(void **state)
{
    struct store_fixture *fixture = *state;
    fixture_open(fixture);
    fixture_submit(fixture, promise_handoff(fixture, 1));
    fixture_submit(fixture, promise_handoff(fixture, 2));
    fixture_submit(fixture, promise_step(fixture, 1, 2, "notified", false));
    fixture_wait(fixture);
    fixture_reopen(fixture);
    fixture_recover(fixture, NEVER_SINCE);
    assert_int_equal(fixture->found_count, 1);
    assert_int_equal(fixture->found[0].handoff.number, 2);
}

/* ---- turns */

struct turns {
    struct store_fixture *fixture;
    struct store_turn items[8];
    size_t count;
};

static void on_turn(void *context, const struct store_turn *turn)
{
    struct turns *turns = context;
    assert_true(turns->count < COUNT_OF(turns->items));
    turns->items[turns->count++] =
        (struct store_turn){arena_text(turns->fixture->arena, turn->step),
                            arena_text(turns->fixture->arena, turn->vendor), turn->turn};
}

static int64_t turn_of(const struct turns *turns, const char *step, const char *vendor)
{
    for (size_t i = 0; i < turns->count; i++) {
        if (strcmp(turns->items[i].step, step) == 0 && strcmp(turns->items[i].vendor, vendor) == 0)
            return turns->items[i].turn;
    }
    return 0;
}

static void assert_last_turns(const struct turns *turns)
{
    assert_int_equal(turns->count, 3);
    assert_int_equal(turn_of(turns, "round_robin", "ana"), 3);
    assert_int_equal(turn_of(turns, "round_robin", "luis"), INT64_C(1) << 40);
    assert_int_equal(turn_of(turns, "noche", "ana"), 1);
}

static void keeps_the_last_turn_of_everyone_at_every_step(void **state)
{
    struct store_fixture *fixture = *state;
    struct error error;
    struct turns turns = {.fixture = fixture};
    struct turns peeked = {.fixture = fixture};
    fixture_open(fixture);
    struct promise *first = promise_handoff(fixture, 1);
    first->change.turn_count = 3;
    first->turns[0] = (struct store_turn){"round_robin", "ana", 1};
    first->turns[1] = (struct store_turn){"noche", "ana", 1};
    first->turns[2] = (struct store_turn){"round_robin", "luis", INT64_C(1) << 40};
    struct promise *second = promise_handoff(fixture, 2);
    second->change.turn_count = 1;
    second->turns[0] = (struct store_turn){"round_robin", "ana", 3};
    fixture_submit(fixture, first);
    fixture_submit(fixture, second);
    fixture_wait(fixture);
    assert_true(fixture->factory->peek_turns(fixture->place, on_turn, &peeked, &error));
    assert_last_turns(&peeked); /* beside the open store */
    fixture_reopen(fixture);
    assert_true(store_turns(fixture->store, on_turn, &turns, &error));
    assert_last_turns(&turns);
    fixture_close(fixture);
    peeked.count = 0;
    assert_true(fixture->factory->peek_turns(fixture->place, on_turn, &peeked, &error));
    assert_last_turns(&peeked); /* and where nobody has it open */
    fixture_open(fixture);
}

static void has_no_turns_before_it_is_there(void **state)
{
    struct store_fixture *fixture = *state;
    struct error error;
    struct turns turns = {.fixture = fixture};
    assert_true(fixture->factory->peek_turns(fixture->place, on_turn, &turns, &error));
    assert_int_equal(turns.count, 0);
    fixture_open(fixture); /* peeking left nothing behind that would be in the way */
    assert_true(store_turns(fixture->store, on_turn, &turns, &error));
    assert_int_equal(turns.count, 0);
}

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

static void a_change_that_fails_takes_nothing_else_with_it(void **state)
{
    struct store_fixture *fixture = *state;
    fixture_open(fixture);
    assert_int_equal(fixture_store(fixture, promise_handoff(fixture, 1)), STORE_STORED);
    struct promise *before = promise_handoff(fixture, 2);
    struct promise *again = promise_handoff(fixture, 1);
    struct promise *halfway = promise_handoff(fixture, 3);
    struct promise *after = promise_handoff(fixture, 4);
    again->handoff.reason = "another reason";
    again->attempts[0].state = "refused";
    again->change.turn_count = 1;
    again->turns[0] = (struct store_turn){"round_robin", "ana", 9};
    halfway->change.event_count =
        2; /* the handoff and its attempt are new, the second event is not */
    halfway->change.turn_count = 1;
    halfway->events[1] = halfway->events[0];
    halfway->turns[0] = (struct store_turn){"round_robin", "ana", 9};
    fixture_submit(fixture, before);
    fixture_submit(fixture, again);
    fixture_submit(fixture, halfway);
    fixture_submit(fixture, after);
    fixture_wait(fixture);
    assert_int_equal(before->change.result, STORE_STORED);
    assert_int_equal(again->change.result, STORE_FAILED);
    assert_int_equal(halfway->change.result, STORE_FAILED);
    assert_int_equal(after->change.result, STORE_STORED);
    fixture_reopen(fixture);
    fixture_recover(fixture, 0);
    assert_int_equal(fixture->found_count, 3);
    assert_kept(fixture, promise_handoff(fixture, 1));
    assert_kept(fixture, before);
    assert_kept(fixture, after);
    struct error error;
    struct turns turns = {.fixture = fixture};
    assert_true(store_turns(fixture->store, on_turn, &turns, &error));
    assert_int_equal(turns.count, 0);
}

int store_conformance_run(const struct store_factory *factory)
{
#define TEST(test)                                                                                 \
    cmocka_unit_test_prestate_setup_teardown(test, store_fixture_setup, store_fixture_teardown,    \
                                             (void *)factory)
    const struct CMUnitTest tests[] = {
        TEST(begins_empty),
        TEST(keeps_its_secret),
        TEST(gives_every_store_another_secret),
        TEST(remembers_the_highest_number),
        TEST(finds_everything_that_was_stored),
        TEST(tells_what_is_absent_from_what_is_empty),
        TEST(keeps_odd_texts_and_numbers_exactly),
        TEST(writes_an_attempt_anew_by_its_number),
        TEST(tells_who_was_tried_and_the_last_attempt),
        TEST(writes_several_events_of_one_change),
        TEST(counts_events_by_the_last_number),
        TEST(finds_open_and_recent_ones_oldest_first),
        TEST(no_longer_finds_what_was_closed),
        TEST(keeps_the_last_turn_of_everyone_at_every_step),
        TEST(has_no_turns_before_it_is_there),
        TEST(is_done_in_the_order_of_submitting),
        TEST(takes_more_from_inside_on_done),
        TEST(waits_for_all_that_was_submitted_when_it_closes),
        TEST(a_change_that_fails_takes_nothing_else_with_it),
        TEST(refuses_a_second_daemon_and_names_the_first),
        TEST(refuses_a_second_opening_of_the_same_process),
        TEST(is_free_again_when_its_daemon_was_killed),
        TEST(refuses_what_a_newer_version_wrote),
        TEST(loses_nothing_that_was_done_when_it_is_killed),
        TEST(says_when_the_disk_is_full_and_goes_on_when_there_is_room),
        TEST(keeps_nothing_of_what_it_called_full),
        TEST(says_when_the_disk_breaks_at_the_end_of_a_change),
        TEST(says_when_the_disk_breaks_in_the_middle_of_a_change),
    };
    return cmocka_run_group_tests_name("store", tests, NULL, NULL);
#undef TEST
}
