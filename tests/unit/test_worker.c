/* test_worker - one thread, whole batches in order, and every on_done on the loop's thread. */
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/worker.h"

enum { MANY = 5000 };

struct fixture {
    struct loop *loop;
    struct worker *worker;
    uv_thread_t loop_thread;

    /* the worker's thread writes these, the loop's reads them after on_done */
    size_t batches;
    size_t batch_of[MANY];
    size_t order[MANY]; /* of processing */
    size_t processed;
    bool is_other_thread;

    sem_t entered; /* posted once a batch */
    sem_t gate;    /* waited for once a batch, where is_gated */
    bool is_gated;

    size_t done;
    size_t done_order[MANY];
    size_t wanted; /* loop_stop when so many are done */
    bool is_stopped;
};

struct job {
    struct work work;
    struct fixture *fixture;
    size_t number;
    struct job *then; /* submitted from on_done */
    bool opens_gate;  /* this and the next from on_done too */
    bool is_to_stop;
};

static void process(void *context, struct work *list)
{
    struct fixture *fixture = context;
    uv_thread_t self = uv_thread_self();
    if (fixture->is_gated) {
        sem_post(&fixture->entered);
        sem_wait(&fixture->gate);
    }
    fixture->is_other_thread = !uv_thread_equal(&self, &fixture->loop_thread);
    for (struct work *work = list; work != NULL; work = work->next) {
        size_t number = container_of(work, struct job, work)->number;
        fixture->batch_of[number] = fixture->batches;
        fixture->order[fixture->processed++] = number;
    }
    fixture->batches++;
}

static int setup(void **state)
{
    struct fixture *fixture = memory_zeroed(1, sizeof *fixture);
    fixture->loop = loop_create();
    fixture->loop_thread = uv_thread_self();
    sem_init(&fixture->entered, 0, 0);
    sem_init(&fixture->gate, 0, 0);
    fixture->worker = worker_start(fixture->loop, process, fixture);
    *state = fixture;
    return 0;
}

static void on_stopped(void *context)
{
    struct fixture *fixture = context;
    fixture->is_stopped = true;
    loop_stop(fixture->loop);
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;
    if (fixture->worker != NULL)
        worker_stop(fixture->worker, on_stopped, fixture);
    while (!fixture->is_stopped)
        loop_run(fixture->loop);
    loop_destroy(fixture->loop);
    sem_destroy(&fixture->entered);
    sem_destroy(&fixture->gate);
    free(fixture);
    return 0;
}

static void submit(struct fixture *fixture, struct job *job);

/* Nothing is left to be told when it returns. */
static void stop(struct fixture *fixture)
{
    struct worker *worker = fixture->worker;
    fixture->worker = NULL;
    worker_stop(worker, on_stopped, fixture);
    assert_int_equal(fixture->done, fixture->wanted);
    assert_false(fixture->is_stopped);
}

static void on_done(struct work *work)
{
    struct job *job = container_of(work, struct job, work);
    struct fixture *fixture = job->fixture;
    uv_thread_t self = uv_thread_self();
    assert_true(uv_thread_equal(&self, &fixture->loop_thread));
    fixture->done_order[fixture->done++] = job->number;
    if (job->then != NULL)
        submit(fixture, job->then);
    if (job->opens_gate)
        sem_post(&fixture->gate);
    if (job->is_to_stop)
        stop(fixture);
    free(job); /* ours again */
    if (fixture->done == fixture->wanted)
        loop_stop(fixture->loop);
}

static struct job *create_job(struct fixture *fixture, size_t number)
{
    struct job *job = memory_zeroed(1, sizeof *job);
    job->fixture = fixture;
    job->number = number;
    job->work.on_done = on_done;
    return job;
}

static void submit(struct fixture *fixture, struct job *job)
{
    worker_submit(fixture->worker, &job->work);
}

static void wait_for(struct fixture *fixture, size_t wanted)
{
    fixture->wanted = wanted;
    while (fixture->done < wanted)
        loop_run(fixture->loop);
}

static void does_everything_in_the_order_of_submitting(void **state)
{
    struct fixture *fixture = *state;
    for (size_t i = 0; i < MANY; i++)
        submit(fixture, create_job(fixture, i));
    assert_int_equal(worker_pending(fixture->worker), MANY);
    wait_for(fixture, MANY);
    assert_int_equal(worker_pending(fixture->worker), 0);
    assert_true(fixture->is_other_thread);
    for (size_t i = 0; i < MANY; i++) {
        assert_int_equal(fixture->order[i], i);
        assert_int_equal(fixture->done_order[i], i);
        assert_true(i == 0 || fixture->batch_of[i] >= fixture->batch_of[i - 1]);
    }
}

