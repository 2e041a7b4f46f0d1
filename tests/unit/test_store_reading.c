/* test_store_reading - the connections that only read: they write nothing, checkpoint nothing, and
 * find what they look for without going through everything. */
#include "store_files.h"

#include <pthread.h>
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/memory.h"

/* ---- what SQLite is asked, by every connection that is opened */

enum { STATEMENTS_MOST = 64, TEXT_MOST = 2048 };

static struct {
    pthread_mutex_t mutex;
    char texts[STATEMENTS_MOST][TEXT_MOST];
    size_t count;
} heard = {.mutex = PTHREAD_MUTEX_INITIALIZER};

static int on_statement(unsigned kind, void *context, void *statement, void *comment)
{
    (void)kind;
    (void)context;
    (void)comment;
    const char *text = sqlite3_sql(statement);
    size_t i = 0;
    pthread_mutex_lock(&heard.mutex);
    while (i < heard.count && strcmp(heard.texts[i], text) != 0)
        i++;
    if (i == heard.count && i < STATEMENTS_MOST && strlen(text) < TEXT_MOST)
        strcpy(heard.texts[heard.count++], text);
    pthread_mutex_unlock(&heard.mutex);
    return 0;
}

static int listen_to(sqlite3 *db, const char **message, const void *functions)
{
    (void)message;
    (void)functions;
    return sqlite3_trace_v2(db, SQLITE_TRACE_STMT, on_statement, NULL);
}

/* ---- */

static void on_answered(struct store_query *query)
{
    assert_false(query->is_failed);
    store_query_finish(query);
}

static void on_ids(struct store_ids_query *query)
{
    assert_false(query->is_failed);
    store_ids_finish(query);
}

static void ask_everything(struct store_fixture *fixture)
{
    struct store_query queries[] = {
        {.number = 5, .has_story = true},
        {.question = STORE_DUE, .until_ms = 10, .limit = 10},
        {.question = STORE_LATEST, .limit = 10},
        {.question = STORE_LATEST, .limit = 10, .state = "held", .vendor = "ana"},
        {.question = STORE_LATEST, .limit = 10, .is_unfinished = true},
    };
    struct store_ids_query ids = {.number = 5, .channel = "a", .address = "b", .on_done = on_ids};
    for (size_t i = 0; i < COUNT_OF(queries); i++) {
        queries[i].on_done = on_answered;
        store_ask(fixture->store, &queries[i]);
    }
    store_ask_ids(fixture->store, &ids);
    fixture_close(fixture); /* waits for the answers */
}

/* Whether a line of a query's plan goes through a whole table. The indexes of what is unfinished
 * hold nothing else. */
static bool is_slow(const char *line)
{
    return strncmp(line, "SCAN", 4) == 0 && strstr(line, "INDEX handoff_open") == NULL &&
           strstr(line, "INDEX handoff_resting") == NULL;
}

static void assert_fast(sqlite3 *db, const char *text)
{
    sqlite3_stmt *rows = NULL;
    char *sql = sqlite3_mprintf("EXPLAIN QUERY PLAN %s", text);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &rows, NULL), SQLITE_OK);
    while (sqlite3_step(rows) == SQLITE_ROW) {
        const char *line = (const char *)sqlite3_column_text(rows, 3);
        if (is_slow(line))
            fail_msg("%s: %s", line, text);
    }
    sqlite3_finalize(rows);
    sqlite3_free(sql);
}

static void no_question_goes_through_everything(void **state)
{
    struct store_fixture *fixture = *state;
    sqlite3 *db = NULL;
    size_t questions = 0;
    fixture_open(fixture);
    assert_int_equal(fixture_store(fixture, promise_handoff(fixture, 5)), STORE_STORED);
    sqlite3_auto_extension((void (*)(void))listen_to);
    ask_everything(fixture);
    sqlite3_cancel_auto_extension((void (*)(void))listen_to);
    assert_int_equal(sqlite3_open(store_path(fixture), &db), SQLITE_OK);
    for (size_t i = 0; i < heard.count; i++) {
        if (strncmp(heard.texts[i], "SELECT", 6) != 0)
            continue;
        questions++;
        assert_fast(db, heard.texts[i]);
    }
    sqlite3_close(db);
    assert_true(questions >= 7); /* they were heard */
}

/* ---- what a start asks: SQLite counts the instructions of its machine */

enum { DAY_MS = 24 * 60 * 60 * 1000, NOW_MS = 9 * DAY_MS, RECENT = 20 };

