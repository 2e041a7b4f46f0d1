/* sqlite_schema - which schema a database has, and how an older one comes to this version's. */
#ifndef STORE_SQLITE_SCHEMA_H
#define STORE_SQLITE_SCHEMA_H

#include <sqlite3.h>

#include "base/error.h"

/* 0: the database is empty. -1 with an error: it cannot be read, or is a database of something
 * else, or was written by a newer handoffd. `path` is for the error. */
int sqlite_schema_version(sqlite3 *db, const char *path, struct error *error) MUST_CHECK;

/* Where the store has an older schema: a complete copy `<path>.schema-<N>` beside it, N being its
 * version (or `<path>.schema-<N>.2` and so on, where there is one already). */
bool sqlite_schema_keep(sqlite3 *db, const char *path, struct error *error) MUST_CHECK;

/* Brings an empty or older database to this version's schema, step by step. */
bool sqlite_schema_migrate(sqlite3 *db, const char *path, struct error *error) MUST_CHECK;

#endif
