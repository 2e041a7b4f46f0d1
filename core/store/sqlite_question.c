/* sqlite_question - which handoffs, then each of them by its number; in one read transaction. */
#include "store/sqlite_question.h"

#include <stdlib.h>

#include "base/memory.h"
#include "store/sqlite.h"
#include "store/sqlite_found.h"

enum { ANSWER_BYTES = 4096, IDS_AROUND = 10000 };

enum statement { BEGIN, END, DUE, LATEST, LATEST_UNFINISHED, UPDATES, IDS, STATEMENTS };

#define OF_STATE_AND_VENDOR                                                                        \
    " AND (?3 IS NULL OR state = ?3) AND (?4 IS NULL OR ?4 = "                                     \
    " (SELECT vendor FROM attempt WHERE handoff = h.number ORDER BY attempt.number DESC LIMIT "    \
    "1)) "                                                                                         \
    "ORDER BY number DESC LIMIT ?2"

/* The unfinished ones are few, however many handoffs there are: they have indexes of their own. */
static const char *const texts[STATEMENTS] = {
    [BEGIN] = "BEGIN",
    [END] = "COMMIT",
    [DUE] = "SELECT number, due_ms FROM handoff WHERE wake = 2 ORDER BY due_ms, number LIMIT ?1",
    [LATEST] = "SELECT number FROM handoff h WHERE number < ?1" OF_STATE_AND_VENDOR,
    [LATEST_UNFINISHED] = "SELECT number FROM handoff h WHERE number IN "
                          "(SELECT number FROM handoff WHERE wake = 1 UNION ALL "
                          " SELECT number FROM handoff WHERE stuck IS NOT NULL) "
                          "AND number < ?1" OF_STATE_AND_VENDOR,
    [UPDATES] = "SELECT number FROM handoff WHERE parent = ?1 AND parent <> 0 "
                "ORDER BY number LIMIT ?2",
    [IDS] = "SELECT message_id FROM attempt WHERE handoff BETWEEN "
            " ifnull((SELECT number FROM handoff WHERE number < ?1 "
            "  ORDER BY number DESC LIMIT 1 OFFSET ?4), 0) AND "
            " ifnull((SELECT number FROM handoff WHERE number > ?1 "
            "  ORDER BY number LIMIT 1 OFFSET ?4), 9223372036854775807) "
            "AND handoff <> ?1 AND channel = ?2 AND address = ?3 AND message_id IS NOT NULL",
};

struct answerer {
    sqlite3 *db;
    sqlite3_stmt *statements[STATEMENTS];
    struct finder *finder;
};

struct answerer *answerer_create(sqlite3 *db, struct error *error)
{
    struct answerer *answerer = memory_zeroed(1, sizeof *answerer);
    answerer->db = db;
    bool is_ready = (answerer->finder = finder_create(db, error)) != NULL;
    for (size_t i = 0; is_ready && i < STATEMENTS; i++)
        is_ready = (answerer->statements[i] = sqlite_prepare(db, texts[i], error)) != NULL;
    if (is_ready)
        return answerer;
    answerer_destroy(answerer);
    return NULL;
}

void answerer_destroy(struct answerer *answerer)
{
    if (answerer == NULL)
        return;
    for (size_t i = 0; i < STATEMENTS; i++)
        sqlite3_finalize(answerer->statements[i]);
    finder_destroy(answerer->finder);
    free(answerer);
}

static bool run(struct answerer *answerer, enum statement which, struct error *error)
{
    sqlite3_stmt *statement = answerer->statements[which];
    bool is_done = sqlite_is_done(answerer->db, sqlite3_step(statement), error);
    sqlite3_reset(statement);
    return is_done;
}

/* ---- the handoffs of an answer */

/* One that has lost its customer's row is not there any more. */
static bool add(struct answerer *answerer, struct store_query *query, int64_t number)
{
    enum find_result result =
        finder_find(answerer->finder, number, query->has_story ? FIND_STORY : FIND_NO_MORE,
                    query->arena, &query->found[query->count], &query->error);
    if (result == FIND_FOUND)
        query->count++;
    return result != FIND_FAILED;
}

static bool answer_one(struct answerer *answerer, struct store_query *query)
{
    query->found = arena_zeroed(query->arena, 1, sizeof *query->found);
    return add(answerer, query, query->number);
}

/* Numbers first: the answer is as large as they are many, not as `limit` allows. */
struct numbers {
    int64_t *items;
    size_t count;
    size_t room;
};

static void numbers_add(struct numbers *numbers, int64_t number)
{
    if (numbers->count == numbers->room) {
        numbers->room = numbers->room != 0 ? numbers->room * 2 : 16;
        numbers->items = memory_resized(numbers->items, numbers->room * sizeof *numbers->items);
    }
    numbers->items[numbers->count++] = number;
}

