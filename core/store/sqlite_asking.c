/* sqlite_asking - a worker with a reading connection: it sees what was committed when it begins to
 * answer, and holds up no commit. */
#include "store/sqlite_asking.h"

#include <stdlib.h>

#include "base/memory.h"
#include "store/sqlite.h"
#include "store/sqlite_question.h"

struct asking {
    struct worker *worker;
    char *path;
    sqlite3 *db; /* this and the next are the worker's; NULL before a question, and after trouble */
    struct answerer *answerer;
    void (*on_stopped)(void *context);
    void *stopped_context;
};

/* ---- on the worker's thread */

static void close_connection(struct asking *asking)
{
    answerer_destroy(asking->answerer);
    sqlite3_close(asking->db);
    asking->answerer = NULL;
    asking->db = NULL;
}

static bool open_connection(struct asking *asking, struct error *error)
{
    if (asking->answerer != NULL)
        return true;
    asking->db = sqlite_open_beside(asking->path, error);
    if (asking->db != NULL)
        asking->answerer = answerer_create(asking->db, error);
    return asking->answerer != NULL;
}

static bool answer(struct asking *asking, struct store_query *query)
{
    if (open_connection(asking, &query->error))
        answerer_answer(asking->answerer, query);
    else
        query->is_failed = true;
    return !query->is_failed;
}

static bool answer_ids(struct asking *asking, struct store_ids_query *query)
{
    if (open_connection(asking, &query->error))
        answerer_answer_ids(asking->answerer, query);
    else
        query->is_failed = true;
    return !query->is_failed;
}

static void on_answered(struct work *work)
{
    struct store_query *query = container_of(work, struct store_query, work);
    query->on_done(query);
}

static void on_ids_answered(struct work *work)
{
    struct store_ids_query *query = container_of(work, struct store_ids_query, work);
    query->on_done(query);
}

/* What a piece of work is embedded in shows in who is told. After trouble the next question begins
 * with a new connection. */
static void answer_list(void *context, struct work *list)
{
    struct asking *asking = context;
    for (struct work *work = list; work != NULL; work = work->next) {
        bool is_answered =
            work->on_done == on_answered
                ? answer(asking, container_of(work, struct store_query, work))
                : answer_ids(asking, container_of(work, struct store_ids_query, work));
        if (!is_answered)
            close_connection(asking);
    }
}

/* ---- on the loop's thread */

struct asking *asking_start(struct loop *loop, const char *path)
{
    struct asking *asking = memory_zeroed(1, sizeof *asking);
    asking->path = memory_text(path);
    asking->worker = worker_start(loop, answer_list, asking);
    return asking;
}

void asking_ask(struct asking *asking, struct store_query *query)
{
    query->work.on_done = on_answered;
    worker_submit(asking->worker, &query->work);
}

void asking_ask_ids(struct asking *asking, struct store_ids_query *query)
{
    query->work.on_done = on_ids_answered;
    worker_submit(asking->worker, &query->work);
}

static void on_worker_stopped(void *context)
{
    struct asking *asking = context;
    void (*on_stopped)(void *) = asking->on_stopped;
    void *stopped_context = asking->stopped_context;
    free(asking->path);
    free(asking);
    on_stopped(stopped_context);
}

void asking_stop(struct asking *asking, void (*on_stopped)(void *context), void *context)
{
    asking->on_stopped = on_stopped;
    asking->stopped_context = context;
    worker_stop(asking->worker, on_worker_stopped, asking);
    close_connection(asking); /* its thread has ended */
}
