/* sqlite_asking - the thread that answers questions while the store serves. */
#ifndef STORE_SQLITE_ASKING_H
#define STORE_SQLITE_ASKING_H

#include "store/store.h"

struct asking;

/* Its connection is opened at the first question. `path` is that of a database which the caller has
 * open to write for as long. */
struct asking *asking_start(struct loop *loop, const char *path);

void asking_ask(struct asking *asking, struct store_query *query);
void asking_ask_ids(struct asking *asking, struct store_ids_query *query);

/* Waits for the answers: every on_done has run and the connection is closed when this returns;
 * on_stopped runs when the loop has let go. */
void asking_stop(struct asking *asking, void (*on_stopped)(void *context), void *context);

#endif
