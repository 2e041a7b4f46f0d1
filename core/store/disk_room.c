/* disk_room - two atomic numbers: what statvfs(3) said, and when. */
#include "store/disk_room.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/statvfs.h>
#include <time.h>

#include "base/memory.h"

enum { FRESH_MS = 1000 };

/* With less than this, room may be made or lost at any moment: it is looked at each time. */
static const int64_t plenty_bytes = INT64_C(1) << 30;

struct disk_room {
    char *path;
    _Atomic int64_t bytes;
    _Atomic int64_t looked_ms;
};

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

struct disk_room *disk_room_create(const char *path)
{
    struct disk_room *room = memory_zeroed(1, sizeof *room);
    room->path = memory_text(path);
    disk_room_look(room);
    return room;
}

void disk_room_destroy(struct disk_room *room)
{
    if (room == NULL)
        return;
    free(room->path);
    free(room);
}

void disk_room_look(struct disk_room *room)
{
    struct statvfs disk;
    bool is_known = statvfs(room->path, &disk) == 0;
    atomic_store(&room->bytes, is_known ? (int64_t)(disk.f_bavail * disk.f_frsize) : 0);
    atomic_store(&room->looked_ms, now_ms());
}

int64_t disk_room_bytes(struct disk_room *room)
{
    if (atomic_load(&room->bytes) < plenty_bytes ||
        now_ms() - atomic_load(&room->looked_ms) > FRESH_MS)
        disk_room_look(room);
    return atomic_load(&room->bytes);
}
