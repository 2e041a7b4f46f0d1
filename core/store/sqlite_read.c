/* sqlite_read - what a start reads from the database: the handoffs to take up, and the last turns.
 */
#include "store/sqlite_read.h"

#include <stddef.h>

#include "base/memory.h"
#include "store/sqlite.h"

static const char *column_text(sqlite3_stmt *statement, int column)
{
    return (const char *)sqlite3_column_text(statement, column);
}

static const char find_text[] =
    "SELECT h.number, h.received_ms, h.request_key, h.request_digest, "
    " c.user_phone, c.reason, c.user_name, c.conversation_id, c.additional_context, c.fields, "
    " h.state, (SELECT ifnull(max(number), 0) FROM event e WHERE e.handoff = h.number), "
    " a.number, a.state, a.vendor, a.channel, a.address, a.message_id, a.code, a.tries, a.due_ms, "
    " a.started_ms, "
    " (SELECT group_concat(vendor || char(10), '') FROM attempt t WHERE t.handoff = h.number), "
    " (SELECT detail FROM event e WHERE e.handoff = h.number ORDER BY e.number DESC LIMIT 1), "
    " (SELECT group_concat(at_ms || ' ' || digest || ' ' || key || char(10), '') "
    "  FROM request_key k WHERE k.handoff = h.number) "
    "FROM handoff h JOIN customer c ON c.handoff = h.number "
    "LEFT JOIN attempt a ON a.handoff = h.number AND a.number = "
    " (SELECT max(number) FROM attempt t WHERE t.handoff = h.number) "
    "WHERE h.number IN (SELECT number FROM handoff WHERE is_open = 1 UNION "
    " SELECT number FROM handoff h WHERE number > (SELECT ifnull(max(number), 0) FROM "
    "  (SELECT number FROM handoff WHERE received_ms < min(?1, ?2) ORDER BY number DESC LIMIT 1)) "
    "  AND (received_ms >= ?1 OR request_key IS NOT NULL OR "
    "   EXISTS (SELECT 1 FROM request_key k WHERE k.handoff = h.number))) "
    "ORDER BY h.number";

static void read_found(sqlite3_stmt *row, struct store_found *found)
{
    *found = (struct store_found){
        .handoff = {.number = sqlite3_column_int64(row, 0),
                    .received_ms = sqlite3_column_int64(row, 1),
                    .request_key = column_text(row, 2),
                    .request_digest = sqlite3_column_int64(row, 3),
                    .user_phone = column_text(row, 4),
                    .reason = column_text(row, 5),
                    .user_name = column_text(row, 6),
                    .conversation_id = column_text(row, 7),
                    .additional_context = column_text(row, 8),
                    .fields = column_text(row, 9)},
        .state = column_text(row, 10),
        .events = sqlite3_column_int64(row, 11),
        .attempt = {.handoff = sqlite3_column_int64(row, 0),
                    .number = sqlite3_column_int64(row, 12),
                    .state = column_text(row, 13),
                    .vendor = column_text(row, 14),
                    .channel = column_text(row, 15),
                    .address = column_text(row, 16),
                    .message_id = column_text(row, 17),
                    .code = sqlite3_column_int64(row, 18),
                    .tries = sqlite3_column_int64(row, 19),
                    .due_ms = sqlite3_column_int64(row, 20),
                    .started_ms = sqlite3_column_int64(row, 21)},
        .tried = column_text(row, 22),
        .detail = column_text(row, 23),
        .keys = column_text(row, 24),
    };
}

bool sqlite_read_found(sqlite3 *db, int64_t since_ms, int64_t keyed_since_ms,
                       void (*on_found)(void *context, const struct store_found *found),
                       void *context, struct error *error)
{
    CLEANUP(sqlite_finalize) sqlite3_stmt *rows = sqlite_prepare(db, find_text, error);
    if (rows == NULL)
        return false;
    sqlite3_bind_int64(rows, 1, since_ms);
    sqlite3_bind_int64(rows, 2, keyed_since_ms);
    int result;
    while ((result = sqlite3_step(rows)) == SQLITE_ROW) {
        struct store_found found;
        read_found(rows, &found);
        on_found(context, &found);
    }
    return result == SQLITE_DONE || error_set(error, "store: %s", sqlite3_errmsg(db));
}

bool sqlite_read_turns(sqlite3 *db, void (*on_turn)(void *context, const struct store_turn *turn),
                       void *context, struct error *error)
{
    CLEANUP(sqlite_finalize)
    sqlite3_stmt *rows = sqlite_prepare(db, "SELECT step, vendor, turn FROM turn", error);
    if (rows == NULL)
        return false;
    int result;
    while ((result = sqlite3_step(rows)) == SQLITE_ROW) {
        struct store_turn turn = {column_text(rows, 0), column_text(rows, 1),
                                  sqlite3_column_int64(rows, 2)};
        on_turn(context, &turn);
    }
    return result == SQLITE_DONE || error_set(error, "store: %s", sqlite3_errmsg(db));
}
