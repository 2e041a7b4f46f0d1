/* power_cut - preloaded into the daemon, keeps beside the store what a power cut would leave of it.
 *
 * The model: of a file only those bytes survive that an fsync or fdatasync covered; of the folder
 * only those names that were there when the folder was last synced. What survives is in
 * POWER_CUT_SHADOW/durable at any moment: after kill -9 whoever plays the power cut puts it in the
 * place of POWER_CUT_FOLDER. What is there when the process starts counts as synced.
 *
 *   POWER_CUT_SYNC=honest   a sync does what it says
 *   POWER_CUT_SYNC=late     a sync of the log takes effect with the next sync: a disk that lies for
 * a moment POWER_CUT_SYNC=never    no sync takes effect: what synchronous=OFF would be
 *   POWER_CUT_AT=N          the power goes off at the Nth write or sync
 *   POWER_CUT_TORN=SEED     and then, sector by sector, some of what was not synced survives too
 */
#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum { FILES_MOST = 64, DESCRIPTORS_MOST = 4096, SECTOR_BYTES = 512, PATH_BYTES = PATH_MAX + 300 };

struct range {
    off_t start;
    off_t end;
};

struct ranges {
    struct range *items;
    size_t count;
    size_t room;
    off_t cut_to; /* the file was cut to this size before what is in items; -1: it was not */
};

/* A file in the folder, by its number: names come and go. */
struct file {
    ino_t number;
    char path[PATH_BYTES];
    struct ranges written; /* since the last sync */
    struct ranges late;    /* synced, and not yet in effect */
};

enum { UNWATCHED = 0, THE_FOLDER = -1 }; /* else the file's place in `files`, from 1 */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char folder[PATH_MAX];
static char shadow[PATH_MAX];
static struct file files[FILES_MOST];
static int watched[DESCRIPTORS_MOST];
static long steps_left = -1;
static bool is_late;
static bool is_never;

/* The next definition of a function: the C library's, or a sanitizer's. */
#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static void fail(const char *what)
{
    perror(what);
    abort();
}

/* ---- what is written */

static void forget(struct ranges *ranges)
{
    free(ranges->items);
    *ranges = (struct ranges){.cut_to = -1};
}

static void add(struct ranges *ranges, off_t start, off_t end)
{
    struct range *last = ranges->count > 0 ? &ranges->items[ranges->count - 1] : NULL;
    if (last != NULL && start >= last->start && start <= last->end) {
        last->end = end > last->end ? end : last->end;
        return;
    }
    if (ranges->count == ranges->room) {
        ranges->room = ranges->room * 2 + 16;
        ranges->items = realloc(ranges->items, ranges->room * sizeof *ranges->items);
        if (ranges->items == NULL)
            fail("power_cut: memory");
    }
    ranges->items[ranges->count++] = (struct range){start, end};
}

static void cut(struct ranges *ranges, off_t size)
{
    size_t kept = 0;
    for (size_t i = 0; i < ranges->count; i++) {
        struct range range = ranges->items[i];
        range.end = range.end < size ? range.end : size;
        if (range.start < range.end)
            ranges->items[kept++] = range;
    }
    ranges->count = kept;
    if (ranges->cut_to < 0 || size < ranges->cut_to)
        ranges->cut_to = size;
}

/* ---- what survives */

static int content_of(const struct file *file, int flags)
{
    char path[PATH_BYTES];
    snprintf(path, sizeof path, "%s/content/%ju", shadow, (uintmax_t)file->number);
    int content = REAL(open)(path, flags, 0600);
    if (content < 0)
        fail(path);
    return content;
}

static void copy(int from, int to, off_t start, off_t end)
{
    char bytes[65536];
    while (start < end) {
        size_t wanted = (size_t)(end - start) < sizeof bytes ? (size_t)(end - start) : sizeof bytes;
        ssize_t got = pread(from, bytes, wanted, start);
        if (got <= 0)
            return; /* it is shorter by now */
        if (REAL(pwrite)(to, bytes, (size_t)got, start) != got)
            fail("power_cut: the shadow's disk");
        start += got;
    }
}

