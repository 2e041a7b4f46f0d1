/* sqlite_read - one statement for each list; the handoffs of a start one by one. */
#include "store/sqlite_read.h"

#include <stddef.h>

#include "base/memory.h"
#include "store/sqlite.h"
#include "store/sqlite_found.h"

enum { HANDOFF_BYTES = 4096 };

/* Numbers rise with the time of receiving: the last one that is too old bounds the search. */
static const char recover_text[] =
    "SELECT number FROM handoff WHERE wake = 1 UNION "
    "SELECT number FROM handoff h WHERE number > (SELECT ifnull(max(number), 0) FROM "
    " (SELECT number FROM handoff WHERE received_ms < min(?1, ?2) ORDER BY number DESC LIMIT 1)) "
    " AND (received_ms >= ?1 OR request_key IS NOT NULL OR "
    "  EXISTS (SELECT 1 FROM request_key k WHERE k.handoff = h.number)) "
    "ORDER BY 1";

/* Bounded as above; a day is for what was received before the time asked about, and tried after. */
static const char started_text[] =
    "SELECT started_ms FROM attempt WHERE handoff > (SELECT ifnull(max(number), 0) FROM "
    " (SELECT number FROM handoff WHERE received_ms < ?2 - 86400000 "
    "  ORDER BY number DESC LIMIT 1)) "
    "AND started_ms >= ?2 AND channel = ?1 AND tries > 0";

static bool recover_one(struct finder *finder, int64_t number,
                        void (*on_found)(void *context, const struct store_found *found),
                        void *context, struct error *error)
{
    struct store_found found;
    struct arena *arena = arena_create(HANDOFF_BYTES);
    enum find_result result = finder_find(finder, number, FIND_KEYS, arena, &found, error);
    if (result == FIND_FOUND)
        on_found(context, &found);
    arena_destroy(arena);
    return result != FIND_FAILED;
}

static bool recover_all(sqlite3_stmt *rows, struct finder *finder,
                        void (*on_found)(void *context, const struct store_found *found),
                        void *context, struct error *error)
{
    int result;
    while ((result = sqlite3_step(rows)) == SQLITE_ROW) {
        if (!recover_one(finder, sqlite3_column_int64(rows, 0), on_found, context, error))
            return false;
    }
    return sqlite_is_done(sqlite3_db_handle(rows), result, error);
}

bool sqlite_recover(sqlite3 *db, int64_t since_ms, int64_t keyed_since_ms,
                    void (*on_found)(void *context, const struct store_found *found), void *context,
                    struct error *error)
{
    CLEANUP(sqlite_finalize) sqlite3_stmt *rows = sqlite_prepare(db, recover_text, error);
    struct finder *finder = rows != NULL ? finder_create(db, error) : NULL;
    if (finder == NULL)
        return false;
    sqlite3_bind_int64(rows, 1, since_ms);
    sqlite3_bind_int64(rows, 2, keyed_since_ms);
    bool is_read = recover_all(rows, finder, on_found, context, error);
    finder_destroy(finder);
    return is_read;
}

bool sqlite_addresses(sqlite3 *db,
                      void (*on_address)(void *context, const struct store_address *address),
                      void *context, struct error *error)
{
    CLEANUP(sqlite_finalize)
    sqlite3_stmt *rows = sqlite_prepare(db, "SELECT channel, given, works FROM address", error);
    if (rows == NULL)
        return false;
    int result;
    while ((result = sqlite3_step(rows)) == SQLITE_ROW) {
        struct store_address address = {sqlite_column_text(rows, 0), sqlite_column_text(rows, 1),
                                        sqlite_column_text(rows, 2)};
        on_address(context, &address);
    }
    return sqlite_is_done(db, result, error);
}

bool sqlite_alerts(sqlite3 *db, void (*on_alert)(void *context, const struct store_alert *alert),
                   void *context, struct error *error)
{
    CLEANUP(sqlite_finalize)
    sqlite3_stmt *rows = sqlite_prepare(db, "SELECT cause, text, since_ms FROM alert", error);
    if (rows == NULL)
        return false;
    int result;
    while ((result = sqlite3_step(rows)) == SQLITE_ROW) {
        struct store_alert alert = {sqlite_column_text(rows, 0), sqlite_column_text(rows, 1),
                                    sqlite3_column_int64(rows, 2)};
        on_alert(context, &alert);
    }
    return sqlite_is_done(db, result, error);
}

