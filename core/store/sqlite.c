/* sqlite - a writing connection as durable as SQLite can be, reading ones that only read. */
#include "store/sqlite.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/language.h"
#include "base/memory.h"

/* Somebody with a database shell may hold a lock for a moment, or a command that reads; the loop's
 * thread never waits, once the loop runs. */
enum { PATIENCE_MS = 5000, URI_BYTES = 16 * 1024 };

/* SQLite speaks English. */
static const char *words(sqlite3 *db)
{
    static const struct {
        int result;
        const char *spanish;
    } known[] = {
        {SQLITE_BUSY, "la base de datos está en uso"},
        {SQLITE_CANTOPEN, "no se pudo abrir el archivo de la base de datos"},
        {SQLITE_CORRUPT, "la base de datos está dañada"},
        {SQLITE_FULL, "el disco o la base de datos están llenos"},
        {SQLITE_IOERR, "error de lectura o escritura del disco"},
        {SQLITE_NOTADB, "el archivo no es una base de datos"},
        {SQLITE_READONLY, "solo se puede leer"},
    };
    for (size_t i = 0; language_is_spanish() && i < COUNT_OF(known); i++) {
        if (known[i].result == (sqlite3_errcode(db) & 0xff))
            return known[i].spanish;
    }
    return sqlite3_errmsg(db);
}

static bool failed(sqlite3 *db, const char *doing, struct error *error)
{
    return error_set(error, in_language("store: %s: %s", "almacén: %s: %s"), doing, words(db));
}

bool sqlite_fail(sqlite3 *db, struct error *error)
{
    return error_set(error, in_language("store: %s", "almacén: %s"), words(db));
}

bool sqlite_run(sqlite3 *db, const char *sql, struct error *error)
{
    return sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK || failed(db, sql, error);
}

sqlite3_stmt *sqlite_prepare(sqlite3 *db, const char *sql, struct error *error)
{
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL) != SQLITE_OK)
        failed(db, sql, error);
    return statement;
}

bool sqlite_is_done(sqlite3 *db, int result, struct error *error)
{
    return result == SQLITE_DONE || sqlite_fail(db, error);
}

const char *sqlite_reason(sqlite3 *db, char to[SQLITE_REASON_BYTES])
{
    int result = sqlite3_errcode(db) & 0xff;
    bool is_of_system =
        result == SQLITE_IOERR || result == SQLITE_FULL || result == SQLITE_CANTOPEN;
    int code = is_of_system ? sqlite3_system_errno(db) : 0;
    snprintf(to, SQLITE_REASON_BYTES, "%s%s%s", words(db), code != 0 ? ": " : "",
             code != 0 ? error_reason(code) : "");
    return to;
}

void sqlite_finalize(sqlite3_stmt **statement)
{
    sqlite3_finalize(*statement);
}

void sqlite_close(sqlite3 **db)
{
    sqlite3_close(*db);
}

void sqlite_bind_text(sqlite3_stmt *statement, int index, const char *text)
{
    sqlite3_bind_text(statement, index, text, -1, SQLITE_STATIC);
}

const char *sqlite_column_text(sqlite3_stmt *statement, int column)
{
    return (const char *)sqlite3_column_text(statement, column);
}

/* ---- opening */

static void fail_to_open(const char *path, const char *why, struct error *error)
{
    error_set(error,
              in_language("store: cannot open \"%s\": %s", "almacén: no se puede abrir «%s»: %s"),
              path, why);
}

