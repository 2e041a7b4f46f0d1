/* sqlite_schema - numbered steps, the number kept in user_version; each step is a transaction. */
#include "store/sqlite_schema.h"

#include <stdio.h>
#include <unistd.h>

#include "base/language.h"
#include "base/log.h"
#include "base/memory.h"
#include "store/schema.h"
#include "store/sqlite.h"
#include "store/sqlite_copy.h"

enum { COPIES_MOST = 1000 };

/* A database that somebody else made may have any number, and has no secret of ours. */
static bool is_strange(sqlite3 *db, int64_t version)
{
    int64_t tables = 0;
    struct error error;
    return sqlite_read_number(db,
                              version == 0 ? "SELECT count(*) FROM sqlite_schema"
                                           : "SELECT count(*) = 0 FROM sqlite_schema WHERE "
                                             "type = 'table' AND name IN ('store', 'handoff')",
                              &tables, &error) &&
           tables > 0;
}

static int refuse_newer(const char *path, int64_t version, struct error *error)
{
    error_set(error,
              in_language("store: \"%s\" has schema %d and this handoffd knows up to %d: "
                          "start the newer handoffd that wrote it",
                          "almacén: «%s» tiene el esquema %d y este handoffd conoce hasta el %d: "
                          "usa el handoffd más nuevo que lo escribió"),
              path, (int)version, schema_count);
    return -1;
}

int sqlite_schema_version(sqlite3 *db, const char *path, struct error *error)
{
    int64_t version = 0;
    if (!sqlite_read_number(db, "PRAGMA user_version", &version, error)) {
        char reason[SQLITE_REASON_BYTES];
        error_set(
            error,
            in_language("store: cannot read \"%s\": %s", "almacén: no se puede leer «%s»: %s"),
            path, sqlite_reason(db, reason));
        return -1;
    }
    if (version > schema_count)
        return refuse_newer(path, version, error);
    if (version < 0 || is_strange(db, version)) {
        error_set(error,
                  in_language("store: \"%s\" is a database of something else",
                              "almacén: «%s» es una base de datos de otra cosa"),
                  path);
        return -1;
    }
    return (int)version;
}

/* ---- before the first step: a copy, so that the older handoffd can be gone back to */

static bool keep_copy(sqlite3 *db, const char *path, int version, struct error *error)
{
    struct error why;
    char copy[4096];
    int length = snprintf(copy, sizeof copy, "%s.schema-%d", path, version);
    for (int i = 2; access(copy, F_OK) == 0 && i < COPIES_MOST; i++)
        length = snprintf(copy, sizeof copy, "%s.schema-%d.%d", path, version, i);
    if (length >= (int)sizeof copy)
        return error_set(error, in_language("store: the path is too long",
                                            "almacén: la ruta es demasiado larga"));
    if (!sqlite_copy(db, copy, &why))
        return error_set(error,
                         in_language("store: \"%s\" is not brought to schema %d, because no copy "
                                     "of it can be kept: %.300s",
                                     "almacén: «%s» no se lleva al esquema %d, porque no se puede "
                                     "guardar una copia: %.300s"),
                         path, schema_count, why.message);
    log_info("a copy of the store is kept before its schema changes from=%d to=%d copy=%s", version,
             schema_count, copy);
    return true;
}

bool sqlite_schema_keep(sqlite3 *db, const char *path, struct error *error)
{
    int version = sqlite_schema_version(db, path, error);
    return version == 0 || version == schema_count ||
           (version > 0 && keep_copy(db, path, version, error));
}

/* ---- the steps */

static bool take_step(sqlite3 *db, int version, struct error *error)
{
    char stamp[64];
    snprintf(stamp, sizeof stamp, "PRAGMA user_version=%d", version + 1);
    return sqlite_run(db, "BEGIN IMMEDIATE", error) &&
           sqlite_run(db, schema_steps[version], error) && sqlite_run(db, stamp, error) &&
           sqlite_run(db, "COMMIT", error);
}

bool sqlite_schema_migrate(sqlite3 *db, const char *path, struct error *error)
{
    int version = sqlite_schema_version(db, path, error);
    if (version < 0)
        return false;
    while (version < schema_count && take_step(db, version, error))
        version++;
    return version == schema_count;
}
