/* test_door - who is let in, by what they show and where they come from. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "access/door.h"
#include "base/clock.h"
#include "base/memory.h"

#define OUTSIDE "203.0.113.7"
#define HERE    "127.0.0.1"

struct entry {
    struct keyring *keyring;
    struct door *door;
    struct door_rules rules;
};

static int set_up(void **state)
{
    struct entry *entry = memory_zeroed(1, sizeof *entry);
    entry->keyring = keyring_create();
    entry->door = door_create(entry->keyring);
    *state = entry;
    return 0;
}

static int tear_down(void **state)
{
    struct entry *entry = *state;
    door_destroy(entry->door);
    keyring_destroy(entry->keyring);
    free(entry);
    return 0;
}

static void put(struct entry *entry, const char *text, enum scope scope, int64_t expires_ms)
{
    struct api_key key = {.id = text,
                          .name = text,
                          .scope = scope,
                          .expires_ms = expires_ms,
                          .digest = digest_of(text, strlen(text))};
    keyring_add(entry->keyring, &key);
}

static void adopt(struct entry *entry)
{
    door_adopt(entry->door, &entry->rules);
}

static struct visitor come(struct entry *entry, const char *peer, const char *name,
                           const char *value, enum scope scope)
{
    struct http_header header = {name, value};
    struct http_request request = {
        .peer = peer, .headers = &header, .header_count = 1, .body = "", .body_length = 0};
    struct visitor visitor = door_look(entry->door, &request, scope);
    return visitor.answer == DOOR_OPEN ? door_enter(entry->door, &request, scope) : visitor;
}

static enum door_answer answer_to(struct entry *entry, const char *peer, const char *name,
                                  const char *value)
{
    return come(entry, peer, name, value, SCOPE_HANDOFF).answer;
}

static void asks_for_no_key_where_there_is_none(void **state)
{
    struct entry *entry = *state;
    adopt(entry);
    assert_int_equal(answer_to(entry, HERE, "host", "a"), DOOR_OPEN);
    assert_int_equal(answer_to(entry, "unix", "host", "a"), DOOR_OPEN);
    assert_int_equal(answer_to(entry, HERE, "authorization", "Bearer x"), DOOR_OPEN);
    assert_int_equal(answer_to(entry, HERE, "x-forwarded-for", OUTSIDE), DOOR_NO_KEYS);
    assert_int_equal(answer_to(entry, HERE, "forwarded", "for=" OUTSIDE), DOOR_NO_KEYS);
    entry->rules.is_exposed = true;
    adopt(entry);
    assert_int_equal(answer_to(entry, HERE, "host", "a"), DOOR_NO_KEYS);
    entry->rules.is_insecure = true;
    adopt(entry);
    assert_int_equal(answer_to(entry, OUTSIDE, "host", "a"), DOOR_OPEN);
    assert_int_equal(answer_to(entry, HERE, "x-forwarded-for", OUTSIDE), DOOR_OPEN);
}

static void lets_in_whoever_has_a_key(void **state)
{
    static const struct {
        const char *name;
        const char *value;
        enum door_answer answer;
    } cases[] = {
        {"authorization", "Bearer good", DOOR_OPEN},
        {"authorization", "bearer good", DOOR_OPEN},
        {"authorization", "BEARER   good", DOOR_OPEN},
        {"x-api-key", "good", DOOR_OPEN},
        {"authorization", "Bearer old", DOOR_EXPIRED_KEY},
        {"authorization", "Bearer young", DOOR_OPEN},
        {"authorization", "Bearer looks", DOOR_WRONG_SCOPE},
        {"authorization", "Bearer boss", DOOR_OPEN},
        {"authorization", "Bearer bad", DOOR_WRONG_KEY},
        {"authorization", "Bearer ", DOOR_WRONG_KEY},
        {"authorization", "Bearer", DOOR_NO_KEY},
        {"authorization", "Basic Z29vZDpnb29k", DOOR_NO_KEY},
        {"authorization", "good", DOOR_NO_KEY},
        {"x-api-key", "", DOOR_WRONG_KEY},
        {"x-api-key", "Bearer good", DOOR_WRONG_KEY},
        {"x-api-keys", "good", DOOR_NO_KEY},
        {"host", "good", DOOR_NO_KEY},
    };
    struct entry *entry = *state;
    adopt(entry);
    put(entry, "good", SCOPE_HANDOFF, 0);
    put(entry, "old", SCOPE_HANDOFF, clock_wall_ms() - 1);
    put(entry, "young", SCOPE_HANDOFF, clock_wall_ms() + 60000);
    put(entry, "looks", SCOPE_READ, 0);
    put(entry, "boss", SCOPE_ADMIN, 0);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        if (answer_to(entry, HERE, cases[i].name, cases[i].value) != cases[i].answer)
            fail_msg("case %zu: %s: %s", i, cases[i].name, cases[i].value);
    }
    assert_string_equal(come(entry, HERE, "x-api-key", "boss", SCOPE_READ).name, "boss");
    assert_int_equal(come(entry, HERE, "x-api-key", "good", SCOPE_READ).answer, DOOR_WRONG_SCOPE);
    assert_int_equal(come(entry, HERE, "x-api-key", "bad", SCOPE_NONE).answer, DOOR_OPEN);
    assert_true(keyring_find(entry->keyring, "good")->used_ms > 0);
    assert_int_equal(keyring_find(entry->keyring, "looks")->used_ms, 0);
}

/* insecure: true asks for none where there is none; where there is one, it is asked for. */
static void asks_for_the_key_though_it_is_insecure(void **state)
{
    struct entry *entry = *state;
    entry->rules.is_insecure = true;
    adopt(entry);
    put(entry, "good", SCOPE_HANDOFF, 0);
    assert_int_equal(answer_to(entry, HERE, "host", "a"), DOOR_NO_KEY);
}