static sqlite3 *open_with(const char *name, const char *path, int flags, struct error *error)
{
    sqlite3 *db = NULL;
    if (sqlite3_open_v2(name, &db, flags | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK) {
        fail_to_open(path, words(db), error);
        sqlite3_close(db);
        return NULL;
    }
    sqlite3_extended_result_codes(db, 1);
    sqlite3_busy_timeout(db, PATIENCE_MS);
    return db;
}

sqlite3 *sqlite_open(const char *path, struct error *error)
{
    return open_with(path, path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, error);
}

/* The pragma answers with the mode that it got. */
static bool use_wal(sqlite3 *db, const char *path, struct error *error)
{
    CLEANUP(sqlite_finalize) sqlite3_stmt *statement = NULL;
    bool is_wal = false;
    if (sqlite3_prepare_v2(db, "PRAGMA journal_mode=WAL", -1, &statement, NULL) == SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW)
        is_wal = sqlite3_stricmp(sqlite_column_text(statement, 0), "wal") == 0;
    return is_wal || error_set(error,
                               in_language("store: \"%s\" cannot keep a write-ahead log: %s",
                                           "almacén: «%s» no puede llevar un registro previo "
                                           "(WAL): %s"),
                               path, words(db));
}

bool sqlite_make_durable(sqlite3 *db, const char *path, struct error *error)
{
    return use_wal(db, path, error) && sqlite_run(db, "PRAGMA synchronous=FULL", error);
}

/* A reading connection has little use for a cache of its own: the log and the file are in the
 * system's. */
static sqlite3 *only_reading(sqlite3 *db)
{
    if (db != NULL) {
        sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
        sqlite3_exec(db, "PRAGMA cache_size=-256", NULL, NULL, NULL);
    }
    return db;
}

sqlite3 *sqlite_open_beside(const char *path, struct error *error)
{
    return only_reading(open_with(path, path, SQLITE_OPEN_READONLY, error));
}

static bool has_beside(const char *path, const char *suffix)
{
    struct buffer name;
    buffer_init(&name, URI_BYTES);
    bool is_there = buffer_format(&name, "%s%s", path, suffix) && access(name.bytes, F_OK) == 0;
    buffer_deinit(&name);
    return is_there;
}

/* As it lies: SQLite takes no lock and makes no file. For short readings: a daemon that starts
 * meanwhile writes to its log at first, not to the file. */
static sqlite3 *open_as_it_lies(const char *path, struct error *error)
{
    struct buffer uri;
    buffer_init(&uri, URI_BYTES);
    buffer_append_text(&uri, "file:");
    for (const char *at = path; *at != '\0'; at++) {
        if (strchr("?#%", *at) != NULL)
            buffer_format(&uri, "%%%02x", (unsigned)*at);
        else
            buffer_append_char(&uri, *at);
    }
    buffer_append_text(&uri, "?immutable=1");
    sqlite3 *db = open_with(uri.bytes, path, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, error);
    buffer_deinit(&uri);
    return db;
}

/* The log lies beside the file itself, whatever links lead there. */
sqlite3 *sqlite_open_to_read(const char *path, struct error *error)
{
    CLEANUP(memory_free) char *real = realpath(path, NULL);
    if (real == NULL) {
        fail_to_open(path, error_reason(errno), error);
        return NULL;
    }
    bool has_log = has_beside(real, "-wal") || has_beside(real, "-journal");
    return only_reading(has_log ? open_with(real, path, SQLITE_OPEN_READONLY, error)
                                : open_as_it_lies(real, error));
}

/* ---- small values */

bool sqlite_read_number(sqlite3 *db, const char *sql, int64_t *number, struct error *error)
{
    CLEANUP(sqlite_finalize) sqlite3_stmt *statement = sqlite_prepare(db, sql, error);
    if (statement == NULL)
        return false;
    if (sqlite3_step(statement) != SQLITE_ROW)
        return sqlite_fail(db, error);
    *number = sqlite3_column_int64(statement, 0);
    return true;
}

bool sqlite_read_secret(sqlite3 *db, unsigned char secret[STORE_SECRET_BYTES], struct error *error)
{
    CLEANUP(sqlite_finalize)
    sqlite3_stmt *statement =
        sqlite_prepare(db, "SELECT value FROM store WHERE name = 'secret'", error);
    if (statement == NULL)
        return false;
    if (sqlite3_step(statement) != SQLITE_ROW ||
        sqlite3_column_bytes(statement, 0) != STORE_SECRET_BYTES)
        return error_set(error, in_language("store: the secret is missing or damaged",
                                            "almacén: el secreto falta o está dañado"));
    memcpy(secret, sqlite3_column_blob(statement, 0), STORE_SECRET_BYTES);
    return true;
}

bool sqlite_read_last_number(sqlite3 *db, int64_t *number, struct error *error)
{
    return sqlite_read_number(db,
                              "SELECT max((SELECT ifnull(max(number), 0) FROM handoff), "
                              " ifnull((SELECT CAST(CAST(value AS TEXT) AS INTEGER) FROM store "
                              "  WHERE name = 'left_out'), 0))",
                              number, error);
}
