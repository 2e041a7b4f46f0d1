/* store_conformance_backups - a backup is a whole store, made while the store serves, and can take
 * its place. */
#include "store_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/memory.h"

static const int64_t lost_at_most = 1000 * 1000;

/* ---- writing one */

struct backup {
    struct store_fixture *fixture;
    const char *path;
    int done;
    bool is_written;
    struct error error;
};

static void on_backup_done(void *context, const struct error *error)
{
    struct backup *backup = context;
    backup->done++;
    backup->is_written = error == NULL;
    if (error != NULL)
        backup->error = *error;
    if (--backup->fixture->under_way == 0)
        loop_stop(backup->fixture->loop);
}

static struct backup *begin(struct store_fixture *fixture, const char *path)
{
    struct backup *backup = arena_zeroed(fixture->arena, 1, sizeof *backup);
    backup->fixture = fixture;
    backup->path = path;
    fixture->under_way++;
    store_backup(fixture->store, path, on_backup_done, backup);
    assert_int_equal(backup->done, 0);
    return backup;
}

static struct backup *write_backup(struct store_fixture *fixture, const char *path)
{
    struct backup *backup = begin(fixture, path);
    fixture_wait(fixture);
    assert_int_equal(backup->done, 1);
    return backup;
}

static const char *backed_up(struct store_fixture *fixture, const char *name)
{
    struct backup *backup = write_backup(fixture, fixture_file(fixture, name));
    if (!backup->is_written)
        fail_msg("%s", backup->error.message);
    return backup->path;
}

/* ---- restoring one */

struct restored {
    bool is_done;
    char kept[512];
    int64_t parked;
    struct error error;
};

static struct restored restore(struct store_fixture *fixture, const char *backup)
{
    struct restored restored = {.kept = "unchanged", .parked = -1, .error = {"no error was set"}};
    restored.is_done =
        fixture->factory->restore(fixture->place, backup, "parked", "stuck parked", restored.kept,
                                  sizeof restored.kept, &restored.parked, &restored.error);
    return restored;
}

static struct restored restore_well(struct store_fixture *fixture, const char *backup)
{
    struct restored restored = restore(fixture, backup);
    if (!restored.is_done)
        fail_msg("%s", restored.error.message);
    return restored;
}

static void assert_not_restored(struct store_fixture *fixture, const char *backup, const char *said)
{
    struct restored restored = restore(fixture, backup);
    assert_false(restored.is_done);
    assert_says(&restored.error, said);
}

/* Two that are done, one that is open, one that rests. */
static void fill(struct store_fixture *fixture, struct promise *promises[4])
{
    static const enum store_wake wakes[] = {STORE_DONE, STORE_OPEN, STORE_DONE, STORE_RESTING};
    for (size_t i = 0; i < COUNT_OF(wakes); i++) {
        promises[i] = promise_handoff(fixture, (int64_t)i + 1);
        promises[i]->change.wake = wakes[i];
        promises[i]->change.due_ms = wakes[i] == STORE_RESTING ? 5000 : 0;
        promises[i]->change.handoff_state = wakes[i] == STORE_DONE ? "notified" : "held";
        fixture_submit(fixture, promises[i]);
    }
    fixture_wait(fixture);
}

static void assert_parked(struct store_fixture *fixture, struct promise *promises[4])
{
    fixture_recover(fixture, 0);
    assert_int_equal(fixture->found_count, 4);
    for (size_t i = 0; i < 4; i++) {
        const struct store_found *found = fixture_find(fixture, (int64_t)i + 1);
        if (promises[i]->change.wake == STORE_DONE) {
            assert_found(found, promises[i]);
            continue;
        }
        assert_string_equal(found->state, "parked");
        assert_string_equal(found->stuck, "stuck parked");
        assert_int_equal(found->wake, STORE_DONE);
        assert_int_equal(found->due_ms, 0);
        assert_int_equal(found->events, 2);
        assert_int_equal(found->attempt_count, 1);
        assert_string_equal(found->handoff.reason, promises[i]->handoff.reason);
    }
}