static void take_effect(const struct file *file, struct ranges *ranges)
{
    int from = REAL(open)(file->path, O_RDONLY | O_CLOEXEC);
    int to = content_of(file, O_WRONLY | O_CREAT | O_CLOEXEC);
    if (ranges->cut_to >= 0 && REAL(ftruncate)(to, ranges->cut_to) != 0)
        fail("power_cut: the shadow's size");
    for (size_t i = 0; from >= 0 && i < ranges->count; i++)
        copy(from, to, ranges->items[i].start, ranges->items[i].end);
    if (from >= 0)
        REAL(close)(from);
    REAL(close)(to);
    forget(ranges);
}

static bool is_log(const struct file *file)
{
    size_t length = strlen(file->path);
    return length > 4 && strcmp(file->path + length - 4, "-wal") == 0;
}

/* Late or not, everything takes effect in the order of the syncs: the disk lies, but leaves no
 * ruin. */
static void sync_file(struct file *file)
{
    if (is_never)
        return;
    for (size_t i = 0; i < FILES_MOST && files[i].number != 0; i++)
        if (files[i].late.count > 0 || files[i].late.cut_to >= 0)
            take_effect(&files[i], &files[i].late);
    if (is_late && is_log(file)) {
        file->late = file->written;
        file->written = (struct ranges){.cut_to = -1};
    } else {
        take_effect(file, &file->written);
    }
}

/* The names that survive become those that are there. */
static void sync_folder(void)
{
    char from[PATH_BYTES];
    char to[PATH_BYTES];
    struct stat facts;
    struct dirent *entry;
    snprintf(to, sizeof to, "%s/durable", shadow);
    DIR *names = opendir(to);
    while (names != NULL && (entry = readdir(names)) != NULL) {
        snprintf(from, sizeof from, "%s/%s", folder, entry->d_name);
        snprintf(to, sizeof to, "%s/durable/%s", shadow, entry->d_name);
        if (entry->d_name[0] != '.' && stat(from, &facts) != 0)
            REAL(unlink)(to);
    }
    if (names != NULL)
        closedir(names);
    names = opendir(folder);
    while (names != NULL && (entry = readdir(names)) != NULL) {
        snprintf(from, sizeof from, "%s/%s", folder, entry->d_name);
        if (stat(from, &facts) != 0 || !S_ISREG(facts.st_mode))
            continue;
        struct file file = {.number = facts.st_ino};
        REAL(close)(content_of(&file, O_WRONLY | O_CREAT | O_CLOEXEC));
        snprintf(from, sizeof from, "%s/content/%ju", shadow, (uintmax_t)facts.st_ino);
        snprintf(to, sizeof to, "%s/durable/%s", shadow, entry->d_name);
        REAL(unlink)(to);
        if (link(from, to) != 0)
            fail(to);
    }
    if (names != NULL)
        closedir(names);
}

/* ---- the end */

static void tear(struct file *file)
{
    int from = REAL(open)(file->path, O_RDONLY | O_CLOEXEC);
    int to = content_of(file, O_WRONLY | O_CREAT | O_CLOEXEC);
    for (size_t i = 0; from >= 0 && i < file->written.count; i++) {
        off_t sector = file->written.items[i].start / SECTOR_BYTES * SECTOR_BYTES;
        for (; sector < file->written.items[i].end; sector += SECTOR_BYTES)
            if (rand() % 2 == 0)
                copy(from, to, sector, sector + SECTOR_BYTES);
    }
}

static void step(void)
{
    if (steps_left < 0 || --steps_left > 0)
        return;
    const char *seed = getenv("POWER_CUT_TORN");
    if (seed != NULL) {
        srand((unsigned)atoi(seed));
        for (size_t i = 0; i < FILES_MOST && files[i].number != 0; i++)
            tear(&files[i]);
    }
    kill(getpid(), SIGKILL);
    pause();
}

