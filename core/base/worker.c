/* worker - two lists under one mutex: what waits for the thread, and what waits for the loop; the
 * loop has a third one of its own, of what it is telling. */
#include "base/worker.h"

#include <stdlib.h>

#include "base/memory.h"
#include "base/require.h"

struct list {
    struct work *first;
    struct work **last;
};

struct worker {
    uv_thread_t thread;
    uv_mutex_t mutex;
    uv_cond_t wake;
    uv_async_t async;
    bool is_stopping;
    struct list waiting;
    struct list done;
    struct list telling; /* this and the next are of the loop thread alone */
    size_t pending;
    void (*process)(void *context, struct work *list);
    void *context;
    void (*on_stopped)(void *context);
    void *stopped_context;
};

static void list_clear(struct list *list)
{
    list->first = NULL;
    list->last = &list->first;
}

static void list_append(struct list *list, struct work *first, struct work **last)
{
    *list->last = first;
    list->last = last;
}

static struct work *list_take(struct list *list)
{
    struct work *first = list->first;
    list_clear(list);
    return first;
}

static struct work *wait_for_work(struct worker *worker)
{
    uv_mutex_lock(&worker->mutex);
    while (worker->waiting.first == NULL && !worker->is_stopping)
        uv_cond_wait(&worker->wake, &worker->mutex);
    struct work *list = list_take(&worker->waiting);
    uv_mutex_unlock(&worker->mutex);
    return list;
}

static void run_thread(void *argument)
{
    struct worker *worker = argument;
    for (struct work *list = wait_for_work(worker); list != NULL; list = wait_for_work(worker)) {
        worker->process(worker->context, list);
        struct work *last = list;
        while (last->next != NULL)
            last = last->next;
        uv_mutex_lock(&worker->mutex);
        list_append(&worker->done, list, &last->next);
        uv_mutex_unlock(&worker->mutex);
        uv_async_send(&worker->async);
    }
}

static struct work *list_take_first(struct list *list)
{
    struct work *first = list->first;
    if (first != NULL && (list->first = first->next) == NULL)
        list_clear(list);
    return first;
}

/* An on_done that stops the worker comes here again, and goes on with the same list. */
static void deliver_done(struct worker *worker)
{
    uv_mutex_lock(&worker->mutex);
    if (worker->done.first != NULL)
        list_append(&worker->telling, worker->done.first, worker->done.last);
    list_clear(&worker->done);
    uv_mutex_unlock(&worker->mutex);
    struct work *work;
    while ((work = list_take_first(&worker->telling)) != NULL) {
        worker->pending--;
        work->on_done(work);
    }
}

static void on_async(uv_async_t *async)
{
    deliver_done(async->data);
}

struct worker *worker_start(struct loop *loop, void (*process)(void *context, struct work *list),
                            void *context)
{
    struct worker *worker = memory_zeroed(1, sizeof *worker);
    worker->process = process;
    worker->context = context;
    list_clear(&worker->waiting);
    list_clear(&worker->done);
    list_clear(&worker->telling);
    require(uv_mutex_init(&worker->mutex) == 0);
    require(uv_cond_init(&worker->wake) == 0);
    require(uv_async_init(loop_uv(loop), &worker->async, on_async) == 0);
    worker->async.data = worker;
    require(uv_thread_create(&worker->thread, run_thread, worker) == 0);
    return worker;
}

void worker_submit(struct worker *worker, struct work *work)
{
    work->next = NULL;
    worker->pending++;
    uv_mutex_lock(&worker->mutex);
    require(!worker->is_stopping);
    list_append(&worker->waiting, work, &work->next);
    uv_cond_signal(&worker->wake);
    uv_mutex_unlock(&worker->mutex);
}

size_t worker_pending(const struct worker *worker)
{
    return worker->pending;
}

static void on_async_closed(uv_handle_t *handle)
{
    struct worker *worker = handle->data;
    void (*on_stopped)(void *) = worker->on_stopped;
    void *context = worker->stopped_context;
    uv_mutex_destroy(&worker->mutex);
    uv_cond_destroy(&worker->wake);
    free(worker);
    if (on_stopped != NULL)
        on_stopped(context);
}

void worker_stop(struct worker *worker, void (*on_stopped)(void *context), void *context)
{
    worker->on_stopped = on_stopped;
    worker->stopped_context = context;
    uv_mutex_lock(&worker->mutex);
    worker->is_stopping = true;
    uv_cond_signal(&worker->wake);
    uv_mutex_unlock(&worker->mutex);
    require(uv_thread_join(&worker->thread) == 0);
    deliver_done(worker);
    uv_close((uv_handle_t *)&worker->async, on_async_closed);
}