static void a_backup_takes_the_place_of_a_lost_store(void **state)
{
    struct store_fixture *fixture = *state;
    struct promise *promises[4];
    fixture_open(fixture);
    memcpy(fixture->secret, store_secret(fixture->store), sizeof fixture->secret);
    fill(fixture, promises);
    const char *path = backed_up(fixture, "one.backup");
    fixture_move(fixture); /* nothing is there */
    struct restored restored = restore_well(fixture, path);
    assert_int_equal(restored.parked, 2);
    assert_string_equal(restored.kept, "");
    fixture_open(fixture);
    assert_parked(fixture, promises);
    assert_memory_equal(store_secret(fixture->store), fixture->secret, sizeof fixture->secret);
    assert_int_equal(fixture_store(fixture, promise_step(fixture, 2, 3, "assigned", STORE_OPEN)),
                     STORE_STORED);
}

static void parking_is_the_last_event_of_the_story(void **state)
{
    struct store_fixture *fixture = *state;
    struct promise *promises[4];
    fixture_open(fixture);
    fill(fixture, promises);
    const char *path = backed_up(fixture, "one.backup");
    fixture_close(fixture);
    restore_well(fixture, path);
    struct error error;
    struct store_reader *reader = fixture->factory->open_reader(fixture->place, &error);
    assert_non_null(reader);
    struct store_query query = {.number = 4, .has_story = true};
    store_reader_ask(reader, &query);
    assert_int_equal(query.found[0].story_count, 2);
    assert_string_equal(query.found[0].story[1].kind, "parked");
    assert_int_equal(query.found[0].story[1].number, 2);
    assert_true(query.found[0].story[1].at_ms > INT64_C(1600000000000));
    store_query_finish(&query);
    store_reader_close(reader);
}

/* Between the backup and the restore the old store gave numbers to handoffs that are lost now. */
static void a_restored_store_gives_no_number_a_second_time(void **state)
{
    struct store_fixture *fixture = *state;
    fixture_open(fixture);
    assert_int_equal(fixture_store(fixture, promise_handoff(fixture, 10)), STORE_STORED);
    const char *path = backed_up(fixture, "one.backup");
    assert_int_equal(fixture_store(fixture, promise_handoff(fixture, 2000)), STORE_STORED);
    fixture_close(fixture);
    restore_well(fixture, path);
    fixture_open(fixture);
    int64_t last = store_last_number(fixture->store);
    assert_true(last >= 2000 + lost_at_most);
    assert_int_equal(fixture_store(fixture, promise_handoff(fixture, last + 1)), STORE_STORED);
    fixture_reopen(fixture);
    assert_int_equal(store_last_number(fixture->store), last + 1);
    fixture_close(fixture);
    restore_well(fixture, path);
    fixture_open(fixture);
    assert_true(store_last_number(fixture->store) >= last + lost_at_most);
}

static void keeps_the_old_store_aside(void **state)
{
    struct store_fixture *fixture = *state;
    fixture_open(fixture);
    assert_int_equal(fixture_store(fixture, promise_handoff(fixture, 1)), STORE_STORED);
    const char *path = backed_up(fixture, "one.backup");
    struct promise *later = promise_handoff(fixture, 2);
    later->change.wake = STORE_DONE;
    assert_int_equal(fixture_store(fixture, later), STORE_STORED);
    fixture_close(fixture);
    struct restored first = restore_well(fixture, path);
    struct restored second = restore_well(fixture, path); /* within the same second */
    assert_true(strlen(first.kept) > 0 && strlen(second.kept) > 0);
    assert_string_not_equal(first.kept, second.kept);
    fixture_open(fixture);
    fixture_recover(fixture, 0);
    assert_int_equal(fixture->found_count, 1);
    fixture_close(fixture);
    restore_well(fixture, first.kept);
    fixture_open(fixture);
    fixture_recover(fixture, 0);
    assert_int_equal(fixture->found_count, 2);
    assert_kept(fixture, later);
}

/* ---- while it serves */

