/* sqlite_check - what must hold of the database whatever stands in it. */
#ifndef STORE_SQLITE_CHECK_H
#define STORE_SQLITE_CHECK_H

#include <sqlite3.h>

#include "base/error.h"

/* False: the first fault, in words. Reads every page. */
bool sqlite_check(sqlite3 *db, struct error *error) MUST_CHECK;

#endif
