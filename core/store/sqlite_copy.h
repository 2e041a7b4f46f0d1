/* sqlite_copy - a whole database in a new file, or no file. */
#ifndef STORE_SQLITE_COPY_H
#define STORE_SQLITE_COPY_H

#include <sqlite3.h>

#include "base/error.h"

/* Writes all that is committed in `db` to a new file, its owner's alone (0600). It is written as
 * `<path>.partial` and fsynced; when it appears as `path` it is complete. Where `path` is there
 * already, or anything fails, nothing is left of it. Errors say what and why, not of which room. */
bool sqlite_copy(sqlite3 *db, const char *path, struct error *error) MUST_CHECK;

/* fsync of the folder that holds `path`: what was made, renamed or removed in it stays so. */
bool sqlite_sync_folder(const char *path, struct error *error) MUST_CHECK;

#endif