static void refuses_more_than_one_key(void **state)
{
    struct entry *entry = *state;
    struct http_header headers[] = {{"authorization", "Bearer good"}, {"x-api-key", "good"}};
    struct http_request request = {.peer = HERE, .headers = headers, .header_count = 2};
    adopt(entry);
    put(entry, "good", SCOPE_HANDOFF, 0);
    assert_int_equal(door_look(entry->door, &request, SCOPE_HANDOFF).answer, DOOR_MANY_KEYS);
    headers[1] = headers[0];
    assert_int_equal(door_look(entry->door, &request, SCOPE_HANDOFF).answer, DOOR_MANY_KEYS);
    headers[1] = (struct http_header){"authorization", "Basic eDp5"};
    assert_int_equal(door_look(entry->door, &request, SCOPE_HANDOFF).answer, DOOR_OPEN);
}

/* Between the head and the end of the body. */
static void refuses_a_key_that_was_just_revoked(void **state)
{
    struct entry *entry = *state;
    struct http_header header = {"x-api-key", "good"};
    struct http_request request = {.peer = HERE, .headers = &header, .header_count = 1};
    adopt(entry);
    put(entry, "good", SCOPE_HANDOFF, 0);
    put(entry, "other", SCOPE_HANDOFF, 0);
    assert_int_equal(door_look(entry->door, &request, SCOPE_HANDOFF).answer, DOOR_OPEN);
    keyring_remove(entry->keyring, "good");
    assert_int_equal(door_enter(entry->door, &request, SCOPE_HANDOFF).answer, DOOR_WRONG_KEY);
}

/* ---- how often */

static int entries(struct entry *entry, const char *peer, const char *name, const char *value,
                   enum door_answer answer)
{
    int count = 0;
    for (int i = 0; i < 100; i++)
        count += answer_to(entry, peer, name, value) == answer;
    return count;
}

static void counts_each_key(void **state)
{
    struct entry *entry = *state;
    entry->rules.limits.per_key = 10;
    adopt(entry);
    put(entry, "good", SCOPE_HANDOFF, 0);
    put(entry, "other", SCOPE_HANDOFF, 0);
    assert_int_equal(entries(entry, HERE, "x-api-key", "good", DOOR_OPEN), 10);
    assert_int_equal(entries(entry, OUTSIDE, "x-api-key", "good", DOOR_OPEN), 0);
    assert_int_equal(entries(entry, HERE, "x-api-key", "other", DOOR_OPEN), 10);
    struct visitor visitor = come(entry, HERE, "x-api-key", "good", SCOPE_HANDOFF);
    assert_int_equal(visitor.answer, DOOR_BUSY);
    assert_in_range(visitor.retry_after_ms, 1, 6000);
}

/* This machine's own are not counted by their address: they have all the same. */
static void counts_each_address(void **state)
{
    struct entry *entry = *state;
    entry->rules.limits.per_address = 10;
    entry->rules.is_insecure = true;
    adopt(entry);
    assert_int_equal(entries(entry, OUTSIDE, "host", "a", DOOR_OPEN), 10);
    assert_int_equal(entries(entry, "203.0.113.8", "host", "a", DOOR_OPEN), 10);
    assert_int_equal(entries(entry, HERE, "host", "a", DOOR_OPEN), 100);
    assert_int_equal(entries(entry, HERE, "x-forwarded-for", "203.0.113.9", DOOR_OPEN), 10);
    assert_int_equal(entries(entry, HERE, "x-forwarded-for", "1.2.3.4, 203.0.113.9", DOOR_OPEN), 0);
}

