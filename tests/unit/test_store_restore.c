/* test_store_restore - a backup in the place of a store that may be damaged, stopped wherever it
 * may be stopped. */
#include "store_files.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/memory.h"

enum { OLD = 4, RESTORED = 2 };

/* ---- a store with OLD handoffs, some of them in its log only; a backup with RESTORED */

static const char *backup_of(struct store_fixture *fixture)
{
    return fixture_file(fixture, "one.backup");
}

static void on_backed_up(void *context, const struct error *error)
{
    struct store_fixture *fixture = context;
    assert_null(error);
    fixture->under_way = 0;
    loop_stop(fixture->loop);
}

static void make_backup(struct store_fixture *fixture)
{
    fixture_open(fixture);
    for (int64_t number = 1; number <= RESTORED; number++)
        assert_int_equal(fixture_store(fixture, promise_handoff(fixture, number)), STORE_STORED);
    fixture->under_way = 1;
    store_backup(fixture->store, backup_of(fixture), on_backed_up, fixture);
    fixture_wait(fixture);
}

static void make_old(struct store_fixture *fixture)
{
    if (fixture->store == NULL)
        fixture_open(fixture);
    for (int64_t number = store_last_number(fixture->store) + 1; number <= OLD; number++)
        fixture_submit(fixture, promise_handoff(fixture, number));
    fixture_wait(fixture);
    fixture_close(fixture);
    sql_run_into_log(fixture, "UPDATE handoff SET state = 'in the log' WHERE number = 1");
}

static void make_both(struct store_fixture *fixture)
{
    make_backup(fixture);
    fixture_move(fixture);
    make_old(fixture);
}

static bool restore(struct store_fixture *fixture, const char *backup, char kept[256],
                    struct error *error)
{
    int64_t parked = 0;
    return fixture->factory->restore(fixture->place, backup, "parked", "stuck parked", kept, 256,
                                     &parked, error);
}

static void restore_well(struct store_fixture *fixture, const char *backup, char kept[256])
{
    struct error error = {"no error was set"};
    if (!restore(fixture, backup, kept, &error))
        fail_msg("%s", error.message);
    assert_false(is_file(store_beside(fixture, "-wal")));
    assert_false(is_file(store_beside(fixture, ".restoring")));
}

static void assert_refused(struct store_fixture *fixture, const char *backup, const char *said)
{
    char kept[256];
    struct error error = {"no error was set"};
    assert_false(restore(fixture, backup, kept, &error));
    assert_says(&error, said);
    fixture_open(fixture);
    fixture_recover(fixture, 0);
    assert_int_equal(fixture->found_count, OLD);
    fixture_close(fixture);
    assert_false(is_file(store_beside(fixture, ".restoring")));
}

/* ---- */

