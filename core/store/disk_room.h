/* disk_room - how much room the disk under a store has, without asking it all the time. */
#ifndef STORE_DISK_ROOM_H
#define STORE_DISK_ROOM_H

#include <stdint.h>

struct disk_room;

struct disk_room *disk_room_create(const char *path);
void disk_room_destroy(struct disk_room *room);

/* Asks the system. From any thread. */
void disk_room_look(struct disk_room *room);

/* Free bytes when somebody looked last; looks where that was more than a second ago, or where it
 * was less than 1 GB. 0 where the system cannot be asked. */
int64_t disk_room_bytes(struct disk_room *room);

#endif
