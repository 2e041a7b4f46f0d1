/* sqlite_store - keeps the contract of store.h in one SQLite file.
 *
 * One connection, used by the worker's thread once the loop runs (before that, by store_open and
 * store_recover). All changes that wait become one transaction, each in a savepoint of its own. */
#include "store/store.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/require.h"
#include "store/lock.h"
#include "store/sqlite.h"
#include "store/sqlite_read.h"

enum { SECRET_BYTES = 16 };

enum query {
    BEGIN,
    COMMIT,
    ROLLBACK,
    SAVEPOINT,
    RELEASE,
    UNDO,
    INSERT_HANDOFF,
    INSERT_CUSTOMER,
    SET_STATE,
    PUT_ATTEMPT,
    INSERT_EVENT,
    PUT_TURN,
    INSERT_KEY,
    QUERIES
};

static const char *const texts[QUERIES] = {
    [BEGIN] = "BEGIN IMMEDIATE",
    [COMMIT] = "COMMIT",
    [ROLLBACK] = "ROLLBACK",
    [SAVEPOINT] = "SAVEPOINT change",
    [RELEASE] = "RELEASE change",
    [UNDO] = "ROLLBACK TO change",
    [INSERT_HANDOFF] = "INSERT INTO handoff (number, state, is_open, received_ms, request_key, "
                       "request_digest) VALUES (?, ?, ?, ?, ?, ?)",
    [INSERT_CUSTOMER] = "INSERT INTO customer (handoff, user_phone, reason, user_name, "
                        "conversation_id, additional_context, fields) VALUES (?, ?, ?, ?, ?, ?, ?)",
    [SET_STATE] = "UPDATE handoff SET state = ?2, is_open = ?3 WHERE number = ?1",
    [PUT_ATTEMPT] = "INSERT OR REPLACE INTO attempt (handoff, number, state, vendor, channel, "
                    "address, message_id, code, tries, due_ms, started_ms) "
                    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [INSERT_EVENT] =
        "INSERT INTO event (handoff, number, at_ms, kind, detail) VALUES (?, ?, ?, ?, ?)",
    [INSERT_KEY] =
        "INSERT OR IGNORE INTO request_key (handoff, at_ms, digest, key) VALUES (?, ?, ?, ?)",
    [PUT_TURN] = "INSERT OR REPLACE INTO turn (step, vendor, turn) VALUES (?, ?, ?)",
};

struct store {
    sqlite3 *db;
    sqlite3_stmt *queries[QUERIES];
    struct worker *worker;
    char *path;
    int lock;
    bool has_failed;   /* the worker's */
    char failure[256]; /* the worker's, until a change comes back FAILED */
    int64_t last_number;
    unsigned char secret[SECRET_BYTES];
    void (*on_closed)(void *context);
    void *closed_context;
};

/* ---- on the worker's thread: a list of changes, one transaction */

/* Runs a bound statement that gives no rows, and makes it ready for the next time. */
static int run(struct store *store, enum query query)
{
    sqlite3_stmt *statement = store->queries[query];
    int result = sqlite3_step(statement);
    sqlite3_reset(statement);
    return result == SQLITE_DONE ? SQLITE_OK : result;
}

static int insert_handoff(struct store *store, const struct store_change *change)
{
    const struct store_handoff *handoff = change->created;
    sqlite3_stmt *statement = store->queries[INSERT_HANDOFF];
    sqlite3_bind_int64(statement, 1, handoff->number);
    sqlite_bind_text(statement, 2, change->handoff_state);
    sqlite3_bind_int(statement, 3, change->is_open);
    sqlite3_bind_int64(statement, 4, handoff->received_ms);
    sqlite_bind_text(statement, 5, handoff->request_key);
    sqlite3_bind_int64(statement, 6, handoff->request_digest);
    int result = run(store, INSERT_HANDOFF);
    if (result != SQLITE_OK)
        return result;
    statement = store->queries[INSERT_CUSTOMER];
    sqlite3_bind_int64(statement, 1, handoff->number);
    sqlite_bind_text(statement, 2, handoff->user_phone);
    sqlite_bind_text(statement, 3, handoff->reason);
    sqlite_bind_text(statement, 4, handoff->user_name);
    sqlite_bind_text(statement, 5, handoff->conversation_id);
    sqlite_bind_text(statement, 6, handoff->additional_context);
    sqlite_bind_text(statement, 7, handoff->fields);
    return run(store, INSERT_CUSTOMER);
}

