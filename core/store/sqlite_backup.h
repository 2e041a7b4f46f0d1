/* sqlite_backup - a copy of the store, written while the store serves. */
#ifndef STORE_SQLITE_BACKUP_H
#define STORE_SQLITE_BACKUP_H

#include "base/loop.h"
#include "store/store.h"

struct backups;

/* `source` is a database which the caller has open to write for as long. */
struct backups *backups_create(struct loop *loop, const char *source);

/* As store_backup. */
void backups_start(struct backups *backups, const char *path,
                   void (*on_done)(void *context, const struct error *error), void *context);

/* What is under way, and whatever is started later, ends soon with an error. */
void backups_give_up(struct backups *backups);

/* Gives up what is under way: every on_done has run and every connection is closed when this
 * returns; on_stopped runs when the loop has let go. */
void backups_stop(struct backups *backups, void (*on_stopped)(void *context), void *context);

#endif
