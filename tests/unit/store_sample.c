/* store_sample - a handoff in every state and updates of one, with what may belong to them. */
#include "store_sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"

static const int64_t received_ms = INT64_C(1795374000000);

static const struct sample {
    const char *state;
    enum store_wake wake;
    int64_t due_ms;
    int64_t crashes;
    const char *stuck;
    const char *key;
    struct store_attempt attempts[3]; /* a state of NULL: none */
    const char *kinds[3];             /* of events */
    int64_t parent;
    const char *reason; /* NULL: that of every promise */
} samples[] = {
    {.state = "notified",
     .key = "llave-1",
     .attempts = {{.state = "delivered",
                   .vendor = "ana",
                   .channel = "whatsapp",
                   .address = "whatsapp:+5214420000001",
                   .message_id = "SM3961c74704ebfd2f552d5939f770b1f4",
                   .tries = 1,
                   .started_ms = 1795374000010,
                   .since_ms = 1795374003000}},
     .kinds = {"assigned", "sent", "delivered"}},
    {.state = "held",
     .wake = STORE_RESTING,
     .due_ms = 1795377600000,
     .attempts = {{.state = "deferred",
                   .vendor = "luis",
                   .channel = "whatsapp",
                   .address = "whatsapp:+5214420000002",
                   .code = 20003,
                   .tries = 4,
                   .due_ms = 1795377600000,
                   .started_ms = 1795374001000,
                   .since_ms = 1795374100000}},
     .kinds = {"assigned", "deferred", "held"}},
    {.state = "assigned",
     .wake = STORE_OPEN,
     .crashes = 2,
     .attempts = {{.state = "unknown",
                   .vendor = "diego",
                   .channel = "whatsapp",
                   .address = "whatsapp:+15120000003",
                   .tries = 1,
                   .due_ms = 1795374120000,
                   .started_ms = 1795374002000,
                   .since_ms = 1795374002500,
                   .asked = 2}},
     .kinds = {"assigned", "unknown"}},
    {.state = "notified",
     .attempts = {{.state = "read",
                   .vendor = "ana",
                   .channel = "whatsapp",
                   .address = "whatsapp:+5214420000001",
                   .message_id = "SM5f2ab255aa3e6024a777203d42b1cb43",
                   .tries = 1,
                   .started_ms = 1795374003000,
                   .since_ms = 1795374009000}},
     .kinds = {"assigned", "sent", "read"}},
    {.state = "exhausted",
     .stuck = "stuck exhausted",
     .attempts = {{.state = "refused",
                   .vendor = "ana",
                   .channel = "whatsapp",
                   .address = "whatsapp:+5214420000001",
                   .code = 21211,
                   .tries = 1,
                   .started_ms = 1795374004000,
                   .since_ms = 1795374004100},
                  {.state = "undelivered",
                   .vendor = "luis",
                   .channel = "whatsapp",
                   .address = "whatsapp:+5214420000002",
                   .message_id = "SM00000000000000000000000000000003",
                   .code = 63024,
                   .tries = 2,
                   .started_ms = 1795374004200,
                   .since_ms = 1795374005000},
                  {.state = "ambiguous",
                   .vendor = "diego",
                   .channel = "correo",
                   .address = "diego@example.com",
                   .tries = 1,
                   .started_ms = 1795374006000,
                   .since_ms = 1795374306000,
                   .asked = 3}},
     .kinds = {"assigned", "undelivered", "exhausted"}},
    {.state = "parked",
     .crashes = 3,
     .stuck = "stuck parked",
     .attempts = {{.state = "sending",
                   .vendor = "luis",
                   .channel = "whatsapp",
                   .address = "whatsapp:+5214420000002",
                   .tries = 3,
                   .started_ms = 1795374007000,
                   .since_ms = 1795374007000}},
     .kinds = {"assigned", "crashed", "parked"}},
    {.state = "held", .wake = STORE_RESTING, .due_ms = 1795376000000, .kinds = {"held"}},
    {.state = "notified",
     .attempts = {{.state = "sent",
                   .vendor = "ana",
                   .channel = "whatsapp",
                   .address = "whatsapp:+5214420000001",
                   .message_id = "SM00000000000000000000000000000002",
                   .tries = 1,
                   .started_ms = 1795374060000,
                   .since_ms = 1795374060500,
                   .is_guess = true}},
     .kinds = {"assigned", "sent"},
     .parent = 4,
     .reason = "Ahora quiere dos robots"},
    {.state = "assigned",
     .wake = STORE_OPEN,
     .kinds = {"assigned"},
     .parent = 4,
     .reason = "Y también garantía"},
};

static const struct store_key key = {1, 1795374000500, 1891079880220858707, "llave-2"};
static const struct store_turn turns[] = {
    {"round_robin", "ana", 7}, {"round_robin", "diego", 9}, {"round_robin", "luis", 8}};
static const struct store_address addresses[] = {{"whatsapp", "+5214420000001", "+524420000001"},
                                                 {"whatsapp", "+525500000002", "+5215500000002"}};
static const unsigned char digest[STORE_DIGEST_BYTES] = {0xba, 0x78, [31] = 0xad};
static const struct store_api_key api_key = {"7f3kq0zd",    "elevenlabs",  "handoff",    digest,
                                             1795374000000, 1826910000000, 1795374060000};
