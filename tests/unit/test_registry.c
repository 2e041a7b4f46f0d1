/* test_registry - what rests in the store comes back when it is due, however many there are, and
 * memory stays bounded. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "failing_disk.h"
#include "office_seen.h"

/* The registry takes up 64 at once, and holds 1024 of what is due. */
enum { MANY = 2000, TOGETHER = 1024 };

static void answer_all(struct office *office, const struct plan *plan)
{
    office_plan_finds(office, 0, OFFICE_PLANS, plan);
    office->find_otherwise = *plan;
}

static void open_resting(struct office *office)
{
    office_make_telling(office);
    office_make_askable(office);
    office->whatsapp.rules.deliver_within_ms = HOUR;
    answer_all(office, &(struct plan){.outcome = HANDOFFD_SENT});
    office_open(office);
}

/* Copies of the first handoff, and of its attempt, all due at the same moment. */
static void multiply(struct office *office, int count)
{
    static const char *const inserts[] = {
        "INSERT INTO handoff (number, state, wake, received_ms, request_digest, due_ms, crashes) "
        "SELECT i, state, wake, received_ms, request_digest, due_ms, crashes "
        "FROM handoff, n WHERE number = 1",
        "INSERT INTO customer (handoff, user_phone, reason) "
        "SELECT i, user_phone, reason FROM customer, n WHERE handoff = 1",
        "INSERT INTO event (handoff, number, at_ms, kind) "
        "SELECT i, number, at_ms, kind FROM event, n WHERE handoff = 1",
        "INSERT INTO attempt (handoff, number, state, vendor, channel, address, message_id, code, "
        "tries, due_ms, started_ms, since_ms, asked) "
        "SELECT i, number, state, vendor, channel, address, 'SM' || i, code, "
        "tries, due_ms, started_ms, since_ms, asked FROM attempt, n WHERE handoff = 1",
    };
    for (size_t i = 0; i < COUNT_OF(inserts); i++)
        office_on_disk(office, arena_format(office->arena,
                                            "WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL "
                                            "SELECT i + 1 FROM n WHERE i < %d) %s",
                                            count, inserts[i]));
}

static size_t most_in_memory(const struct office *office, size_t most)
{
    size_t open = dispatcher_open(office->dispatcher);
    return open > most ? open : most;
}

/* ---- many that are due */

static void takes_up_thousands_a_few_at_a_time(void **state)
{
    struct office *office = *state;
    size_t most = 0;
    open_resting(office);
    answer_all(office, &(struct plan){.outcome = HANDOFFD_DELIVERED});
    office_tell(office, "a");
    office_crash(office);
    multiply(office, MANY);
    office_open(office);
    assert_int_equal(dispatcher_open(office->dispatcher), 0);
    office_pass(office, HOUR);
    for (int i = 0; i < 400 && office->question_count < MANY; i++) {
        most = most_in_memory(office, most);
        office_pass(office, 10);
    }
    assert_int_equal(office->question_count, MANY);
    assert_in_range(most, 0, TOGETHER);
    assert_string_equal(
        office_on_disk(office, "SELECT count(*) FROM attempt WHERE state = 'delivered'"), "2000");
    assert_string_equal(office_on_disk(office, "SELECT count(*) FROM handoff WHERE wake <> 0"),
                        "0");
    office_settle(office);
    assert_int_equal(dispatcher_open(office->dispatcher), 0);
    assert_int_equal(office->delivery_count, 1);
}

