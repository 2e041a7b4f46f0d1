/* sqlite_writer - makes changes durable on the one connection that writes; used by one thread. */
#ifndef STORE_SQLITE_WRITER_H
#define STORE_SQLITE_WRITER_H

#include <sqlite3.h>

#include "store/store.h"

struct sqlite_writer;

/* The statements, on this connection, which it borrows. NULL on failure. */
struct sqlite_writer *sqlite_writer_create(sqlite3 *db, struct error *error) MUST_CHECK;

/* Before the connection is closed. NULL is fine. */
void sqlite_writer_destroy(struct sqlite_writer *writer);

/* All changes of the list in one transaction, each in a savepoint of its own; sets their results.
 * How long the commit took is in the first one's commit_us; the others have -1. */
void sqlite_writer_write(struct sqlite_writer *writer, struct work *list);

/* Why the first change FAILED; "" before that. Written no more once such a change is handed back.
 */
const char *sqlite_writer_failure(const struct sqlite_writer *writer);

#endif