static int set_state(struct store *store, const struct store_change *change)
{
    sqlite3_bind_int64(store->queries[SET_STATE], 1, change->handoff);
    sqlite_bind_text(store->queries[SET_STATE], 2, change->handoff_state);
    sqlite3_bind_int(store->queries[SET_STATE], 3, change->is_open);
    return run(store, SET_STATE);
}

static int put_attempt(struct store *store, const struct store_attempt *attempt)
{
    sqlite3_stmt *statement = store->queries[PUT_ATTEMPT];
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
    return run(store, PUT_ATTEMPT);
}

static int insert_event(struct store *store, int64_t handoff, const struct store_event *event)
{
    sqlite3_stmt *statement = store->queries[INSERT_EVENT];
    sqlite3_bind_int64(statement, 1, handoff);
    sqlite3_bind_int64(statement, 2, event->number);
    sqlite3_bind_int64(statement, 3, event->at_ms);
    sqlite_bind_text(statement, 4, event->kind);
    sqlite_bind_text(statement, 5, event->detail);
    return run(store, INSERT_EVENT);
}

static int put_turn(struct store *store, const struct store_turn *turn)
{
    sqlite_bind_text(store->queries[PUT_TURN], 1, turn->step);
    sqlite_bind_text(store->queries[PUT_TURN], 2, turn->vendor);
    sqlite3_bind_int64(store->queries[PUT_TURN], 3, turn->turn);
    return run(store, PUT_TURN);
}

static int insert_key(struct store *store, const struct store_key *key)
{
    sqlite3_stmt *statement = store->queries[INSERT_KEY];
    sqlite3_bind_int64(statement, 1, key->handoff);
    sqlite3_bind_int64(statement, 2, key->at_ms);
    sqlite3_bind_int64(statement, 3, key->digest);
    sqlite_bind_text(statement, 4, key->key);
    return run(store, INSERT_KEY);
}

static int write_change(struct store *store, const struct store_change *change)
{
    int result = SQLITE_OK;
    if (change->created != NULL)
        result = insert_handoff(store, change);
    else if (change->handoff_state != NULL)
        result = set_state(store, change);
    for (size_t i = 0; result == SQLITE_OK && i < change->attempt_count; i++)
        result = put_attempt(store, &change->attempts[i]);
    for (size_t i = 0; result == SQLITE_OK && i < change->event_count; i++)
        result = insert_event(store, change->handoff, &change->events[i]);
    for (size_t i = 0; result == SQLITE_OK && i < change->turn_count; i++)
        result = put_turn(store, &change->turns[i]);
    if (result == SQLITE_OK && change->key != NULL)
        result = insert_key(store, change->key);
    return result;
}

static enum store_result result_of(int sqlite_result)
{
    if (sqlite_result == SQLITE_OK)
        return STORE_STORED;
    return (sqlite_result & 0xff) == SQLITE_FULL ? STORE_FULL : STORE_FAILED;
}

/* The first reason stays: later failures follow from it, and the loop's thread may be reading. */
static void note_failure(struct store *store)
{
    int code = sqlite3_system_errno(store->db);
    if (store->failure[0] == '\0')
        snprintf(store->failure, sizeof store->failure, "%s%s%s", sqlite3_errmsg(store->db),
                 code != 0 ? ": " : "", code != 0 ? strerrordesc_np(code) : "");
}

/* A change that fails takes nothing else with it. False: SQLite itself has ended the whole
 * transaction (a full disk, an I/O error), and nothing of it was kept. */