static void keeps_what_was_only_in_the_log(void **state)
{
    struct store_fixture *fixture = *state;
    char kept[256];
    struct stat status;
    make_both(fixture);
    restore_well(fixture, backup_of(fixture), kept);
    assert_int_equal(sql_number(store_path(fixture), "SELECT count(*) FROM handoff"), RESTORED);
    assert_int_equal(sql_number(kept, "SELECT count(*) FROM handoff WHERE state = 'in the log'"),
                     1);
    assert_int_equal(stat(store_path(fixture), &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
}

static void the_backup_stays_as_it_was(void **state)
{
    struct store_fixture *fixture = *state;
    char kept[256];
    const char *older = fixture_file(fixture, "older.backup");
    copy_file(store_of_version(fixture, 1), older);
    make_old(fixture);
    restore_well(fixture, older, kept);
    assert_same_file(older, store_of_version(fixture, 1));
    assert_false(is_file(fixture_file(fixture, "older.backup-wal")));
    assert_false(is_file(fixture_file(fixture, "older.backup-shm")));
    fixture_open(fixture); /* in this version's schema, without a further copy */
    assert_false(is_file(store_beside(fixture, ".schema-1")));
    assert_false(is_file(store_beside(fixture, ".restoring.schema-1")));
    fixture_recover(fixture, 0);
    assert_int_equal(fixture->found_count, 7);
    for (int64_t number = 4; number <= 7; number++)
        assert_string_equal(fixture_find(fixture, number)->state,
                            number != 5 ? "parked" : "held"); /* that one waits for somebody */
}

/* A backup that was made by copying files has what its log has. */
static void restores_a_backup_with_a_log(void **state)
{
    struct store_fixture *fixture = *state;
    char kept[256];
    const char *backup = fixture_file(fixture, "copied.db");
    make_old(fixture);
    copy_file(store_path(fixture), backup);
    copy_file(store_beside(fixture, "-wal"), fixture_file(fixture, "copied.db-wal"));
    restore_well(fixture, backup, kept);
    assert_int_equal(sql_number(store_path(fixture), "SELECT count(*) FROM handoff"), OLD);
    assert_int_equal(sql_number(kept, "SELECT count(*) FROM handoff"), OLD);
}

static void follows_a_link_to_the_store(void **state)
{
    struct store_fixture *fixture = *state;
    char kept[256];
    struct stat status;
    const char *file = fixture_file(fixture, "file.db");
    assert_int_equal(symlink(file, store_path(fixture)), 0);
    make_backup(fixture);
    fixture_close(fixture);
    restore_well(fixture, backup_of(fixture), kept);
    assert_int_equal(lstat(store_path(fixture), &status), 0);
    assert_true(S_ISLNK(status.st_mode));
    assert_non_null(strstr(kept, "file.db.before-restore-"));
    assert_int_equal(sql_number(file, "SELECT count(*) FROM handoff WHERE state = 'parked'"),
                     RESTORED);
}

/* ---- refused */

static void refuses_the_store_itself_and_what_is_no_store(void **state)
{
    struct store_fixture *fixture = *state;
    const char *link_to = fixture_file(fixture, "link.db");
    const char *other = fixture_file(fixture, "other.db");
    const char *newer = fixture_file(fixture, "newer.db");
    make_old(fixture);
    assert_int_equal(symlink(store_path(fixture), link_to), 0);
    sql_run(other, "CREATE TABLE recipe (name TEXT); PRAGMA user_version = 1");
    copy_file(store_of_version(fixture, 1), newer);
    sql_run(newer, "PRAGMA user_version = 99");
    assert_refused(fixture, store_path(fixture), "is the store itself");
    assert_refused(fixture, link_to, "is the store itself");
    assert_refused(fixture, other, "something else");
    assert_refused(fixture, newer, "newer");
}

static void refuses_a_damaged_backup(void **state)
{
    struct store_fixture *fixture = *state;
    make_backup(fixture);
    fixture_move(fixture);
    make_old(fixture);
    int64_t page =
        sql_number(backup_of(fixture), "SELECT rootpage FROM sqlite_schema WHERE name = 'event'");
    overwrite(backup_of(fixture), (long)(page - 1) * 4096, 4096, 0x5a);
    assert_refused(fixture, backup_of(fixture), "damaged");
}

static void leaves_no_store_where_none_was(void **state)
{
    struct store_fixture *fixture = *state;
    char kept[256];
    struct error error = {"no error was set"};
    assert_false(restore(fixture, fixture_file(fixture, "nowhere.db"), kept, &error));
    assert_says(&error, "nowhere.db");
    assert_false(is_file(store_path(fixture)));
}

/* ---- where the old store is damaged */

static void replaces_a_damaged_store_and_keeps_all_of_it(void **state)
{
    struct store_fixture *fixture = *state;
    static const struct {
        long offset;
        size_t length;
    } damages[] = {{0, 100}, {4096, 8192}, {0, 4096}};
    make_backup(fixture);
    for (size_t i = 0; i < COUNT_OF(damages); i++) {
        char kept[256];
        const char *damaged = fixture_file(fixture, "damaged.db");
        const char *log = fixture_file(fixture, "damaged.db-wal");
        fixture_move(fixture);
        make_old(fixture);
        overwrite(store_path(fixture), damages[i].offset, damages[i].length, 0x5a);
        copy_file(store_path(fixture), damaged);
        copy_file(store_beside(fixture, "-wal"), log);
        restore_well(fixture, backup_of(fixture), kept);
        if (damages[i].offset == 0) { /* no log could be folded into that */
            assert_same_file(kept, damaged);
            assert_same_file(arena_format(fixture->arena, "%s-wal", kept), log);
        }
        fixture_open(fixture);
        fixture_recover(fixture, 0);
        assert_int_equal(fixture->found_count, RESTORED);
    }
}

static void keeps_a_log_that_has_lost_its_store(void **state)
{
    struct store_fixture *fixture = *state;
    char kept[256];
    const char *log = fixture_file(fixture, "saved-wal");
    make_both(fixture);
    copy_file(store_beside(fixture, "-wal"), log);
    assert_int_equal(truncate(store_path(fixture), 0), 0);
    restore_well(fixture, backup_of(fixture), kept);
    assert_same_file(arena_format(fixture->arena, "%s-wal", kept), log);
}

/* ---- stopped in the middle */

static void restore_somehow(struct store_fixture *fixture)
{
    char kept[256];
    struct error error;
    if (restore(fixture, backup_of(fixture), kept, &error))
        return;
}

/* The old one with what was in its log, or the new one; and then it can be done again. */
static void look(struct store_fixture *fixture)
{
    char kept[256];
    fixture_open(fixture);
    fixture_recover(fixture, 0);
    if (fixture->found_count == OLD)
        assert_string_equal(fixture_find(fixture, 1)->state, "in the log");
    else
        assert_int_equal(fixture->found_count, RESTORED);
    fixture_close(fixture);
    restore_well(fixture, backup_of(fixture), kept);
    assert_int_equal(sql_number(store_path(fixture), "SELECT count(*) FROM handoff"), RESTORED);
    fixture_move(fixture);
    make_old(fixture);
}

static void leaves_the_old_or_the_new_one_when_it_is_killed_at_any_step(void **state)
{
    struct store_fixture *fixture = *state;
    make_both(fixture);
    at_every_call(fixture, true, restore_somehow, look);
}

static void leaves_the_old_or_the_new_one_when_any_step_fails(void **state)
{
    struct store_fixture *fixture = *state;
    make_both(fixture);
    at_every_call(fixture, false, restore_somehow, look);
}

int main(void)
{
    const struct store_factory *factory = &sqlite_factory;
    const struct CMUnitTest tests[] = {
        STORE_TEST(keeps_what_was_only_in_the_log),
        STORE_TEST(the_backup_stays_as_it_was),
        STORE_TEST(restores_a_backup_with_a_log),
        STORE_TEST(follows_a_link_to_the_store),
        STORE_TEST(refuses_the_store_itself_and_what_is_no_store),
        STORE_TEST(refuses_a_damaged_backup),
        STORE_TEST(leaves_no_store_where_none_was),
        STORE_TEST(replaces_a_damaged_store_and_keeps_all_of_it),
        STORE_TEST(keeps_a_log_that_has_lost_its_store),
        STORE_TEST(leaves_the_old_or_the_new_one_when_it_is_killed_at_any_step),
        STORE_TEST(leaves_the_old_or_the_new_one_when_any_step_fails),
    };
    return cmocka_run_group_tests_name("store_restore", tests, failing_disk_install, NULL);
}
