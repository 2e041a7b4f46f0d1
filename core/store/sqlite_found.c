/* sqlite_found - three statements a handoff, each a search by its number. */
#include "store/sqlite_found.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "store/sqlite.h"

enum statement { HANDOFF, ATTEMPTS, STORY, KEYS, STATEMENTS };

static const char *const texts[STATEMENTS] = {
    [HANDOFF] =
        "SELECT h.number, h.received_ms, h.request_key, h.request_digest, c.user_phone, c.reason, "
        " c.user_name, c.conversation_id, c.additional_context, c.fields, "
        " h.parent, h.state, h.wake, h.due_ms, h.crashes, h.stuck, e.number, e.detail, h.caller "
        "FROM handoff h JOIN customer c ON c.handoff = h.number "
        "LEFT JOIN event e ON e.handoff = h.number AND e.number = "
        " (SELECT max(number) FROM event WHERE handoff = ?1) "
        "WHERE h.number = ?1",
    [ATTEMPTS] = "SELECT number, state, vendor, channel, address, message_id, code, tries, due_ms, "
                 " started_ms, since_ms, asked, is_guess "
                 "FROM attempt WHERE handoff = ?1 ORDER BY number",
    [STORY] = "SELECT number, at_ms, kind, detail FROM event WHERE handoff = ?1 ORDER BY number",
    [KEYS] = ("SELECT group_concat(at_ms || ' ' || digest || ' ' || key || char(10), '') "
              "FROM request_key WHERE handoff = ?1"),
};

struct finder {
    sqlite3 *db;
    sqlite3_stmt *statements[STATEMENTS];
};

struct finder *finder_create(sqlite3 *db, struct error *error)
{
    struct finder *finder = memory_zeroed(1, sizeof *finder);
    finder->db = db;
    for (size_t i = 0; i < STATEMENTS; i++) {
        finder->statements[i] = sqlite_prepare(db, texts[i], error);
        if (finder->statements[i] == NULL) {
            finder_destroy(finder);
            return NULL;
        }
    }
    return finder;
}

void finder_destroy(struct finder *finder)
{
    for (size_t i = 0; finder != NULL && i < STATEMENTS; i++)
        sqlite3_finalize(finder->statements[i]);
    free(finder);
}

/* ---- rows; texts are copied to the arena */

static const char *text_of(sqlite3_stmt *row, int column, struct arena *arena)
{
    return arena_text(arena, sqlite_column_text(row, column));
}

static struct store_handoff handoff_of(sqlite3_stmt *row, struct arena *arena)
{
    return (struct store_handoff){
        .number = sqlite3_column_int64(row, 0),
        .received_ms = sqlite3_column_int64(row, 1),
        .request_key = text_of(row, 2, arena),
        .request_digest = sqlite3_column_int64(row, 3),
        .user_phone = text_of(row, 4, arena),
        .reason = text_of(row, 5, arena),
        .user_name = text_of(row, 6, arena),
        .conversation_id = text_of(row, 7, arena),
        .additional_context = text_of(row, 8, arena),
        .fields = text_of(row, 9, arena),
        .parent = sqlite3_column_int64(row, 10),
        .caller = text_of(row, 18, arena),
    };
}

static struct store_found found_of(sqlite3_stmt *row, struct arena *arena)
{
    return (struct store_found){
        .handoff = handoff_of(row, arena),
        .state = text_of(row, 11, arena),
        .wake = (enum store_wake)sqlite3_column_int(row, 12),
        .due_ms = sqlite3_column_int64(row, 13),
        .crashes = sqlite3_column_int64(row, 14),
        .stuck = text_of(row, 15, arena),
        .events = sqlite3_column_int64(row, 16),
        .detail = text_of(row, 17, arena),
    };
}

static struct store_attempt attempt_of(sqlite3_stmt *row, int64_t handoff, struct arena *arena)
{
    return (struct store_attempt){
        .handoff = handoff,
        .number = sqlite3_column_int64(row, 0),
        .state = text_of(row, 1, arena),
        .vendor = text_of(row, 2, arena),
        .channel = text_of(row, 3, arena),
        .address = text_of(row, 4, arena),
        .message_id = text_of(row, 5, arena),
        .code = sqlite3_column_int64(row, 6),
        .tries = sqlite3_column_int64(row, 7),
        .due_ms = sqlite3_column_int64(row, 8),
        .started_ms = sqlite3_column_int64(row, 9),
        .since_ms = sqlite3_column_int64(row, 10),
        .asked = sqlite3_column_int64(row, 11),
        .is_guess = sqlite3_column_int(row, 12) != 0,
    };
}

