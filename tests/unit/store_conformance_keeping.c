/* store_conformance_keeping - what was stored is found again, to the byte. */
#include "store_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/histogram.h"
#include "base/memory.h"

/* ---- opening */

static void begins_empty(void **state)
{
    struct store_fixture *fixture = *state;
    fixture_open(fixture);
    assert_int_equal(store_last_number(fixture->store), 0);
    assert_true(store_free_bytes(fixture->store) > 0);
    fixture_recover(fixture, 0);
    assert_int_equal(fixture->found_count, 0);
    assert_int_equal(store_commit_seconds(fixture->store)->count, 0);
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
    unsigned char secret[16];
    fixture_open(fixture);
    memcpy(secret, store_secret(fixture->store), sizeof secret);
    fixture_move(fixture);
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

/* A handoff with a value of its own in every column. */
static struct promise *promise_everything(struct store_fixture *fixture, int64_t number)
{
    struct promise *promise = promise_handoff(fixture, number);
    promise->change.wake = STORE_RESTING;
    promise->change.due_ms = INT64_C(1790000000999);
    promise->change.crashes = 2;
    promise->change.stuck = "stuck parked";
    promise->handoff.parent = INT64_C(9007199254740991);
    promise->change.attempt_count = 2;
    promise->attempts[0].message_id = "SM0123";
    promise->attempts[0].code = 21211;
    promise->attempts[0].due_ms = INT64_C(1790000000123);
    promise->attempts[0].since_ms = INT64_C(1790000000124);
    promise->attempts[0].asked = 3;
    promise->attempts[1] = promise->attempts[0];
    promise->attempts[1].number = 2;
    promise->attempts[1].vendor = "luis";
    promise->attempts[1].message_id = NULL;
    return promise;
}

static void finds_everything_that_was_stored(void **state)
{
    struct store_fixture *fixture = *state;
    fixture_open(fixture);
    struct promise *promise = promise_everything(fixture, 7);
    assert_int_equal(fixture_store(fixture, promise), STORE_STORED);
    fixture_reopen(fixture);
    fixture_recover(fixture, 0);
    assert_int_equal(fixture->found_count, 1);
    assert_kept(fixture, promise);
    assert_null(fixture_find(fixture, 7)->keys);
    assert_null(fixture_find(fixture, 7)->story);
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
    assert_int_equal(fixture_find(fixture, 1)->attempt_count, 0);
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
        promise->handoff.parent = digests[i];
        promise->attempts[0].due_ms = digests[i];
        promise->attempts[0].code = digests[i];
        promise->attempts[0].since_ms = digests[i];
        promise->change.crashes = digests[i];
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
    struct promise *first = promise_everything(fixture, 1);
    struct promise *sent = promise_step(fixture, 1, 2, "notified", STORE_OPEN);
    sent->change.attempt_count = 1;
    sent->attempts[0] = (struct store_attempt){.handoff = 1,
                                               .number = 1,
                                               .state = "sent",
                                               .vendor = "diego",
                                               .channel = "correo",
                                               .address = "diego@example.com",
                                               .started_ms = 5};
    sent->events[0].detail = "SM1";
    fixture_submit(fixture, first);
    fixture_submit(fixture, sent);
    fixture_wait(fixture);
    first->attempts[0] = sent->attempts[0]; /* nothing is left of what it was */
    first->change.handoff_state = "notified";
    first->change.wake = STORE_OPEN;
    first->change.due_ms = first->change.crashes = 0;
    first->change.stuck = NULL;
    first->change.event_count = 2;
    first->events[1] = sent->events[0];
    fixture_reopen(fixture);
    fixture_recover(fixture, NEVER_SINCE);
    assert_kept(fixture, first);
}

static void gives_all_attempts_in_order(void **state)
{
    struct store_fixture *fixture = *state;
    static const char *const vendors[] = {"ana", "luis", "ana", "diego-2", "eva", "luis", "ana"};
    enum { MANY = COUNT_OF(vendors) };
    fixture_open(fixture);
    fixture_submit(fixture, promise_handoff(fixture, 1));
    for (int64_t number = 2; number <= MANY; number++) {
        struct promise *next = promise_step(fixture, 1, number, "assigned", STORE_OPEN);
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
    assert_int_equal(found->attempt_count, MANY);
    for (size_t i = 0; i < MANY; i++) {
        assert_int_equal(found->attempts[i].number, i + 1);
        assert_string_equal(found->attempts[i].vendor, vendors[i]);
        assert_string_equal(found->attempts[i].state, i + 1 < MANY ? "refused" : "sending");
    }
    assert_int_equal(found->events, MANY);
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
    fixture_submit(fixture, promise_step(fixture, 1, 5, "held", STORE_OPEN));
    fixture_wait(fixture);
    fixture_reopen(fixture);
    fixture_recover(fixture, NEVER_SINCE);
    assert_int_equal(fixture_find(fixture, 1)->events, 5);
}

static void leaves_the_state_alone_where_a_change_has_none(void **state)
{
    struct store_fixture *fixture = *state;
    fixture_open(fixture);
    struct promise *promise = promise_everything(fixture, 1);
    struct promise *remark = promise_step(fixture, 1, 2, "delivered", STORE_DONE);
    remark->change.handoff_state = NULL;
    fixture_submit(fixture, promise);
    fixture_submit(fixture, remark);
    fixture_wait(fixture);
    promise->events[1] = remark->events[0];
    promise->change.event_count = 2;
    fixture_reopen(fixture);
    fixture_recover(fixture, 0);
    assert_kept(fixture, promise);
}

/* The parent may be one that was received before, or in the same commit; it is not changed. */
static void knows_of_which_handoff_one_is_an_update(void **state)
{
    struct store_fixture *fixture = *state;
    static const int64_t parents[] = {0, 0, 1, 1, 2}; /* of the numbers from 1 */
    struct promise *promises[COUNT_OF(parents)];
    fixture_open(fixture);
    for (size_t i = 0; i < COUNT_OF(parents); i++) {
        promises[i] = promise_handoff(fixture, (int64_t)i + 1);
        promises[i]->handoff.parent = parents[i];
        fixture_submit(fixture, promises[i]);
    }
    fixture_wait(fixture);
    for (int64_t number = 1; number <= 3; number += 2) /* one, and an update of it, go on */
        assert_int_equal(
            fixture_store(fixture, promise_step(fixture, number, 2, "notified", STORE_DONE)),
            STORE_STORED);
    fixture_reopen(fixture);
    fixture_recover(fixture, 0);
    assert_int_equal(fixture->found_count, COUNT_OF(parents));
    for (size_t i = 0; i < COUNT_OF(parents); i++)
        assert_int_equal(fixture->found[i].handoff.parent, parents[i]);
    assert_kept(fixture, promises[1]);
    assert_kept(fixture, promises[3]);
}

static void keeps_further_keys_once_each(void **state)
{
    struct store_fixture *fixture = *state;
    static const struct store_key keys[] = {
        {1, 10, -5, "k-a"}, {1, 20, INT64_MAX, "otra llave ñ"}, {1, 99, 99, "k-a"}};
    fixture_open(fixture);
    fixture_submit(fixture, promise_handoff(fixture, 1));
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        struct promise *later = promise_nothing(fixture);
        later->change.key = &keys[i];
        fixture_submit(fixture, later);
    }
    fixture_wait(fixture);
    fixture_reopen(fixture);
    fixture_recover(fixture, NEVER_SINCE);
    const char *lines = fixture_find(fixture, 1)->keys;
    assert_non_null(strstr(lines, "10 -5 k-a\n"));
    assert_non_null(strstr(lines, "20 9223372036854775807 otra llave ñ\n"));
    assert_null(strstr(lines, "99 99"));
}

int store_conformance_keeping(const struct store_factory *factory)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(begins_empty),
        STORE_TEST(keeps_its_secret),
        STORE_TEST(gives_every_store_another_secret),
        STORE_TEST(remembers_the_highest_number),
        STORE_TEST(finds_everything_that_was_stored),
        STORE_TEST(tells_what_is_absent_from_what_is_empty),
        STORE_TEST(keeps_odd_texts_and_numbers_exactly),
        STORE_TEST(writes_an_attempt_anew_by_its_number),
        STORE_TEST(gives_all_attempts_in_order),
        STORE_TEST(writes_several_events_of_one_change),
        STORE_TEST(counts_events_by_the_last_number),
        STORE_TEST(leaves_the_state_alone_where_a_change_has_none),
        STORE_TEST(knows_of_which_handoff_one_is_an_update),
        STORE_TEST(keeps_further_keys_once_each),
    };
    return cmocka_run_group_tests_name("store_keeping", tests, NULL, NULL);
}