/* ---- which files */

static struct file *find_file(ino_t number, const char *path)
{
    size_t place = 0;
    while (place < FILES_MOST && files[place].number != 0 && files[place].number != number)
        place++;
    if (place == FILES_MOST)
        fail("power_cut: too many files");
    if (files[place].number == 0) {
        files[place].written.cut_to = files[place].late.cut_to = -1;
        files[place].number = number;
    }
    snprintf(files[place].path, sizeof files[place].path, "%s", path);
    return &files[place];
}

static struct file *file_of(int descriptor)
{
    int place = descriptor >= 0 && descriptor < DESCRIPTORS_MOST ? watched[descriptor] : UNWATCHED;
    return place > 0 ? &files[place - 1] : NULL;
}

static void watch(int descriptor, int flags)
{
    char link_path[64];
    char path[PATH_BYTES];
    struct stat facts;
    snprintf(link_path, sizeof link_path, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link_path, path, sizeof path - 1);
    if (length <= 0 || descriptor >= DESCRIPTORS_MOST || fstat(descriptor, &facts) != 0)
        return;
    path[length] = '\0';
    size_t prefix = strlen(folder);
    watched[descriptor] = UNWATCHED;
    if (strcmp(path, folder) == 0) {
        watched[descriptor] = THE_FOLDER;
    } else if (strncmp(path, folder, prefix) == 0 && path[prefix] == '/' &&
               S_ISREG(facts.st_mode)) {
        struct file *file = find_file(facts.st_ino, path);
        watched[descriptor] = (int)(file - files) + 1;
        if ((flags & O_TRUNC) != 0)
            cut(&file->written, 0);
    }
}

/* Its number may soon be another file's. */
static void on_unlinked(ino_t number)
{
    char path[PATH_BYTES];
    snprintf(path, sizeof path, "%s/content/%ju", shadow, (uintmax_t)number);
    REAL(unlink)(path);
    for (size_t i = 0; i < FILES_MOST; i++) {
        if (files[i].number == number) {
            forget(&files[i].written);
            forget(&files[i].late);
        }
    }
}

__attribute__((constructor)) static void begin(void)
{
    const char *at = getenv("POWER_CUT_AT");
    const char *sync = getenv("POWER_CUT_SYNC");
    if (getenv("POWER_CUT_FOLDER") == NULL || getenv("POWER_CUT_SHADOW") == NULL)
        return;
    if (realpath(getenv("POWER_CUT_FOLDER"), folder) == NULL ||
        realpath(getenv("POWER_CUT_SHADOW"), shadow) == NULL)
        fail("power_cut: POWER_CUT_FOLDER, POWER_CUT_SHADOW");
    is_late = sync != NULL && strcmp(sync, "late") == 0;
    is_never = sync != NULL && strcmp(sync, "never") == 0;
    steps_left = at != NULL ? atol(at) : -1;
}

/* ---- in the place of the C library's functions */

static int opened(int descriptor, int flags)
{
    if (descriptor >= 0 && folder[0] != '\0') {
        pthread_mutex_lock(&lock);
        watch(descriptor, flags);
        pthread_mutex_unlock(&lock);
    }
    return descriptor;
}

#define MODE_OF(flags, last)                                                                       \
    mode_t mode = 0;                                                                               \
    if (((flags) & (O_CREAT | __O_TMPFILE)) != 0) {                                                \
        va_list list;                                                                              \
        va_start(list, last);                                                                      \
        mode = (mode_t)va_arg(list, int);                                                          \
        va_end(list);                                                                              \
    }

int open(const char *path, int flags, ...)
{
    MODE_OF(flags, flags)
    return opened(REAL(open)(path, flags, mode), flags);
}

