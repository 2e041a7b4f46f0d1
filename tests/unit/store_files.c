/* store_files - plain files, SQLite's own calls, and child processes that die. */
#include "store_files.h"

#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/memory.h"
#include "dying_calls.h"

enum { CALLS_MOST = 500 };

const char *store_beside(struct store_fixture *fixture, const char *suffix)
{
    return arena_format(fixture->arena, "%s/handoffd.db%s", (char *)fixture->place, suffix);
}

const char *store_path(struct store_fixture *fixture)
{
    return store_beside(fixture, "");
}

const char *store_of_version(struct store_fixture *fixture, int version)
{
    return arena_format(fixture->arena, "tests/unit/data/store-%d.db", version);
}

/* ---- files */

static char *read_file(const char *path, long *length)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        fail_msg("cannot read %s", path);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    *length = ftell(file);
    rewind(file);
    char *bytes = memory_zeroed((size_t)*length + 1, 1);
    assert_int_equal(fread(bytes, 1, (size_t)*length, file), *length);
    fclose(file);
    return bytes;
}

void copy_file(const char *from, const char *to)
{
    long length = 0;
    CLEANUP(memory_free) char *bytes = read_file(from, &length);
    FILE *file = fopen(to, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, (size_t)length, file), length);
    assert_int_equal(fclose(file), 0);
}

void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

bool is_file(const char *path)
{
    return access(path, F_OK) == 0;
}

void assert_same_file(const char *one, const char *other)
{
    long first_length = 0;
    long second_length = 0;
    CLEANUP(memory_free) char *first = read_file(one, &first_length);
    CLEANUP(memory_free) char *second = read_file(other, &second_length);
    assert_int_equal(first_length, second_length);
    assert_memory_equal(first, second, (size_t)first_length);
}

void overwrite(const char *path, long offset, size_t length, int byte)
{
    FILE *file = fopen(path, "r+b");
    assert_non_null(file);
    assert_int_equal(fseek(file, offset, SEEK_SET), 0);
    for (size_t i = 0; i < length; i++)
        assert_true(fputc(byte, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

/* ---- SQL */

static sqlite3 *open_file(const char *path)
{
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    return db;
}

void sql_run(const char *path, const char *sql)
{
    sqlite3 *db = open_file(path);
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(db));
    sqlite3_close(db);
}

static int64_t number_of(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK ||
        sqlite3_step(statement) != SQLITE_ROW)
        fail_msg("%s: %s", sql, sqlite3_errmsg(db));
    int64_t number = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return number;
}

int64_t sql_number(const char *path, const char *sql)
{
    sqlite3 *db = open_file(path);
    int64_t number = number_of(db, sql);
    sqlite3_close(db);
    return number;
}

int64_t sql_number_beside(const char *path, const char *other, const char *sql)
{
    sqlite3 *db = open_file(path);
    char *attach = sqlite3_mprintf("ATTACH %Q AS old", other);
    assert_int_equal(sqlite3_exec(db, attach, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_free(attach);
    int64_t number = number_of(db, sql);
    sqlite3_close(db);
    return number;
}

void sql_run_into_log(struct store_fixture *fixture, const char *sql)
{
    const char *file = fixture_file(fixture, "with-log.db");
    const char *log = fixture_file(fixture, "with-log.db-wal");
    sqlite3 *db = open_file(store_path(fixture));
    assert_int_equal(sqlite3_exec(db, "PRAGMA journal_mode=WAL", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    copy_file(store_path(fixture), file);
    copy_file(store_beside(fixture, "-wal"), log);
    sqlite3_close(db);
    assert_int_equal(rename(file, store_path(fixture)), 0);
    assert_int_equal(rename(log, store_beside(fixture, "-wal")), 0);
}

/* ---- processes that die */

enum { RAN, DIED, CALLS_ENDED };

static int run_in_child(struct store_fixture *fixture, void (*run)(struct store_fixture *fixture),
                        enum dying dying, int number)
{
    int status = 0;
    pid_t id = fork();
    assert_true(id >= 0);
    if (id == 0) {
        fixture->loop = loop_create();
        dying_calls_set(dying, number);
        run(fixture);
        _exit(dying_calls_reached() ? RAN : CALLS_ENDED);
    }
    assert_int_equal(waitpid(id, &status, 0), id);
    assert_true(WIFEXITED(status) || WTERMSIG(status) == SIGKILL);
    return WIFEXITED(status) ? WEXITSTATUS(status) : DIED;
}

void at_every_call(struct store_fixture *fixture, bool is_killed,
                   void (*run)(struct store_fixture *fixture),
                   void (*look)(struct store_fixture *fixture))
{
    int number = 1;
    enum dying dying = is_killed ? CALLS_DIE : CALLS_FAIL;
    int ended = RAN;
    for (; ended != CALLS_ENDED; number++) {
        assert_true(number < CALLS_MOST);
        ended = run_in_child(fixture, run, dying, number);
        assert_true(ended != (is_killed ? RAN : DIED));
        look(fixture);
    }
    assert_true(number > 5);
}
