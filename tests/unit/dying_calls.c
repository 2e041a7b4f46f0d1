/* dying_calls - functions of the C library under their own names: the linker prefers ours, also for
 * the libraries that call them. */
#include "dying_calls.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

static _Atomic int dying;
static atomic_int left;

void dying_calls_set(enum dying what, int number)
{
    atomic_store(&left, number);
    atomic_store(&dying, (int)what);
}

int dying_calls_reached(void)
{
    return atomic_load(&left) <= 0;
}

static bool is_to_fail(void)
{
    if (atomic_load(&dying) == CALLS_LIVE || atomic_fetch_sub(&left, 1) != 1)
        return false;
    if (atomic_load(&dying) == CALLS_DIE)
        kill(getpid(), SIGKILL);
    errno = EIO;
    return true;
}

int link(const char *from, const char *to)
{
    return is_to_fail() ? -1 : (int)syscall(SYS_linkat, AT_FDCWD, from, AT_FDCWD, to, 0);
}

int rename(const char *from, const char *to)
{
    return is_to_fail() ? -1 : (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}

int renameat2(int from_folder, const char *from, int to_folder, const char *to, unsigned flags)
{
    return is_to_fail() ? -1 : (int)syscall(SYS_renameat2, from_folder, from, to_folder, to, flags);
}

int unlink(const char *path)
{
    return is_to_fail() ? -1 : (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0);
}

int fsync(int file)
{
    return is_to_fail() ? -1 : (int)syscall(SYS_fsync, file);
}

int fdatasync(int file)
{
    return is_to_fail() ? -1 : (int)syscall(SYS_fdatasync, file);
}

int ftruncate(int file, off_t length)
{
    return is_to_fail() ? -1 : (int)syscall(SYS_ftruncate, file, length);
}