static struct store_api_key api_key_of(sqlite3_stmt *row)
{
    return (struct store_api_key){
        .id = sqlite_column_text(row, 0),
        .name = sqlite_column_text(row, 1),
        .scope = sqlite_column_text(row, 2),
        .digest = sqlite3_column_blob(row, 3),
        .created_ms = sqlite3_column_int64(row, 4),
        .expires_ms = sqlite3_column_int64(row, 5),
        .used_ms = sqlite3_column_int64(row, 6),
    };
}

bool sqlite_api_keys(sqlite3 *db, void (*on_key)(void *context, const struct store_api_key *key),
                     void *context, struct error *error)
{
    static const char text[] = "SELECT id, name, scope, digest, created_ms, expires_ms, used_ms "
                               "FROM api_key WHERE length(digest) = 32 ORDER BY created_ms, id";
    CLEANUP(sqlite_finalize) sqlite3_stmt *rows = sqlite_prepare(db, text, error);
    if (rows == NULL)
        return false;
    int result;
    while ((result = sqlite3_step(rows)) == SQLITE_ROW) {
        struct store_api_key key = api_key_of(rows);
        on_key(context, &key);
    }
    return sqlite_is_done(db, result, error);
}

bool sqlite_guesses(sqlite3 *db, int64_t since_ms,
                    void (*on_guess)(void *context, const struct store_guess *guess), void *context,
                    struct error *error)
{
    static const char text[] =
        "SELECT handoff, message_id FROM attempt WHERE is_guess = 1 AND started_ms >= ?1";
    CLEANUP(sqlite_finalize) sqlite3_stmt *rows = sqlite_prepare(db, text, error);
    if (rows == NULL)
        return false;
    sqlite3_bind_int64(rows, 1, since_ms);
    int result;
    while ((result = sqlite3_step(rows)) == SQLITE_ROW) {
        struct store_guess guess = {sqlite3_column_int64(rows, 0), sqlite_column_text(rows, 1)};
        on_guess(context, &guess);
    }
    return sqlite_is_done(db, result, error);
}

bool sqlite_stuck(sqlite3 *db, void (*on_stuck)(void *context, const char *stuck, int64_t count),
                  void *context, struct error *error)
{
    static const char text[] =
        "SELECT stuck, count(*) FROM handoff WHERE stuck IS NOT NULL GROUP BY stuck";
    CLEANUP(sqlite_finalize) sqlite3_stmt *rows = sqlite_prepare(db, text, error);
    if (rows == NULL)
        return false;
    int result;
    while ((result = sqlite3_step(rows)) == SQLITE_ROW)
        on_stuck(context, sqlite_column_text(rows, 0), sqlite3_column_int64(rows, 1));
    return sqlite_is_done(db, result, error);
}

bool sqlite_started(sqlite3 *db, const char *channel, int64_t since_ms,
                    void (*on_started)(void *context, int64_t started_ms), void *context,
                    struct error *error)
{
    CLEANUP(sqlite_finalize) sqlite3_stmt *rows = sqlite_prepare(db, started_text, error);
    if (rows == NULL)
        return false;
    sqlite_bind_text(rows, 1, channel);
    sqlite3_bind_int64(rows, 2, since_ms);
    int result;
    while ((result = sqlite3_step(rows)) == SQLITE_ROW)
        on_started(context, sqlite3_column_int64(rows, 0));
    return sqlite_is_done(db, result, error);
}

bool sqlite_turns(sqlite3 *db, void (*on_turn)(void *context, const struct store_turn *turn),
                  void *context, struct error *error)
{
    CLEANUP(sqlite_finalize)
    sqlite3_stmt *rows = sqlite_prepare(db, "SELECT step, vendor, turn FROM turn", error);
    if (rows == NULL)
        return false;
    int result;
    while ((result = sqlite3_step(rows)) == SQLITE_ROW) {
        struct store_turn turn = {sqlite_column_text(rows, 0), sqlite_column_text(rows, 1),
                                  sqlite3_column_int64(rows, 2)};
        on_turn(context, &turn);
    }
    return sqlite_is_done(db, result, error);
}