static struct store_event event_of(sqlite3_stmt *row, struct arena *arena)
{
    return (struct store_event){
        .number = sqlite3_column_int64(row, 0),
        .at_ms = sqlite3_column_int64(row, 1),
        .kind = text_of(row, 2, arena),
        .detail = text_of(row, 3, arena),
    };
}

/* ---- lists that grow in the arena: what is outgrown stays there, as much again at the most */

static void *room_for_one(struct arena *arena, void *items, size_t count, size_t size)
{
    bool is_full = count == 0 || (count >= 4 && (count & (count - 1)) == 0);
    if (!is_full)
        return items;
    void *larger = arena_zeroed(arena, count < 4 ? 4 : count * 2, size);
    if (items != NULL)
        memcpy(larger, items, count * size);
    return larger;
}

static bool read_attempts(struct finder *finder, int64_t number, struct arena *arena,
                          struct store_found *found)
{
    sqlite3_stmt *rows = finder->statements[ATTEMPTS];
    struct store_attempt *attempts = NULL;
    int result;
    sqlite3_bind_int64(rows, 1, number);
    while ((result = sqlite3_step(rows)) == SQLITE_ROW) {
        attempts = room_for_one(arena, attempts, found->attempt_count, sizeof *attempts);
        attempts[found->attempt_count++] = attempt_of(rows, number, arena);
    }
    found->attempts = attempts;
    return result == SQLITE_DONE;
}

static bool read_story(struct finder *finder, int64_t number, struct arena *arena,
                       struct store_found *found)
{
    sqlite3_stmt *rows = finder->statements[STORY];
    struct store_event *story = NULL;
    int result;
    sqlite3_bind_int64(rows, 1, number);
    while ((result = sqlite3_step(rows)) == SQLITE_ROW) {
        story = room_for_one(arena, story, found->story_count, sizeof *story);
        story[found->story_count++] = event_of(rows, arena);
    }
    found->story = story;
    return result == SQLITE_DONE;
}

static bool read_keys(struct finder *finder, int64_t number, struct arena *arena,
                      struct store_found *found)
{
    sqlite3_stmt *row = finder->statements[KEYS];
    sqlite3_bind_int64(row, 1, number);
    if (sqlite3_step(row) != SQLITE_ROW)
        return false;
    found->keys = text_of(row, 0, arena);
    return true;
}

static enum find_result read_row(struct finder *finder, int64_t number, struct arena *arena,
                                 struct store_found *found)
{
    sqlite3_stmt *row = finder->statements[HANDOFF];
    sqlite3_bind_int64(row, 1, number);
    int result = sqlite3_step(row);
    if (result == SQLITE_ROW)
        *found = found_of(row, arena);
    return result == SQLITE_ROW ? FIND_FOUND : result == SQLITE_DONE ? FIND_NONE : FIND_FAILED;
}

static enum find_result find(struct finder *finder, int64_t number, enum find_also also,
                             struct arena *arena, struct store_found *found)
{
    enum find_result result = read_row(finder, number, arena, found);
    if (result != FIND_FOUND)
        return result;
    bool is_read = read_attempts(finder, number, arena, found);
    if (is_read && also == FIND_STORY)
        is_read = read_story(finder, number, arena, found);
    if (is_read && also == FIND_KEYS)
        is_read = read_keys(finder, number, arena, found);
    return is_read ? FIND_FOUND : FIND_FAILED;
}

enum find_result finder_find(struct finder *finder, int64_t number, enum find_also also,
                             struct arena *arena, struct store_found *found, struct error *error)
{
    enum find_result result = find(finder, number, also, arena, found);
    if (result == FIND_FAILED)
        sqlite_fail(finder->db, error);
    for (size_t i = 0; i < STATEMENTS; i++)
        sqlite3_reset(finder->statements[i]);
    return result;
}