static void commits_go_on_while_a_backup_is_written(void **state)
{
    struct store_fixture *fixture = *state;
    enum { MANY = 200 };
    fixture_open(fixture);
    assert_int_equal(fixture_store(fixture, promise_handoff(fixture, 1)), STORE_STORED);
    fixture->factory->set_disk(DISK_COPY_HELD);
    struct backup *backup = begin(fixture, fixture_file(fixture, "one.backup"));
    for (int64_t number = 2; number < 2 + MANY; number++) {
        struct promise *promise = promise_handoff(fixture, number);
        fixture_submit(fixture, promise);
        while (promise->done_as == 0)
            uv_run(loop_uv(fixture->loop), UV_RUN_ONCE);
        assert_int_equal(promise->change.result, STORE_STORED);
    }
    assert_int_equal(backup->done, 0);
    assert_int_equal(access(backup->path, F_OK), -1); /* nothing has that name before it is whole */
    fixture->factory->set_disk(DISK_FINE);
    fixture_wait(fixture);
    assert_true(backup->is_written);
    fixture_close(fixture);
    restore_well(fixture, backup->path);
    fixture_open(fixture);
    fixture_recover(fixture, 0);
    assert_true(fixture->found_count >= 1);
}

static void refuses_a_second_backup_while_one_is_written(void **state)
{
    struct store_fixture *fixture = *state;
    fixture_open(fixture);
    fixture->factory->set_disk(DISK_COPY_HELD);
    struct backup *first = begin(fixture, fixture_file(fixture, "one.backup"));
    struct backup *second = begin(fixture, fixture_file(fixture, "two.backup"));
    while (second->done == 0)
        uv_run(loop_uv(fixture->loop), UV_RUN_ONCE);
    assert_false(second->is_written);
    assert_says(&second->error, "another backup");
    assert_int_equal(first->done, 0);
    fixture->factory->set_disk(DISK_FINE);
    fixture_wait(fixture);
    assert_true(first->is_written);
    assert_int_equal(access(second->path, F_OK), -1);
    backed_up(fixture, "three.backup");
}

static void refuses_a_name_that_is_taken(void **state)
{
    struct store_fixture *fixture = *state;
    fixture_open(fixture);
    const char *path = backed_up(fixture, "one.backup");
    struct backup *again = write_backup(fixture, path);
    assert_false(again->is_written);
    assert_says(&again->error, "is there already");
    struct backup *nowhere = write_backup(fixture, fixture_file(fixture, "no/such/folder.backup"));
    assert_false(nowhere->is_written);
    assert_says(&nowhere->error, "No such file");
}

static void ends_a_backup_when_it_closes(void **state)
{
    struct store_fixture *fixture = *state;
    enum { MANY = 3000 };
    char text[2001];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    fixture_open(fixture);
    for (int64_t number = 1; number <= MANY; number++) {
        struct promise *promise = promise_handoff(fixture, number);
        promise->handoff.additional_context = text;
        fixture_submit(fixture, promise);
    }
    fixture_wait(fixture);
    for (int i = 0; i < 5; i++) {
        struct backup *backup =
            begin(fixture, fixture_file(fixture, arena_format(fixture->arena, "%d.backup", i)));
        struct backup *refused = begin(fixture, fixture_file(fixture, "refused.backup"));
        fixture_close(fixture);
        assert_int_equal(backup->done, 1);
        assert_int_equal(refused->done, 1);
        assert_int_equal(access(backup->path, F_OK) == 0, backup->is_written);
        fixture_open(fixture);
    }
    fixture_recover(fixture, 0);
    assert_int_equal(fixture->found_count, MANY);
}

/* ---- refused */

