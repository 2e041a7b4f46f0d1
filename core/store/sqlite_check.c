/* sqlite_check - SQLite's own check of its pages and indexes, then questions whose answer must
 * be 0. */
#include "store/sqlite_check.h"

#include <string.h>

#include "base/language.h"
#include "base/memory.h"
#include "store/sqlite.h"

static const struct {
    const char *sql;
    const char *one; /* the number before it */
    const char *several;
    const char *uno;
    const char *varios;
} questions[] = {
    {"SELECT count(*) FROM attempt a WHERE NOT EXISTS "
     "(SELECT 1 FROM handoff h WHERE h.number = a.handoff)",
     "attempt belongs to no handoff", "attempts belong to no handoff",
     "intento no es de ninguna solicitud", "intentos no son de ninguna solicitud"},
    {"SELECT count(*) FROM event e WHERE NOT EXISTS "
     "(SELECT 1 FROM handoff h WHERE h.number = e.handoff)",
     "event belongs to no handoff", "events belong to no handoff",
     "evento no es de ninguna solicitud", "eventos no son de ninguna solicitud"},
    {"SELECT count(*) FROM customer c WHERE NOT EXISTS "
     "(SELECT 1 FROM handoff h WHERE h.number = c.handoff)",
     "customer belongs to no handoff", "customers belong to no handoff",
     "cliente no es de ninguna solicitud", "clientes no son de ninguna solicitud"},
    {"SELECT count(*) FROM (SELECT 1 FROM attempt WHERE message_id IS NOT NULL "
     "GROUP BY channel, message_id HAVING count(*) > 1)",
     "message of a provider stands for more than one attempt",
     "messages of a provider stand for more than one attempt",
     "mensaje de un proveedor está en más de un intento",
     "mensajes de un proveedor están en más de un intento"},
};

/* It has a line of its own about the database before a fault of a page. */
static const char *last_line(const char *text)
{
    const char *end = strrchr(text, '\n');
    return end != NULL ? end + 1 : text;
}

static bool check_pages(sqlite3 *db, struct error *error)
{
    CLEANUP(sqlite_finalize)
    sqlite3_stmt *row = sqlite_prepare(db, "PRAGMA integrity_check(1)", error);
    if (row == NULL)
        return false;
    if (sqlite3_step(row) != SQLITE_ROW)
        return sqlite_fail(db, error);
    const char *verdict = sqlite_column_text(row, 0);
    return strcmp(verdict, "ok") == 0 ||
           error_set(error, in_language("store: %s", "almacén: %s"), last_line(verdict));
}

bool sqlite_check(sqlite3 *db, struct error *error)
{
    if (!check_pages(db, error))
        return false;
    for (size_t i = 0; i < COUNT_OF(questions); i++) {
        int64_t count = 0;
        if (!sqlite_read_number(db, questions[i].sql, &count, error))
            return false;
        if (count > 0)
            return error_set(error, "%lld %s", (long long)count,
                             count == 1 ? in_language(questions[i].one, questions[i].uno)
                                        : in_language(questions[i].several, questions[i].varios));
    }
    return true;
}