/* Whoever guesses keys is slowed down, and whoever has one at the same address is not. */
static void counts_wrong_keys(void **state)
{
    struct entry *entry = *state;
    entry->rules.limits.failures = 10;
    entry->rules.limits.per_address = 100;
    adopt(entry);
    put(entry, "good", SCOPE_HANDOFF, 0);
    assert_int_equal(entries(entry, OUTSIDE, "x-api-key", "bad", DOOR_WRONG_KEY), 10);
    assert_int_equal(entries(entry, OUTSIDE, "x-api-key", "bad", DOOR_BUSY), 100);
    assert_int_equal(entries(entry, OUTSIDE, "host", "a", DOOR_BUSY), 100);
    assert_int_equal(entries(entry, "203.0.113.8", "x-api-key", "bad", DOOR_WRONG_KEY), 10);
    assert_int_equal(entries(entry, OUTSIDE, "x-api-key", "good", DOOR_OPEN), 100);
}

static void counts_each_conversation(void **state)
{
    struct entry *entry = *state;
    entry->rules.limits.per_conversation = 2;
    adopt(entry);
    assert_int_equal(door_conversation_ms(entry->door, "conv_1"), 0);
    assert_int_equal(door_conversation_ms(entry->door, "conv_1"), 0);
    assert_in_range(door_conversation_ms(entry->door, "conv_1"), 29000, 30000);
    assert_int_equal(door_conversation_ms(entry->door, "conv_2"), 0);
}

/* ---- signatures: see test_webhook_signature for what is right */

static void hears_what_is_signed_at_its_end(void **state)
{
    struct webhook_secret secret;
    struct signer signer = {"crm", &secret, 1};
    struct entry *entry = *state;
    char now[32];
    struct http_header headers[] = {
        {WEBHOOK_ID, "msg_1"}, {WEBHOOK_TIMESTAMP, now}, {WEBHOOK_SIGNATURE, "v1,AAAA"}};
    struct http_request request = {
        .peer = HERE, .headers = headers, .header_count = 3, .body = "", .body_length = 0};
    assert_true(webhook_secret_parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", &secret));
    snprintf(now, sizeof now, "%lld", (long long)clock_wall_ms() / 1000);
    entry->rules.signers = &signer;
    entry->rules.signer_count = 1;
    adopt(entry);
    assert_int_equal(answer_to(entry, HERE, "host", "a"), DOOR_NO_KEY);
    assert_int_equal(answer_to(entry, HERE, WEBHOOK_ID, "msg_1"), DOOR_WRONG_SIGNATURE);
    assert_int_equal(door_look(entry->door, &request, SCOPE_HANDOFF).answer, DOOR_OPEN);
    assert_int_equal(door_enter(entry->door, &request, SCOPE_HANDOFF).answer, DOOR_WRONG_SIGNATURE);
    assert_int_equal(door_look(entry->door, &request, SCOPE_READ).answer, DOOR_NO_KEY);
    snprintf(now, sizeof now, "%lld", (long long)clock_wall_ms() / 1000 - 301);
    assert_int_equal(door_look(entry->door, &request, SCOPE_HANDOFF).answer, DOOR_STALE_SIGNATURE);
}

/* ---- before anybody comes */

static void is_safe_where_strangers_are_kept_out(void **state)
{
    struct entry *entry = *state;
    struct door_rules rules = {0};
    struct error error;
    assert_true(door_is_safe(&rules, keyring_stored(entry->keyring), &error));
    rules.is_exposed = true;
    assert_false(door_is_safe(&rules, keyring_stored(entry->keyring), &error));
    assert_non_null(strstr(error.message, "handoffd key new"));
    rules.is_insecure = true;
    assert_true(door_is_safe(&rules, keyring_stored(entry->keyring), &error));
    rules.is_insecure = false;
    rules.signer_count = 1;
    assert_true(door_is_safe(&rules, keyring_stored(entry->keyring), &error));
    rules.signer_count = 0;
    rules.key_count = 1;
    assert_true(door_is_safe(&rules, keyring_stored(entry->keyring), &error));
    rules.key_count = 0;
    put(entry, "good", SCOPE_HANDOFF, 0);
    assert_true(door_is_safe(&rules, keyring_stored(entry->keyring), &error));
}

int main(void)
{
#define DOOR_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        DOOR_TEST(asks_for_no_key_where_there_is_none),
        DOOR_TEST(lets_in_whoever_has_a_key),
        DOOR_TEST(asks_for_the_key_though_it_is_insecure),
        DOOR_TEST(refuses_more_than_one_key),
        DOOR_TEST(refuses_a_key_that_was_just_revoked),
        DOOR_TEST(counts_each_key),
        DOOR_TEST(counts_each_address),
        DOOR_TEST(counts_wrong_keys),
        DOOR_TEST(counts_each_conversation),
        DOOR_TEST(hears_what_is_signed_at_its_end),
        DOOR_TEST(is_safe_where_strangers_are_kept_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
