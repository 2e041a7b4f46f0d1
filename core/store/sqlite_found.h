/* sqlite_found - one handoff as a whole: its row, its customer, its attempts, its story. */
#ifndef STORE_SQLITE_FOUND_H
#define STORE_SQLITE_FOUND_H

#include <sqlite3.h>

#include "store/store.h"

struct finder;

/* The statements, on this connection. NULL on failure. */
struct finder *finder_create(sqlite3 *db, struct error *error) MUST_CHECK;

/* Before the connection is closed. NULL is fine. */
void finder_destroy(struct finder *finder);

enum find_also { FIND_NO_MORE, FIND_STORY, FIND_KEYS };

enum find_result {
    FIND_FOUND,
    FIND_NONE, /* no such handoff */
    FIND_FAILED
};

/* Everything is copied to the arena. */
enum find_result finder_find(struct finder *finder, int64_t number, enum find_also also,
                             struct arena *arena, struct store_found *found,
                             struct error *error) MUST_CHECK;

#endif
