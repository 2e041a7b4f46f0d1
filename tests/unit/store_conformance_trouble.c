/* store_conformance_trouble - processes die and disks fail. Other processes are child processes,
 * which never return to cmocka. */
#include "store_fixture.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/require.h"

/* ---- another process */

struct child {
    pid_t id;
    int reports; /* the reading end of its pipe */
};

static int report_to; /* in the child: the writing end */

/* `run` has a loop of its own, and ends with the process. Nothing may be open here: a child
 * inherits it. */
static struct child child_start(struct store_fixture *fixture,
                                void (*run)(struct store_fixture *fixture))
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t id = fork();
    assert_true(id >= 0);
    if (id == 0) {
        close(ends[0]);
        report_to = ends[1];
        fixture->loop = loop_create();
        run(fixture);
        _exit(1);
    }
    close(ends[1]);
    return (struct child){id, ends[0]};
}

static void report(int64_t number)
{
    require(write(report_to, &number, sizeof number) == sizeof number);
}

static bool next_report(const struct child *child, int64_t *number)
{
    return read(child->reports, number, sizeof *number) == sizeof *number;
}

static void child_kill(const struct child *child)
{
    int status = 0;
    assert_int_equal(kill(child->id, SIGKILL), 0);
    assert_int_equal(waitpid(child->id, &status, 0), child->id);
    assert_true(WIFSIGNALED(status));
}

static void hold_the_store(struct store_fixture *fixture)
{
    struct error error;
    fixture->store = fixture->factory->open(fixture->place, fixture->loop, &error);
    require(fixture->store != NULL);
    report(0);
    for (;;)
        pause();
}

static void assert_refused(struct store_fixture *fixture, pid_t holder)
{
    char process[32];
    struct error error = {"no error was set"};
    assert_null(fixture->factory->open(fixture->place, fixture->loop, &error));
    snprintf(process, sizeof process, "(process %ld)", (long)holder);
    assert_says(&error, process);
    assert_says(&error, "in use");
}

static void refuses_a_second_daemon_and_names_the_first(void **state)
{
    struct store_fixture *fixture = *state;
    int64_t number = 0;
    struct child child = child_start(fixture, hold_the_store);
    assert_true(next_report(&child, &number));
    assert_refused(fixture, child.id);
    assert_refused(fixture, child.id);
    child_kill(&child);
    close(child.reports);
}

static void refuses_a_second_opening_of_the_same_process(void **state)
{
    struct store_fixture *fixture = *state;
    fixture_open(fixture);
    assert_refused(fixture, getpid());
    assert_int_equal(fixture_store(fixture, promise_handoff(fixture, 1)), STORE_STORED);
    assert_refused(fixture, getpid());
}

static void is_free_again_when_its_daemon_was_killed(void **state)
{
    struct store_fixture *fixture = *state;
    int64_t number = 0;
    struct child child = child_start(fixture, hold_the_store);
    assert_true(next_report(&child, &number));
    child_kill(&child);
    close(child.reports);
    fixture_open(fixture);
    assert_int_equal(fixture_store(fixture, promise_handoff(fixture, 1)), STORE_STORED);
}

static void refuses_what_a_newer_version_wrote(void **state)
{
    struct store_fixture *fixture = *state;
    struct error error = {"no error was set"};
    fixture->factory->make_newer(fixture->place);
    assert_null(fixture->factory->open(fixture->place, fixture->loop, &error));
    assert_says(&error, "newer");
    assert_null(fixture->factory->open(fixture->place, fixture->loop, &error)); /* nor later */
}

/* ---- killed in the middle */

enum { UNDER_WAY = 16, PROMISES_MOST = 3000 };

static void promise_next(struct promise *promise)
{
    require(promise->change.result == STORE_STORED);
    report(promise->change.handoff);
    int64_t number = promise->change.handoff + UNDER_WAY;
    if (number > PROMISES_MOST)
        return;
    struct promise *next = promise_handoff(promise->fixture, number);
    next->and_then = promise_next;
    fixture_submit(promise->fixture, next);
}

static void promise_for_ever(struct store_fixture *fixture)
{
    fixture_open(fixture);
    for (int64_t number = 1; number <= UNDER_WAY; number++) {
        struct promise *promise = promise_handoff(fixture, number);
        promise->and_then = promise_next;
        fixture_submit(fixture, promise);
    }
    fixture_wait(fixture);
    for (;;)
        pause();
}

/* Reads so many reports, kills the child, and reads what else it had said. */
static size_t kill_after(const struct child *child, size_t reports, bool *is_done)
{
    int64_t number = 0;
    size_t said = 0;
    for (; said < reports && next_report(child, &number); said++)
        is_done[number] = true;
    child_kill(child);
    for (; next_report(child, &number); said++)
        is_done[number] = true;
    close(child->reports);
    return said;
}

static void loses_nothing_that_was_done_when_it_is_killed(void **state)
{
    struct store_fixture *fixture = *state;
    static const size_t after[] = {1, 2, 17, 100, 333, 1000};
    for (size_t i = 0; i < COUNT_OF(after); i++) {
        bool is_done[PROMISES_MOST + 1] = {false};
        struct child child = child_start(fixture, promise_for_ever);
        assert_true(kill_after(&child, after[i], is_done) >= after[i]);
        fixture_open(fixture);
        fixture_recover(fixture, INT64_MAX);
        for (int64_t number = 1; number <= PROMISES_MOST; number++) {
            bool is_found = fixture_find(fixture, number) != NULL;
            assert_true(is_found || !is_done[number]);
            if (is_found) /* whole, whether it was said or not */
                assert_kept(fixture, promise_handoff(fixture, number));
        }
        fixture_move(fixture);
    }
}