static bool add_all(struct answerer *answerer, struct store_query *query,
                    const struct numbers *numbers)
{
    query->found = arena_zeroed(query->arena, numbers->count, sizeof *query->found);
    bool is_read = true;
    for (size_t i = 0; is_read && i < numbers->count; i++)
        is_read = add(answerer, query, numbers->items[i]);
    return is_read;
}

static int64_t limit_of(const struct store_query *query)
{
    return query->limit < INT32_MAX ? (int64_t)query->limit : INT32_MAX;
}

/* One row more than is asked for says when the next one is due. */
static bool pick_due(sqlite3_stmt *rows, struct store_query *query, struct numbers *numbers)
{
    int result;
    size_t limit = (size_t)limit_of(query);
    sqlite3_bind_int64(rows, 1, limit_of(query) + 1);
    while ((result = sqlite3_step(rows)) == SQLITE_ROW) {
        int64_t due_ms = sqlite3_column_int64(rows, 1);
        if (due_ms > query->until_ms || numbers->count == limit) {
            query->next_due_ms = due_ms;
            return true;
        }
        numbers_add(numbers, sqlite3_column_int64(rows, 0));
    }
    return sqlite_is_done(sqlite3_db_handle(rows), result, &query->error);
}

static bool pick_numbers(sqlite3_stmt *rows, struct store_query *query, struct numbers *numbers)
{
    int result;
    bool is_from_newest = query->question == STORE_LATEST && query->number == 0;
    sqlite3_bind_int64(rows, 1, is_from_newest ? INT64_MAX : query->number);
    sqlite3_bind_int64(rows, 2, limit_of(query));
    if (query->question == STORE_LATEST) {
        sqlite_bind_text(rows, 3, query->state);
        sqlite_bind_text(rows, 4, query->vendor);
    }
    while ((result = sqlite3_step(rows)) == SQLITE_ROW)
        numbers_add(numbers, sqlite3_column_int64(rows, 0));
    return sqlite_is_done(sqlite3_db_handle(rows), result, &query->error);
}

static bool answer_many(struct answerer *answerer, struct store_query *query)
{
    enum statement which = query->question == STORE_DUE       ? DUE
                           : query->question == STORE_UPDATES ? UPDATES
                           : query->is_unfinished             ? LATEST_UNFINISHED
                                                              : LATEST;
    sqlite3_stmt *rows = answerer->statements[which];
    struct numbers numbers = {0};
    bool is_read =
        which == DUE ? pick_due(rows, query, &numbers) : pick_numbers(rows, query, &numbers);
    sqlite3_reset(rows);
    sqlite3_clear_bindings(rows);
    is_read = is_read && add_all(answerer, query, &numbers);
    free(numbers.items);
    return is_read;
}

void answerer_answer(struct answerer *answerer, struct store_query *query)
{
    query->arena = arena_create(ANSWER_BYTES);
    bool is_begun = run(answerer, BEGIN, &query->error);
    bool is_read = is_begun && (query->question == STORE_ONE ? answer_one(answerer, query)
                                                             : answer_many(answerer, query));
    if (is_begun)
        is_read = run(answerer, END, &query->error) && is_read;
    query->is_failed = !is_read;
    if (query->is_failed)
        query->count = 0;
}

/* ---- the ids of an answer */

static bool read_ids(sqlite3_stmt *rows, struct store_ids_query *query)
{
    int result;
    size_t count = 0;
    size_t room = 0;
    CLEANUP(memory_free) const char **ids = NULL;
    while ((result = sqlite3_step(rows)) == SQLITE_ROW) {
        if (count == room) {
            room = room != 0 ? room * 2 : 16;
            ids = memory_resized(ids, room * sizeof *ids);
        }
        ids[count++] = arena_text(query->arena, sqlite_column_text(rows, 0));
    }
    query->ids = arena_zeroed(query->arena, count, sizeof *ids);
    query->count = count;
    for (size_t i = 0; i < count; i++)
        query->ids[i] = ids[i];
    return sqlite_is_done(sqlite3_db_handle(rows), result, &query->error);
}

void answerer_answer_ids(struct answerer *answerer, struct store_ids_query *query)
{
    sqlite3_stmt *rows = answerer->statements[IDS];
    query->arena = arena_create(ANSWER_BYTES);
    sqlite3_bind_int64(rows, 1, query->number);
    sqlite_bind_text(rows, 2, query->channel);
    sqlite_bind_text(rows, 3, query->address);
    sqlite3_bind_int64(rows, 4, IDS_AROUND - 1);
    query->is_failed = !read_ids(rows, query);
    sqlite3_reset(rows);
    sqlite3_clear_bindings(rows);
}