/* A provider that does not answer holds a crowd in memory, and no more than a crowd. */
static void holds_no_more_than_a_crowd_in_memory(void **state)
{
    struct office *office = *state;
    open_resting(office);
    answer_all(office, &plan_silent);
    office_tell(office, "a");
    office_crash(office);
    multiply(office, MANY);
    office_open(office);
    office_pass(office, HOUR);
    for (int i = 0; i < 20; i++)
        office_pass(office, SECOND);
    assert_int_equal(dispatcher_open(office->dispatcher), TOGETHER);
    assert_int_equal(office->question_count, TOGETHER);
    assert_int_equal(office->whatsapp.busy, TOGETHER);
    answer_all(office, &(struct plan){.outcome = HANDOFFD_DELIVERED});
    office_pass_by(office, 10 * MINUTE, 5 * SECOND);
    assert_string_equal(
        office_on_disk(office, "SELECT count(*) FROM attempt WHERE state = 'delivered'"), "2000");
    assert_int_equal(dispatcher_open(office->dispatcher), 0);
    assert_int_equal(office->whatsapp.busy, 0);
}

static void takes_up_each_in_its_own_time(void **state)
{
    struct office *office = *state;
    open_resting(office);
    for (int i = 0; i < 5; i++) {
        office_tell(office, (const char *[]){"a", "b", "c", "d", "e"}[i]);
        office_pass(office, MINUTE);
    }
    answer_all(office, &(struct plan){.outcome = HANDOFFD_DELIVERED});
    office_pass(office, 55 * MINUTE - 1);
    for (size_t i = 1; i <= 5; i++) {
        office_pass(office, 1);
        assert_int_equal(office->question_count, i);
        office_pass(office, MINUTE - 1);
        assert_int_equal(office->question_count, i);
    }
}

/* The one that comes to rest later may be due sooner. */
static void wakes_for_whoever_is_due_first(void **state)
{
    struct office *office = *state;
    office->sms.rules.deliver_within_ms = MINUTE;
    office->plans[1] = plan_refused;
    open_resting(office);
    office_tell(office, "a");
    office->is_never[1] = office->is_never[2] = true;
    office_tell(office, "b"); /* by sms */
    ASSERT_TOLD(office, "to-ana", "to-ana", "sms-ana");
    office_pass(office, MINUTE);
    assert_int_equal(office->question_count, 1);
    assert_int_equal(office->questions[0].attempt_id, office->deliveries[2].attempt_id);
    office_pass(office, 59 * MINUTE);
    assert_int_equal(office->questions[office->question_count - 1].attempt_id,
                     office->deliveries[0].attempt_id);
}

/* ---- visitors */

/* It is fetched for a callback, and due at the same moment. */
static void is_in_memory_once_whoever_wants_it(void **state)
{
    struct office *office = *state;
    open_resting(office);
    office_tell(office, "a");
    office_say(office, 0, HANDOFFD_DELIVERED, NULL);
    office_say(office, 0, HANDOFFD_READ, NULL);
    office_pass(office, HOUR);
    assert_string_equal(office_attempts(office), "ana whatsapp read 1");
    assert_int_equal(dispatcher_open(office->dispatcher), 0);

    office_tell(office, "b");
    failing_disk_set(DISK_READ_HELD);
    office_say(office, 1, HANDOFFD_DELIVERED, NULL);
    office_move(office, HOUR); /* the fetch and the look at what is due wait for the disk */
    office_say(office, 1, HANDOFFD_READ, NULL);
    office_move(office, 1);
    failing_disk_set(DISK_FINE);
    office_settle(office);
    assert_string_equal(office_on_disk(office, "SELECT state FROM attempt WHERE handoff = 2"),
                        "read");
    assert_int_equal(dispatcher_open(office->dispatcher), 0);
    assert_int_equal(office->whatsapp.busy, 0);
    office_pass(office, 2 * HOUR);
    assert_int_equal(office->delivery_count, 2);
}

/* The store looks for what is due, sees one that is being asked, and answers when that is done:
 * what it saw is old. */
