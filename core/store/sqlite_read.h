/* sqlite_read - what a start reads from the database, before the loop runs. */
#ifndef STORE_SQLITE_READ_H
#define STORE_SQLITE_READ_H

#include <sqlite3.h>

#include "store/store.h"

/* Each as its namesake in store.h. */
bool sqlite_recover(sqlite3 *db, int64_t since_ms, int64_t keyed_since_ms,
                    void (*on_found)(void *context, const struct store_found *found), void *context,
                    struct error *error) MUST_CHECK;
bool sqlite_addresses(sqlite3 *db,
                      void (*on_address)(void *context, const struct store_address *address),
                      void *context, struct error *error) MUST_CHECK;
bool sqlite_alerts(sqlite3 *db, void (*on_alert)(void *context, const struct store_alert *alert),
                   void *context, struct error *error) MUST_CHECK;
bool sqlite_api_keys(sqlite3 *db, void (*on_key)(void *context, const struct store_api_key *key),
                     void *context, struct error *error) MUST_CHECK;
bool sqlite_guesses(sqlite3 *db, int64_t since_ms,
                    void (*on_guess)(void *context, const struct store_guess *guess), void *context,
                    struct error *error) MUST_CHECK;
bool sqlite_stuck(sqlite3 *db, void (*on_stuck)(void *context, const char *stuck, int64_t count),
                  void *context, struct error *error) MUST_CHECK;
bool sqlite_started(sqlite3 *db, const char *channel, int64_t since_ms,
                    void (*on_started)(void *context, int64_t started_ms), void *context,
                    struct error *error) MUST_CHECK;
bool sqlite_turns(sqlite3 *db, void (*on_turn)(void *context, const struct store_turn *turn),
                  void *context, struct error *error) MUST_CHECK;

#endif
