/* store_conformance_start - what a start finds, and what it is told. */
#include "store_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"

/* ---- what a start finds */

static void finds_open_and_recent_ones_oldest_first(void **state)
{
    struct store_fixture *fixture = *state;
    fixture_open(fixture);
    for (int64_t number = 1; number <= 10; number++) {
        struct promise *promise = promise_handoff(fixture, number);
        promise->change.wake = number == 2 || number == 5 || number == 9 ? STORE_OPEN
                               : number == 7                             ? STORE_RESTING
                                                                         : STORE_DONE;
        promise->change.handoff_state =
            promise->change.wake == STORE_OPEN ? "assigned" : "notified";
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

static void no_longer_finds_what_is_done_or_rests(void **state)
{
    struct store_fixture *fixture = *state;
    fixture_open(fixture);
    fixture_submit(fixture, promise_handoff(fixture, 1));
    fixture_submit(fixture, promise_handoff(fixture, 2));
    fixture_submit(fixture, promise_handoff(fixture, 3));
    fixture_submit(fixture, promise_step(fixture, 1, 2, "notified", STORE_DONE));
    fixture_submit(fixture, promise_step(fixture, 3, 2, "held", STORE_RESTING));
    fixture_wait(fixture);
    fixture_reopen(fixture);
    fixture_recover(fixture, NEVER_SINCE);
    assert_int_equal(fixture->found_count, 1);
    assert_int_equal(fixture->found[0].handoff.number, 2);
}

/* An Idempotency-Key is good for longer than a conversation. */
static void finds_what_has_a_key_for_longer(void **state)
{
    struct store_fixture *fixture = *state;
    static const struct store_key further = {3, 1, 1, "k-3"};
    fixture_open(fixture);
    for (int64_t number = 1; number <= 5; number++) {
        struct promise *promise = promise_handoff(fixture, number);
        promise->change.wake = STORE_DONE;
        promise->handoff.request_key = number == 2 ? "k-2" : NULL;
        promise->change.key = number == 3 ? &further : NULL;
        fixture_submit(fixture, promise);
    }
    fixture_wait(fixture);
    fixture_reopen(fixture);
    fixture->keyed_since_ms = 2000;
    fixture_recover(fixture, 5000);
    assert_int_equal(fixture->found_count, 3);
    assert_int_equal(fixture->found[0].handoff.number, 2);
    assert_int_equal(fixture->found[1].handoff.number, 3);
    assert_int_equal(fixture->found[2].handoff.number, 5);
    fixture->keyed_since_ms = 3000;
    fixture_recover(fixture, 5000);
    assert_int_equal(fixture->found_count, 2);
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

/* ---- addresses and alerts */

/* What was listed, as lines in the order of their text: a list has none of its own. */
struct lines {
    struct store_fixture *fixture;
    const char *items[16];
    size_t count;
};

static void add_line(struct lines *lines, const char *line)
{
    size_t at = lines->count++;
    assert_true(lines->count <= COUNT_OF(lines->items));
    for (; at > 0 && strcmp(lines->items[at - 1], line) > 0; at--)
        lines->items[at] = lines->items[at - 1];
    lines->items[at] = line;
}

static void on_address(void *context, const struct store_address *address)
{
    struct lines *lines = context;
    add_line(lines, arena_format(lines->fixture->arena, "%s %s %s", address->channel,
                                 address->given, address->works));
}

static void on_alert(void *context, const struct store_alert *alert)
{
    struct lines *lines = context;
    add_line(lines, arena_format(lines->fixture->arena, "%s %s %lld", alert->cause, alert->text,
                                 (long long)alert->since_ms));
}

static void submit_address(struct store_fixture *fixture, const struct store_address *address)
{
    struct promise *promise = promise_nothing(fixture);
    promise->change.address = address;
    fixture_submit(fixture, promise);
}

static void submit_alert(struct store_fixture *fixture, const struct store_alert *alert)
{
    struct promise *promise = promise_nothing(fixture);
    promise->change.alert = alert;
    fixture_submit(fixture, promise);
}

static void keeps_a_learnt_address_until_it_is_forgotten(void **state)
{
    struct store_fixture *fixture = *state;
    struct error error;
    struct lines lines = {.fixture = fixture};
    static const struct store_address learnt[] = {
        {"whatsapp", "+5214420000001", "+524420000001"},
        {"sms", "+5214420000001", "+525550000001"},
        {"whatsapp", "+5214420000002", "+524420000002"},
        {"whatsapp", "+5214420000001", "+524420000009"}, /* another form works now */
        {"whatsapp", "+5214420000002", NULL},
        {"sms", "never learnt", NULL},
    };
    fixture_open(fixture);
    for (size_t i = 0; i < COUNT_OF(learnt); i++)
        submit_address(fixture, &learnt[i]);
    fixture_wait(fixture);
    fixture_reopen(fixture);
    assert_true(store_addresses(fixture->store, on_address, &lines, &error));
    assert_int_equal(lines.count, 2);
    assert_string_equal(lines.items[0], "sms +5214420000001 +525550000001");
    assert_string_equal(lines.items[1], "whatsapp +5214420000001 +524420000009");
}

static void keeps_an_alert_until_it_is_mended(void **state)
{
    struct store_fixture *fixture = *state;
    struct error error;
    struct lines lines = {.fixture = fixture};
    static const struct store_alert told[] = {
        {"account/whatsapp", "Authenticate", 10},
        {"disk", "lleno", 20},
        {"held/whatsapp", "ñ", 30},
        {"disk", NULL, 0},
        {"held/whatsapp", "sigue", 40},
        {"never told", NULL, 50},
    };
    fixture_open(fixture);
    for (size_t i = 0; i < COUNT_OF(told); i++)
        submit_alert(fixture, &told[i]);
    fixture_wait(fixture);
    fixture_reopen(fixture);
    assert_true(store_alerts(fixture->store, on_alert, &lines, &error));
    assert_int_equal(lines.count, 2);
    assert_string_equal(lines.items[0], "account/whatsapp Authenticate 10");
    assert_string_equal(lines.items[1], "held/whatsapp sigue 40");
}

static void on_api_key(void *context, const struct store_api_key *key)
{
    struct lines *lines = context;
    add_line(lines, arena_format(lines->fixture->arena, "%s %s %s %02x%02x %lld %lld %lld", key->id,
                                 key->name, key->scope, key->digest[0],
                                 key->digest[STORE_DIGEST_BYTES - 1], (long long)key->created_ms,
                                 (long long)key->expires_ms, (long long)key->used_ms));
}

static void keeps_a_key_until_it_is_revoked(void **state)
{
    struct store_fixture *fixture = *state;
    struct error error;
    struct lines lines = {.fixture = fixture};
    static const unsigned char one[STORE_DIGEST_BYTES] = {0, [31] = 0xff}; /* NULs and all */
    static const unsigned char two[STORE_DIGEST_BYTES] = {0x12, [31] = 0x34};
    static const struct store_api_key made[] = {
        {"a1", "elevenlabs", "handoff", one, 10, 0, 0},
        {"b2", "elevenlabs", "admin", two, 20, 30, 0},
        {"c3", "panel", "read", two, 40, 0, 0},
        {"a1", "elevenlabs", "handoff", one, 10, 0, 50}, /* it was used */
        {.id = "c3"},
        {.id = "never made"},
    };
    fixture_open(fixture);
    for (size_t i = 0; i < COUNT_OF(made); i++) {
        struct promise *promise = promise_nothing(fixture);
        promise->change.api_key = &made[i];
        fixture_submit(fixture, promise);
    }
    fixture_wait(fixture);
    fixture_reopen(fixture);
    assert_true(store_api_keys(fixture->store, on_api_key, &lines, &error));
    assert_int_equal(lines.count, 2);
    assert_string_equal(lines.items[0], "a1 elevenlabs handoff 00ff 10 0 50");
    assert_string_equal(lines.items[1], "b2 elevenlabs admin 1234 20 30 0");
}

static void on_stuck(void *context, const char *stuck, int64_t count)
{
    struct lines *lines = context;
    add_line(lines, arena_format(lines->fixture->arena, "%s %lld", stuck, (long long)count));
}

static void submit_stuck(struct store_fixture *fixture, int64_t number, const char *stuck)
{
    struct promise *promise = promise_handoff(fixture, number);
    promise->change.stuck = stuck;
    fixture_submit(fixture, promise);
}

static void counts_what_waits_for_somebody(void **state)
{
    struct store_fixture *fixture = *state;
    struct error error;
    struct lines lines = {.fixture = fixture};
    static const char *const stuck[] = {"stuck parked", NULL, "stuck channel á code 7",
                                        "stuck parked", "stuck exhausted"};
    fixture_open(fixture);
    for (size_t i = 0; i < COUNT_OF(stuck); i++)
        submit_stuck(fixture, (int64_t)i + 1, stuck[i]);
    struct promise *freed = promise_nothing(fixture);
    freed->change.handoff = 5;
    freed->change.handoff_state = "assigned";
    freed->change.wake = STORE_OPEN;
    fixture_submit(fixture, freed);
    fixture_wait(fixture);
    fixture_reopen(fixture);
    assert_true(store_stuck(fixture->store, on_stuck, &lines, &error));
    assert_int_equal(lines.count, 2);
    assert_string_equal(lines.items[0], "stuck channel á code 7 1");
    assert_string_equal(lines.items[1], "stuck parked 2");
}

/* ---- guesses */

static void on_guess(void *context, const struct store_guess *guess)
{
    struct lines *lines = context;
    add_line(lines, arena_format(lines->fixture->arena, "%lld %s", (long long)guess->handoff,
                                 guess->message_id));
}

static void tells_which_messages_were_guessed(void **state)
{
    struct store_fixture *fixture = *state;
    struct error error;
    struct lines lines = {.fixture = fixture};
    static const struct {
        int64_t started_ms;
        bool is_guess;
        const char *message_id;
    } attempts[] = {{999, true, "SMold"},
                    {1000, true, "SMone"},
                    {1001, false, "SMsure"},
                    {5000, true, "SMtwo"}};
    fixture_open(fixture);
    for (size_t i = 0; i < COUNT_OF(attempts); i++) {
        struct promise *promise = promise_handoff(fixture, (int64_t)i + 1);
        promise->attempts[0].started_ms = attempts[i].started_ms;
        promise->attempts[0].is_guess = attempts[i].is_guess;
        promise->attempts[0].message_id = attempts[i].message_id;
        fixture_submit(fixture, promise);
    }
    fixture_wait(fixture);
    fixture_reopen(fixture);
    assert_true(store_guesses(fixture->store, 1000, on_guess, &lines, &error));
    assert_int_equal(lines.count, 2);
    assert_string_equal(lines.items[0], "2 SMone");
    assert_string_equal(lines.items[1], "4 SMtwo");
}

/* ---- when attempts started */

static void on_started(void *context, int64_t started_ms)
{
    struct lines *lines = context;
    add_line(lines, arena_format(lines->fixture->arena, "%06lld", (long long)started_ms));
}

static void tells_when_the_attempts_of_a_channel_started(void **state)
{
    struct store_fixture *fixture = *state;
    struct error error;
    struct lines lines = {.fixture = fixture};
    static const struct {
        const char *channel;
        int64_t started_ms;
        int64_t tries;
    } attempts[] = {{"whatsapp", 500, 1},  {"whatsapp", 1000, 3}, {"whatsapp", 999, 1},
                    {"sms", 2000, 1},      {"whatsapp", 3000, 0}, {"whatsapp", 1000, 1},
                    {"whatsapp", 4000, 2}, {"Whatsapp", 5000, 1}};
    fixture_open(fixture);
    for (size_t i = 0; i < COUNT_OF(attempts); i++) {
        struct promise *promise = promise_handoff(fixture, (int64_t)i + 1);
        promise->change.wake = i % 2 == 0 ? STORE_DONE : STORE_OPEN;
        promise->attempts[0].channel = attempts[i].channel;
        promise->attempts[0].started_ms = attempts[i].started_ms;
        promise->attempts[0].tries = attempts[i].tries;
        fixture_submit(fixture, promise);
    }
    fixture_wait(fixture);
    fixture_reopen(fixture);
    assert_true(store_started(fixture->store, "whatsapp", 1000, on_started, &lines, &error));
    assert_int_equal(lines.count, 3);
    assert_string_equal(lines.items[0], "001000");
    assert_string_equal(lines.items[1], "001000");
    assert_string_equal(lines.items[2], "004000");
    lines.count = 0;
    assert_true(store_started(fixture->store, "whatsapp", 4001, on_started, &lines, &error));
    assert_true(store_started(fixture->store, "nobody", 0, on_started, &lines, &error));
    assert_int_equal(lines.count, 0);
}

/* A start that has to look at every attempt there ever was takes longer from year to year. */
static void leaves_out_the_attempts_of_what_was_received_long_before(void **state)
{
    struct store_fixture *fixture = *state;
    struct error error;
    struct lines lines = {.fixture = fixture};
    enum { DAY_MS = 24 * 60 * 60 * 1000, SINCE_MS = 3 * DAY_MS };
    static const int64_t received_ms[] = {0, SINCE_MS - DAY_MS - 1, SINCE_MS - DAY_MS, SINCE_MS - 1,
                                          SINCE_MS};
    fixture_open(fixture);
    for (size_t i = 0; i < COUNT_OF(received_ms); i++) {
        struct promise *promise = promise_handoff(fixture, (int64_t)i + 1);
        promise->handoff.received_ms = received_ms[i];
        promise->attempts[0].started_ms = SINCE_MS + (int64_t)i;
        fixture_submit(fixture, promise);
    }
    fixture_wait(fixture);
    fixture_reopen(fixture);
    assert_true(store_started(fixture->store, "whatsapp", SINCE_MS, on_started, &lines, &error));
    assert_int_equal(lines.count, 3);
    for (size_t i = 0; i < lines.count; i++)
        assert_string_equal(lines.items[i],
                            arena_format(fixture->arena, "%d", SINCE_MS + 2 + (int)i));
    lines.count = 0;
    assert_true(store_started(fixture->store, "whatsapp", INT64_MIN, on_started, &lines, &error));
    assert_int_equal(lines.count, COUNT_OF(received_ms));
}

int store_conformance_start(const struct store_factory *factory)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(finds_open_and_recent_ones_oldest_first),
        STORE_TEST(no_longer_finds_what_is_done_or_rests),
        STORE_TEST(finds_what_has_a_key_for_longer),
        STORE_TEST(keeps_the_last_turn_of_everyone_at_every_step),
        STORE_TEST(has_no_turns_before_it_is_there),
        STORE_TEST(keeps_a_learnt_address_until_it_is_forgotten),
        STORE_TEST(keeps_an_alert_until_it_is_mended),
        STORE_TEST(keeps_a_key_until_it_is_revoked),
        STORE_TEST(counts_what_waits_for_somebody),
        STORE_TEST(tells_which_messages_were_guessed),
        STORE_TEST(tells_when_the_attempts_of_a_channel_started),
        STORE_TEST(leaves_out_the_attempts_of_what_was_received_long_before),
    };
    return cmocka_run_group_tests_name("store_start", tests, NULL, NULL);
}