static int on_instruction(void *context)
{
    ++*(int64_t *)context;
    return 0;
}

static int64_t instructions;

static int count_instructions(sqlite3 *db, const char **message, const void *functions)
{
    (void)message;
    (void)functions;
    sqlite3_progress_handler(db, 1, on_instruction, &instructions);
    return SQLITE_OK;
}

static void on_started(void *context, int64_t started_ms)
{
    assert_true(started_ms >= NOW_MS - DAY_MS);
    ++*(size_t *)context;
}

/* Handoffs `from` to `to`, all done and each told once. */
static void put_done(struct store_fixture *fixture, int from, int to, int64_t received_ms)
{
    const char *numbers = arena_format(
        fixture->arena,
        "WITH RECURSIVE n(i) AS (SELECT %d UNION ALL SELECT i + 1 FROM n WHERE i < %d)", from, to);
    sql_run(store_path(fixture),
            arena_format(fixture->arena,
                         "%s INSERT INTO handoff (number, state, wake, received_ms, "
                         "request_digest) SELECT i, 'notified', 0, %lld, 0 FROM n",
                         numbers, (long long)received_ms));
    sql_run(store_path(fixture),
            arena_format(fixture->arena,
                         "%s INSERT INTO attempt (handoff, number, state, vendor, channel, "
                         "address, code, tries, due_ms, started_ms) SELECT i, 1, 'sent', 'ana', "
                         "'whatsapp', '-', 0, 1, 0, %lld FROM n",
                         numbers, (long long)received_ms));
}

static int64_t instructions_to_count_the_day(struct store_fixture *fixture)
{
    struct error error = {"no error was set"};
    size_t count = 0;
    sqlite3_auto_extension((void (*)(void))count_instructions);
    fixture_open(fixture);
    sqlite3_cancel_auto_extension((void (*)(void))count_instructions);
    instructions = 0;
    assert_true(
        store_started(fixture->store, "whatsapp", NOW_MS - DAY_MS, on_started, &count, &error));
    assert_int_equal(count, RECENT);
    int64_t counted = instructions;
    fixture_close(fixture);
    return counted;
}

static void counting_a_day_takes_as_long_however_much_came_before(void **state)
{
    struct store_fixture *fixture = *state;
    fixture_open(fixture);
    fixture_close(fixture);
    put_done(fixture, 1, 10, DAY_MS);
    put_done(fixture, 1000001, 1000000 + RECENT, NOW_MS);
    int64_t before = instructions_to_count_the_day(fixture);
    put_done(fixture, 11, 10000, DAY_MS);
    assert_true(before > RECENT);
    assert_int_equal(instructions_to_count_the_day(fixture), before);
}

/* ---- nothing is written */

static int64_t size_of(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 ? status.st_size : -1;
}

/* Whoever closes last folds the log into the store: never one that only reads. */
static void a_reader_leaves_the_log_alone(void **state)
{
    struct store_fixture *fixture = *state;
    struct error error = {"no error was set"};
    const char *before = fixture_file(fixture, "before.db");
    const char *log = fixture_file(fixture, "before.db-wal");
    fixture_open(fixture);
    assert_int_equal(fixture_store(fixture, promise_handoff(fixture, 1)), STORE_STORED);
    fixture_close(fixture);
    sql_run_into_log(fixture, "UPDATE handoff SET state = 'in the log'");
    copy_file(store_path(fixture), before);
    copy_file(store_beside(fixture, "-wal"), log);
    for (int i = 0; i < 2; i++) {
        struct store_query query = {.number = 1};
        struct store_reader *reader = store_reader_open(store_path(fixture), &error);
        assert_non_null(reader);
        store_reader_ask(reader, &query);
        assert_string_equal(query.found[0].state, "in the log");
        store_query_finish(&query);
        store_reader_close(reader);
        assert_same_file(store_path(fixture), before);
        assert_same_file(store_beside(fixture, "-wal"), log);
    }
}

static void a_reader_of_a_closed_store_leaves_no_file(void **state)
{
    struct store_fixture *fixture = *state;
    struct error error = {"no error was set"};
    fixture_open(fixture);
    fixture_close(fixture);
    for (size_t i = 0; i < 2; i++) {
        struct store_reader *reader = store_reader_open(store_path(fixture), &error);
        assert_non_null(reader);
        assert_false(is_file(store_beside(fixture, "-wal")));
        assert_false(is_file(store_beside(fixture, "-shm")));
        store_reader_close(reader);
    }
}

