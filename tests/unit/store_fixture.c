/* store_fixture - every change is a promise in the fixture's arena, so that it can be compared
 * later. */
#include "store_fixture.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "scratch_folder.h"

enum { FOUND_MOST = 4096 };

int store_fixture_setup(void **state)
{
    const struct store_factory *factory = *state;
    struct arena *arena = arena_create(4096);
    struct store_fixture *fixture = arena_zeroed(arena, 1, sizeof *fixture);
    fixture->arena = arena;
    fixture->factory = factory;
    fixture->place = factory->create_place();
    fixture->folder = scratch_folder_create();
    fixture->loop = loop_create();
    factory->set_disk(DISK_FINE);
    setenv("LC_ALL", "C", 1);
    *state = fixture;
    return 0;
}

int store_fixture_teardown(void **state)
{
    struct store_fixture *fixture = *state;
    fixture->factory->set_disk(DISK_FINE);
    fixture_close(fixture);
    loop_destroy(fixture->loop);
    fixture->factory->destroy_place(fixture->place);
    scratch_folder_remove(fixture->folder);
    arena_destroy(fixture->arena);
    return 0;
}

void fixture_open(struct store_fixture *fixture)
{
    struct error error = {"no error was set"};
    fixture->store = fixture->factory->open(fixture->place, fixture->loop, &error);
    if (fixture->store == NULL)
        fail_msg("%s", error.message);
}

static void on_closed(void *context)
{
    struct store_fixture *fixture = context;
    fixture->store = NULL;
    loop_stop(fixture->loop);
}

void fixture_close(struct store_fixture *fixture)
{
    if (fixture->store == NULL)
        return;
    store_close(fixture->store, on_closed, fixture);
    while (fixture->store != NULL)
        loop_run(fixture->loop);
}

void fixture_reopen(struct store_fixture *fixture)
{
    fixture_close(fixture);
    fixture_open(fixture);
}

void fixture_move(struct store_fixture *fixture)
{
    void *place = fixture->place;
    fixture_close(fixture);
    fixture->place = fixture->factory->create_place();
    fixture->factory->destroy_place(place);
}

const char *fixture_file(struct store_fixture *fixture, const char *name)
{
    return arena_format(fixture->arena, "%s/%s", fixture->folder, name);
}

void assert_no_files(const struct store_fixture *fixture)
{
    DIR *folder = opendir(fixture->folder);
    assert_non_null(folder);
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        if (entry->d_name[0] != '.')
            fail_msg("%s was left behind", entry->d_name);
    }
    closedir(folder);
}

/* ---- promises */

struct promise *promise_nothing(struct store_fixture *fixture)
{
    struct promise *promise = arena_zeroed(fixture->arena, 1, sizeof *promise);
    promise->fixture = fixture;
    promise->change = (struct store_change){
        .attempts = promise->attempts,
        .events = promise->events,
        .turns = promise->turns,
    };
    return promise;
}

struct promise *promise_handoff(struct store_fixture *fixture, int64_t number)
{
    struct promise *promise = promise_nothing(fixture);
    struct arena *arena = fixture->arena;
    promise->change.handoff = number;
    promise->change.handoff_state = "assigned";
    promise->change.wake = STORE_OPEN;
    promise->change.created = &promise->handoff;
    promise->change.attempt_count = 1;
    promise->change.event_count = 1;
    promise->handoff = (struct store_handoff){
        .number = number,
        .received_ms = number * 1000,
        .request_key = arena_format(arena, "key-%lld", (long long)number),
        .request_digest = -number,
        .user_phone = "+5215512345678",
        .reason = "cotización",
        .user_name = "Juan Pérez",
        .conversation_id = arena_format(arena, "conv_%lld", (long long)number),
        .additional_context = "robots para restaurante",
        .fields = "{\"agente\":\"ventas\"}",
        .caller = "elevenlabs",
    };
    promise->attempts[0] = (struct store_attempt){
        .handoff = number,
        .number = 1,
        .state = "sending",
        .vendor = "ana",
        .channel = "whatsapp",
        .address = "whatsapp:+5214420000001",
        .tries = 1,
        .started_ms = number * 1000 + 1,
        .since_ms = number * 1000 + 3,
    };
    promise->events[0] = (struct store_event){
        .number = 1, .at_ms = number * 1000 + 2, .kind = "assigned", .detail = "vendor=ana"};
    return promise;
}

struct promise *promise_step(struct store_fixture *fixture, int64_t number, int64_t event,
                             const char *state, enum store_wake wake)
{
    struct promise *promise = promise_nothing(fixture);
    promise->change.handoff = number;
    promise->change.handoff_state = state;
    promise->change.wake = wake;
    promise->change.event_count = 1;
    promise->events[0] =
        (struct store_event){.number = event, .at_ms = number * 1000 + event, .kind = state};
    return promise;
}

static void on_done(struct store_change *change)
{
    struct promise *promise = container_of(change, struct promise, change);
    struct store_fixture *fixture = promise->fixture;
    assert_int_equal(promise->done_as, 0);
    promise->done_as = ++fixture->done;
    if (promise->and_then != NULL)
        promise->and_then(promise);
    if (--fixture->under_way == 0)
        loop_stop(fixture->loop);
}

void fixture_submit(struct store_fixture *fixture, struct promise *promise)
{
    promise->change.on_done = on_done;
    fixture->under_way++;
    store_submit(fixture->store, &promise->change);
}

void fixture_wait(struct store_fixture *fixture)
{
    while (fixture->under_way > 0)
        loop_run(fixture->loop);
}

