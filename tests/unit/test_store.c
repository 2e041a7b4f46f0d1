/* test_store - the SQLite store: the conformance suite, and what is special to a database in a
 * file. */
#include "sqlite_factory.h"

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
#include "scratch_folder.h"

/* ---- what is special to a file */

struct file_fixture {
    char *folder;
    struct loop *loop;
};

static int file_setup(void **state)
{
    struct file_fixture *fixture = memory_zeroed(1, sizeof *fixture);
    fixture->folder = scratch_folder_create();
    fixture->loop = loop_create();
    setenv("LC_ALL", "C", 1);
    failing_disk_set(DISK_FINE);
    *state = fixture;
    return 0;
}

static int file_teardown(void **state)
{
    struct file_fixture *fixture = *state;
    loop_destroy(fixture->loop);
    scratch_folder_remove(fixture->folder);
    free(fixture);
    return 0;
}

static void makes_its_folder_for_its_owner_alone(void **state)
{
    struct file_fixture *fixture = *state;
    char path[256];
    struct stat status;
    struct error error = {"no error was set"};
    struct store *store =
        store_open(fixture->loop, path_in(fixture->folder, "data/a.db", path), &error);
    if (store == NULL)
        fail_msg("%s", error.message);
    store_close(store, NULL, NULL);
    loop_run(fixture->loop);
    assert_int_equal(stat(path_in(fixture->folder, "data", path), &status), 0);
    assert_int_equal(status.st_mode & 0777, 0700);
}

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void says_why_it_cannot_be_opened(void **state)
{
    struct file_fixture *fixture = *state;
    static const struct {
        const char *name;
        const char *said;
    } cases[] = {
        {"no/such/folder.db", "cannot create the folder"},
        {"plain/handoffd.db", "cannot create"},
        {"folder", "unable to open"},
        {"text.db", "not a database"},
    };
    char path[256];
    write_file(path_in(fixture->folder, "plain", path), "");
    write_file(path_in(fixture->folder, "text.db", path),
               "this is a shopping list, not a database\n");
    assert_int_equal(mkdir(path_in(fixture->folder, "folder", path), 0700), 0);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct error error = {"no error was set"};
        assert_null(
            store_open(fixture->loop, path_in(fixture->folder, cases[i].name, path), &error));
        if (strstr(error.message, cases[i].said) == NULL)
            fail_msg("%s: %s", cases[i].name, error.message);
    }
}

/* One store, whatever it is called: also where the link was there before the database. */
static void is_one_store_under_two_names(void **state)
{
    struct file_fixture *fixture = *state;
    char database[256];
    char link[256];
    path_in(fixture->folder, "handoffd.db", database);
    path_in(fixture->folder, "link.db", link);
    assert_int_equal(symlink(database, link), 0);
    const char *const names[] = {database, link};
    bool are_two = false;
    for (size_t first = 0; first < 3; first++) {
        struct error error = {"no error was set"};
        struct store *store = store_open(fixture->loop, first == 1 ? database : link, &error);
        if (store == NULL)
            fail_msg("%s", error.message);
        for (size_t second = 0; second < COUNT_OF(names); second++) {
            struct store *another = store_open(fixture->loop, names[second], &error);
            if (another != NULL)
                store_close(another, NULL, NULL);
            are_two = are_two || another != NULL;
        }
        store_close(store, NULL, NULL);
        loop_run(fixture->loop);
        assert_false(are_two);
    }
}

static void on_turn(void *context, const struct store_turn *turn)
{
    (void)turn;
    (*(int *)context)++;
}

static void peeking_creates_nothing(void **state)
{
    struct file_fixture *fixture = *state;
    char path[256];
    int turns = 0;
    struct error error;
    assert_true(
        store_peek_turns(path_in(fixture->folder, "none.db", path), on_turn, &turns, &error));
    assert_int_equal(access(path, F_OK), -1);
    write_file(path_in(fixture->folder, "text.db", path), "this is a shopping list\n");
    assert_false(store_peek_turns(path, on_turn, &turns, &error));
    assert_int_equal(turns, 0);
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, file_setup, file_teardown)
    const struct CMUnitTest tests[] = {
        TEST(makes_its_folder_for_its_owner_alone),
        TEST(says_why_it_cannot_be_opened),
        TEST(is_one_store_under_two_names),
        TEST(peeking_creates_nothing),
    };
    int failed = cmocka_run_group_tests_name("sqlite", tests, failing_disk_install, NULL);
    return failed + store_conformance_run(&sqlite_factory);
}
