/* sqlite_restore - a backup takes the place of a store.
 *
 * Until the one rename that does it, the old store is where it was and complete; after it, the new
 * one is. The steps are listed in their order. */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/language.h"
#include "base/memory.h"
#include "store/lock.h"
#include "store/sqlite.h"
#include "store/sqlite_copy.h"
#include "store/sqlite_schema.h"
#include "store/store.h"

/* Handoffs that were accepted after the backup had numbers and ids that the outside still uses:
 * new ones begin far above them. */
enum { LEFT_OUT = 1000 * 1000, NAMES_MOST = 1000, NAME_BYTES = PATH_MAX + 128 };

struct restore {
    const char *backup;
    const char *parked_state;
    const char *stuck;
    char path[PATH_MAX];    /* the store's, without links */
    char fresh[NAME_BYTES]; /* the new store, until it is in its place */
    char kept[NAME_BYTES];  /* the old one's name from now on; "": there is none */
    int64_t last_number;    /* of both */
    int64_t parked;
};

static bool fold_old(struct restore *restore, struct error *error);
static bool copy_backup(struct restore *restore, struct error *error);
static bool make_ready(struct restore *restore, struct error *error);
static bool keep_old(struct restore *restore, struct error *error);
static bool put_in_place(struct restore *restore, struct error *error);

static bool fail(const char *doing, const char *path, struct error *error)
{
    return error_set(error,
                     in_language("store: cannot %s \"%s\": %s", "almacén: no se puede %s «%s»: %s"),
                     doing, path, error_reason(errno));
}

static bool has_size(const char *path)
{
    struct stat file;
    return stat(path, &file) == 0 && file.st_size > 0;
}

static const char *beside(const char *path, const char *suffix, char name[NAME_BYTES])
{
    snprintf(name, NAME_BYTES, "%s%s", path, suffix);
    return name;
}

static void remove_with_log(const char *path)
{
    static const char *const suffixes[] = {"", "-journal", "-wal", "-shm"};
    char name[NAME_BYTES];
    for (size_t i = 0; i < COUNT_OF(suffixes); i++)
        unlink(beside(path, suffixes[i], name));
}

/* ---- the old store: its log is folded into it, so that it is one file that one rename replaces */

static bool note_last_number(struct restore *restore, sqlite3 *db)
{
    int64_t number = 0;
    struct error ignored;
    bool is_read = sqlite_read_last_number(db, &number, &ignored);
    if (is_read && number > restore->last_number)
        restore->last_number = number;
    return is_read;
}

static bool is_damaged(sqlite3 *db)
{
    int result = sqlite3_errcode(db) & 0xff;
    return result == SQLITE_NOTADB || result == SQLITE_CORRUPT;
}

/* A damaged one cannot be folded, which may be why there is a restore: it keeps its log, which
 * closing must not touch. */
