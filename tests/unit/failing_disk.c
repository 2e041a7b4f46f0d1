/* failing_disk - a pwrite that looks first at what the test has set; the store writes on a thread
 * of its own. */
#include "failing_disk.h"

#include <errno.h>
#include <pthread.h>
#include <sqlite3.h>
#include <unistd.h>

static struct {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    enum disk disk;
} trouble = {.mutex = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

enum { CROWDED_FROM = 1 << 20 };

/* The error of this write; 0: it may be done. */
static int trouble_of_write(off_t offset)
{
    int error = 0;
    pthread_mutex_lock(&trouble.mutex);
    if (trouble.disk == DISK_HELD) {
        while (trouble.disk == DISK_HELD)
            pthread_cond_wait(&trouble.changed, &trouble.mutex);
    } else if (trouble.disk == DISK_FULL) {
        error = ENOSPC;
    } else if (trouble.disk == DISK_BROKEN) {
        error = EIO;
    } else if (trouble.disk == DISK_CROWDED && offset >= CROWDED_FROM) {
        error = ENOSPC;
        trouble.disk = DISK_FINE;
    }
    pthread_mutex_unlock(&trouble.mutex);
    return error;
}

static ssize_t write_with_trouble(int file, const void *bytes, size_t length, off_t offset)
{
    errno = trouble_of_write(offset);
    return errno == 0 ? pwrite(file, bytes, length, offset) : -1;
}

void failing_disk_set(enum disk disk)
{
    pthread_mutex_lock(&trouble.mutex);
    trouble.disk = disk;
    pthread_cond_broadcast(&trouble.changed);
    pthread_mutex_unlock(&trouble.mutex);
}

int failing_disk_install(void **state)
{
    (void)state;
    sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);
    sqlite3_syscall_ptr replacement = (sqlite3_syscall_ptr)write_with_trouble;
    int replaced = vfs->xSetSystemCall(vfs, "pwrite", replacement) == SQLITE_OK;
    replaced += vfs->xSetSystemCall(vfs, "pwrite64", replacement) == SQLITE_OK;
    return replaced == 0;
}
