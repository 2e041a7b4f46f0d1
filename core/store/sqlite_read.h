/* sqlite_read - what a start reads from the database: the handoffs to take up, and the last turns.
 */
#ifndef STORE_SQLITE_READ_H
#define STORE_SQLITE_READ_H

#include <sqlite3.h>

#include "store/store.h"

/* As store_recover. */
bool sqlite_read_found(sqlite3 *db, int64_t since_ms, int64_t keyed_since_ms,
                       void (*on_found)(void *context, const struct store_found *found),
                       void *context, struct error *error) MUST_CHECK;

/* As store_turns. */
bool sqlite_read_turns(sqlite3 *db, void (*on_turn)(void *context, const struct store_turn *turn),
                       void *context, struct error *error) MUST_CHECK;

#endif
