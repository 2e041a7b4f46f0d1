/* failing_disk - a pwrite and a pread that look first at what the test has set; the store writes on
 * a thread of its own, and answers questions on another. */
#include "failing_disk.h"

#include <errno.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    enum disk disk;
    int readers_waiting;
} trouble = {.mutex = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

enum { CROWDED_FROM = 1 << 20 };

/* A copy has a name of its own until it is complete. */
static bool is_copy(int file)
{
    char link[64];
    char name[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, name, sizeof name - 1);
    name[length > 0 ? length : 0] = '\0';
    const char *suffix = strrchr(name, '.');
    return suffix != NULL && strcmp(suffix, ".partial") == 0;
}

static bool is_held(int file)
{
    return trouble.disk == DISK_HELD || (trouble.disk == DISK_COPY_HELD && is_copy(file));
}

/* The error of this write; 0: it may be done. */
static int trouble_of_write(int file, off_t offset)
{
    int error = 0;
    pthread_mutex_lock(&trouble.mutex);
    if (is_held(file)) {
        while (is_held(file))
            pthread_cond_wait(&trouble.changed, &trouble.mutex);
    } else if (trouble.disk == DISK_FULL || (trouble.disk == DISK_COPY_FULL && is_copy(file))) {
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
    errno = trouble_of_write(file, offset);
    return errno == 0 ? pwrite(file, bytes, length, offset) : -1;
}

/* The error of a reading; 0: it may be done. */
static int trouble_of_read(void)
{
    pthread_mutex_lock(&trouble.mutex);
    trouble.readers_waiting++;
    pthread_cond_broadcast(&trouble.changed);
    while (trouble.disk == DISK_READ_HELD)
        pthread_cond_wait(&trouble.changed, &trouble.mutex);
    trouble.readers_waiting--;
    int error = trouble.disk == DISK_UNREADABLE ? EIO : 0;
    pthread_mutex_unlock(&trouble.mutex);
    return error;
}

static ssize_t read_with_trouble(int file, void *bytes, size_t length, off_t offset)
{
    errno = trouble_of_read();
    return errno == 0 ? pread(file, bytes, length, offset) : -1;
}

void failing_disk_wait_for_reader(void)
{
    pthread_mutex_lock(&trouble.mutex);
    while (trouble.readers_waiting == 0)
        pthread_cond_wait(&trouble.changed, &trouble.mutex);
    pthread_mutex_unlock(&trouble.mutex);
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
    sqlite3_syscall_ptr writing = (sqlite3_syscall_ptr)write_with_trouble;
    sqlite3_syscall_ptr reading = (sqlite3_syscall_ptr)read_with_trouble;
    int replaced = vfs->xSetSystemCall(vfs, "pwrite", writing) == SQLITE_OK;
    replaced += vfs->xSetSystemCall(vfs, "pwrite64", writing) == SQLITE_OK;
    replaced += vfs->xSetSystemCall(vfs, "pread", reading) == SQLITE_OK;
    replaced += vfs->xSetSystemCall(vfs, "pread64", reading) == SQLITE_OK;
    return replaced == 0;
}