static bool fold_old(struct restore *restore, struct error *error)
{
    if (!has_size(restore->path))
        return true;
    CLEANUP(sqlite_close) sqlite3 *db = sqlite_open(restore->path, error);
    if (db == NULL)
        return false;
    sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    if (!note_last_number(restore, db) && is_damaged(db))
        return true;
    int result = sqlite3_wal_checkpoint_v2(db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    char reason[SQLITE_REASON_BYTES];
    return result == SQLITE_OK || is_damaged(db) ||
           error_set(error,
                     in_language("store: \"%s\" cannot be put aside: %s",
                                 "almacén: no se puede apartar «%s»: %s"),
                     restore->path, sqlite_reason(db, reason));
}

/* ---- the backup: a store of this or an older handoffd, whole */

static bool check(sqlite3 *db, const char *path, struct error *error)
{
    unsigned char secret[STORE_SECRET_BYTES];
    char reason[SQLITE_REASON_BYTES];
    int version = sqlite_schema_version(db, path, error);
    if (version < 0)
        return false;
    CLEANUP(sqlite_finalize)
    sqlite3_stmt *row = sqlite_prepare(db, "PRAGMA quick_check(1)", error);
    if (row == NULL)
        return false;
    bool is_read = version > 0 && sqlite3_step(row) == SQLITE_ROW;
    if (is_read && strcmp(sqlite_column_text(row, 0), "ok") == 0)
        return sqlite_read_secret(db, secret, error);
    return error_set(error,
                     in_language("store: \"%s\" is no backup of a store, or is damaged: %s",
                                 "almacén: «%s» no es la copia de un almacén, o está dañada: %s"),
                     path,
                     version == 0 ? "-"
                     : is_read    ? sqlite_column_text(row, 0)
                                  : sqlite_reason(db, reason));
}

/* Not as bytes: a backup that was made by other means may have a log beside it. */
static bool copy_backup(struct restore *restore, struct error *error)
{
    struct error why;
    CLEANUP(sqlite_close) sqlite3 *db = sqlite_open_to_read(restore->backup, error);
    if (db == NULL || !check(db, restore->backup, error))
        return false;
    note_last_number(restore, db);
    remove_with_log(restore->fresh);
    return sqlite_copy(db, restore->fresh, &why) ||
           error_set(error, in_language("store: %s", "almacén: %s"), why.message);
}

/* ---- the new store: this schema, parked, the old one's owner's */

static bool park(sqlite3 *db, struct restore *restore, struct error *error)
{
    CLEANUP(sqlite_finalize)
    sqlite3_stmt *story = sqlite_prepare(
        db,
        "INSERT INTO event (handoff, number, at_ms, kind, detail) "
        "SELECT number, 1 + ifnull((SELECT max(number) FROM event WHERE handoff = h.number), 0), "
        " ?1, ?2, 'restored from a backup' FROM handoff h WHERE wake <> 0",
        error);
    CLEANUP(sqlite_finalize)
    sqlite3_stmt *state = sqlite_prepare(
        db, "UPDATE handoff SET state = ?1, stuck = ?2, wake = 0, due_ms = 0 WHERE wake <> 0",
        error);
    if (story == NULL || state == NULL)
        return false;
    sqlite3_bind_int64(story, 1, clock_wall_ms());
    sqlite_bind_text(story, 2, restore->parked_state);
    sqlite_bind_text(state, 1, restore->parked_state);
    sqlite_bind_text(state, 2, restore->stuck);
    if (!sqlite_is_done(db, sqlite3_step(story), error) ||
        !sqlite_is_done(db, sqlite3_step(state), error))
        return false;
    restore->parked = sqlite3_changes(db);
    return true;
}

static bool leave_numbers_out(sqlite3 *db, const struct restore *restore, struct error *error)
{
    CLEANUP(sqlite_finalize)
    sqlite3_stmt *statement = sqlite_prepare(db,
                                             "INSERT OR REPLACE INTO store (name, value) "
                                             "VALUES ('left_out', CAST(CAST(?1 AS TEXT) AS BLOB))",
                                             error);
    if (statement == NULL)
        return false;
    sqlite3_bind_int64(statement, 1, restore->last_number + LEFT_OUT);
    return sqlite_is_done(db, sqlite3_step(statement), error);
}

static bool change_fresh(sqlite3 *db, struct restore *restore, struct error *error)
{
    return sqlite_schema_migrate(db, restore->fresh, error) &&
           sqlite_run(db, "PRAGMA synchronous=FULL", error) &&
           sqlite_run(db, "BEGIN IMMEDIATE", error) && park(db, restore, error) &&
           leave_numbers_out(db, restore, error) && sqlite_run(db, "COMMIT", error);
}

/* Whoever runs the command, the daemon must be able to open it. */
static bool give_to_owner(const struct restore *restore, struct error *error)
{
    char lock[NAME_BYTES];
    struct stat owner;
    if (geteuid() != 0)
        return true;
    CLEANUP(memory_free) char *folder = memory_text(restore->path);
    *strrchr(folder, '/') = '\0';
    if (stat(has_size(restore->path) ? restore->path : folder, &owner) != 0)
        return fail(in_language("find the owner of", "saber de quién es"), restore->path, error);
    beside(restore->path, ".lock", lock);
    return (chown(restore->fresh, owner.st_uid, owner.st_gid) == 0 &&
            chown(lock, owner.st_uid, owner.st_gid) == 0) ||
           fail(in_language("give the new store to the owner of",
                            "dar el almacén nuevo al dueño de"),
                restore->path, error);
}

/* Without a write-ahead log (a copy has none): each COMMIT is in the one file. */
static bool make_ready(struct restore *restore, struct error *error)
{
    CLEANUP(sqlite_close) sqlite3 *db = sqlite_open(restore->fresh, error);
    return db != NULL && change_fresh(db, restore, error) && give_to_owner(restore, error);
}

/* ---- the old one's further name, then the new one's */

static void choose_name(struct restore *restore)
{
    char when[32];
    time_t now = (time_t)(clock_wall_ms() / 1000);
    struct tm utc;
    strftime(when, sizeof when, "%Y%m%dT%H%M%SZ", gmtime_r(&now, &utc));
    snprintf(restore->kept, sizeof restore->kept, "%s.before-restore-%s", restore->path, when);
    for (int i = 2; access(restore->kept, F_OK) == 0 && i < NAMES_MOST; i++)
        snprintf(restore->kept, sizeof restore->kept, "%s.before-restore-%s.%d", restore->path,
                 when, i);
}

/* Links: the old store stays where it is. */
static bool keep_old(struct restore *restore, struct error *error)
{
    char log[NAME_BYTES];
    char kept_log[NAME_BYTES];
    bool has_log = has_size(beside(restore->path, "-wal", log));
    if (!has_log && !has_size(restore->path)) {
        restore->kept[0] = '\0';
        return true;
    }
    if (link(restore->path, restore->kept) != 0)
        return fail(in_language("keep the old store as", "conservar el almacén anterior como"),
                    restore->kept, error);
    if (!has_log || link(log, beside(restore->kept, "-wal", kept_log)) == 0)
        return true;
    fail(in_language("keep the old store's log as",
                     "conservar el registro del almacén anterior como"),
         kept_log, error);
    unlink(restore->kept);
    return false;
}

/* An old log beside a new store would be taken for its own. */
static bool put_in_place(struct restore *restore, struct error *error)
{
    struct error why;
    char name[NAME_BYTES];
    if (!sqlite_sync_folder(restore->path, &why))
        return error_set(error, in_language("store: %s", "almacén: %s"), why.message);
    unlink(beside(restore->path, "-wal", name));
    unlink(beside(restore->path, "-shm", name));
    unlink(beside(restore->path, "-journal", name));
    if (rename(restore->fresh, restore->path) != 0)
        return fail(in_language("replace", "reemplazar"), restore->path, error);
    return sqlite_sync_folder(restore->path, &why) ||
           error_set(error, in_language("store: %s", "almacén: %s"), why.message);
}

/* ---- */

static bool is_one_file(const char *one, const char *other)
{
    struct stat first;
    struct stat second;
    return stat(one, &first) == 0 && stat(other, &second) == 0 && first.st_dev == second.st_dev &&
           first.st_ino == second.st_ino;
}

static bool run(struct restore *restore, size_t kept_size, struct error *error)
{
    if (is_one_file(restore->path, restore->backup))
        return error_set(
            error,
            in_language("store: \"%s\" is the store itself", "almacén: «%s» es el almacén mismo"),
            restore->backup);
    beside(restore->path, ".restoring", restore->fresh);
    choose_name(restore);
    if (strlen(restore->kept) >= kept_size)
        return error_set(error, in_language("store: the path is too long",
                                            "almacén: la ruta es demasiado larga"));
    bool is_done = fold_old(restore, error) && copy_backup(restore, error) &&
                   make_ready(restore, error) && keep_old(restore, error) &&
                   put_in_place(restore, error);
    if (!is_done)
        remove_with_log(restore->fresh);
    return is_done;
}

bool store_restore(const char *path, const char *backup, const char *parked_state,
                   const char *stuck, char *kept, size_t kept_size, int64_t *parked,
                   struct error *error)
{
    struct restore restore = {.backup = backup, .parked_state = parked_state, .stuck = stuck};
    bool was_there = access(path, F_OK) == 0;
    int lock = lock_take(path, error); /* makes the file */
    if (lock < 0)
        return false;
    bool is_done = realpath(path, restore.path) != NULL
                       ? run(&restore, kept_size, error)
                       : fail(in_language("find", "encontrar"), path, error);
    if (!is_done && !was_there && !has_size(path))
        unlink(restore.path);
    lock_release(lock);
    if (is_done) {
        snprintf(kept, kept_size, "%s", restore.kept);
        *parked = restore.parked;
    }
    return is_done;
}
