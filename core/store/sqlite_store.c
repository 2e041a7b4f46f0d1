/* sqlite_store - keeps the contract of store.h in one SQLite file.
 *
 * One connection writes: the worker's thread uses it once the loop runs (before that, store_open
 * and what reads for a start). Questions and backups have reading connections on threads of their
 * own, which are closed before it. */
#include "store/store.h"

#include <stdlib.h>
#include <sys/random.h>

#include "base/histogram.h"
#include "base/memory.h"
#include "base/require.h"
#include "store/disk_room.h"
#include "store/lock.h"
#include "store/sqlite.h"
#include "store/sqlite_asking.h"
#include "store/sqlite_backup.h"
#include "store/sqlite_read.h"
#include "store/sqlite_schema.h"
#include "store/sqlite_writer.h"

struct store {
    struct loop *loop;
    sqlite3 *db;
    struct sqlite_writer *writer;
    struct worker *worker;
    struct asking *asking;   /* NULL before the first question */
    struct backups *backups; /* NULL before the first backup */
    struct disk_room *room;
    struct histogram commit_seconds;
    char *path;
    int lock;
    int64_t last_number;
    unsigned char secret[STORE_SECRET_BYTES];
    bool is_closing;
    int closing; /* how many of worker, asking and backups the loop still has */
    void (*on_closed)(void *context);
    void *closed_context;
};

/* ---- changes */

static void write_list(void *context, struct work *list)
{
    struct store *store = context;
    sqlite_writer_write(store->writer, list);
    disk_room_look(store->room);
}

static void on_work_done(struct work *work)
{
    struct store_change *change = container_of(work, struct store_change, work);
    if (change->commit_us >= 0)
        histogram_add_us(&change->store->commit_seconds, change->commit_us);
    change->on_done(change);
}

void store_submit(struct store *store, struct store_change *change)
{
    change->store = store;
    change->work.on_done = on_work_done;
    worker_submit(store->worker, &change->work);
}

const char *store_failure(const struct store *store)
{
    return sqlite_writer_failure(store->writer);
}

int64_t store_free_bytes(const struct store *store)
{
    return disk_room_bytes(store->room);
}

const struct histogram *store_commit_seconds(const struct store *store)
{
    return &store->commit_seconds;
}

int64_t store_last_number(const struct store *store)
{
    return store->last_number;
}

const unsigned char *store_secret(const struct store *store)
{
    return store->secret;
}

/* ---- opening */

static bool make_secret(struct store *store, struct error *error)
{
    unsigned char fresh[STORE_SECRET_BYTES];
    require(getrandom(fresh, sizeof fresh, 0) == sizeof fresh);
    CLEANUP(sqlite_finalize)
    sqlite3_stmt *statement = sqlite_prepare(
        store->db, "INSERT OR IGNORE INTO store (name, value) VALUES ('secret', ?)", error);
    if (statement == NULL)
        return false;
    sqlite3_bind_blob(statement, 1, fresh, sizeof fresh, SQLITE_STATIC);
    return sqlite_is_done(store->db, sqlite3_step(statement), error);
}

/* What a newer handoffd wrote, or something else, is refused before anything is changed. */
static bool open_database(struct store *store, const char *path, struct error *error)
{
    return (store->db = sqlite_open(path, error)) != NULL &&
           sqlite_schema_version(store->db, path, error) >= 0 &&
           sqlite_make_durable(store->db, path, error) &&
           sqlite_schema_keep(store->db, path, error) &&
           sqlite_schema_migrate(store->db, path, error);
}

static bool open_all(struct store *store, const char *path, struct error *error)
{
    return (store->lock = lock_take(path, error)) >= 0 && open_database(store, path, error) &&
           (store->writer = sqlite_writer_create(store->db, error)) != NULL &&
           sqlite_read_last_number(store->db, &store->last_number, error) &&
           make_secret(store, error) && sqlite_read_secret(store->db, store->secret, error);
}

static void destroy(struct store *store)
{
    sqlite_writer_destroy(store->writer);
    sqlite3_close(store->db);
    if (store->lock >= 0)
        lock_release(store->lock);
    disk_room_destroy(store->room);
    free(store->path);
    free(store);
}

