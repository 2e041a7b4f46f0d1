/* sqlite_writer - a list of changes, one transaction: the statements at the top, then what each
 * part of a change binds to them, then the transaction. */
#include "store/sqlite_writer.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/memory.h"
#include "base/require.h"
#include "store/sqlite.h"

enum statement {
    BEGIN,
    COMMIT,
    ROLLBACK,
    SAVEPOINT,
    RELEASE,
    UNDO,
    INSERT_HANDOFF,
    INSERT_CUSTOMER,
    IS_THE_SAME,
    SET_STATE,
    PUT_ATTEMPT,
    INSERT_EVENT,
    PUT_TURN,
    INSERT_KEY,
    PUT_ADDRESS,
    FORGET_ADDRESS,
    PUT_ALERT,
    FORGET_ALERT,
    PUT_API_KEY,
    FORGET_API_KEY,
    STATEMENTS
};

static const char *const texts[STATEMENTS] = {
    [BEGIN] = "BEGIN IMMEDIATE",
    [COMMIT] = "COMMIT",
    [ROLLBACK] = "ROLLBACK",
    [SAVEPOINT] = "SAVEPOINT change",
    [RELEASE] = "RELEASE change",
    [UNDO] = "ROLLBACK TO change",
    [INSERT_HANDOFF] = "INSERT INTO handoff (number, state, wake, due_ms, crashes, stuck, "
                       "received_ms, request_key, request_digest, parent, caller) "
                       "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [INSERT_CUSTOMER] = "INSERT INTO customer (handoff, user_phone, reason, user_name, "
                        "conversation_id, additional_context, fields) VALUES (?, ?, ?, ?, ?, ?, ?)",
    [IS_THE_SAME] = "SELECT 1 FROM handoff WHERE number = ? AND received_ms = ? AND "
                    "request_key IS ? AND request_digest = ?",
    [SET_STATE] = "UPDATE handoff SET state = ?2, wake = ?3, due_ms = ?4, crashes = ?5, stuck = ?6 "
                  "WHERE number = ?1",
    [PUT_ATTEMPT] = "INSERT OR REPLACE INTO attempt (handoff, number, state, vendor, channel, "
                    "address, message_id, code, tries, due_ms, started_ms, since_ms, asked, "
                    "is_guess) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [INSERT_EVENT] =
        "INSERT INTO event (handoff, number, at_ms, kind, detail) VALUES (?, ?, ?, ?, ?)",
    [PUT_TURN] = "INSERT OR REPLACE INTO turn (step, vendor, turn) VALUES (?, ?, ?)",
    [INSERT_KEY] =
        "INSERT OR IGNORE INTO request_key (handoff, at_ms, digest, key) VALUES (?, ?, ?, ?)",
    [PUT_ADDRESS] = "INSERT OR REPLACE INTO address (channel, given, works) VALUES (?, ?, ?)",
    [FORGET_ADDRESS] = "DELETE FROM address WHERE channel = ? AND given = ?",
    [PUT_ALERT] = "INSERT OR REPLACE INTO alert (cause, text, since_ms) VALUES (?, ?, ?)",
    [FORGET_ALERT] = "DELETE FROM alert WHERE cause = ?",
    [PUT_API_KEY] = "INSERT OR REPLACE INTO api_key (id, name, scope, digest, created_ms, "
                    "expires_ms, used_ms) VALUES (?, ?, ?, ?, ?, ?, ?)",
    [FORGET_API_KEY] = "DELETE FROM api_key WHERE id = ?",
};

struct sqlite_writer {
    sqlite3 *db;
    bool has_failed;
    char failure[SQLITE_REASON_BYTES];
    sqlite3_stmt *statements[STATEMENTS];
};

struct sqlite_writer *sqlite_writer_create(sqlite3 *db, struct error *error)
{
    struct sqlite_writer *writer = memory_zeroed(1, sizeof *writer);
    writer->db = db;
    for (size_t i = 0; i < STATEMENTS; i++) {
        writer->statements[i] = sqlite_prepare(db, texts[i], error);
        if (writer->statements[i] == NULL) {
            sqlite_writer_destroy(writer);
            return NULL;
        }
    }
    return writer;
}

void sqlite_writer_destroy(struct sqlite_writer *writer)
{
    for (size_t i = 0; writer != NULL && i < STATEMENTS; i++)
        sqlite3_finalize(writer->statements[i]);
    free(writer);
}

const char *sqlite_writer_failure(const struct sqlite_writer *writer)
{
    return writer->failure;
}

/* Runs a bound statement that gives no rows, and makes it ready for the next time. */
static int run(struct sqlite_writer *writer, enum statement which)
{
    sqlite3_stmt *statement = writer->statements[which];
    int result = sqlite3_step(statement);
    sqlite3_reset(statement);
    return result == SQLITE_DONE ? SQLITE_OK : result;
}

/* ---- the parts of a change */

static int insert_customer(struct sqlite_writer *writer, const struct store_handoff *handoff)
{
    sqlite3_stmt *statement = writer->statements[INSERT_CUSTOMER];
    sqlite3_bind_int64(statement, 1, handoff->number);
    sqlite_bind_text(statement, 2, handoff->user_phone);
    sqlite_bind_text(statement, 3, handoff->reason);
    sqlite_bind_text(statement, 4, handoff->user_name);
    sqlite_bind_text(statement, 5, handoff->conversation_id);
    sqlite_bind_text(statement, 6, handoff->additional_context);
    sqlite_bind_text(statement, 7, handoff->fields);
    return run(writer, INSERT_CUSTOMER);
}

static int insert_handoff(struct sqlite_writer *writer, const struct store_change *change)
{
    const struct store_handoff *handoff = change->created;
    sqlite3_stmt *statement = writer->statements[INSERT_HANDOFF];
    sqlite3_bind_int64(statement, 1, handoff->number);
    sqlite_bind_text(statement, 2, change->handoff_state);
    sqlite3_bind_int(statement, 3, (int)change->wake);
    sqlite3_bind_int64(statement, 4, change->due_ms);
    sqlite3_bind_int64(statement, 5, change->crashes);
    sqlite_bind_text(statement, 6, change->stuck);
    sqlite3_bind_int64(statement, 7, handoff->received_ms);
    sqlite_bind_text(statement, 8, handoff->request_key);
    sqlite3_bind_int64(statement, 9, handoff->request_digest);
    sqlite3_bind_int64(statement, 10, handoff->parent);
    sqlite_bind_text(statement, 11, handoff->caller);
    int result = run(writer, INSERT_HANDOFF);
    return result == SQLITE_OK ? insert_customer(writer, handoff) : result;
}

static int set_state(struct sqlite_writer *writer, const struct store_change *change)
{
    sqlite3_stmt *statement = writer->statements[SET_STATE];
    sqlite3_bind_int64(statement, 1, change->handoff);
    sqlite_bind_text(statement, 2, change->handoff_state);
    sqlite3_bind_int(statement, 3, (int)change->wake);
    sqlite3_bind_int64(statement, 4, change->due_ms);
    sqlite3_bind_int64(statement, 5, change->crashes);
    sqlite_bind_text(statement, 6, change->stuck);
    int result = run(writer, SET_STATE);
    return result == SQLITE_OK && sqlite3_changes(writer->db) == 0 ? SQLITE_CONSTRAINT : result;
}

static int put_attempt(struct sqlite_writer *writer, const struct store_attempt *attempt)
{
    sqlite3_stmt *statement = writer->statements[PUT_ATTEMPT];
    sqlite3_bind_int64(statement, 1, attempt->handoff);
    sqlite3_bind_int64(statement, 2, attempt->number);
    sqlite_bind_text(statement, 3, attempt->state);
    sqlite_bind_text(statement, 4, attempt->vendor);
    sqlite_bind_text(statement, 5, attempt->channel);
    sqlite_bind_text(statement, 6, attempt->address);
    sqlite_bind_text(statement, 7, attempt->message_id);
    sqlite3_bind_int64(statement, 8, attempt->code);
    sqlite3_bind_int64(statement, 9, attempt->tries);
    sqlite3_bind_int64(statement, 10, attempt->due_ms);
    sqlite3_bind_int64(statement, 11, attempt->started_ms);
    sqlite3_bind_int64(statement, 12, attempt->since_ms);
    sqlite3_bind_int64(statement, 13, attempt->asked);
    sqlite3_bind_int(statement, 14, attempt->is_guess);
    return run(writer, PUT_ATTEMPT);
}

static int insert_event(struct sqlite_writer *writer, int64_t handoff,
                        const struct store_event *event)
{
    sqlite3_stmt *statement = writer->statements[INSERT_EVENT];
    sqlite3_bind_int64(statement, 1, handoff);
    sqlite3_bind_int64(statement, 2, event->number);
    sqlite3_bind_int64(statement, 3, event->at_ms);
    sqlite_bind_text(statement, 4, event->kind);
    sqlite_bind_text(statement, 5, event->detail);
    return run(writer, INSERT_EVENT);
}

static int put_turn(struct sqlite_writer *writer, const struct store_turn *turn)
{
    sqlite3_stmt *statement = writer->statements[PUT_TURN];
    sqlite_bind_text(statement, 1, turn->step);
    sqlite_bind_text(statement, 2, turn->vendor);
    sqlite3_bind_int64(statement, 3, turn->turn);
    return run(writer, PUT_TURN);
}

static int insert_key(struct sqlite_writer *writer, const struct store_key *key)
{
    sqlite3_stmt *statement = writer->statements[INSERT_KEY];
    sqlite3_bind_int64(statement, 1, key->handoff);
    sqlite3_bind_int64(statement, 2, key->at_ms);
    sqlite3_bind_int64(statement, 3, key->digest);
    sqlite_bind_text(statement, 4, key->key);
    return run(writer, INSERT_KEY);
}

static int put_address(struct sqlite_writer *writer, const struct store_address *address)
{
    enum statement which = address->works != NULL ? PUT_ADDRESS : FORGET_ADDRESS;
    sqlite3_stmt *statement = writer->statements[which];
    sqlite_bind_text(statement, 1, address->channel);
    sqlite_bind_text(statement, 2, address->given);
    if (which == PUT_ADDRESS)
        sqlite_bind_text(statement, 3, address->works);
    return run(writer, which);
}

static int put_alert(struct sqlite_writer *writer, const struct store_alert *alert)
{
    enum statement which = alert->text != NULL ? PUT_ALERT : FORGET_ALERT;
    sqlite3_stmt *statement = writer->statements[which];
    sqlite_bind_text(statement, 1, alert->cause);
    if (which == PUT_ALERT) {
        sqlite_bind_text(statement, 2, alert->text);
        sqlite3_bind_int64(statement, 3, alert->since_ms);
    }
    return run(writer, which);
}

static int put_api_key(struct sqlite_writer *writer, const struct store_api_key *key)
{
    enum statement which = key->name != NULL ? PUT_API_KEY : FORGET_API_KEY;
    sqlite3_stmt *statement = writer->statements[which];
    sqlite_bind_text(statement, 1, key->id);
    if (which == PUT_API_KEY) {
        sqlite_bind_text(statement, 2, key->name);
        sqlite_bind_text(statement, 3, key->scope);
        sqlite3_bind_blob(statement, 4, key->digest, STORE_DIGEST_BYTES, SQLITE_STATIC);
        sqlite3_bind_int64(statement, 5, key->created_ms);
        sqlite3_bind_int64(statement, 6, key->expires_ms);
        sqlite3_bind_int64(statement, 7, key->used_ms);
    }
    return run(writer, which);
}

/* What few changes have. */
static int write_rare(struct sqlite_writer *writer, const struct store_change *change)
{
    int result = SQLITE_OK;
    if (change->key != NULL)
        result = insert_key(writer, change->key);
    if (result == SQLITE_OK && change->address != NULL)
        result = put_address(writer, change->address);
    if (result == SQLITE_OK && change->alert != NULL)
        result = put_alert(writer, change->alert);
    if (result == SQLITE_OK && change->api_key != NULL)
        result = put_api_key(writer, change->api_key);
    return result;
}

static int write_change(struct sqlite_writer *writer, const struct store_change *change)
{
    int result = SQLITE_OK;
    if (change->created != NULL)
        result = insert_handoff(writer, change);
    else if (change->handoff_state != NULL)
        result = set_state(writer, change);
    for (size_t i = 0; result == SQLITE_OK && i < change->attempt_count; i++)
        result = put_attempt(writer, &change->attempts[i]);
    for (size_t i = 0; result == SQLITE_OK && i < change->event_count; i++)
        result = insert_event(writer, change->handoff, &change->events[i]);
    for (size_t i = 0; result == SQLITE_OK && i < change->turn_count; i++)
        result = put_turn(writer, &change->turns[i]);
    return result == SQLITE_OK ? write_rare(writer, change) : result;
}

/* ---- the transaction */

static enum store_result result_of(int sqlite_result)
{
    if (sqlite_result == SQLITE_OK)
        return STORE_STORED;
    if (sqlite_result == SQLITE_CONSTRAINT_PRIMARYKEY || sqlite_result == SQLITE_CONSTRAINT_ROWID)
        return STORE_CONFLICT;
    return (sqlite_result & 0xff) == SQLITE_FULL ? STORE_FULL : STORE_FAILED;
}

/* The first reason stays: later failures follow from it, and the loop's thread may be reading. */
static void note_failure(struct sqlite_writer *writer)
{
    if (writer->failure[0] == '\0')
        sqlite_reason(writer->db, writer->failure);
}

/* After a conflict was undone: whether what is there is this very handoff. */
static enum store_result look_again(struct sqlite_writer *writer, const struct store_change *change)
{
    const struct store_handoff *handoff = change->created;
    if (handoff == NULL)
        return STORE_CONFLICT;
    sqlite3_stmt *statement = writer->statements[IS_THE_SAME];
    sqlite3_bind_int64(statement, 1, handoff->number);
    sqlite3_bind_int64(statement, 2, handoff->received_ms);
    sqlite_bind_text(statement, 3, handoff->request_key);
    sqlite3_bind_int64(statement, 4, handoff->request_digest);
    bool is_same = sqlite3_step(statement) == SQLITE_ROW;
    sqlite3_reset(statement);
    return is_same ? STORE_DUPLICATE : STORE_CONFLICT;
}

/* A change that fails takes nothing else with it. False: SQLite itself has ended the whole
 * transaction (a full disk, an I/O error), and nothing of it was kept. */
static bool write_savepoint(struct sqlite_writer *writer, struct store_change *change)
{
    int result = run(writer, SAVEPOINT);
    if (result == SQLITE_OK)
        result = write_change(writer, change);
    change->result = result_of(result);
    if (change->result == STORE_FAILED)
        note_failure(writer);
    if (sqlite3_get_autocommit(writer->db))
        return false;
    bool is_settled = result == SQLITE_OK || run(writer, UNDO) == SQLITE_OK;
    if (is_settled && change->result == STORE_CONFLICT)
        change->result = look_again(writer, change);
    if (is_settled && run(writer, RELEASE) == SQLITE_OK)
        return true;
    change->result = STORE_FAILED;
    run(writer, ROLLBACK);
    return false;
}

/* Nothing of the list is sure to be on disk. After anything but a full disk the database is not
 * written again: what a failed fsync left in doubt, the next start finds out. */
static void fail_all(struct sqlite_writer *writer, struct work *list, enum store_result result)
{
    if (result == STORE_FAILED) {
        writer->has_failed = true;
        note_failure(writer);
    }
    for (struct work *work = list; work != NULL; work = work->next)
        container_of(work, struct store_change, work)->result = result;
}

static int64_t now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void commit(struct sqlite_writer *writer, struct work *list)
{
    int64_t begun_us = now_us();
    int result = run(writer, COMMIT);
    container_of(list, struct store_change, work)->commit_us = now_us() - begun_us;
    if (result == SQLITE_OK)
        return;
    fail_all(writer, list, result_of(result));
    if (!sqlite3_get_autocommit(writer->db))
        run(writer, ROLLBACK);
}

void sqlite_writer_write(struct sqlite_writer *writer, struct work *list)
{
    require(list != NULL);
    for (struct work *work = list; work != NULL; work = work->next)
        container_of(work, struct store_change, work)->commit_us = -1;
    int result = writer->has_failed ? SQLITE_IOERR : run(writer, BEGIN);
    if (result != SQLITE_OK) {
        fail_all(writer, list, result_of(result));
        return;
    }
    for (struct work *work = list; work != NULL; work = work->next) {
        struct store_change *change = container_of(work, struct store_change, work);
        if (!write_savepoint(writer, change)) {
            fail_all(writer, list, change->result);
            return;
        }
    }
    commit(writer, list);
}
