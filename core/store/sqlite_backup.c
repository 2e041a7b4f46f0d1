/* sqlite_backup - a thread for each backup, which ends with it: idle, there is none. */
#include "store/sqlite_backup.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/language.h"
#include "base/memory.h"
#include "store/sqlite.h"
#include "store/sqlite_copy.h"

/* How many steps of SQLite's machine pass before it looks whether it is to stop. */
enum { LOOK_EVERY = 1000 };

struct backups {
    struct loop *loop;
    char *source;
    struct backup *first; /* all whose thread has not ended */
    size_t count;         /* all whose handle the loop still has */
    bool is_busy;
    atomic_bool is_given_up;
    bool is_stopping;
    struct turn stopped;
    void (*on_stopped)(void *context);
    void *stopped_context;
};

struct backup {
    struct work work;
    struct backups *backups;
    struct backup *next;
    struct worker *worker;
    char *path;
    bool is_refused;
    bool is_written;
    struct error error;
    void (*on_done)(void *context, const struct error *error);
    void *context;
};

static void write_copy(void *context, struct work *work);
static void on_work_done(struct work *work);
static void on_thread_ended(void *context);

struct backups *backups_create(struct loop *loop, const char *source)
{
    struct backups *backups = memory_zeroed(1, sizeof *backups);
    backups->loop = loop;
    backups->source = memory_text(source);
    return backups;
}

void backups_start(struct backups *backups, const char *path,
                   void (*on_done)(void *context, const struct error *error), void *context)
{
    struct backup *backup = memory_zeroed(1, sizeof *backup);
    *backup = (struct backup){
        .work = {.on_done = on_work_done},
        .backups = backups,
        .next = backups->first,
        .worker = worker_start(backups->loop, write_copy, backup),
        .path = memory_text(path),
        .is_refused = backups->is_busy,
        .on_done = on_done,
        .context = context,
    };
    backups->first = backup;
    backups->count++;
    backups->is_busy = true;
    worker_submit(backup->worker, &backup->work);
}

/* ---- on the backup's thread */

static int is_to_stop(void *context)
{
    struct backups *backups = context;
    return atomic_load(&backups->is_given_up);
}

static bool copy(struct backup *backup, struct error *error)
{
    struct backups *backups = backup->backups;
    struct error why;
    CLEANUP(sqlite_close) sqlite3 *db = sqlite_open_beside(backups->source, error);
    if (db == NULL)
        return false;
    sqlite3_progress_handler(db, LOOK_EVERY, is_to_stop, backups);
    if (!is_to_stop(backups) && sqlite_copy(db, backup->path, &why))
        return true;
    return is_to_stop(backups)
               ? error_set(error,
                           in_language("store: the backup was given up: handoffd is stopping",
                                       "almacén: la copia quedó sin terminar: handoffd se "
                                       "está deteniendo"))
               : error_set(error, in_language("store: %s", "almacén: %s"), why.message);
}

static void write_copy(void *context, struct work *work)
{
    struct backup *backup = context;
    (void)work;
    if (backup->is_refused)
        error_set(&backup->error, in_language("store: another backup is being written",
                                              "almacén: ya se está escribiendo otra copia"));
    else
        backup->is_written = copy(backup, &backup->error);
}

/* ---- on the loop's thread */

static void end_thread(struct backup *backup)
{
    struct backup **from = &backup->backups->first;
    while (*from != backup)
        from = &(*from)->next;
    *from = backup->next;
    worker_stop(backup->worker, on_thread_ended, backup);
}

/* Ends the thread first: on_done may close the store. */
static void on_work_done(struct work *work)
{
    struct backup *backup = container_of(work, struct backup, work);
    struct backups *backups = backup->backups;
    if (!backup->is_refused)
        backups->is_busy = false;
    if (!backups->is_stopping)
        end_thread(backup);
    backup->on_done(backup->context, backup->is_written ? NULL : &backup->error);
}

static void destroy(struct backups *backups)
{
    void (*on_stopped)(void *) = backups->on_stopped;
    void *stopped_context = backups->stopped_context;
    free(backups->source);
    free(backups);
    on_stopped(stopped_context);
}

static void on_all_ended(struct turn *turn)
{
    destroy(container_of(turn, struct backups, stopped));
}

static void on_thread_ended(void *context)
{
    struct backup *backup = context;
    struct backups *backups = backup->backups;
    free(backup->path);
    free(backup);
    if (--backups->count == 0 && backups->on_stopped != NULL)
        destroy(backups);
}

void backups_give_up(struct backups *backups)
{
    atomic_store(&backups->is_given_up, true);
}

void backups_stop(struct backups *backups, void (*on_stopped)(void *context), void *context)
{
    backups->on_stopped = on_stopped;
    backups->stopped_context = context;
    backups->stopped.run = on_all_ended;
    backups->is_stopping = true;
    backups_give_up(backups);
    while (backups->first != NULL)
        end_thread(backups->first);
    if (backups->count == 0)
        loop_next_turn(backups->loop, &backups->stopped);
}
