/* test_store_schema - a store that an older handoffd wrote is brought up, and nothing of it is lost
 * on the way. */
#include "store_files.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/memory.h"
#include "dying_calls.h"
#include "store/schema.h"
#include "store_sample.h"

/* ---- what the first version wrote */

static void put(struct store_fixture *fixture, int version)
{
    copy_file(store_of_version(fixture, version), store_path(fixture));
}

/* Every row of the first schema, and no other, is in what was brought up; only number 5 no longer
 * wants to be taken up, because it waits for somebody. */
static void assert_nothing_lost(struct store_fixture *fixture, const char *path, const char *old)
{
    static const char *const tables[][3] = {
        {"store", "name, value", "name, value"},
        {"handoff",
         "number, state, is_open AND number <> 5, received_ms, request_key, request_digest, 0",
         "number, state, wake, received_ms, request_key, request_digest, parent"},
        {"request_key", "*", "*"},
        {"customer", "*", "*"},
        {"attempt", "*, started_ms, 0, 0", "*"},
        {"event", "*", "*"},
        {"turn", "*", "*"},
    };
    for (size_t i = 0; i < COUNT_OF(tables); i++) {
        const char *rows =
            arena_format(fixture->arena, "SELECT %s FROM main.%s", tables[i][2], tables[i][0]);
        const char *old_rows =
            arena_format(fixture->arena, "SELECT %s FROM old.%s", tables[i][1], tables[i][0]);
        const char *sql = arena_format(
            fixture->arena,
            "SELECT (SELECT count(*) FROM (%s EXCEPT %s)) + (SELECT count(*) FROM (%s EXCEPT %s))",
            rows, old_rows, old_rows, rows);
        if (sql_number_beside(path, old, sql) != 0)
            fail_msg("%s is not what it was", tables[i][0]);
    }
}

static void finds_everything_that_the_first_version_wrote(void **state)
{
    struct store_fixture *fixture = *state;
    static const struct {
        const char *state;
        enum store_wake wake;
        size_t attempts;
        const char *attempt_state; /* this and the following: of the last one */
        const char *vendor;
        int64_t due_ms;
        int64_t events;
        const char *stuck;
    } handoffs[] = {
        {"notified", STORE_DONE, 1, "sent", "ana", 0, 2, NULL},
        {"notified", STORE_DONE, 2, "sent", "diego", 0, 4, NULL},
        {"exhausted", STORE_DONE, 3, "refused", "diego", 0, 6, "stuck exhausted"},
        {"assigned", STORE_OPEN, 1, "unknown", "diego", 0, 2, NULL},
        {"held", STORE_DONE, 1, "refused", "ana", 0, 2, "stuck channel whatsapp code 21617"},
        {"assigned", STORE_OPEN, 1, "deferred", "luis", 1795377576191, 2, NULL},
        {"held", STORE_OPEN, 1, "deferred", "diego", 1795374289954, 2, NULL},
    };
    put(fixture, 1);
    fixture_open(fixture);
    assert_int_equal(store_last_number(fixture->store), COUNT_OF(handoffs));
    fixture_recover(fixture, 0);
    assert_int_equal(fixture->found_count, COUNT_OF(handoffs));
    for (size_t i = 0; i < COUNT_OF(handoffs); i++) {
        const struct store_found *found = &fixture->found[i];
        const struct store_attempt *last = &found->attempts[found->attempt_count - 1];
        assert_int_equal(found->handoff.number, i + 1);
        assert_string_equal(found->state, handoffs[i].state);
        assert_int_equal(found->wake, handoffs[i].wake);
        assert_same_text(found->stuck, handoffs[i].stuck);
        assert_int_equal(found->attempt_count, handoffs[i].attempts);
        assert_string_equal(last->state, handoffs[i].attempt_state);
        assert_string_equal(last->vendor, handoffs[i].vendor);
        assert_int_equal(last->due_ms, handoffs[i].due_ms);
        assert_true(last->started_ms > 0);
        assert_int_equal(last->since_ms, last->started_ms);
        assert_int_equal(last->asked + found->crashes + found->due_ms, 0);
        assert_int_equal(found->handoff.parent, 0);
        assert_int_equal(found->events, handoffs[i].events);
    }
    assert_string_equal(fixture_find(fixture, 1)->keys, "1795373976494 1891079880220858707 k-2\n");
    assert_string_equal(fixture_find(fixture, 1)->handoff.user_name, "María González");
    fixture_recover(fixture, NEVER_SINCE);
    assert_int_equal(fixture->found_count, 3);
    fixture_close(fixture);
    assert_nothing_lost(fixture, store_path(fixture), store_of_version(fixture, 1));
}