static void write_text(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void given_up_it_leaves_nothing(void **state)
{
    struct store_fixture *fixture = *state;
    const char *path = fixture_file(fixture, "copy");
    fixture_open(fixture);
    store_give_up_backups(fixture->store);
    struct backup *backup = write_backup(fixture, path);
    assert_false(backup->is_written);
    assert_non_null(strstr(backup->error.message, "stopping"));
    assert_int_equal(access(path, F_OK), -1);
    fixture_close(fixture);
}

static void restores_nothing_that_is_no_backup(void **state)
{
    struct store_fixture *fixture = *state;
    const char *text = fixture_file(fixture, "text");
    const char *empty = fixture_file(fixture, "empty");
    write_text(text, "this is a shopping list, not a store: milk, bread, a robot and two spoons\n");
    write_text(empty, "");
    fixture_open(fixture);
    struct promise *promise = promise_handoff(fixture, 1);
    assert_int_equal(fixture_store(fixture, promise), STORE_STORED);
    fixture_close(fixture);
    assert_not_restored(fixture, fixture_file(fixture, "nothing"), "nothing");
    assert_not_restored(fixture, text, "text");
    assert_not_restored(fixture, empty, "empty");
    fixture_open(fixture);
    fixture_recover(fixture, 0);
    assert_kept(fixture, promise);
}

static void restores_nothing_under_a_daemon(void **state)
{
    struct store_fixture *fixture = *state;
    fixture_open(fixture);
    const char *path = backed_up(fixture, "one.backup");
    struct promise *promise = promise_handoff(fixture, 1);
    assert_not_restored(fixture, path, "in use");
    assert_int_equal(fixture_store(fixture, promise), STORE_STORED);
    fixture_reopen(fixture);
    fixture_recover(fixture, 0);
    assert_kept(fixture, promise);
}

/* ---- disks */

static void a_backup_that_does_not_fit_leaves_nothing_behind(void **state)
{
    struct store_fixture *fixture = *state;
    static const enum disk disks[] = {DISK_FULL, DISK_BROKEN};
    fixture_open(fixture);
    struct promise *promise = promise_handoff(fixture, 1);
    assert_int_equal(fixture_store(fixture, promise), STORE_STORED);
    for (size_t i = 0; i < COUNT_OF(disks); i++) {
        fixture->factory->set_disk(disks[i]);
        struct backup *backup = write_backup(fixture, fixture_file(fixture, "one.backup"));
        fixture->factory->set_disk(DISK_FINE);
        assert_false(backup->is_written);
        assert_says(&backup->error, "one.backup");
        assert_no_files(fixture);
        assert_int_equal(fixture_store(fixture, promise_handoff(fixture, 2 + (int64_t)i)),
                         STORE_STORED);
    }
    backed_up(fixture, "one.backup");
}

static void a_restore_that_does_not_fit_changes_nothing(void **state)
{
    struct store_fixture *fixture = *state;
    static const enum disk disks[] = {DISK_FULL, DISK_BROKEN};
    fixture_open(fixture);
    const char *path = backed_up(fixture, "one.backup");
    struct promise *promise = promise_handoff(fixture, 1);
    assert_int_equal(fixture_store(fixture, promise), STORE_STORED);
    for (size_t i = 0; i < COUNT_OF(disks); i++) {
        fixture_close(fixture);
        fixture->factory->set_disk(disks[i]);
        struct restored restored = restore(fixture, path);
        fixture->factory->set_disk(DISK_FINE);
        assert_false(restored.is_done);
        fixture_open(fixture);
        fixture_recover(fixture, 0);
        assert_kept(fixture, promise);
    }
    fixture_close(fixture);
    restore_well(fixture, path);
}

int store_conformance_backups(const struct store_factory *factory)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(a_backup_takes_the_place_of_a_lost_store),
        STORE_TEST(parking_is_the_last_event_of_the_story),
        STORE_TEST(a_restored_store_gives_no_number_a_second_time),
        STORE_TEST(keeps_the_old_store_aside),
        STORE_TEST(commits_go_on_while_a_backup_is_written),
        STORE_TEST(refuses_a_second_backup_while_one_is_written),
        STORE_TEST(refuses_a_name_that_is_taken),
        STORE_TEST(ends_a_backup_when_it_closes),
        STORE_TEST(given_up_it_leaves_nothing),
        STORE_TEST(restores_nothing_that_is_no_backup),
        STORE_TEST(restores_nothing_under_a_daemon),
        STORE_TEST(a_backup_that_does_not_fit_leaves_nothing_behind),
        STORE_TEST(a_restore_that_does_not_fit_changes_nothing),
    };
    return cmocka_run_group_tests_name("store_backups", tests, NULL, NULL);
}
