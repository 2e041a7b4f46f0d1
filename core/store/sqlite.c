/* sqlite - opens the database as durable as SQLite can be, and keeps its schema. */
#include "store/sqlite.h"

#include <stddef.h>

#include "store/schema.h"

static bool failed(sqlite3 *db, const char *doing, struct error *error)
{
    return error_set(error, "store: %s: %s", doing, sqlite3_errmsg(db));
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

void sqlite_finalize(sqlite3_stmt **statement)
{
    sqlite3_finalize(*statement);
}

void sqlite_bind_text(sqlite3_stmt *statement, int index, const char *text)
{
    sqlite3_bind_text(statement, index, text, -1, SQLITE_STATIC);
}

/* The pragma answers with the mode that it got. */
static bool use_wal(sqlite3 *db, const char *path, struct error *error)
{
    sqlite3_stmt *statement = NULL;
    bool is_wal = false;
    if (sqlite3_prepare_v2(db, "PRAGMA journal_mode=WAL", -1, &statement, NULL) == SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW)
        is_wal = sqlite3_stricmp((const char *)sqlite3_column_text(statement, 0), "wal") == 0;
    sqlite3_finalize(statement);
    return is_wal || error_set(error, "store: \"%s\" cannot keep a write-ahead log: %s", path,
                               sqlite3_errmsg(db));
}

sqlite3 *sqlite_open(const char *path, struct error *error)
{
    sqlite3 *db = NULL;
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    if (sqlite3_open_v2(path, &db, flags, NULL) != SQLITE_OK) {
        error_set(error, "store: cannot open \"%s\": %s", path, sqlite3_errmsg(db));
        sqlite3_close(db);
        return NULL;
    }
    sqlite3_extended_result_codes(db, 1);
    if (!use_wal(db, path, error) || !sqlite_run(db, "PRAGMA synchronous=FULL", error) ||
        !sqlite_migrate(db, path, error)) {
        sqlite3_close(db);
        return NULL;
    }
    return db;
}

/* ---- the schema: numbered steps, the number kept in user_version */

static int schema_version(sqlite3 *db)
{
    sqlite3_stmt *statement = NULL;
    int version = -1;
    if (sqlite3_prepare_v2(db, "PRAGMA user_version", -1, &statement, NULL) == SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW)
        version = sqlite3_column_int(statement, 0);
    sqlite3_finalize(statement);
    return version;
}

bool sqlite_migrate(sqlite3 *db, const char *path, struct error *error)
{
    int version = schema_version(db);
    if (version < 0)
        return failed(db, "reading the schema's version", error);
    if (version > schema_count)
        return error_set(error,
                         "store: \"%s\" has schema %d and this handoffd knows up to %d: "
                         "start the newer handoffd that wrote it",
                         path, version, schema_count);
    while (version < schema_count) {
        char stamp[64];
        sqlite3_snprintf((int)sizeof stamp, stamp, "PRAGMA user_version=%d", version + 1);
        if (!sqlite_run(db, "BEGIN IMMEDIATE", error) ||
            !sqlite_run(db, schema_steps[version], error) || !sqlite_run(db, stamp, error) ||
            !sqlite_run(db, "COMMIT", error))
            return false;
        version++;
    }
    return true;
}