/* ---- a copy comes first */

static void keeps_a_copy_of_what_it_changes(void **state)
{
    struct store_fixture *fixture = *state;
    struct stat status;
    static const char *const copies[] = {".schema-1", ".schema-1.2", ".schema-1.3"};
    for (size_t i = 0; i < COUNT_OF(copies); i++) {
        const char *copy = store_beside(fixture, copies[i]);
        assert_false(is_file(copy));
        put(fixture, 1);
        fixture_open(fixture);
        fixture_close(fixture);
        assert_int_equal(stat(copy, &status), 0);
        assert_int_equal(status.st_mode & 0777, 0600);
        assert_int_equal(sql_number(copy, "PRAGMA user_version"), 1);
        assert_nothing_lost(fixture, store_path(fixture), copy);
    }
    fixture_open(fixture); /* there is nothing to bring up now */
    assert_false(is_file(store_beside(fixture, ".schema-1.4")));
    assert_false(is_file(store_beside(fixture, ".schema-2")));
}

static void keeps_what_was_still_in_the_log(void **state)
{
    struct store_fixture *fixture = *state;
    static const char count[] = "SELECT turn FROM turn WHERE vendor = 'eva'";
    put(fixture, 1);
    sql_run_into_log(fixture, "INSERT INTO turn VALUES ('noche', 'eva', 5)");
    fixture_open(fixture);
    fixture_close(fixture);
    assert_int_equal(sql_number(store_beside(fixture, ".schema-1"), count), 5);
    assert_int_equal(sql_number(store_path(fixture), count), 5);
}

static void a_new_store_needs_no_copy(void **state)
{
    struct store_fixture *fixture = *state;
    fixture_open(fixture);
    assert_false(is_file(store_beside(fixture, ".schema-0")));
    assert_false(is_file(store_beside(fixture, ".schema-1")));
    fixture_close(fixture);
    assert_int_equal(sql_number(store_path(fixture), "PRAGMA user_version"), schema_count);
}

static void changes_nothing_where_no_copy_can_be_kept(void **state)
{
    struct store_fixture *fixture = *state;
    struct error error = {"no error was set"};
    put(fixture, 1);
    failing_disk_set(DISK_COPY_FULL);
    assert_null(fixture->factory->open(fixture->place, fixture->loop, &error));
    failing_disk_set(DISK_FINE);
    assert_says(&error, "no copy of it can be kept");
    assert_says(&error, "full");
    assert_int_equal(sql_number(store_path(fixture), "PRAGMA user_version"), 1);
    assert_false(is_file(store_beside(fixture, ".schema-1")));
    assert_false(is_file(store_beside(fixture, ".schema-1.partial")));
    fixture_open(fixture);
    fixture_recover(fixture, 0);
    assert_int_equal(fixture->found_count, 7);
}

/* ---- stopped in the middle */

static void open_older(struct store_fixture *fixture)
{
    struct error error;
    struct store *store = fixture->factory->open(fixture->place, fixture->loop, &error);
    if (store != NULL)
        store_close(store, NULL, NULL);
}

/* Whatever became of it, the next start finds everything, and a whole copy of what was changed. */
static void look_at_older(struct store_fixture *fixture)
{
    bool is_changed = sql_number(store_path(fixture), "PRAGMA user_version") != 1;
    const char *copy = store_beside(fixture, ".schema-1");
    assert_true(is_file(copy) || !is_changed);
    if (is_file(copy)) {
        assert_int_equal(sql_number(copy, "PRAGMA user_version"), 1);
        assert_int_equal(sql_number(copy, "SELECT count(*) FROM handoff"), 7);
    }
    fixture_open(fixture);
    fixture_recover(fixture, 0);
    assert_int_equal(fixture->found_count, 7);
    fixture_move(fixture);
    put(fixture, 1);
}

static void loses_nothing_when_it_is_killed_at_any_step(void **state)
{
    struct store_fixture *fixture = *state;
    put(fixture, 1);
    at_every_call(fixture, true, open_older, look_at_older);
}

static void loses_nothing_when_any_step_fails(void **state)
{
    struct store_fixture *fixture = *state;
    put(fixture, 1);
    at_every_call(fixture, false, open_older, look_at_older);
}

/* ---- what is not brought up */