static void takes_up_nothing_that_was_done_meanwhile(void **state)
{
    struct office *office = *state;
    open_resting(office);
    answer_all(office, &plan_silent);
    office_tell(office, "a");
    office_pass(office, 30 * SECOND);
    office_tell(office, "b");
    office_pass(office, HOUR - 30 * SECOND); /* a is due, and asked about */
    assert_int_equal(office->question_count, 1);
    office_tell(office, "c"); /* so that there is something new to read */
    failing_disk_set(DISK_READ_HELD);
    office_move(office, 30 * SECOND); /* b is due */
    failing_disk_wait_for_reader();
    office_say(office, 0, HANDOFFD_DELIVERED, NULL);
    while (dispatcher_open(office->dispatcher) > 0)
        office_move(office, 1);
    failing_disk_set(DISK_FINE);
    office_settle(office);
    assert_int_equal(office->question_count, 2);
    assert_int_equal(office->questions[1].attempt_id, office->deliveries[1].attempt_id);
    office_pass_by(office, 5 * MINUTE, SECOND);
    assert_string_equal(office_on_disk(office, "SELECT state FROM attempt WHERE handoff = 1"),
                        "delivered");
    assert_int_equal(office->store_failures, 0);
}

/* ---- a store that cannot be read */

static void looks_again_where_the_store_could_not_be_read(void **state)
{
    struct office *office = *state;
    open_resting(office);
    office_tell(office, "a");
    office_on_disk(office, "ALTER TABLE customer RENAME TO hidden");
    office_pass(office, HOUR);
    office_pass(office, 4 * SECOND);
    assert_int_equal(office->question_count, 0);
    office_on_disk(office, "ALTER TABLE hidden RENAME TO customer");
    office_pass(office, SECOND);
    assert_int_equal(office->question_count, 1);
    ASSERT_TOLD(office, "to-ana", "sms-ana");
}

static void looks_again_where_the_disk_could_not_be_read(void **state)
{
    struct office *office = *state;
    open_resting(office);
    office_tell(office, "a");
    failing_disk_set(DISK_UNREADABLE);
    office_move(office, HOUR);
    office_move(office, 30 * SECOND);
    failing_disk_set(DISK_FINE);
    office_pass(office, 5 * SECOND);
    office_pass(office, 5 * SECOND);
    assert_int_equal(office->question_count, 1);
    assert_int_equal(office->store_failures, 0);
}

/* ---- stopping */

static void leaves_what_is_due_for_the_next_start(void **state)
{
    struct office *office = *state;
    open_resting(office);
    office_tell(office, "a");
    office_pass(office, HOUR - 1);
    dispatcher_drain(office->dispatcher, MINUTE, office_on_drained, office);
    office_pass(office, HOUR);
    assert_int_equal(office->question_count, 0);
    assert_string_equal(office_handoffs(office), "notified 2");
    office_crash(office);
    office_open(office);
    office_pass(office, SECOND);
    assert_int_equal(office->question_count, 1);
}

static void stops_while_the_store_looks_for_what_is_due(void **state)
{
    struct office *office = *state;
    open_resting(office);
    office_tell(office, "a");
    office_say(office, 0, HANDOFFD_DELIVERED, NULL); /* and while it is fetched */
    failing_disk_set(DISK_READ_HELD);
    office_move(office, HOUR);
    failing_disk_set(DISK_FINE);
    office_close(office);
    office_open(office);
    office_pass(office, SECOND);
    office_settle(office);
    assert_in_range(office->delivery_count, 1, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        OFFICE_TEST(takes_up_thousands_a_few_at_a_time),
        OFFICE_TEST(holds_no_more_than_a_crowd_in_memory),
        OFFICE_TEST(takes_up_each_in_its_own_time),
        OFFICE_TEST(wakes_for_whoever_is_due_first),
        OFFICE_TEST(is_in_memory_once_whoever_wants_it),
        OFFICE_TEST(takes_up_nothing_that_was_done_meanwhile),
        OFFICE_TEST(looks_again_where_the_store_could_not_be_read),
        OFFICE_TEST(looks_again_where_the_disk_could_not_be_read),
        OFFICE_TEST(leaves_what_is_due_for_the_next_start),
        OFFICE_TEST(stops_while_the_store_looks_for_what_is_due),
    };
    return cmocka_run_group_tests(tests, failing_disk_install, NULL);
}
