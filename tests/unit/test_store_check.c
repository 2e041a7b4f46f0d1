/* test_store_check - what `handoffd verify` asks of the database itself: each fault is found, and
 * said in words. */
#include "store_files.h"

#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "store/sqlite_check.h"
#include "store_sample.h"

static bool check(struct store_fixture *fixture, struct error *error)
{
    struct store_reader *reader = fixture->factory->open_reader(fixture->place, error);
    if (reader == NULL)
        fail_msg("%s", error->message);
    bool is_sound = store_reader_check(reader, error);
    store_reader_close(reader);
    return is_sound;
}

static void assert_sound(struct store_fixture *fixture)
{
    struct error error = {"no error was set"};
    if (!check(fixture, &error))
        fail_msg("%s", error.message);
}

static void assert_fault(struct store_fixture *fixture, const char *fault)
{
    struct error error = {"no error was set"};
    assert_false(check(fixture, &error));
    assert_string_equal(error.message, fault);
}

/* A store with every kind of row, in one file. */
static void make_sample(struct store_fixture *fixture)
{
    fixture_open(fixture);
    store_sample_write(fixture);
    fixture_close(fixture);
}

static void finds_no_fault_in_a_store_that_has_none(void **state)
{
    struct store_fixture *fixture = *state;
    fixture_open(fixture);
    assert_sound(fixture); /* empty, and beside the daemon */
    store_sample_write(fixture);
    assert_sound(fixture);
    fixture_close(fixture);
    assert_sound(fixture);
    copy_file(store_of_version(fixture, 1), store_path(fixture));
    fixture_open(fixture);
    assert_sound(fixture); /* brought up */
}

/* ---- rows that belong to nothing */

static void says_in_both_languages_what_is_wrong(void **state)
{
    struct store_fixture *fixture = *state;
    static const struct {
        const char *sql;
        const char *english;
        const char *spanish;
    } cases[] = {
        {"UPDATE attempt SET handoff = 99 WHERE handoff = 5", "3 attempts belong to no handoff",
         "3 intentos no son de ninguna solicitud"},
        {"UPDATE event SET handoff = 99 WHERE handoff = 3", "2 events belong to no handoff",
         "2 eventos no son de ninguna solicitud"},
        {"UPDATE customer SET handoff = handoff + 100", "9 customers belong to no handoff",
         "9 clientes no son de ninguna solicitud"},
        {"UPDATE attempt SET message_id = 'SM' || (handoff % 2)",
         "2 messages of a provider stand for more than one attempt",
         "2 mensajes de un proveedor están en más de un intento"},
        {"DELETE FROM handoff", "9 attempts belong to no handoff", /* the first fault, no more */
         "9 intentos no son de ninguna solicitud"},
    };
    make_sample(fixture);
    copy_file(store_path(fixture), fixture_file(fixture, "sound.db"));
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        copy_file(fixture_file(fixture, "sound.db"), store_path(fixture));
        assert_sound(fixture);
        sql_run(store_path(fixture), cases[i].sql);
        assert_fault(fixture, cases[i].english);
        setenv("LC_ALL", "es_MX.UTF-8", 1);
        assert_fault(fixture, cases[i].spanish);
        setenv("LC_ALL", "C", 1);
    }
}

static void takes_no_offence_at_what_may_be(void **state)
{
    struct store_fixture *fixture = *state;
    static const char *const fine[] = {
        "UPDATE attempt SET message_id = NULL",
        "UPDATE attempt SET message_id = 'SM1', channel = 'c' || handoff || '-' || number",
        "DELETE FROM customer", /* whoever erases a customer */
        "DELETE FROM event",
        "DELETE FROM attempt",
        "UPDATE handoff SET state = 'nobody knows it', wake = 0",
    };
    make_sample(fixture);
    for (size_t i = 0; i < COUNT_OF(fine); i++) {
        sql_run(store_path(fixture), fine[i]);
        assert_sound(fixture);
    }
}

/* ---- pages and indexes: SQLite's words */

/* One that is missing there is never taken up again, and nothing else shows it. */
static void finds_what_an_index_has_lost(void **state)
{
    struct store_fixture *fixture = *state;
    make_sample(fixture);
    sql_run(store_path(fixture),
            "PRAGMA writable_schema = ON; "
            "UPDATE sqlite_schema SET sql = replace(sql, 'wake = 1', 'wake IN (1, 0)') "
            "WHERE name = 'handoff_open'");
    assert_fault(fixture, "store: row 1 missing from index handoff_open");
}

static void finds_a_value_that_its_column_may_not_have(void **state)
{
    struct store_fixture *fixture = *state;
    make_sample(fixture);
    sql_run(store_path(fixture),
            "PRAGMA writable_schema = ON; "
            "UPDATE sqlite_schema SET sql = replace(sql, 'fields             TEXT', "
            " 'fields INTEGER') WHERE name = 'customer'");
    assert_fault(fixture, "store: non-INTEGER value in customer.fields");
}

/* The last page of a table that is checked only by being read. */
static void finds_a_damaged_page(void **state)
{
    struct store_fixture *fixture = *state;
    make_sample(fixture);
    int64_t page = sql_number(store_path(fixture),
                              "SELECT rootpage FROM sqlite_schema WHERE name = 'customer'");
    int64_t size = sql_number(store_path(fixture), "PRAGMA page_size");
    struct error error = {"no error was set"};
    overwrite(store_path(fixture), (long)((page - 1) * size) + 8, 64, 0xee);
    assert_false(check(fixture, &error));
    assert_says(&error, "page ");
    assert_null(strchr(error.message, '\n'));
}

/* ---- a check that cannot be made is not a sound store */

static void says_why_it_cannot_read(void **state)
{
    struct store_fixture *fixture = *state;
    struct error error = {"no error was set"};
    make_sample(fixture);
    struct store_reader *reader = fixture->factory->open_reader(fixture->place, &error);
    assert_non_null(reader);
    fixture->factory->set_disk(DISK_UNREADABLE);
    assert_false(store_reader_check(reader, &error));
    if (strstr(error.message, "store: Tree ") == NULL) /* newer SQLite says where, too */
        assert_says(&error, "store: Page ");
    assert_says(&error, "unable to get the page");
    fixture->factory->set_disk(DISK_FINE);
    store_reader_close(reader);
}

static void says_which_table_is_missing(void **state)
{
    struct error error = {"no error was set"};
    sqlite3 *db = NULL;
    (void)state;
    assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
    assert_false(sqlite_check(db, &error));
    assert_says(&error, "no such table: attempt");
    sqlite3_close(db);
}

int main(void)
{
    const struct store_factory *factory = &sqlite_factory;
    const struct CMUnitTest tests[] = {
        STORE_TEST(finds_no_fault_in_a_store_that_has_none),
        STORE_TEST(says_in_both_languages_what_is_wrong),
        STORE_TEST(takes_no_offence_at_what_may_be),
        STORE_TEST(finds_what_an_index_has_lost),
        STORE_TEST(finds_a_value_that_its_column_may_not_have),
        STORE_TEST(finds_a_damaged_page),
        STORE_TEST(says_why_it_cannot_read),
        cmocka_unit_test(says_which_table_is_missing),
    };
    return cmocka_run_group_tests_name("store_check", tests, failing_disk_install, NULL);
}
