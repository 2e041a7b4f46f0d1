/* test_disk_room - how old an answer may be: with little room no time at all. The disk and the
 * clock are the test's, under the names of the C library: the linker prefers them. */
#include "store/disk_room.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/statvfs.h>
#include <time.h>

#include <cmocka.h>

enum { BLOCK = 4096 };

static const int64_t plenty_bytes = INT64_C(1) << 30;

static struct {
    int64_t bytes; /* below 0: it cannot be asked */
    size_t asked;
    int64_t now_ms;
} machine;

int statvfs(const char *path, struct statvfs *disk)
{
    assert_string_equal(path, "/the/store");
    machine.asked++;
    errno = EIO;
    *disk = (struct statvfs){.f_bsize = 1 << 20, /* what it likes best, not what it counts in */
                             .f_frsize = BLOCK,
                             .f_bfree = 1 << 30, /* with what is kept for root */
                             .f_bavail = (fsblkcnt_t)machine.bytes / BLOCK};
    return machine.bytes < 0 ? -1 : 0;
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
    (void)clock;
    *now = (struct timespec){machine.now_ms / 1000, machine.now_ms % 1000 * 1000000};
    return 0;
}

static int setup(void **state)
{
    machine.bytes = 10 * plenty_bytes;
    machine.asked = 0;
    machine.now_ms = 5000000;
    *state = disk_room_create("/the/store");
    assert_int_equal(machine.asked, 1);
    return 0;
}

static int teardown(void **state)
{
    disk_room_destroy(*state);
    return 0;
}

/* The disk becomes so, and is looked at. */
static void become(struct disk_room *room, int64_t bytes)
{
    machine.bytes = bytes;
    disk_room_look(room);
}

static void looks_once_a_second_where_there_is_plenty(void **state)
{
    struct disk_room *room = *state;
    become(room, plenty_bytes);
    size_t asked = machine.asked;
    machine.bytes = 3 * plenty_bytes;
    for (size_t i = 0; i <= 10; i++, machine.now_ms += 100)
        assert_int_equal(disk_room_bytes(room), plenty_bytes);
    assert_int_equal(machine.asked, asked);
    assert_int_equal(disk_room_bytes(room), 3 * plenty_bytes); /* 1.1 s later */
    assert_int_equal(disk_room_bytes(room), 3 * plenty_bytes);
    assert_int_equal(machine.asked, asked + 1);
}

static void looks_each_time_where_there_is_little(void **state)
{
    struct disk_room *room = *state;
    static const int64_t blocks[] = {1, 0, 70000, 2, 2, 262143}; /* the last: just less than 1 GB */
    become(room, plenty_bytes - BLOCK);
    size_t asked = machine.asked;
    for (size_t i = 0; i < sizeof blocks / sizeof blocks[0]; i++) {
        machine.bytes = blocks[i] * BLOCK;
        assert_int_equal(disk_room_bytes(room), blocks[i] * BLOCK);
        assert_int_equal(machine.asked, asked + i + 1);
    }
}

static void no_longer_looks_each_time_once_room_is_made(void **state)
{
    struct disk_room *room = *state;
    become(room, BLOCK);
    machine.bytes = plenty_bytes;
    assert_int_equal(disk_room_bytes(room), plenty_bytes);
    machine.bytes = BLOCK;
    assert_int_equal(disk_room_bytes(room), plenty_bytes);
    machine.now_ms += 1001;
    assert_int_equal(disk_room_bytes(room), BLOCK);
}

static void looks_when_it_is_told_to(void **state)
{
    struct disk_room *room = *state;
    become(room, 2 * plenty_bytes);
    assert_int_equal(disk_room_bytes(room), 2 * plenty_bytes);
    machine.now_ms += 900;
    become(room, 3 * plenty_bytes);
    machine.now_ms += 900; /* the second begins anew */
    machine.bytes = BLOCK;
    assert_int_equal(disk_room_bytes(room), 3 * plenty_bytes);
}

static void a_disk_that_cannot_be_asked_has_no_room(void **state)
{
    struct disk_room *room = *state;
    become(room, -1);
    assert_int_equal(disk_room_bytes(room), 0);
    machine.bytes = 2 * plenty_bytes;
    assert_int_equal(disk_room_bytes(room), 2 * plenty_bytes);
}

static void destroys_none_at_all(void **state)
{
    (void)state;
    disk_room_destroy(NULL);
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(looks_once_a_second_where_there_is_plenty),
        TEST(looks_each_time_where_there_is_little),
        TEST(no_longer_looks_each_time_once_room_is_made),
        TEST(looks_when_it_is_told_to),
        TEST(a_disk_that_cannot_be_asked_has_no_room),
        cmocka_unit_test(destroys_none_at_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