int open64(const char *path, int flags, ...)
{
    MODE_OF(flags, flags)
    return opened(REAL(open64)(path, flags, mode), flags);
}

int openat(int at, const char *path, int flags, ...)
{
    MODE_OF(flags, flags)
    return opened(REAL(openat)(at, path, flags, mode), flags);
}

int openat64(int at, const char *path, int flags, ...)
{
    MODE_OF(flags, flags)
    return opened(REAL(openat64)(at, path, flags, mode), flags);
}

int close(int descriptor)
{
    if (descriptor >= 0 && descriptor < DESCRIPTORS_MOST)
        watched[descriptor] = UNWATCHED;
    return REAL(close)(descriptor);
}

/* Before a write: the power may go off. */
static struct file *about_to_write(int descriptor)
{
    struct file *file = file_of(descriptor);
    if (file != NULL) {
        pthread_mutex_lock(&lock);
        step();
    }
    return file;
}

static ssize_t wrote(struct file *file, off_t start, ssize_t size)
{
    if (file != NULL) {
        if (size > 0)
            add(&file->written, start, start + size);
        pthread_mutex_unlock(&lock);
    }
    return size;
}

ssize_t pwrite(int descriptor, const void *bytes, size_t size, off_t at)
{
    struct file *file = about_to_write(descriptor);
    return wrote(file, at, REAL(pwrite)(descriptor, bytes, size, at));
}

ssize_t pwrite64(int descriptor, const void *bytes, size_t size, off64_t at)
{
    struct file *file = about_to_write(descriptor);
    return wrote(file, at, REAL(pwrite64)(descriptor, bytes, size, at));
}

ssize_t write(int descriptor, const void *bytes, size_t size)
{
    struct file *file = about_to_write(descriptor);
    off_t at = file != NULL ? lseek(descriptor, 0, SEEK_CUR) : 0;
    return wrote(file, at, REAL(write)(descriptor, bytes, size));
}

ssize_t writev(int descriptor, const struct iovec *pieces, int count)
{
    struct file *file = about_to_write(descriptor);
    off_t at = file != NULL ? lseek(descriptor, 0, SEEK_CUR) : 0;
    return wrote(file, at, REAL(writev)(descriptor, pieces, count));
}

static int truncated(struct file *file, off_t size, int result)
{
    if (file != NULL) {
        if (result == 0)
            cut(&file->written, size);
        pthread_mutex_unlock(&lock);
    }
    return result;
}

int ftruncate(int descriptor, off_t size)
{
    struct file *file = about_to_write(descriptor);
    return truncated(file, size, REAL(ftruncate)(descriptor, size));
}

int ftruncate64(int descriptor, off64_t size)
{
    struct file *file = about_to_write(descriptor);
    return truncated(file, size, REAL(ftruncate64)(descriptor, size));
}

/* The real one is left out: the shadow is the disk here. */
static int synced(int descriptor, int (*real)(int))
{
    bool is_folder =
        descriptor >= 0 && descriptor < DESCRIPTORS_MOST && watched[descriptor] == THE_FOLDER;
    struct file *file = about_to_write(descriptor);
    if (file == NULL && !is_folder)
        return real(descriptor);
    if (file != NULL)
        sync_file(file);
    else if (!is_never)
        sync_folder();
    if (file != NULL)
        pthread_mutex_unlock(&lock);
    return 0;
}

int fsync(int descriptor)
{
    return synced(descriptor, REAL(fsync));
}

int fdatasync(int descriptor)
{
    return synced(descriptor, REAL(fdatasync));
}

int unlink(const char *path)
{
    struct stat facts;
    bool is_last = stat(path, &facts) == 0 && facts.st_nlink == 1;
    int result = REAL(unlink)(path);
    if (result == 0 && is_last && folder[0] != '\0') {
        pthread_mutex_lock(&lock);
        on_unlinked(facts.st_ino);
        pthread_mutex_unlock(&lock);
    }
    return result;
}
