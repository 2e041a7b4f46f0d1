/* sqlite - the few SQLite calls of the store, each with its failure in words. */
#ifndef STORE_SQLITE_H
#define STORE_SQLITE_H

#include <sqlite3.h>

#include "base/error.h"

/* Opens with WAL and synchronous=FULL, or says why not. NULL on failure. */
sqlite3 *sqlite_open(const char *path, struct error *error) MUST_CHECK;

bool sqlite_run(sqlite3 *db, const char *sql, struct error *error) MUST_CHECK;
sqlite3_stmt *sqlite_prepare(sqlite3 *db, const char *sql, struct error *error) MUST_CHECK;

/* NULL binds NULL. The text stays the caller's. */
void sqlite_bind_text(sqlite3_stmt *statement, int index, const char *text);

/* Brings a new or older database to the newest schema; refuses a newer one. */
bool sqlite_migrate(sqlite3 *db, const char *path, struct error *error) MUST_CHECK;

/* For CLEANUP: finalizes a statement that lives in one function. */
void sqlite_finalize(sqlite3_stmt **statement);

#endif
