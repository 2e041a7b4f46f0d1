/* sqlite_reader - the commands' way into a store: reading, beside a daemon or without one. */
#include <stdlib.h>
#include <sys/stat.h>

#include "base/language.h"
#include "base/memory.h"
#include "store/schema.h"
#include "store/sqlite.h"
#include "store/sqlite_check.h"
#include "store/sqlite_question.h"
#include "store/sqlite_read.h"
#include "store/sqlite_schema.h"
#include "store/store.h"

struct store_reader {
    sqlite3 *db;
    struct answerer *answerer;
    unsigned char secret[STORE_SECRET_BYTES];
};

/* An empty file is what a start leaves that was stopped at once. */
static bool is_there(const char *path)
{
    struct stat file;
    return stat(path, &file) == 0 && file.st_size > 0;
}

static bool has_this_schema(sqlite3 *db, const char *path, struct error *error)
{
    int version = sqlite_schema_version(db, path, error);
    if (version >= 0 && version < schema_count)
        error_set(error,
                  in_language("store: \"%s\" has schema %d, older than this handoffd's %d: serve "
                              "once, and it is brought up",
                              "almacén: «%s» tiene el esquema %d, anterior al %d de este handoffd: "
                              "se actualiza al servir una vez"),
                  path, version, schema_count);
    return version == schema_count;
}

struct store_reader *store_reader_open(const char *path, struct error *error)
{
    if (!is_there(path)) {
        error_set(error,
                  in_language("store: there is none at \"%s\" yet",
                              "almacén: todavía no hay ninguno en «%s»"),
                  path);
        return NULL;
    }
    struct store_reader *reader = memory_zeroed(1, sizeof *reader);
    if ((reader->db = sqlite_open_to_read(path, error)) != NULL &&
        has_this_schema(reader->db, path, error) &&
        sqlite_read_secret(reader->db, reader->secret, error) &&
        (reader->answerer = answerer_create(reader->db, error)) != NULL)
        return reader;
    store_reader_close(reader);
    return NULL;
}

void store_reader_close(struct store_reader *reader)
{
    if (reader == NULL)
        return;
    answerer_destroy(reader->answerer);
    sqlite3_close(reader->db);
    free(reader);
}

void store_reader_ask(struct store_reader *reader, struct store_query *query)
{
    answerer_answer(reader->answerer, query);
}

bool store_reader_check(struct store_reader *reader, struct error *error)
{
    return sqlite_check(reader->db, error);
}

bool store_reader_api_keys(struct store_reader *reader,
                           void (*on_key)(void *context, const struct store_api_key *key),
                           void *context, struct error *error)
{
    return sqlite_api_keys(reader->db, on_key, context, error);
}

const unsigned char *store_reader_secret(const struct store_reader *reader)
{
    return reader->secret;
}

bool store_peek_turns(const char *path,
                      void (*on_turn)(void *context, const struct store_turn *turn), void *context,
                      struct error *error)
{
    if (!is_there(path))
        return true;
    CLEANUP(sqlite_close) sqlite3 *db = sqlite_open_to_read(path, error);
    return db != NULL && sqlite_turns(db, on_turn, context, error);
}