/* The path that SQLite has found is whole: it stays right whatever folder the process is in. */
struct store *store_open(struct loop *loop, const char *path, struct error *error)
{
    struct store *store = memory_zeroed(1, sizeof *store);
    store->loop = loop;
    store->lock = -1;
    if (!open_all(store, path, error)) {
        destroy(store);
        return NULL;
    }
    store->path = memory_text(sqlite3_db_filename(store->db, "main"));
    store->room = disk_room_create(store->path);
    store->worker = worker_start(loop, write_list, store);
    return store;
}

/* ---- closing: the reading connections first, the writing one last, so that it cleans up */

static void on_part_closed(void *context)
{
    struct store *store = context;
    if (--store->closing > 0)
        return;
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
    store->is_closing = true;
    store->closing = 1 + (store->backups != NULL) + (store->asking != NULL);
    if (store->backups != NULL)
        backups_stop(store->backups, on_part_closed, store);
    if (store->asking != NULL)
        asking_stop(store->asking, on_part_closed, store);
    worker_stop(store->worker, on_part_closed, store);
}

/* ---- questions and backups */

static struct asking *asking_of(struct store *store)
{
    require(!store->is_closing);
    if (store->asking == NULL)
        store->asking = asking_start(store->loop, store->path);
    return store->asking;
}

void store_ask(struct store *store, struct store_query *query)
{
    asking_ask(asking_of(store), query);
}

void store_ask_ids(struct store *store, struct store_ids_query *query)
{
    asking_ask_ids(asking_of(store), query);
}

void store_query_finish(struct store_query *query)
{
    arena_destroy(query->arena);
    query->arena = NULL;
    query->found = NULL;
    query->count = 0;
}

void store_ids_finish(struct store_ids_query *query)
{
    arena_destroy(query->arena);
    query->arena = NULL;
    query->ids = NULL;
    query->count = 0;
}

static struct backups *backups_of(struct store *store)
{
    if (store->backups == NULL)
        store->backups = backups_create(store->loop, store->path);
    return store->backups;
}

void store_backup(struct store *store, const char *path,
                  void (*on_done)(void *context, const struct error *error), void *context)
{
    require(!store->is_closing);
    backups_start(backups_of(store), path, on_done, context);
}

void store_give_up_backups(struct store *store)
{
    backups_give_up(backups_of(store));
}

/* ---- reading for a start */

bool store_recover(struct store *store, int64_t since_ms, int64_t keyed_since_ms,
                   void (*on_found)(void *context, const struct store_found *found), void *context,
                   struct error *error)
{
    return sqlite_recover(store->db, since_ms, keyed_since_ms, on_found, context, error);
}

bool store_addresses(struct store *store,
                     void (*on_address)(void *context, const struct store_address *address),
                     void *context, struct error *error)
{
    return sqlite_addresses(store->db, on_address, context, error);
}

bool store_alerts(struct store *store,
                  void (*on_alert)(void *context, const struct store_alert *alert), void *context,
                  struct error *error)
{
    return sqlite_alerts(store->db, on_alert, context, error);
}

bool store_api_keys(struct store *store,
                    void (*on_key)(void *context, const struct store_api_key *key), void *context,
                    struct error *error)
{
    return sqlite_api_keys(store->db, on_key, context, error);
}

bool store_guesses(struct store *store, int64_t since_ms,
                   void (*on_guess)(void *context, const struct store_guess *guess), void *context,
                   struct error *error)
{
    return sqlite_guesses(store->db, since_ms, on_guess, context, error);
}

bool store_stuck(struct store *store,
                 void (*on_stuck)(void *context, const char *stuck, int64_t count), void *context,
                 struct error *error)
{
    return sqlite_stuck(store->db, on_stuck, context, error);
}

bool store_started(struct store *store, const char *channel, int64_t since_ms,
                   void (*on_started)(void *context, int64_t started_ms), void *context,
                   struct error *error)
{
    return sqlite_started(store->db, channel, since_ms, on_started, context, error);
}

bool store_turns(struct store *store, void (*on_turn)(void *context, const struct store_turn *turn),
                 void *context, struct error *error)
{
    return sqlite_turns(store->db, on_turn, context, error);
}