static void leaves_a_database_of_something_else_alone(void **state)
{
    struct store_fixture *fixture = *state;
    static const char *const others[] = {
        "CREATE TABLE recipe (name TEXT)",
        "CREATE TABLE recipe (name TEXT); PRAGMA user_version = 1",
        "CREATE TABLE recipe (name TEXT); PRAGMA user_version = 2",
        "CREATE TABLE recipe (name TEXT); PRAGMA user_version = -1",
    };
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        struct error error = {"no error was set"};
        const char *before = fixture_file(fixture, "before.db");
        sql_run(store_path(fixture), others[i]);
        copy_file(store_path(fixture), before);
        assert_null(fixture->factory->open(fixture->place, fixture->loop, &error));
        assert_says(&error, "something else");
        assert_same_file(store_path(fixture), before);
        fixture_move(fixture);
    }
}

static void leaves_what_a_newer_handoffd_wrote_alone(void **state)
{
    struct store_fixture *fixture = *state;
    struct error error = {"no error was set"};
    const char *before = fixture_file(fixture, "before.db");
    put(fixture, 1);
    sql_run(store_path(fixture), "PRAGMA journal_mode=DELETE; PRAGMA user_version = 99");
    copy_file(store_path(fixture), before);
    assert_null(fixture->factory->open(fixture->place, fixture->loop, &error));
    assert_says(&error, "newer");
    assert_same_file(store_path(fixture), before);
}

/* ---- a store of every version */

static void opens_a_store_of_every_version(void **state)
{
    struct store_fixture *fixture = *state;
    for (int version = 1; version <= schema_count; version++) {
        const char *path = store_of_version(fixture, version);
        if (!is_file(path))
            fail_msg("%s is missing: HANDOFFD_MAKE_STORE=%s test_store_schema writes it", path,
                     path);
        put(fixture, version);
        assert_int_equal(sql_number(store_path(fixture), "PRAGMA user_version"), version);
        int64_t count = sql_number(store_path(fixture), "SELECT count(*) FROM handoff");
        assert_true(count >= 7);
        fixture_open(fixture);
        fixture_recover(fixture, 0);
        assert_int_equal(fixture->found_count, count);
        if (version > 1)
            assert_store_sample(fixture, version);
        fixture_move(fixture);
    }
}

static void finds_the_sample_where_it_was_written(void **state)
{
    struct store_fixture *fixture = *state;
    fixture_open(fixture);
    store_sample_write(fixture);
    fixture_reopen(fixture);
    assert_store_sample(fixture, schema_count);
}

/* ---- how data/store-N.db is made: a backup of the sample, in this version's schema */

static void on_written(void *context, const struct error *error)
{
    struct store_fixture *fixture = context;
    if (error != NULL)
        fail_msg("%s", error->message);
    fixture->under_way = 0;
    loop_stop(fixture->loop);
}

static void makes_a_store(void **state)
{
    struct store_fixture *fixture = *state;
    fixture_open(fixture);
    store_sample_write(fixture);
    fixture->under_way = 1;
    store_backup(fixture->store, getenv("HANDOFFD_MAKE_STORE"), on_written, fixture);
    fixture_wait(fixture);
}

static int make_store(const struct store_factory *factory)
{
    const struct CMUnitTest making[] = {STORE_TEST(makes_a_store)};
    return cmocka_run_group_tests_name("make_store", making, NULL, NULL);
}

int main(void)
{
    const struct store_factory *factory = &sqlite_factory;
    const struct CMUnitTest tests[] = {
        STORE_TEST(finds_everything_that_the_first_version_wrote),
        STORE_TEST(keeps_a_copy_of_what_it_changes),
        STORE_TEST(keeps_what_was_still_in_the_log),
        STORE_TEST(a_new_store_needs_no_copy),
        STORE_TEST(changes_nothing_where_no_copy_can_be_kept),
        STORE_TEST(loses_nothing_when_it_is_killed_at_any_step),
        STORE_TEST(loses_nothing_when_any_step_fails),
        STORE_TEST(leaves_a_database_of_something_else_alone),
        STORE_TEST(leaves_what_a_newer_handoffd_wrote_alone),
        STORE_TEST(finds_the_sample_where_it_was_written),
        STORE_TEST(opens_a_store_of_every_version),
    };
    if (getenv("HANDOFFD_MAKE_STORE") != NULL)
        return make_store(factory);
    return cmocka_run_group_tests_name("store_schema", tests, failing_disk_install, NULL);
}