static bool write_savepoint(struct store *store, struct store_change *change)
{
    int result = run(store, SAVEPOINT);
    if (result == SQLITE_OK)
        result = write_change(store, change);
    change->result = result_of(result);
    if (change->result == STORE_FAILED)
        note_failure(store);
    if (sqlite3_get_autocommit(store->db))
        return false;
    if ((result == SQLITE_OK || run(store, UNDO) == SQLITE_OK) && run(store, RELEASE) == SQLITE_OK)
        return true;
    change->result = STORE_FAILED;
    run(store, ROLLBACK);
    return false;
}

/* Nothing of the list is sure to be on disk. After anything but a full disk the database is not
 * written again: what a failed fsync left in doubt, the next start finds out. */
static void fail_all(struct store *store, struct work *list, enum store_result result)
{
    if (result == STORE_FAILED) {
        store->has_failed = true;
        note_failure(store);
    }
    for (struct work *work = list; work != NULL; work = work->next)
        container_of(work, struct store_change, work)->result = result;
}

static void write_list(void *context, struct work *list)
{
    struct store *store = context;
    int result = store->has_failed ? SQLITE_IOERR : run(store, BEGIN);
    if (result != SQLITE_OK) {
        fail_all(store, list, result_of(result));
        return;
    }
    for (struct work *work = list; work != NULL; work = work->next) {
        struct store_change *change = container_of(work, struct store_change, work);
        if (!write_savepoint(store, change)) {
            fail_all(store, list, change->result);
            return;
        }
    }
    result = run(store, COMMIT);
    if (result == SQLITE_OK)
        return;
    fail_all(store, list, result_of(result));
    if (!sqlite3_get_autocommit(store->db))
        run(store, ROLLBACK);
}

/* ---- on the loop's thread */

static void on_work_done(struct work *work)
{
    struct store_change *change = container_of(work, struct store_change, work);
    change->on_done(change);
}

void store_submit(struct store *store, struct store_change *change)
{
    change->work.on_done = on_work_done;
    worker_submit(store->worker, &change->work);
}

const char *store_failure(const struct store *store)
{
    return store->failure;
}

int64_t store_free_bytes(const struct store *store)
{
    struct statvfs room;
    return statvfs(store->path, &room) == 0 ? (int64_t)(room.f_bavail * room.f_frsize) : 0;
}

int64_t store_last_number(const struct store *store)
{
    return store->last_number;
}

const unsigned char *store_secret(const struct store *store)
{
    return store->secret;
}

/* ---- opening and closing */

/* The folder that holds the store is made where it is missing (one level: data/). */
static bool make_folder(const char *path, struct error *error)
{
    CLEANUP(memory_free) char *folder = memory_text(path);
    char *slash = strrchr(folder, '/');
    if (slash == NULL || slash == folder)
        return true;
    *slash = '\0';
    if (mkdir(folder, 0700) == 0 || errno == EEXIST)
        return true;
    return error_set(error, "store: cannot create the folder \"%s\": %s", folder, strerror(errno));
}

static bool prepare_all(struct store *store, struct error *error)
{
    for (int i = 0; i < QUERIES; i++) {
        store->queries[i] = sqlite_prepare(store->db, texts[i], error);
        if (store->queries[i] == NULL)
            return false;
    }
    return true;
}

static bool read_last_number(struct store *store, struct error *error)
{
    CLEANUP(sqlite_finalize)
    sqlite3_stmt *statement =
        sqlite_prepare(store->db, "SELECT ifnull(max(number), 0) FROM handoff", error);
    if (statement == NULL)
        return false;
    if (sqlite3_step(statement) != SQLITE_ROW)
        return error_set(error, "store: %s", sqlite3_errmsg(store->db));
    store->last_number = sqlite3_column_int64(statement, 0);
    return true;
}

static bool make_secret(struct store *store, struct error *error)
{
    unsigned char fresh[SECRET_BYTES];
    require(getrandom(fresh, sizeof fresh, 0) == sizeof fresh);
    CLEANUP(sqlite_finalize)
    sqlite3_stmt *statement = sqlite_prepare(
        store->db, "INSERT OR IGNORE INTO store (name, value) VALUES ('secret', ?)", error);
    if (statement == NULL)
        return false;
    sqlite3_bind_blob(statement, 1, fresh, sizeof fresh, SQLITE_STATIC);
    return sqlite3_step(statement) == SQLITE_DONE ||
           error_set(error, "store: %s", sqlite3_errmsg(store->db));
}