enum store_result fixture_store(struct store_fixture *fixture, struct promise *promise)
{
    fixture_submit(fixture, promise);
    fixture_wait(fixture);
    return promise->change.result;
}

/* ---- what is found */

static void copy_texts(const char **texts[], size_t count, struct arena *arena)
{
    for (size_t i = 0; i < count; i++)
        *texts[i] = arena_text(arena, *texts[i]);
}

static void copy_attempt(struct store_attempt *attempt, struct arena *arena)
{
    const char **texts[] = {&attempt->state, &attempt->vendor, &attempt->channel, &attempt->address,
                            &attempt->message_id};
    copy_texts(texts, COUNT_OF(texts), arena);
}

static void copy_found(struct store_found *found, struct arena *arena)
{
    const char **texts[] = {
        &found->handoff.request_key,
        &found->handoff.user_phone,
        &found->handoff.reason,
        &found->handoff.user_name,
        &found->handoff.conversation_id,
        &found->handoff.additional_context,
        &found->handoff.fields,
        &found->handoff.caller,
        &found->state,
        &found->stuck,
        &found->detail,
        &found->keys,
    };
    copy_texts(texts, COUNT_OF(texts), arena);
    struct store_attempt *attempts =
        arena_zeroed(arena, found->attempt_count, sizeof *found->attempts);
    for (size_t i = 0; i < found->attempt_count; i++) {
        attempts[i] = found->attempts[i];
        copy_attempt(&attempts[i], arena);
    }
    found->attempts = attempts;
}

static void on_found(void *context, const struct store_found *found)
{
    struct store_fixture *fixture = context;
    assert_true(fixture->found_count < FOUND_MOST);
    struct store_found *copy = &fixture->found[fixture->found_count++];
    *copy = *found;
    copy_found(copy, fixture->arena);
}

void fixture_recover(struct store_fixture *fixture, int64_t since_ms)
{
    struct error error = {"no error was set"};
    fixture->found = arena_zeroed(fixture->arena, FOUND_MOST, sizeof *fixture->found);
    fixture->found_count = 0;
    int64_t keyed_since_ms = fixture->keyed_since_ms != 0 ? fixture->keyed_since_ms : since_ms;
    if (!store_recover(fixture->store, since_ms, keyed_since_ms, on_found, fixture, &error))
        fail_msg("%s", error.message);
}

const struct store_found *fixture_find(const struct store_fixture *fixture, int64_t number)
{
    for (size_t i = 0; i < fixture->found_count; i++) {
        if (fixture->found[i].handoff.number == number)
            return &fixture->found[i];
    }
    return NULL;
}

void assert_same_text(const char *found, const char *promised)
{
    if (promised == NULL)
        assert_null(found);
    else
        assert_string_equal(found != NULL ? found : "(NULL)", promised);
}

static void assert_same_handoff(const struct store_handoff *found,
                                const struct store_handoff *promised)
{
    assert_int_equal(found->number, promised->number);
    assert_int_equal(found->parent, promised->parent);
    assert_int_equal(found->received_ms, promised->received_ms);
    assert_int_equal(found->request_digest, promised->request_digest);
    assert_same_text(found->request_key, promised->request_key);
    assert_same_text(found->user_phone, promised->user_phone);
    assert_same_text(found->reason, promised->reason);
    assert_same_text(found->user_name, promised->user_name);
    assert_same_text(found->conversation_id, promised->conversation_id);
    assert_same_text(found->additional_context, promised->additional_context);
    assert_same_text(found->fields, promised->fields);
    assert_same_text(found->caller, promised->caller);
}

static void assert_same_attempt(const struct store_attempt *found,
                                const struct store_attempt *promised)
{
    assert_int_equal(found->handoff, promised->handoff);
    assert_int_equal(found->number, promised->number);
    assert_int_equal(found->code, promised->code);
    assert_int_equal(found->tries, promised->tries);
    assert_int_equal(found->due_ms, promised->due_ms);
    assert_int_equal(found->started_ms, promised->started_ms);
    assert_int_equal(found->since_ms, promised->since_ms);
    assert_int_equal(found->asked, promised->asked);
    assert_int_equal(found->is_guess, promised->is_guess);
    assert_same_text(found->state, promised->state);
    assert_same_text(found->vendor, promised->vendor);
    assert_same_text(found->channel, promised->channel);
    assert_same_text(found->address, promised->address);
    assert_same_text(found->message_id, promised->message_id);
}

void assert_found(const struct store_found *found, const struct promise *promise)
{
    const struct store_change *change = &promise->change;
    assert_non_null(found);
    assert_same_handoff(&found->handoff, &promise->handoff);
    assert_string_equal(found->state, change->handoff_state);
    assert_int_equal(found->wake, change->wake);
    assert_int_equal(found->due_ms, change->due_ms);
    assert_int_equal(found->crashes, change->crashes);
    assert_same_text(found->stuck, change->stuck);
    assert_int_equal(found->events, change->event_count);
    assert_same_text(found->detail, promise->events[change->event_count - 1].detail);
    assert_int_equal(found->attempt_count, change->attempt_count);
    for (size_t i = 0; i < change->attempt_count; i++)
        assert_same_attempt(&found->attempts[i], &promise->attempts[i]);
}

void assert_kept(const struct store_fixture *fixture, const struct promise *promise)
{
    assert_found(fixture_find(fixture, promise->change.handoff), promise);
}

void assert_says(const struct error *error, const char *said)
{
    if (strstr(error->message, said) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", error->message, said);
}
