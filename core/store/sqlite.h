/* sqlite - the few SQLite calls of the store, each with its failure in words. */
#ifndef STORE_SQLITE_H
#define STORE_SQLITE_H

#include <sqlite3.h>
#include <stdint.h>

#include "base/error.h"

enum { STORE_SECRET_BYTES = 16, SQLITE_REASON_BYTES = 256 };

/* Opens or creates a database to write to it. NULL on failure. */
sqlite3 *sqlite_open(const char *path, struct error *error) MUST_CHECK;

/* A write-ahead log, and each commit on disk when COMMIT returns. */
bool sqlite_make_durable(sqlite3 *db, const char *path, struct error *error) MUST_CHECK;

/* Opens a database to read it, beside the writing connection of this process or of another one.
 * Never writes and never checkpoints: SQLite before 3.51.3 may lose a log that two connections
 * write to or checkpoint at once. So it must be closed before a writing connection of the same
 * process, which then is the one that cleans up. */
sqlite3 *sqlite_open_beside(const char *path, struct error *error) MUST_CHECK;

/* The same, where perhaps nobody has it open; nothing is left behind then, not even a -shm file. */
sqlite3 *sqlite_open_to_read(const char *path, struct error *error) MUST_CHECK;

bool sqlite_run(sqlite3 *db, const char *sql, struct error *error) MUST_CHECK;
sqlite3_stmt *sqlite_prepare(sqlite3 *db, const char *sql, struct error *error) MUST_CHECK;

/* Of a statement that returned `result`: true where that is SQLITE_DONE, else the error is set. */
bool sqlite_is_done(sqlite3 *db, int result, struct error *error) MUST_CHECK;

/* Why the last call failed, with the system's reason where it has one. Returns `to`. */
const char *sqlite_reason(sqlite3 *db, char to[SQLITE_REASON_BYTES]);

/* Sets the error to what the database says. Always false. */
bool sqlite_fail(sqlite3 *db, struct error *error);

/* The first column of the only row; false also where there is none. */
bool sqlite_read_number(sqlite3 *db, const char *sql, int64_t *number,
                        struct error *error) MUST_CHECK;
bool sqlite_read_secret(sqlite3 *db, unsigned char secret[STORE_SECRET_BYTES],
                        struct error *error) MUST_CHECK;

/* The highest number that a handoff has, or that store_restore left out. */
bool sqlite_read_last_number(sqlite3 *db, int64_t *number, struct error *error) MUST_CHECK;

/* NULL binds NULL. The text stays the caller's. */
void sqlite_bind_text(sqlite3_stmt *statement, int index, const char *text);

/* NULL for NULL. Borrowed until the statement is stepped. */
const char *sqlite_column_text(sqlite3_stmt *statement, int column);

/* For CLEANUP of what lives in one function. */
void sqlite_finalize(sqlite3_stmt **statement);
void sqlite_close(sqlite3 **db);

#endif