/* ---- disks */

static void says_when_the_disk_is_full_and_goes_on_when_there_is_room(void **state)
{
    struct store_fixture *fixture = *state;
    fixture_open(fixture);
    struct promise *before = promise_handoff(fixture, 1);
    struct promise *after = promise_handoff(fixture, 4);
    assert_int_equal(fixture_store(fixture, before), STORE_STORED);
    fixture->factory->set_disk(DISK_FULL);
    assert_int_equal(fixture_store(fixture, promise_handoff(fixture, 2)), STORE_FULL);
    assert_int_equal(fixture_store(fixture, promise_handoff(fixture, 3)), STORE_FULL);
    assert_int_equal(fixture_store(fixture, promise_step(fixture, 1, 2, "notified", STORE_DONE)),
                     STORE_FULL);
    fixture->factory->set_disk(DISK_FINE);
    assert_int_equal(fixture_store(fixture, after), STORE_STORED);
    fixture->factory->set_disk(DISK_FULL);
    assert_int_equal(fixture_store(fixture, promise_handoff(fixture, 5)), STORE_FULL);
    fixture_close(fixture);
    fixture->factory->set_disk(DISK_FINE);
    fixture_open(fixture);
    fixture_recover(fixture, INT64_MAX);
    assert_int_equal(fixture->found_count, 2);
    assert_kept(fixture, before);
    assert_kept(fixture, after);
    assert_int_equal(fixture_store(fixture, promise_handoff(fixture, 5)), STORE_STORED);
}

enum { BATCH = 20, LARGE = 5, LARGE_BYTES = 4 << 20 };

/* One of them does not fit while it is being written, and the next ones would: whoever hears FULL
 * must be able to ask again. */
static void keeps_nothing_of_what_it_called_full(void **state)
{
    struct store_fixture *fixture = *state;
    struct promise *promises[BATCH];
    char *large = arena_zeroed(fixture->arena, LARGE_BYTES + 1, 1);
    memset(large, 'x', LARGE_BYTES);
    fixture_open(fixture);
    fixture->factory->set_disk(
        DISK_HELD); /* the first keeps it busy, so that the others wait together */
    for (size_t i = 0; i < BATCH; i++) {
        promises[i] = promise_handoff(fixture, (int64_t)i + 1);
        if (i == LARGE)
            promises[i]->handoff.additional_context = large;
        fixture_submit(fixture, promises[i]);
    }
    fixture->factory->set_disk(DISK_CROWDED);
    fixture_wait(fixture);
    assert_int_equal(promises[LARGE]->change.result, STORE_FULL);
    fixture_reopen(fixture);
    fixture_recover(fixture, INT64_MAX);
    for (size_t i = 0; i < BATCH; i++) {
        bool is_found = fixture_find(fixture, (int64_t)i + 1) != NULL;
        assert_int_not_equal(promises[i]->change.result, STORE_FAILED);
        assert_int_equal(is_found, promises[i]->change.result == STORE_STORED);
        if (!is_found)
            assert_int_equal(fixture_store(fixture, promise_handoff(fixture, (int64_t)i + 1)),
                             STORE_STORED);
    }
}

/* What a failed disk holds is in doubt until the next start, so nothing is written on top of it. */
static void break_the_disk(struct store_fixture *fixture, struct promise *promise)
{
    fixture_open(fixture);
    struct promise *before = promise_handoff(fixture, 1);
    assert_int_equal(fixture_store(fixture, before), STORE_STORED);
    fixture->factory->set_disk(DISK_BROKEN);
    assert_int_equal(fixture_store(fixture, promise), STORE_FAILED);
    fixture->factory->set_disk(DISK_FINE);
    assert_int_equal(fixture_store(fixture, promise_handoff(fixture, 3)), STORE_FAILED);
    fixture_reopen(fixture);
    fixture_recover(fixture, INT64_MAX);
    assert_kept(fixture, before);
    assert_null(fixture_find(fixture, 3));
    assert_int_equal(fixture_store(fixture, promise_handoff(fixture, 3)), STORE_STORED);
}

static void says_when_the_disk_breaks_at_the_end_of_a_change(void **state)
{
    struct store_fixture *fixture = *state;
    break_the_disk(fixture, promise_handoff(fixture, 2));
}

static void says_when_the_disk_breaks_in_the_middle_of_a_change(void **state)
{
    struct store_fixture *fixture = *state;
    struct promise *large = promise_handoff(fixture, 2);
    char *text = arena_zeroed(fixture->arena, LARGE_BYTES + 1, 1);
    memset(text, 'x', LARGE_BYTES);
    large->handoff.additional_context = text;
    break_the_disk(fixture, large);
}

int store_conformance_trouble(const struct store_factory *factory)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(refuses_a_second_daemon_and_names_the_first),
        STORE_TEST(refuses_a_second_opening_of_the_same_process),
        STORE_TEST(is_free_again_when_its_daemon_was_killed),
        STORE_TEST(refuses_what_a_newer_version_wrote),
        STORE_TEST(loses_nothing_that_was_done_when_it_is_killed),
        STORE_TEST(says_when_the_disk_is_full_and_goes_on_when_there_is_room),
        STORE_TEST(keeps_nothing_of_what_it_called_full),
        STORE_TEST(says_when_the_disk_breaks_at_the_end_of_a_change),
        STORE_TEST(says_when_the_disk_breaks_in_the_middle_of_a_change),
    };
    return cmocka_run_group_tests_name("store_trouble", tests, NULL, NULL);
}