static void the_writer_cleans_up_after_questions_and_backups(void **state)
{
    struct store_fixture *fixture = *state;
    fixture_open(fixture);
    assert_int_equal(fixture_store(fixture, promise_handoff(fixture, 5)), STORE_STORED);
    assert_true(size_of(store_beside(fixture, "-wal")) > 0);
    ask_everything(fixture);
    assert_false(is_file(store_beside(fixture, "-wal")));
    assert_false(is_file(store_beside(fixture, "-shm")));
    assert_int_equal(sql_number(store_path(fixture), "SELECT count(*) FROM handoff"), 1);
}

static void odd_paths_are_read_as_they_are(void **state)
{
    struct store_fixture *fixture = *state;
    static const char *const names[] = {"a?b.db", "a#b.db", "a%41.db", "a'b \"c\".db", "ñ.db"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        struct error error = {"no error was set"};
        const char *path = fixture_file(fixture, names[i]);
        struct store *store = store_open(fixture->loop, path, &error);
        if (store == NULL)
            fail_msg("%s", error.message);
        store_close(store, NULL, NULL);
        loop_run(fixture->loop);
        struct store_reader *reader = store_reader_open(path, &error);
        if (reader == NULL)
            fail_msg("%s", error.message);
        store_reader_close(reader);
    }
}

/* ---- backups */

static void on_backed_up(void *context, const struct error *error)
{
    struct store_fixture *fixture = context;
    (void)error;
    fixture->under_way = 0;
    loop_stop(fixture->loop);
}

static const char *back_up(struct store_fixture *fixture)
{
    const char *path = fixture_file(fixture, "one.backup");
    fixture->under_way = 1;
    store_backup(fixture->store, path, on_backed_up, fixture);
    fixture_wait(fixture);
    return path;
}

static void a_backup_is_one_file_of_its_owner_alone(void **state)
{
    struct store_fixture *fixture = *state;
    struct stat status;
    fixture_open(fixture);
    assert_int_equal(fixture_store(fixture, promise_handoff(fixture, 1)), STORE_STORED);
    write_file(fixture_file(fixture, "one.backup.partial"), "what a crash left");
    const char *path = back_up(fixture);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    assert_int_equal(status.st_nlink, 1);
    assert_false(is_file(fixture_file(fixture, "one.backup.partial")));
    assert_false(is_file(fixture_file(fixture, "one.backup-wal")));
    assert_int_equal(sql_number(path, "SELECT count(*) FROM handoff"), 1);
    assert_int_equal(sql_number(path, "SELECT count(*) FROM pragma_quick_check WHERE "
                                      "quick_check = 'ok'"),
                     1);
}

static void back_up_somehow(struct store_fixture *fixture)
{
    fixture_open(fixture);
    back_up(fixture);
    fixture_close(fixture);
}

/* A file of that name is a whole backup. */
static void look_at_backup(struct store_fixture *fixture)
{
    const char *path = fixture_file(fixture, "one.backup");
    if (is_file(path))
        assert_int_equal(sql_number(path, "SELECT count(*) FROM handoff"), 1);
    unlink(path);
    fixture_open(fixture);
    fixture_recover(fixture, 0);
    assert_int_equal(fixture->found_count, 1);
    fixture_close(fixture);
}

static void is_whole_or_not_there_when_it_is_killed_at_any_step(void **state)
{
    struct store_fixture *fixture = *state;
    fixture_open(fixture);
    assert_int_equal(fixture_store(fixture, promise_handoff(fixture, 1)), STORE_STORED);
    fixture_close(fixture);
    at_every_call(fixture, true, back_up_somehow, look_at_backup);
}

int main(void)
{
    const struct store_factory *factory = &sqlite_factory;
    const struct CMUnitTest tests[] = {
        STORE_TEST(no_question_goes_through_everything),
        STORE_TEST(counting_a_day_takes_as_long_however_much_came_before),
        STORE_TEST(a_reader_leaves_the_log_alone),
        STORE_TEST(a_reader_of_a_closed_store_leaves_no_file),
        STORE_TEST(the_writer_cleans_up_after_questions_and_backups),
        STORE_TEST(odd_paths_are_read_as_they_are),
        STORE_TEST(a_backup_is_one_file_of_its_owner_alone),
        STORE_TEST(is_whole_or_not_there_when_it_is_killed_at_any_step),
    };
    return cmocka_run_group_tests_name("store_reading", tests, failing_disk_install, NULL);
}
