/* sqlite_factory - each call with the path of the one file. */
#include "sqlite_factory.h"

#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "scratch_folder.h"
#include "store/schema.h"

static void *create_place(void)
{
    return scratch_folder_create();
}

static void destroy_place(void *place)
{
    scratch_folder_remove(place);
}

const char *path_in(const char *folder, const char *name, char path[static 256])
{
    snprintf(path, 256, "%s/%s", folder, name);
    return path;
}

static struct store *open_place(void *place, struct loop *loop, struct error *error)
{
    char path[256];
    return store_open(loop, path_in(place, "handoffd.db", path), error);
}

static bool peek_turns(void *place, void (*on_turn)(void *context, const struct store_turn *turn),
                       void *context, struct error *error)
{
    char path[256];
    return store_peek_turns(path_in(place, "handoffd.db", path), on_turn, context, error);
}

static struct store_reader *open_reader(void *place, struct error *error)
{
    char path[256];
    return store_reader_open(path_in(place, "handoffd.db", path), error);
}

static bool restore(void *place, const char *backup, const char *parked_state, const char *stuck,
                    char *kept, size_t kept_size, int64_t *parked, struct error *error)
{
    char path[256];
    return store_restore(path_in(place, "handoffd.db", path), backup, parked_state, stuck, kept,
                         kept_size, parked, error);
}

static void make_older(void *place)
{
    char path[256];
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(path_in(place, "handoffd.db", path), &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, schema_steps[0], NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "PRAGMA user_version = 1", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

static void make_newer(void *place)
{
    char path[256];
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(path_in(place, "handoffd.db", path), &db), SQLITE_OK);
    assert_int_equal(
        sqlite3_exec(db, "CREATE TABLE later (x); PRAGMA user_version = 1000", NULL, NULL, NULL),
        SQLITE_OK);
    sqlite3_close(db);
}

const struct store_factory sqlite_factory = {
    .create_place = create_place,
    .destroy_place = destroy_place,
    .open = open_place,
    .open_reader = open_reader,
    .peek_turns = peek_turns,
    .restore = restore,
    .make_older = make_older,
    .make_newer = make_newer,
    .set_disk = failing_disk_set,
};
