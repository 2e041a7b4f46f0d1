/* sqlite_question - answers the questions of store.h on a reading connection. */
#ifndef STORE_SQLITE_QUESTION_H
#define STORE_SQLITE_QUESTION_H

#include <sqlite3.h>

#include "store/store.h"

struct answerer;

/* The statements, on this connection, which it borrows. NULL on failure. */
struct answerer *answerer_create(sqlite3 *db, struct error *error) MUST_CHECK;

/* Before the connection is closed. NULL is fine. */
void answerer_destroy(struct answerer *answerer);

/* Each sets the answer, or is_failed and error; all that was read is of one moment. */
void answerer_answer(struct answerer *answerer, struct store_query *query);
void answerer_answer_ids(struct answerer *answerer, struct store_ids_query *query);

#endif
