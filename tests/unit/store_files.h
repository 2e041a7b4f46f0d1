/* store_files - what a test does to the files of an SQLite store behind its back. */
#ifndef TESTS_STORE_FILES_H
#define TESTS_STORE_FILES_H

#include <stdbool.h>
#include <stdint.h>

#include "sqlite_factory.h"
#include "store_fixture.h"

/* The path of the store in the fixture's place, or of a file beside it: in the fixture's arena. */
const char *store_path(struct store_fixture *fixture);
const char *store_beside(struct store_fixture *fixture, const char *suffix);

/* tests/unit/data/store-<version>.db. */
const char *store_of_version(struct store_fixture *fixture, int version);

void copy_file(const char *from, const char *to);
void write_file(const char *path, const char *text);
bool is_file(const char *path);
void assert_same_file(const char *one, const char *other);

/* Writes `length` times `byte` over what is at `offset`. */
void overwrite(const char *path, long offset, size_t length, int byte);

/* Through a connection of its own, opened for this alone. */
void sql_run(const char *path, const char *sql);
int64_t sql_number(const char *path, const char *sql);

/* The same, with `other` attached as `old`. */
int64_t sql_number_beside(const char *path, const char *other, const char *sql);

/* Runs it on the fixture's store, which is closed, and leaves it in its log, as a power cut does.
 */
void sql_run_into_log(struct store_fixture *fixture, const char *sql);

/* Runs in a process of its own, with its `number`th call that changes files as dying_calls.h says,
 * for number = 1, 2, 3 ... until there are no more such calls; `look` follows each, here. */
void at_every_call(struct store_fixture *fixture, bool is_killed,
                   void (*run)(struct store_fixture *fixture),
                   void (*look)(struct store_fixture *fixture));

#endif
