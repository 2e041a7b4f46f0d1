/* failing_disk - a disk that fails when a test wants it to: SQLite lets its system calls be
 * replaced. */
#ifndef TESTS_FAILING_DISK_H
#define TESTS_FAILING_DISK_H

/* What the disk under a store does, from now on, to whoever writes to it or reads from it. */
enum disk {
    DISK_FINE,
    DISK_FULL,      /* every write fails for want of room */
    DISK_CROWDED,   /* so does the next write beyond a file's first megabyte, and no other */
    DISK_BROKEN,    /* every write fails with an I/O error */
    DISK_HELD,      /* writes wait until it is set to something else */
    DISK_COPY_FULL, /* writes to a copy of a store, and no others, fail for want of room */
    DISK_COPY_HELD, /* they wait */
    DISK_READ_HELD, /* every reading waits */
    DISK_UNREADABLE /* every reading fails with an I/O error */
};

/* Puts itself under every SQLite database that is opened from now on; a cmocka group setup. */
int failing_disk_install(void **state);

void failing_disk_set(enum disk disk);

/* With DISK_READ_HELD: returns when somebody waits to read. */
void failing_disk_wait_for_reader(void);

#endif