static const struct store_alert alert = {"account/whatsapp", "Authenticate", 1795374100000};

static struct promise *promise_sample(struct store_fixture *fixture, size_t index)
{
    const struct sample *sample = &samples[index];
    struct promise *promise = promise_handoff(fixture, (int64_t)index + 1);
    promise->handoff.received_ms = received_ms + (int64_t)index * 1000;
    promise->handoff.request_key = sample->key;
    promise->handoff.parent = sample->parent;
    if (sample->reason != NULL)
        promise->handoff.reason = sample->reason;
    promise->change.handoff_state = sample->state;
    promise->change.wake = sample->wake;
    promise->change.due_ms = sample->due_ms;
    promise->change.crashes = sample->crashes;
    promise->change.stuck = sample->stuck;
    promise->change.attempt_count = promise->change.event_count = 0;
    for (size_t i = 0; i < COUNT_OF(sample->attempts) && sample->attempts[i].state != NULL; i++) {
        promise->attempts[i] = sample->attempts[i];
        promise->attempts[i].handoff = promise->change.handoff;
        promise->attempts[i].number = (int64_t)i + 1;
        promise->change.attempt_count++;
    }
    for (size_t i = 0; i < COUNT_OF(sample->kinds) && sample->kinds[i] != NULL; i++) {
        promise->events[i] = (struct store_event){.number = (int64_t)i + 1,
                                                  .at_ms = received_ms + (int64_t)i * 100,
                                                  .kind = sample->kinds[i],
                                                  .detail = i == 0 ? "vendor=ana" : NULL};
        promise->change.event_count++;
    }
    return promise;
}

void store_sample_write(struct store_fixture *fixture)
{
    struct promise *rest = promise_nothing(fixture);
    struct promise *more = promise_nothing(fixture);
    for (size_t i = 0; i < COUNT_OF(samples); i++)
        assert_int_equal(fixture_store(fixture, promise_sample(fixture, i)), STORE_STORED);
    rest->change.key = &key;
    rest->change.turns = turns;
    rest->change.turn_count = COUNT_OF(turns);
    rest->change.address = &addresses[0];
    rest->change.alert = &alert;
    more->change.address = &addresses[1];
    more->change.api_key = &api_key;
    assert_int_equal(fixture_store(fixture, rest), STORE_STORED);
    assert_int_equal(fixture_store(fixture, more), STORE_STORED);
}

/* ---- found again */

static void on_turn(void *context, const struct store_turn *turn)
{
    size_t *count = context;
    for (size_t i = 0; i < COUNT_OF(turns); i++)
        *count += strcmp(turn->step, turns[i].step) == 0 &&
                  strcmp(turn->vendor, turns[i].vendor) == 0 && turn->turn == turns[i].turn;
}

static void on_address(void *context, const struct store_address *address)
{
    size_t *count = context;
    for (size_t i = 0; i < COUNT_OF(addresses); i++)
        *count += strcmp(address->channel, addresses[i].channel) == 0 &&
                  strcmp(address->given, addresses[i].given) == 0 &&
                  strcmp(address->works, addresses[i].works) == 0;
}

static void on_alert(void *context, const struct store_alert *found)
{
    size_t *count = context;
    assert_string_equal(found->cause, alert.cause);
    assert_string_equal(found->text, alert.text);
    assert_int_equal(found->since_ms, alert.since_ms);
    *count += 1;
}

static void on_api_key(void *context, const struct store_api_key *found)
{
    size_t *count = context;
    assert_string_equal(found->id, api_key.id);
    assert_string_equal(found->name, api_key.name);
    assert_string_equal(found->scope, api_key.scope);
    assert_memory_equal(found->digest, api_key.digest, STORE_DIGEST_BYTES);
    assert_int_equal(found->created_ms, api_key.created_ms);
    assert_int_equal(found->expires_ms, api_key.expires_ms);
    assert_int_equal(found->used_ms, api_key.used_ms);
    *count += 1;
}

void assert_store_sample(struct store_fixture *fixture, int version)
{
    struct error error;
    size_t found[4] = {0};
    fixture_recover(fixture, 0);
    assert_int_equal(fixture->found_count, COUNT_OF(samples));
    for (size_t i = 0; i < COUNT_OF(samples); i++) {
        struct promise *promise = promise_sample(fixture, i);
        if (version < 3)
            promise->handoff.caller = NULL;
        assert_kept(fixture, promise);
    }
    assert_string_equal(fixture_find(fixture, key.handoff)->keys,
                        "1795374000500 1891079880220858707 llave-2\n");
    assert_true(store_turns(fixture->store, on_turn, &found[0], &error));
    assert_true(store_addresses(fixture->store, on_address, &found[1], &error));
    assert_true(store_alerts(fixture->store, on_alert, &found[2], &error));
    assert_true(store_api_keys(fixture->store, on_api_key, &found[3], &error));
    assert_int_equal(found[3], version < 3 ? 0 : 1);
    assert_int_equal(found[0], COUNT_OF(turns));
    assert_int_equal(found[1], COUNT_OF(addresses));
    assert_int_equal(found[2], 1);
}