static bool read_secret(struct store *store, struct error *error)
{
    CLEANUP(sqlite_finalize)
    sqlite3_stmt *statement =
        sqlite_prepare(store->db, "SELECT value FROM store WHERE name = 'secret'", error);
    if (statement == NULL)
        return false;
    if (sqlite3_step(statement) != SQLITE_ROW || sqlite3_column_bytes(statement, 0) != SECRET_BYTES)
        return error_set(error, "store: the secret is missing or damaged");
    memcpy(store->secret, sqlite3_column_blob(statement, 0), SECRET_BYTES);
    return true;
}

static void destroy(struct store *store)
{
    for (int i = 0; i < QUERIES; i++)
        sqlite3_finalize(store->queries[i]);
    sqlite3_close(store->db);
    if (store->lock >= 0)
        lock_release(store->lock);
    free(store->path);
    free(store);
}

struct store *store_open(struct loop *loop, const char *path, struct error *error)
{
    struct store *store = memory_zeroed(1, sizeof *store);
    store->path = memory_text(path);
    store->lock = -1;
    if (make_folder(path, error) && (store->lock = lock_take(path, error)) >= 0 &&
        (store->db = sqlite_open(path, error)) != NULL && prepare_all(store, error) &&
        read_last_number(store, error) && make_secret(store, error) && read_secret(store, error)) {
        store->worker = worker_start(loop, write_list, store);
        return store;
    }
    destroy(store);
    return NULL;
}

static void on_worker_stopped(void *context)
{
    struct store *store = context;
    void (*on_closed)(void *) = store->on_closed;
    void *closed_context = store->closed_context;
    destroy(store);
    if (on_closed != NULL)
        on_closed(closed_context);
}

void store_close(struct store *store, void (*on_closed)(void *context), void *context)
{
    store->on_closed = on_closed;
    store->closed_context = context;
    worker_stop(store->worker, on_worker_stopped, store);
}

/* ---- reading */

static void sqlite3_free_text(char **text)
{
    sqlite3_free(*text);
}

bool store_recover(struct store *store, int64_t since_ms, int64_t keyed_since_ms,
                   void (*on_found)(void *context, const struct store_found *found), void *context,
                   struct error *error)
{
    return sqlite_read_found(store->db, since_ms, keyed_since_ms, on_found, context, error);
}

bool store_turns(struct store *store, void (*on_turn)(void *context, const struct store_turn *turn),
                 void *context, struct error *error)
{
    return sqlite_read_turns(store->db, on_turn, context, error);
}

/* A store that nobody has open is read as it lies: not even a -shm file is left behind. */
static int open_to_read(const char *path, sqlite3 **db)
{
    CLEANUP(sqlite3_free_text) char *log = sqlite3_mprintf("%s-wal", path);
    CLEANUP(sqlite3_free_text) char *uri = sqlite3_mprintf("file:%s?immutable=1", path);
    require(log != NULL && uri != NULL);
    bool is_closed = access(log, F_OK) != 0 && strpbrk(path, "?#%") == NULL;
    return is_closed ? sqlite3_open_v2(uri, db, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, NULL)
                     : sqlite3_open_v2(path, db, SQLITE_OPEN_READONLY, NULL);
}

bool store_peek_turns(const char *path,
                      void (*on_turn)(void *context, const struct store_turn *turn), void *context,
                      struct error *error)
{
    sqlite3 *db = NULL;
    struct stat file;
    if (stat(path, &file) != 0 || file.st_size == 0)
        return true;
    bool is_read =
        open_to_read(path, &db) == SQLITE_OK
            ? sqlite_read_turns(db, on_turn, context, error)
            : error_set(error, "store: cannot read \"%s\": %s", path, sqlite3_errmsg(db));
    sqlite3_close(db);
    return is_read;
}