static void takes_all_that_waits_as_one_batch(void **state)
{
    struct fixture *fixture = *state;
    fixture->is_gated = true;
    submit(fixture, create_job(fixture, 0));
    sem_wait(&fixture->entered); /* the first is being processed */
    for (size_t i = 1; i <= 100; i++)
        submit(fixture, create_job(fixture, i));
    sem_post(&fixture->gate);
    sem_wait(&fixture->entered);
    for (size_t i = 101; i <= 150; i++)
        submit(fixture, create_job(fixture, i));
    sem_post(&fixture->gate);
    sem_post(&fixture->gate);
    wait_for(fixture, 151);
    assert_int_equal(fixture->batches, 3);
    assert_int_equal(fixture->batch_of[1], 1);
    assert_int_equal(fixture->batch_of[100], 1);
    assert_int_equal(fixture->batch_of[101], 2);
    assert_int_equal(fixture->batch_of[150], 2);
}

static void never_calls_back_from_inside_submit(void **state)
{
    struct fixture *fixture = *state;
    for (size_t i = 0; i < 100; i++) {
        submit(fixture, create_job(fixture, i));
        assert_int_equal(fixture->done, 0);
    }
    wait_for(fixture, 100);
}

static void takes_more_from_inside_on_done(void **state)
{
    struct fixture *fixture = *state;
    struct job *job = NULL;
    for (size_t i = 100; i > 0; i--) {
        struct job *before = create_job(fixture, i - 1);
        before->then = job;
        job = before;
    }
    submit(fixture, job);
    assert_int_equal(worker_pending(fixture->worker), 1);
    wait_for(fixture, 100);
    for (size_t i = 0; i < 100; i++)
        assert_int_equal(fixture->done_order[i], i);
}

static void waits_for_everything_when_it_stops(void **state)
{
    struct fixture *fixture = *state;
    fixture->is_gated = true;
    submit(fixture, create_job(fixture, 0));
    sem_wait(&fixture->entered);
    for (size_t i = 1; i < 50; i++)
        submit(fixture, create_job(fixture, i));
    sem_post(&fixture->gate);
    sem_post(&fixture->gate);
    worker_stop(fixture->worker, on_stopped, fixture);
    fixture->worker = NULL;
    assert_int_equal(fixture->done, 50); /* without the loop having run */
    assert_false(fixture->is_stopped);
    for (size_t i = 0; i < 50; i++)
        assert_int_equal(fixture->done_order[i], i);
}

static void may_be_stopped_from_inside_on_done(void **state)
{
    struct fixture *fixture = *state;
    enum { JOBS = 9 };
    static const size_t stoppers[] = {0, 1, 4, JOBS - 1}; /* 0: the others are being processed */
    worker_stop(fixture->worker, NULL, NULL);
    fixture->is_gated = true;
    fixture->wanted = JOBS;
    for (size_t i = 0; i < COUNT_OF(stoppers); i++) {
        fixture->done = fixture->processed = fixture->batches = 0;
        fixture->is_stopped = false;
        fixture->worker = worker_start(fixture->loop, process, fixture);
        for (size_t number = 0; number < JOBS; number++) {
            struct job *job = create_job(fixture, number);
            job->opens_gate = number == 0;
            job->is_to_stop = number == stoppers[i];
            submit(fixture, job);
            if (number == 0)
                sem_wait(&fixture->entered); /* it is a batch of its own */
        }
        sem_post(&fixture->gate);
        sem_wait(&fixture->entered);
        while (!fixture->is_stopped)
            loop_run(fixture->loop);
        assert_int_equal(fixture->batches, 2);
        for (size_t n = 0; n < JOBS; n++)
            assert_int_equal(fixture->done_order[n], n);
    }
}

static void stops_when_it_never_had_work(void **state)
{
    struct fixture *fixture = *state;
    worker_stop(fixture->worker, NULL, NULL);
    fixture->worker = NULL;
    loop_run(fixture->loop); /* ends: nothing is left that could happen */
    fixture->is_stopped = true;
    assert_int_equal(fixture->batches, 0);
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(does_everything_in_the_order_of_submitting), TEST(takes_all_that_waits_as_one_batch),
        TEST(never_calls_back_from_inside_submit),        TEST(takes_more_from_inside_on_done),
        TEST(waits_for_everything_when_it_stops),         TEST(stops_when_it_never_had_work),
        TEST(may_be_stopped_from_inside_on_done),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
